//! The capabilities document.
