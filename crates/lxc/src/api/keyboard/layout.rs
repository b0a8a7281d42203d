//! What a terminal gets for a key: the layout of the United States, and the sequences of a Linux console.

/// What keys that are down together mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chord {
    /// For init.
    CtrlAltDel,
    /// For the terminal.
    Text(Vec<u8>),
}

const CTRL: [u16; 2] = [29, 97];
const SHIFT: [u16; 2] = [42, 54];
const ALT: [u16; 2] = [56, 100];
const DELETE: [u16; 2] = [83, 111];

/// Keys with a character: plain and with shift, by their codes in rows.
const ROWS: &[(u16, &[u8], &[u8])] = &[
    (2, b"1234567890-=", b"!@#$%^&*()_+"),
    (16, b"qwertyuiop[]", b"QWERTYUIOP{}"),
    (30, b"asdfghjkl;'`", b"ASDFGHJKL:\"~"),
    (43, b"\\zxcvbnm,./", b"|ZXCVBNM<>?"),
    (71, b"789-456+1230.", b"789-456+1230."),
];

/// Keys with one character or a sequence.
const OTHERS: &[(u16, &[u8])] = &[
    (1, b"\x1b"),
    (14, b"\x7f"),
    (15, b"\t"),
    (28, b"\r"),
    (55, b"*"),
    (57, b" "),
    (59, b"\x1b[[A"),
    (60, b"\x1b[[B"),
    (61, b"\x1b[[C"),
    (62, b"\x1b[[D"),
    (63, b"\x1b[[E"),
    (64, b"\x1b[17~"),
    (65, b"\x1b[18~"),
    (66, b"\x1b[19~"),
    (67, b"\x1b[20~"),
    (68, b"\x1b[21~"),
    (87, b"\x1b[23~"),
    (88, b"\x1b[24~"),
    (96, b"\r"),
    (98, b"/"),
    (102, b"\x1b[1~"),
    (103, b"\x1b[A"),
    (104, b"\x1b[5~"),
    (105, b"\x1b[D"),
    (106, b"\x1b[C"),
    (107, b"\x1b[4~"),
    (108, b"\x1b[B"),
    (109, b"\x1b[6~"),
    (110, b"\x1b[2~"),
    (111, b"\x1b[3~"),
];

/// Of keys in Linux's codes. Keys without a meaning to a terminal, such as lock keys, are silent.
pub(super) fn chord(keys: &[u16]) -> Chord {
    let down = |which: &[u16; 2]| keys.iter().any(|key| which.contains(key));
    let (ctrl, shift, alt) = (down(&CTRL), down(&SHIFT), down(&ALT));
    if ctrl && alt && down(&DELETE) {
        return Chord::CtrlAltDel;
    }
    let mut text = Vec::new();
    for key in keys {
        let bytes = bytes(*key, shift);
        if alt && !bytes.is_empty() {
            text.push(0x1b);
        }
        match bytes {
            [byte] if ctrl => text.push(control(*byte)),
            _ => text.extend_from_slice(bytes),
        }
    }
    Chord::Text(text)
}

fn bytes(key: u16, shift: bool) -> &'static [u8] {
    for (first, plain, shifted) in ROWS {
        let row = if shift { shifted } else { plain };
        let at = key.checked_sub(*first).map(usize::from);
        if let Some(byte) = at.and_then(|at| row.get(at..=at)) {
            return byte;
        }
    }
    OTHERS.iter().find(|(known, _)| *known == key).map_or(b"", |(_, bytes)| *bytes)
}

/// What ctrl makes of a character (ascii(7)).
const fn control(byte: u8) -> u8 {
    match byte {
        b' ' | b'2' | b'@' => 0,
        b'?' | b'8' => 0x7f,
        b'a'..=b'z' | b'A'..=b'Z' | b'[' | b'\\' | b']' | b'^' | b'_' => byte & 0x1f,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords() {
        let check = |keys: &[u16], expect: &[u8]| {
            assert_eq!(chord(keys), Chord::Text(expect.to_vec()), "{keys:?}");
        };
        check(&[30], b"a");
        check(&[42, 30], b"A");
        check(&[42, 53], b"?");
        check(&[43], b"\\");
        check(&[44, 50], b"zm");
        check(&[29, 46], b"\x03");
        check(&[97, 27], b"\x1d");
        check(&[56, 33], b"\x1bf");
        check(&[28], b"\r");
        check(&[103, 15], b"\x1b[A\t");
        check(&[58, 69], b"");
        check(&[82], b"0");
        assert_eq!(chord(&[29, 56, 111]), Chord::CtrlAltDel);
        assert_eq!(chord(&[97, 100, 83]), Chord::CtrlAltDel);
    }
}
