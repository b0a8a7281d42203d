//! Hashes of passwords as crypt(5) has them: SHA-512 by Ulrich Drepper's specification (SHA-crypt.txt), which every
//! C library understands.

use ring::digest::{Context, SHA512};

/// Rounds without a word in the hash.
const ROUNDS: usize = 5000;

/// Most characters of a salt.
const SALT_MAX: usize = 16;

/// Characters of a number of six bits.
const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Length of a digest, bytes.
const LENGTH: usize = 64;

type Digest = [u8; LENGTH];

/// `$6$SALT$HASH`. Of a salt the first 16 characters count; it has neither `$` nor `:`.
pub(crate) fn sha512(password: &[u8], salt: &str) -> String {
    let salt = &salt.as_bytes()[..salt.len().min(SALT_MAX)];
    let once = digest(&[password, salt, password]);
    let mut first = Context::new(&SHA512);
    first.update(password);
    first.update(salt);
    first.update(&repeated(&once, password.len()));
    // The bits of the length, lowest first, choose what follows.
    let mut rest = password.len();
    while rest > 0 {
        first.update(if rest & 1 == 1 { &once } else { password });
        rest >>= 1;
    }
    let mut state = finish(first);
    let p = repeated(&digest(&vec![password; password.len()]), password.len());
    let s = repeated(&digest(&vec![salt; 16 + usize::from(state[0])]), salt.len());
    for round in 0..ROUNDS {
        let odd = round % 2 == 1;
        let mut next = Context::new(&SHA512);
        next.update(if odd { &p } else { &state });
        if round % 3 != 0 {
            next.update(&s);
        }
        if round % 7 != 0 {
            next.update(&p);
        }
        next.update(if odd { &state } else { &p });
        state = finish(next);
    }
    format!("$6${}${}", String::from_utf8_lossy(salt), encode(&state))
}

/// Text of random bytes, as a salt.
pub(crate) fn salt(random: &[u8; SALT_MAX]) -> String {
    random.iter().map(|byte| char::from(DIGITS[usize::from(byte & 63)])).collect()
}

fn digest(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA512);
    parts.iter().for_each(|part| context.update(part));
    finish(context)
}

fn finish(context: Context) -> Digest {
    let mut out = [0; LENGTH];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// The bytes over and over, `length` in all.
fn repeated(bytes: &Digest, length: usize) -> Vec<u8> {
    bytes.iter().copied().cycle().take(length).collect()
}

/// In threes of bytes that lie 21 apart, each with its places turned by one; the last byte alone.
fn encode(state: &Digest) -> String {
    let mut text = String::new();
    let mut push = |mut value: u32, digits: usize| {
        for _ in 0..digits {
            text.push(char::from(DIGITS[usize::try_from(value & 63).unwrap_or(0)]));
            value >>= 6;
        }
    };
    for at in 0..21 {
        let [a, b, c] = [at, at + 21, at + 42].map(|index| u32::from(state[index]));
        let (high, middle, low) = match at % 3 {
            0 => (a, b, c),
            1 => (b, c, a),
            _ => (c, a, b),
        };
        push(high << 16 | middle << 8 | low, 4);
    }
    push(u32::from(state[63]), 2);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_specification_says() {
        let expect = "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1";
        assert_eq!(sha512(b"Hello world!", "saltstring"), expect);
    }

    #[test]
    fn as_openssl_does() {
        for (password, salt) in [
            ("x", "0123456789abcdefXYZ"),
            ("a longer password, of more than sixty-four bytes: 0123456789012345", "./"),
        ] {
            let mut command = kernel::command::Command::new("openssl");
            command.args(["passwd", "-6", "-salt", salt, password]).stdout(std::process::Stdio::piped());
            // Not every machine has it.
            let Ok(child) = command.spawn() else { return };
            let output = child.wait_with_output().unwrap();
            assert_eq!(sha512(password.as_bytes(), salt), String::from_utf8(output.stdout).unwrap().trim());
        }
    }

    #[test]
    fn salts_are_text() {
        let text = salt(&[0, 1, 2, 63, 64, 255, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
        assert_eq!(text.len(), 16);
        assert!(text.starts_with("./0z.z"));
    }
}
