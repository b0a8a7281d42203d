//! One module for each rule.

pub mod documents;
pub mod layers;
pub mod layout;
pub mod licence;
pub mod markdown;
pub mod names;
pub mod reach;
pub mod size;
pub mod text;
