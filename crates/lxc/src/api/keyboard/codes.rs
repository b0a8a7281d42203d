//! Sets of key codes, in terms of Linux's (linux/input-event-codes.h).

use protocol::{Error, ErrorDomain, Result};

/// `VIR_KEYCODE_SET_*`.
const LINUX: u32 = 0;
const XT: u32 = 1;
const ATSET1: u32 = 2;
const USB: u32 = 7;
const QNUM: u32 = 9;

/// Names of the sets, for messages.
const NAMES: [&str; 10] =
    ["linux", "xt", "atset1", "atset2", "atset3", "os_x", "xt_kbd", "usb", "win32", "qnum"];

/// Scan codes that stand for the same key as Linux's code of that number (set 1).
const SAME_LAST: u32 = 88;

/// Extended keys: scan code after 0xe0, and Linux's code.
const EXTENDED: &[(u32, u16)] = &[
    (0x1c, 96),  // enter of the number pad
    (0x1d, 97),  // right ctrl
    (0x35, 98),  // slash of the number pad
    (0x38, 100), // right alt
    (0x47, 102), // home
    (0x48, 103), // up
    (0x49, 104), // page up
    (0x4b, 105), // left
    (0x4d, 106), // right
    (0x4f, 107), // end
    (0x50, 108), // down
    (0x51, 109), // page down
    (0x52, 110), // insert
    (0x53, 111), // delete
];

/// USB's codes (HID usage page 7) from 4 on, as Linux's.
const USB_FIRST: u32 = 4;
const USB_KEYS: [u16; 96] = [
    30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21,
    44, // a-z
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11, // 1-0
    28, 1, 14, 15, 57, 12, 13, 26, 27, 43, 43, 39, 40, 41, 51, 52, 53, 58, // enter to caps lock
    59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 87, 88, // f1-f12
    99, 70, 119, 110, 102, 104, 111, 107, 109, 106, 105, 108, 103, 69, // print to num lock
    98, 55, 74, 78, 96, 79, 80, 81, 75, 76, 77, 71, 72, 73, 82, 83, // number pad
];
/// Left and right ctrl, shift, alt, meta from 0xe0 on.
const USB_MODIFIERS: [u16; 8] = [29, 42, 56, 125, 97, 54, 100, 126];

/// Linux's code of a key.
pub(super) fn linux(set: u32, code: u32) -> Result<u16> {
    let key = match set {
        LINUX => u16::try_from(code).ok().filter(|code| *code > 0),
        XT | ATSET1 => match code {
            1..=SAME_LAST => u16::try_from(code).ok(),
            _ => (code >> 8 == 0xe0).then(|| extended(code & 0xff)).flatten(),
        },
        QNUM => match code {
            1..=SAME_LAST => u16::try_from(code).ok(),
            _ => (code & !0x7f == 0x80).then(|| extended(code & 0x7f)).flatten(),
        },
        USB => usb(code),
        _ => {
            let name = usize::try_from(set).ok().and_then(|set| NAMES.get(set)).copied();
            let name = name.map_or_else(|| set.to_string(), str::to_owned);
            let detail = format!("codeset '{name}' is not supported; use linux, xt, usb or qnum");
            return Err(Error::argument_unsupported(ErrorDomain::LXC, &detail));
        }
    };
    key.ok_or_else(|| {
        let name = usize::try_from(set).ok().and_then(|set| NAMES.get(set)).copied().unwrap_or("");
        let detail = format!("cannot translate keycode {code} of {name} codeset to linux codeset");
        Error::invalid_arg(ErrorDomain::LXC, &detail)
    })
}

fn extended(scan: u32) -> Option<u16> {
    EXTENDED.iter().find(|(known, _)| *known == scan).map(|(_, key)| *key)
}

fn usb(code: u32) -> Option<u16> {
    let at = |first: u32| usize::try_from(code.checked_sub(first)?).ok();
    let modifier = at(0xe0).and_then(|at| USB_MODIFIERS.get(at));
    modifier.or_else(|| at(USB_FIRST).and_then(|at| USB_KEYS.get(at))).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_in_every_set() {
        // a, 1, enter, delete, right ctrl.
        let keys = [
            (30, [(LINUX, 30), (XT, 30), (QNUM, 30), (USB, 4)]),
            (2, [(LINUX, 2), (ATSET1, 2), (QNUM, 2), (USB, 30)]),
            (28, [(LINUX, 28), (XT, 28), (QNUM, 28), (USB, 40)]),
            (111, [(LINUX, 111), (XT, 0xe053), (QNUM, 0xd3), (USB, 76)]),
            (97, [(LINUX, 97), (XT, 0xe01d), (QNUM, 0x9d), (USB, 0xe4)]),
        ];
        for (key, codes) in keys {
            for (set, code) in codes {
                assert_eq!(linux(set, code).unwrap(), key, "{set} {code}");
            }
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for (set, code, error) in [(LINUX, 0, 8), (XT, 0xe0ff, 8), (USB, 3, 8), (3, 30, 74), (77, 1, 74)] {
            assert_eq!(linux(set, code).unwrap_err().code.0, error, "{set} {code}");
        }
    }
}
