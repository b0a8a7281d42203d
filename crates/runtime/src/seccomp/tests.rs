//! The filters, run by an interpreter that follows the kernel's documentation and knows nothing of the assembler.

use std::collections::BTreeMap;

use kernel::seccomp::{INSTRUCTIONS_MAX, Instruction};

use super::{
    AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, Profile, X32, filter, ranges,
    table,
};

const ALLOW: u32 = 0x7fff_0000;
const EPERM: u32 = 0x0005_0001;
const ENOSYS: u32 = 0x0005_0026;
const EAFNOSUPPORT: u32 = 0x0005_0061;

/// `struct seccomp_data` as 32-bit words of a little-endian machine.
fn data(arch: u32, number: u32, arguments: [u64; 6]) -> [u32; 16] {
    let mut words = [0; 16];
    (words[0], words[1]) = (number, arch);
    for (index, argument) in arguments.into_iter().enumerate() {
        words[4 + 2 * index] = (argument & 0xffff_ffff) as u32;
        words[5 + 2 * index] = (argument >> 32) as u32;
    }
    words
}

/// Reference interpreter (Documentation/networking/filter.rst, as far as filters for seccomp use it).
fn interpret(program: &[Instruction], data: &[u32; 16]) -> u32 {
    let (mut accumulator, mut at) = (0_u32, 0_usize);
    for _ in 0..program.len() {
        let Instruction { code, if_true, if_false, k } = program[at];
        at += 1;
        let branch = |taken: bool| usize::from(if taken { if_true } else { if_false });
        match code {
            // BPF_LD | BPF_W | BPF_ABS
            0x20 => {
                assert_eq!(k % 4, 0);
                accumulator = data[k as usize / 4];
            }
            // BPF_JMP | BPF_JA, JEQ, JGE, JSET with BPF_K
            0x05 => at += k as usize,
            0x15 => at += branch(accumulator == k),
            0x35 => at += branch(accumulator >= k),
            0x45 => at += branch(accumulator & k != 0),
            // BPF_RET | BPF_K
            0x06 => return k,
            other => panic!("instruction {other:#x}"),
        }
    }
    panic!("it does not end");
}

/// All four architectures in one program, whatever machine this is.
fn everywhere(profile: Profile) -> Vec<Instruction> {
    let arches = [AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM];
    let branches: Vec<_> =
        arches.into_iter().enumerate().map(|(column, arch)| (arch, ranges(profile, column))).collect();
    filter::assemble(&branches)
}

/// What becomes of a call with these first two arguments, by name.
fn verdict(profile: Profile, name: &str, first: u64, second: u64) -> u32 {
    let program = everywhere(profile);
    let (_, numbers, _) = table::SYSCALLS.iter().find(|(known, ..)| *known == name).unwrap();
    interpret(&program, &data(AUDIT_ARCH_X86_64, numbers[0], [first, second, 0, 0, 0, 0]))
}

#[test]
fn every_number_gets_its_rule() {
    for profile in [Profile::Guest, Profile::Compat] {
        let program = everywhere(profile);
        assert!(program.len() < INSTRUCTIONS_MAX, "{}", program.len());
        let arches = [AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM];
        for (column, arch) in arches.into_iter().enumerate() {
            let rows: BTreeMap<u32, _> = table::SYSCALLS
                .iter()
                .filter(|row| row.1[column] != table::NONE)
                .map(|row| (row.1[column], row))
                .collect();
            let edge = [0x000e_fffe, 0x000e_ffff, 0x000f_0007, X32 - 1, u32::MAX];
            for number in (0..1024).chain(rows.keys().copied()).chain(edge) {
                let got = interpret(&program, &data(arch, number, [0; 6]));
                let row = rows.get(&number);
                let expected = match (profile, row) {
                    // The x32 bit is checked below.
                    _ if column == 0 && number >= X32 => ENOSYS,
                    (Profile::Guest, None) => ENOSYS,
                    // With all arguments 0 the special ones let it pass.
                    (Profile::Guest, Some((_, _, super::Rule::Perm))) => EPERM,
                    (Profile::Guest, Some((_, _, super::Rule::NoSys))) => ENOSYS,
                    (Profile::Guest, Some(_)) => ALLOW,
                    (_, Some((name, ..))) => match *name {
                        "add_key" | "keyctl" | "request_key" => ENOSYS,
                        "delete_module" | "finit_module" | "init_module" | "kexec_file_load"
                        | "kexec_load" | "open_by_handle_at" => EPERM,
                        _ => ALLOW,
                    },
                    (_, None) => ALLOW,
                };
                assert_eq!(got, expected, "{profile:?} {arch:#x} {number} {row:?}");
            }
        }
    }
}

