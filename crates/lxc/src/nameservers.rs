//! The host's name servers, as far as a container can reach them.

use std::net::IpAddr;

/// resolv.conf(5), and what systemd-resolved keeps beside its own stub.
const FILES: [&str; 2] = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/// Content for a container's `/etc/resolv.conf`; `None` if the host has no name server but itself.
pub(crate) fn resolv_conf() -> Option<String> {
    FILES.iter().find_map(|file| reachable(&std::fs::read_to_string(file).ok()?))
}

/// The lines that also hold in another network namespace; `None` without a name server.
fn reachable(text: &str) -> Option<String> {
    let mut servers = 0;
    let mut kept = String::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("nameserver"), Some(address)) => {
                // A link-local address names an interface of the host.
                let Ok(address) = address.parse::<IpAddr>() else { continue };
                if address.is_loopback() || address.is_unspecified() {
                    continue;
                }
                servers += 1;
            }
            (Some("search" | "domain" | "options"), Some(_)) => {}
            _ => continue,
        }
        kept.push_str(line.trim());
        kept.push('\n');
    }
    (servers > 0).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_own_stub_is_out_of_reach() {
        let check =
            |text: &str, expect: Option<&str>| assert_eq!(reachable(text).as_deref(), expect, "{text}");
        check("", None);
        check("nameserver 127.0.0.53\noptions edns0\n", None);
        check("nameserver ::1\nnameserver fe80::1%eth0\nnameserver\nnameserver x\n", None);
        check(
            "# made by hand\nsearch example.org\nnameserver 127.0.0.1\n nameserver 192.0.2.1 \nnameserver 2001:db8::1\nsortlist x\n",
            Some("search example.org\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n"),
        );
    }
}
