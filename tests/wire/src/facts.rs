//! The tables of facts.

use std::collections::HashMap;

/// One row of a table: column name to cell.
pub type Row = HashMap<&'static str, &'static str>;

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name() -> Vec<Row> {
            parse(include_str!(concat!("../data/", $file)))
        }
    )*};
}

tables! {
    /// All procedures of all programs.
    procedures = "procedures.tsv";
    /// All fields of all structs, in wire order.
    structs = "structs.tsv";
    /// Kinds of events and the procedures that report them.
    events = "events.tsv";
    /// Permissions and the polkit actions that grant them.
    permissions = "permissions.tsv";
    /// Error codes, domains and levels.
    errors = "errors.tsv";
    /// Constants of the public API.
    enums = "enums.tsv";
    /// Names of parameters in the public API.
    strings = "strings.tsv";
    /// Bounds of lists and other sizes.
    limits = "limits.tsv";
}

/// Names of all public C functions.
#[must_use]
pub fn functions() -> Vec<&'static str> {
    include_str!("../data/functions.txt").lines().collect()
}

/// The number of the program that a table calls `name`.
///
/// # Panics
/// There is no such program.
#[must_use]
pub fn program(name: &str) -> u32 {
    use protocol::header::{ADMIN, KEEPALIVE, LXC, QEMU, REMOTE};
    match name {
        "remote" => REMOTE,
        "lxc" => LXC,
        "qemu" => QEMU,
        "admin" => ADMIN,
        "keepalive" => KEEPALIVE,
        other => panic!("unknown program {other}"),
    }
}

fn parse(text: &'static str) -> Vec<Row> {
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().map(|line| line.split('\t').collect()).unwrap_or_default();
    lines.map(|line| columns.iter().copied().zip(line.split('\t')).collect()).collect()
}
