//! monitor.

fn main() {}
