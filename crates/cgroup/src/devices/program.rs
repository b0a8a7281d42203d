//! The program that takes the place of the v1 `devices` controller on cgroup v2. Pure.

use kernel::bpf::Instruction;

use super::{Kind, Rule};

/// Bits of `access_type` in `struct bpf_cgroup_dev_ctx` (linux/bpf.h): kind of device in the lower half, access in
/// the upper.
const BLOCK: i32 = 1;
const CHAR: i32 = 2;
const WRITE: i32 = 4 << 16;

/// Opcodes (RFC 9669): load word, and, move, jump unless equal, exit.
const LOAD_WORD: u8 = 0x61;
const AND: u8 = 0x54;
const MOVE: u8 = 0xb7;
const JUMP_UNLESS: u8 = 0x55;
const EXIT: u8 = 0x95;

/// Registers: result, context, and what is loaded from it.
const RESULT: u8 = 0;
const CONTEXT: u8 = 1;
const KIND: u8 = 2;
const MAJOR: u8 = 3;
const MINOR: u8 = 4;
const WRITES: u8 = 5;

/// Allows what one of the rules allows, and nothing else.
pub(super) fn assemble(rules: &[Rule]) -> Vec<Instruction> {
    let mut program = vec![
        load(KIND, 0),
        Instruction { code: AND, registers: KIND, offset: 0, immediate: 0xffff },
        load(MAJOR, 4),
        load(MINOR, 8),
        load(WRITES, 0),
        Instruction { code: AND, registers: WRITES, offset: 0, immediate: WRITE },
    ];
    for rule in rules {
        let kind = if rule.kind == Kind::Block { BLOCK } else { CHAR };
        let mut conditions = vec![(KIND, kind), (MAJOR, rule.major.cast_signed())];
        conditions.extend(rule.minor.map(|minor| (MINOR, minor.cast_signed())));
        conditions.extend(rule.readonly.then_some((WRITES, 0)));
        let last = conditions.len() - 1;
        for (index, (register, value)) in conditions.into_iter().enumerate() {
            // Past the other conditions and the answer, to the next rule.
            let offset = i16::try_from(last - index + 2).expect("there are four conditions");
            program.push(Instruction { code: JUMP_UNLESS, registers: register, offset, immediate: value });
        }
        program.extend(answer(1));
    }
    program.extend(answer(0));
    program
}

const fn load(register: u8, offset: i16) -> Instruction {
    Instruction { code: LOAD_WORD, registers: CONTEXT << 4 | register, offset, immediate: 0 }
}

const fn answer(value: i32) -> [Instruction; 2] {
    [
        Instruction { code: MOVE, registers: RESULT, offset: 0, immediate: value },
        Instruction { code: EXIT, registers: 0, offset: 0, immediate: 0 },
    ]
}

#[cfg(test)]
mod tests {
    use super::super::always;
    use super::*;

    /// What the program answers to a device; follows RFC 9669, as far as these programs go.
    fn interpret(program: &[Instruction], context: [u32; 3]) -> u64 {
        let mut registers = [0_u64; 11];
        let mut at = 0;
        loop {
            let Instruction { code, registers: both, offset, immediate } = program[at];
            let (destination, source) = (usize::from(both & 15), usize::from(both >> 4));
            let operand = i64::from(immediate).cast_unsigned();
            at += 1;
            match code {
                0x61 => {
                    assert_eq!(source, 1, "only the context is read");
                    let word = usize::try_from(offset).unwrap() / 4;
                    registers[destination] = u64::from(context[word]);
                }
                0x54 => registers[destination] = registers[destination] & operand & 0xffff_ffff,
                0xb7 => registers[destination] = operand,
                0x55 if registers[destination] != operand => at += usize::try_from(offset).unwrap(),
                0x55 => {}
                0x95 => return registers[0],
                other => panic!("opcode {other:#x}"),
            }
        }
    }

    #[test]
    fn only_listed_devices() {
        let mut rules = always();
        rules.push(Rule { kind: Kind::Block, major: 7, minor: Some(3), readonly: false });
        let program = assemble(&rules);
        let (block, char, all) = (1, 2, 7 << 16);
        for (kind, major, minor, allowed) in [
            (char, 1, 3, 1),
            (char, 1, 1, 0),
            (block, 1, 3, 0),
            (char, 136, 0, 1),
            (char, 136, 0xf_ffff, 1),
            (char, 5, 2, 1),
            (char, 5, 3, 0),
            (block, 7, 3, 1),
            (char, 7, 3, 0),
            (block, 7, 4, 0),
            (block, 8, 0, 0),
        ] {
            for access in [1 << 16, 2 << 16, 4 << 16, all] {
                let got = interpret(&program, [access | kind, major, minor]);
                assert_eq!(got, allowed, "{kind} {major}:{minor} {access:x}");
            }
        }
        let program = assemble(&[Rule { kind: Kind::Block, major: 7, minor: Some(3), readonly: true }]);
        for (access, allowed) in [(1, 1), (2, 1), (3, 1), (4, 0), (6, 0)] {
            assert_eq!(interpret(&program, [access << 16 | block, 7, 3]), allowed, "read-only, {access}");
        }
        assert_eq!(interpret(&assemble(&[]), [all | char, 1, 3]), 0);
    }
}
