//! From rules by number to the instructions of a filter (seccomp(2), linux/bpf_common.h).

use kernel::seccomp::Instruction;

use super::Rule;

/// Loads a word of `struct seccomp_data`.
const LOAD: u16 = 0x20;
const JUMP: u16 = 0x05;
const JUMP_IF_EQUAL: u16 = 0x15;
const JUMP_IF_AT_LEAST: u16 = 0x35;
const JUMP_IF_ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;

/// Places in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const ARGUMENTS: u32 = 16;

const ALLOW: u32 = 0x7fff_0000;
const ERRNO: u32 = 0x0005_0000;
const EPERM: u32 = ERRNO | 1;
const ENOSYS: u32 = ERRNO | 38;
const EAFNOSUPPORT: u32 = ERRNO | 97;

/// linux/personality.h: none, `PER_LINUX32`, each with `UNAME26`; all bits ask.
const PERSONALITIES: &[u32] = &[0, 8, 0x2_0000, 0x2_0008, u32::MAX];
/// linux/socket.h
const AF_ALG: u32 = 38;
const AF_VSOCK: u32 = 40;
/// asm-generic/ioctls.h
const TIOCSTI: u32 = 0x5412;
const TIOCLINUX: u32 = 0x541c;
/// linux/fs.h
const MNT_FORCE: u32 = 1;

// The lower half of an argument comes first.
const _: () = assert!(cfg!(target_endian = "little"));

/// The filter: for each architecture its rules, for any other the answer of a kernel without it.
pub(super) fn assemble(branches: &[(u32, Vec<(u32, Rule)>)]) -> Vec<Instruction> {
    let mut program = vec![statement(LOAD, ARCH)];
    for (arch, ranges) in branches {
        let mut branch = vec![statement(LOAD, NUMBER)];
        branch.extend(search(ranges));
        program.extend(jump_over_unless(JUMP_IF_EQUAL, *arch, branch.len()));
        program.extend(branch);
    }
    program.push(statement(RETURN, ENOSYS));
    program
}

const fn statement(code: u16, k: u32) -> Instruction {
    Instruction { code, if_true: 0, if_false: 0, k }
}

/// Goes on with the next instruction if the comparison holds, else skips `length` more.
fn jump_over_unless(code: u16, k: u32, length: usize) -> Vec<Instruction> {
    match u8::try_from(length) {
        Ok(if_false) => vec![Instruction { code, if_true: 0, if_false, k }],
        Err(_) => {
            let far = u32::try_from(length).expect("a filter has at most 4096 instructions");
            vec![Instruction { code, if_true: 1, if_false: 0, k }, statement(JUMP, far)]
        }
    }
}

/// Binary search for the number in the accumulator. Every way ends with a return.
fn search(ranges: &[(u32, Rule)]) -> Vec<Instruction> {
    let ([] | [_]) = ranges else {
        let (lower, upper) = ranges.split_at(ranges.len() / 2);
        let (below, above) = (search(lower), search(upper));
        let mut code = jump_over_unless(JUMP_IF_AT_LEAST, upper[0].0, above.len());
        code.extend(above);
        code.extend(below);
        return code;
    };
    leaf(ranges.first().map_or(Rule::NoSys, |(_, rule)| *rule))
}

/// What a rule does. The kernel reads these arguments as 32 bits, so the filter does too.
fn leaf(rule: Rule) -> Vec<Instruction> {
    let argument = |index: u32| statement(LOAD, ARGUMENTS + 8 * index);
    let check = |index: u32, code: u16, values: &[u32], then: u32, otherwise: u32| {
        let mut instructions = vec![argument(index)];
        for (position, k) in values.iter().enumerate() {
            let to_last = u8::try_from(values.len() - position).expect("a handful of values");
            instructions.push(Instruction { code, if_true: to_last, if_false: 0, k: *k });
        }
        instructions.extend([statement(RETURN, otherwise), statement(RETURN, then)]);
        instructions
    };
    match rule {
        Rule::Allow => vec![statement(RETURN, ALLOW)],
        Rule::Perm => vec![statement(RETURN, EPERM)],
        Rule::NoSys => vec![statement(RETURN, ENOSYS)],
        Rule::Personality => check(0, JUMP_IF_EQUAL, PERSONALITIES, ALLOW, EPERM),
        Rule::Socket => check(0, JUMP_IF_EQUAL, &[AF_ALG, AF_VSOCK], EAFNOSUPPORT, ALLOW),
        Rule::Ioctl => check(1, JUMP_IF_EQUAL, &[TIOCSTI, TIOCLINUX], EPERM, ALLOW),
        Rule::Unmount => check(1, JUMP_IF_ANY_BIT, &[MNT_FORCE], EPERM, ALLOW),
    }
}
