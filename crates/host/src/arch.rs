//! Architectures in libvirt's words.

use crate::Host;

/// One that containers can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arch {
    /// libvirt's word, e.g. `x86_64`.
    pub name: String,
    /// Bits of a pointer.
    pub word_size: u32,
}

/// Architectures of containers on this host: its own first, then the one its programs see with the 32-bit
/// personality (personality(2)), if there is one.
#[must_use]
pub fn arches(host: &Host) -> Vec<Arch> {
    let name = host_arch(&host.machine);
    let word_size = if is_32bit(name) { 32 } else { 64 };
    let mut arches = vec![Arch { name: name.to_owned(), word_size }];
    if let Some(name) = personality_32bit(name) {
        arches.push(Arch { name: name.to_owned(), word_size: 32 });
    }
    arches
}

/// libvirt's word for what uname(2) calls the machine.
pub(crate) fn host_arch(machine: &str) -> &str {
    match machine {
        "i386" | "i486" | "i586" => "i686",
        "amd64" => "x86_64",
        "armv8l" => "armv7l",
        _ => machine,
    }
}

fn is_32bit(arch: &str) -> bool {
    matches!(
        arch,
        "i686"
            | "armv5tel"
            | "armv6l"
            | "armv7l"
            | "m68k"
            | "mips"
            | "mipsel"
            | "parisc"
            | "ppc"
            | "riscv32"
            | "s390"
            | "sparc"
    )
}

fn personality_32bit(arch: &str) -> Option<&'static str> {
    Some(match arch {
        "x86_64" => "i686",
        "s390x" => "s390",
        "ppc64" => "ppc",
        "parisc64" => "parisc",
        "sparc64" => "sparc",
        "mips64" => "mips",
        "mips64el" => "mipsel",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (machine, expected) in [
            ("x86_64", &[("x86_64", 64), ("i686", 32)][..]),
            ("i586", &[("i686", 32)]),
            ("aarch64", &[("aarch64", 64)]),
            ("s390x", &[("s390x", 64), ("s390", 32)]),
            ("armv8l", &[("armv7l", 32)]),
        ] {
            let found = arches(&Host::at("/", machine, ""));
            let found: Vec<_> = found.iter().map(|arch| (arch.name.as_str(), arch.word_size)).collect();
            assert_eq!(found, expected, "{machine}");
        }
    }
}
