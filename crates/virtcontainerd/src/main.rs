//! virtcontainerd.

fn main() {}
