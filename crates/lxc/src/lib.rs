//! lxc.
