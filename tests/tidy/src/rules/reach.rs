//! What a crate may reach for: unsafe code, sockets, the operating system.

use crate::{Finding, Source, Tree};

/// The one crate with unsafe code.
const UNSAFE: &str = "crates/kernel/";

/// Who may name a socket type. A path prefix and the types.
const SOCKETS: &[(&str, &[&str])] = &[
    // The protocol's transport.
    ("crates/rpc/", &["UnixListener", "UnixStream", "TcpListener", "TcpStream"]),
    // The sockets of the journal and of syslog.
    ("crates/virtcontainerd/src/log/", &["UnixDatagram"]),
    // Makes or inherits the listening sockets, and hands them to rpc.
    ("crates/virtcontainerd/", &["UnixListener", "UnixStream", "TcpListener"]),
    // A console's stream is a connected pair whose other end the monitor holds.
    ("crates/lxc/", &["UnixStream"]),
];

const SOCKET_TYPES: &[&str] =
    &["UnixListener", "UnixStream", "UnixDatagram", "TcpListener", "TcpStream", "TcpSocket", "UdpSocket"];

/// The daemon's side; the other side speaks to the kernel by its nature.
const DAEMON_SIDE: &[&str] = &["xdr", "protocol", "rpc", "xml", "conf", "host", "lxc", "virtcontainerd"];

/// Crates that compute and do nothing else, and what they therefore never name.
const PURE: &[&str] = &["xdr", "protocol", "xml", "conf"];
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::os::unix",
    "std::os::fd",
];

/// Unsafe code stands in one crate. Tests are no exception: they need nothing that it does not wrap.
pub fn check_unsafe(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| !file.path.starts_with(UNSAFE)) {
        let mut before = String::new();
        for word in Source::new(&file.text).words() {
            let lifted = word.text == "unsafe_code" && ["allow", "expect", "warn"].contains(&before.as_str());
            if word.text == "unsafe" || lifted {
                let text = format!("`{}` outside {UNSAFE}: wrap the call there", word.text);
                findings.push(Finding::new(&file.path, word.line, text));
            }
            before = word.text;
        }
    }
    for file in tree.files.iter().filter(|file| file.name() == "Cargo.toml") {
        let inherits = file.text.contains("[lints]\nworkspace = true");
        if file.package().is_some() && !inherits && !file.path.starts_with(UNSAFE) {
            findings.push(Finding::new(&file.path, 0, "lacks `[lints] workspace = true`"));
        }
    }
    findings
}

/// On the daemon's side only the transport knows sockets.
pub fn check_sockets(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| !file.is_test()) {
        if !file.package().is_some_and(|package| DAEMON_SIDE.contains(&package)) {
            continue;
        }
        let allowed = SOCKETS.iter().find(|(prefix, _)| file.path.starts_with(prefix));
        let allowed = allowed.map_or(&[][..], |(_, types)| types);
        for word in Source::new(&file.text).without_tests().words() {
            let name = word.text.as_str();
            if SOCKET_TYPES.contains(&name) && !allowed.contains(&name) {
                let text = format!("`{name}`: only rpc knows sockets; give and take streams instead");
                findings.push(Finding::new(&file.path, word.line, text));
            }
        }
    }
    findings
}

/// Pure crates do no input or output.
pub fn check_pure(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| !file.is_test()) {
        if !file.package().is_some_and(|package| PURE.contains(&package)) {
            continue;
        }
        for (at, line) in Source::new(&file.text).without_tests().lines().iter().enumerate() {
            if let Some(name) = IMPURE.iter().find(|name| line.contains(*name)) {
                let text = format!("`{name}` in a pure crate: let the caller do it and pass the result");
                findings.push(Finding::new(&file.path, at + 1, text));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(findings: &[Finding]) -> Vec<(&str, usize)> {
        findings.iter().map(|f| (f.path.as_str(), f.line)).collect()
    }

    #[test]
    fn unsafe_outside_the_kernel_crate_is_found() {
        let code = "// unsafe\nlet s = \"unsafe\";\nunsafe { f() }\n";
        let lint = "#![allow(unsafe_code)]";
        let tree = Tree::of(&[
            ("crates/kernel/src/lib.rs", code),
            ("crates/lxc/src/lib.rs", code),
            ("crates/xdr/src/lib.rs", "#![forbid(unsafe_code)]"),
            ("tests/testkit/src/lib.rs", lint),
        ]);
        assert_eq!(
            lines(&check_unsafe(&tree)),
            [("crates/lxc/src/lib.rs", 3), ("tests/testkit/src/lib.rs", 1)]
        );
    }

    #[test]
    fn a_crate_without_the_workspace_lints_is_found() {
        let tree = Tree::of(&[
            ("crates/xdr/Cargo.toml", "[lints]\nworkspace = true\n"),
            ("crates/xml/Cargo.toml", "[package]\n"),
            ("Cargo.toml", ""),
        ]);
        assert_eq!(lines(&check_unsafe(&tree)), [("crates/xml/Cargo.toml", 0)]);
    }

    #[test]
    fn a_socket_outside_rpc_is_found() {
        let code = "use tokio::net::UnixListener;\n#[cfg(test)]\nmod tests { use std::net::TcpStream; }\n";
        let tree = Tree::of(&[
            ("crates/rpc/src/lib.rs", code),
            ("crates/lxc/src/lib.rs", code),
            ("crates/host/src/lib.rs", "use std::os::unix::net::UnixStream;"),
            ("crates/runtime/src/lib.rs", code),
        ]);
        assert_eq!(
            lines(&check_sockets(&tree)),
            [("crates/lxc/src/lib.rs", 1), ("crates/host/src/lib.rs", 1)]
        );
    }

    #[test]
    fn input_and_output_in_a_pure_crate_is_found() {
        let code = "\nuse std::fs::File;\n// std::fs\n";
        let tree = Tree::of(&[
            ("crates/conf/src/lib.rs", code),
            ("crates/conf/src/tests.rs", code),
            ("crates/lxc/src/lib.rs", code),
        ]);
        assert_eq!(lines(&check_pure(&tree)), [("crates/conf/src/lib.rs", 2)]);
    }
}
