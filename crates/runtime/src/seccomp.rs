//! Which system calls a container may make: the profiles as filters for seccomp(2). Pure.
//!
//! A filter looks at the architecture of the call, then finds its number in a binary search over ranges of
//! numbers with the same rule. Nothing is ever killed: what is refused gets the errno that the kernel itself would
//! give for the lack of a right (`EPERM`) or of the call (`ENOSYS`, at which programs take another way).
//! docs/security.md argues the choice.

mod filter;
mod table;
#[cfg(test)]
mod tests;

use kernel::seccomp::Instruction;
use serde::{Deserialize, Serialize};

/// Which filter init and every program run in the container get.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// None.
    None,
    /// For a container with a user namespace: only what is listed.
    #[default]
    Guest,
    /// For one whose root is the host's: everything but what takes the kernel itself or the host's files.
    Compat,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The kernel decides.
    Allow,
    /// `EPERM`.
    Perm,
    /// `ENOSYS`.
    NoSys,
    /// personality(2): Linux as it is or as it was in version 2.6, in its 64 and 32 bit forms, and the question.
    Personality,
    /// socket(2): no families that lead out of the container's network (`AF_VSOCK`) or into the kernel's
    /// cryptography (`AF_ALG`): `EAFNOSUPPORT`.
    Socket,
    /// ioctl(2): nothing that types into a terminal (`TIOCSTI`, `TIOCLINUX`): `EPERM`.
    Ioctl,
    /// umount2(2): not `MNT_FORCE`, which ends requests to a server that the host shares: `EPERM`.
    Unmount,
}

/// What the profile `compat` does not allow: the kernel's code and files by handle (the list of LXC), and keys,
/// because those of its root are those of the host's root.
const COMPAT: &[(&str, Rule)] = &[
    ("add_key", Rule::NoSys),
    ("delete_module", Rule::Perm),
    ("finit_module", Rule::Perm),
    ("init_module", Rule::Perm),
    ("kexec_file_load", Rule::Perm),
    ("kexec_load", Rule::Perm),
    ("keyctl", Rule::NoSys),
    ("open_by_handle_at", Rule::Perm),
    ("request_key", Rule::NoSys),
    ("umount2", Rule::Unmount),
];

/// How the kernel marks the two ways into it (linux/audit.h), and the columns of their numbers.
const ARCHITECTURES: &[(u32, usize)] = if cfg!(target_arch = "x86_64") {
    &[(AUDIT_ARCH_X86_64, 0), (AUDIT_ARCH_I386, 1)]
} else {
    &[(AUDIT_ARCH_AARCH64, 2), (AUDIT_ARCH_ARM, 3)]
};

const AUDIT_ARCH_X86_64: u32 = 0xc000_003e;
const AUDIT_ARCH_I386: u32 = 0x4000_0003;
const AUDIT_ARCH_AARCH64: u32 = 0xc000_00b7;
const AUDIT_ARCH_ARM: u32 = 0x4000_0028;

/// Numbers from here on are those of x32, 64-bit calls with 32-bit pointers (asm/unistd.h): a third, little used
/// way into the kernel, which no profile opens.
const X32: u32 = 0x4000_0000;

/// The filter of a profile for this machine; empty for none.
pub(crate) fn program(profile: Profile) -> Vec<Instruction> {
    match profile {
        Profile::None => Vec::new(),
        Profile::Guest | Profile::Compat => {
            let branches: Vec<_> =
                ARCHITECTURES.iter().map(|&(arch, column)| (arch, ranges(profile, column))).collect();
            filter::assemble(&branches)
        }
    }
}

/// The rules of an architecture by number: each holds from its number to the next one's.
fn ranges(profile: Profile, column: usize) -> Vec<(u32, Rule)> {
    // What is in no row: a newer kernel's.
    let unknown = if profile == Profile::Guest { Rule::NoSys } else { Rule::Allow };
    let listed = |name: &str| COMPAT.iter().find(|(listed, _)| *listed == name).map(|(_, rule)| *rule);
    let mut single: Vec<(u32, Rule)> = table::SYSCALLS
        .iter()
        .filter(|(_, numbers, _)| numbers[column] != table::NONE)
        .map(|(name, numbers, guest)| {
            let rule = if profile == Profile::Guest { *guest } else { listed(name).unwrap_or(unknown) };
            (numbers[column], rule)
        })
        .collect();
    single.sort_by_key(|(number, _)| *number);
    let mut ranges = vec![(0, unknown)];
    let mut from = |number: u32, rule: Rule| match ranges.last_mut() {
        Some((start, last)) if *start == number => *last = rule,
        Some((_, last)) if *last == rule => {}
        _ => ranges.push((number, rule)),
    };
    for (index, (number, rule)) in single.iter().enumerate() {
        from(*number, *rule);
        if single.get(index + 1).is_none_or(|(next, _)| *next != number + 1) {
            from(number + 1, unknown);
        }
    }
    if column == 0 {
        from(X32, Rule::NoSys);
    }
    ranges
}