#[test]
fn only_known_ways_into_the_kernel() {
    for profile in [Profile::Guest, Profile::Compat] {
        let program = everywhere(profile);
        // getpid(2) of x32, and of an architecture that this kernel does not have (s390x).
        assert_eq!(interpret(&program, &data(AUDIT_ARCH_X86_64, X32 | 39, [0; 6])), ENOSYS);
        assert_eq!(interpret(&program, &data(0x8000_0016, 20, [0; 6])), ENOSYS);
        assert_eq!(interpret(&program, &data(AUDIT_ARCH_X86_64, 39, [0; 6])), ALLOW);
        assert_eq!(interpret(&program, &data(AUDIT_ARCH_I386, 20, [0; 6])), ALLOW);
    }
    assert_eq!(super::program(Profile::None), []);
}

#[test]
fn arguments_decide_by_their_32_bits() {
    let high = 0xdead_beef_0000_0000;
    let guest = |name, first, second| verdict(Profile::Guest, name, first, second);
    for allowed in [0, 8, 0x2_0000, 0x2_0008, 0xffff_ffff] {
        assert_eq!(guest("personality", allowed, 0), ALLOW, "{allowed:x}");
        assert_eq!(guest("personality", high | allowed, 0), ALLOW, "{allowed:x}");
    }
    // ADDR_NO_RANDOMIZE, READ_IMPLIES_EXEC
    for refused in [0x4_0000, 0x40_0000, high | 1] {
        assert_eq!(guest("personality", refused, 0), EPERM, "{refused:x}");
    }
    for (family, expected) in
        [(1, ALLOW), (2, ALLOW), (16, ALLOW), (17, ALLOW), (38, EAFNOSUPPORT), (40, EAFNOSUPPORT)]
    {
        assert_eq!(guest("socket", family, 1), expected, "{family}");
        assert_eq!(guest("socket", high | family, 1), expected, "{family}");
    }
    for (request, expected) in [(0x5401, ALLOW), (0x5412, EPERM), (0x541c, EPERM), (high | 0x5412, EPERM)] {
        assert_eq!(guest("ioctl", 0, request), expected, "{request:x}");
    }
    for profile in [Profile::Guest, Profile::Compat] {
        for (flags, expected) in [(0, ALLOW), (2, ALLOW), (1, EPERM), (3, EPERM), (high | 8, ALLOW)] {
            assert_eq!(verdict(profile, "umount2", 0, flags), expected, "{flags:x}");
        }
    }
    assert_eq!(verdict(Profile::Compat, "ioctl", 0, 0x5412), ALLOW);
}

#[test]
fn rows_are_unique() {
    for column in 0..4 {
        let mut seen = BTreeMap::new();
        for (name, numbers, _) in table::SYSCALLS.iter().filter(|row| row.1[column] != table::NONE) {
            if let Some(other) = seen.insert(numbers[column], name) {
                panic!("{name} and {other} have the same number {}", numbers[column]);
            }
        }
    }
}

/// The numbers are those of this machine's headers, which libc6-dev brings along.
#[test]
#[cfg(target_arch = "x86_64")]
fn numbers_are_the_headers() {
    for (column, header) in [(0, "unistd_64.h"), (1, "unistd_32.h")] {
        let path = format!("/usr/include/x86_64-linux-gnu/asm/{header}");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut compared = 0;
        for line in text.lines() {
            let Some((name, number)) =
                line.strip_prefix("#define __NR_").and_then(|rest| rest.split_once(' '))
            else {
                continue;
            };
            let row =
                table::SYSCALLS.iter().find(|row| row.0 == name).unwrap_or_else(|| panic!("{name}: no row"));
            assert_eq!(row.1[column].to_string(), number, "{name}");
            compared += 1;
        }
        assert!(compared > 300, "{path}: {compared}");
    }
}
