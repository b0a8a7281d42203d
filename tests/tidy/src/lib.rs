//! The house rules that a program can check.
//!
//! Each rule is a function from a [`Tree`] (or from cargo's metadata) to [`Finding`]s, with tests beside it that
//! show on a bad sample that it can fail. `tests/tree.rs` applies all of them to the project.

pub mod rules;
mod source;
mod tree;

pub use source::{Function, Source, Word};
pub use tree::{File, Tree};

/// A place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Path from the top of the project.
    pub path: String,
    /// Line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong and what to do about it.
    pub text: String,
}

impl Finding {
    /// A finding in one line of a file.
    pub fn new(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, text: text.into() }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.text),
            line => write!(f, "{}:{}: {}", self.path, line, self.text),
        }
    }
}
