//! privileged.
