//! Whatever bytes a client sends: decoding does not panic and does not allocate more than the input
//! justifies.

use proptest::prelude::*;
use wire::{
    codec::{Codec, Codecs},
    facts::program,
    golden,
};
use xdr::{Error, Layout};

/// The fewest bytes that a layout takes, and a check that no list can claim more elements than bytes.
fn min_size(layout: &Layout) -> usize {
    match layout {
        Layout::Scalar("i64" | "u64" | "f64") => 8,
        Layout::Scalar(_) | Layout::String(_) | Layout::Opaque(_) => 4,
        Layout::FixedOpaque(size) => size.next_multiple_of(4),
        Layout::Optional(inner) => {
            min_size(inner);
            4
        }
        Layout::Array(element, _) => {
            assert!(min_size(element) >= 4, "elements of a list take no space: {layout}");
            4
        }
        Layout::Vector(element, count) => count * min_size(element),
        Layout::Struct(fields) => fields.iter().map(|field| min_size(field.layout)).sum(),
        Layout::Tuple(parts) => parts.iter().map(|part| min_size(part)).sum(),
        Layout::Union(arms) => {
            4 + arms.iter().map(|arm| min_size(arm.layout)).min().expect("a union has arms")
        }
    }
}

#[test]
fn minimal_sizes_are_right() {
    for codec in Codecs::load().all() {
        assert_eq!(codec.min_size, min_size(codec.layout), "{}", codec.name);
        if codec.min_size > 0 {
            let result = (codec.recode)(&vec![0; codec.min_size - 1]);
            assert!(matches!(result, Err(Error::Truncated { .. } | Error::UnknownArm(_))), "{}", codec.name);
        }
    }
}

/// Every length that a message claims is checked before use: all ones is too long or not there for each of
/// them.
#[test]
fn huge_lengths_are_refused() {
    for codec in Codecs::load().all() {
        for claimed in [u32::MAX, 0x7fff_ffff, 0x0040_0000, 0x0000_4000] {
            let bytes = claimed.to_be_bytes().repeat(codec.min_size / 4 + 1);
            if codec.layout.to_string().contains("<") && !codec.layout.to_string().contains("vector") {
                let result = (codec.recode)(&bytes);
                assert!(result.is_err(), "{} accepts {claimed:#x}", codec.name);
            }
        }
    }
}

fn args_of(codecs: &Codecs, frame: &golden::Frame) -> Codec {
    codecs.args[&(program(&frame.program), frame.procedure)]
}

/// Arguments cut off anywhere are refused as truncated.
#[test]
fn truncated_calls_are_refused() {
    let codecs = Codecs::load();
    for frame in golden::frames().into_iter().filter(|frame| frame.kind == "CALL") {
        let codec = args_of(&codecs, &frame);
        for length in 0..frame.payload().len() {
            let result = (codec.recode)(&frame.payload()[..length]);
            assert!(matches!(result, Err(Error::Truncated { .. })), "line {} cut at {length}", frame.line);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for codec in Codecs::load().all() {
            let _ = (codec.recode)(&bytes);
        }
    }

    /// Small numbers make lengths, flags and discriminants that are plausible.
    #[test]
    fn plausible_words(words in proptest::collection::vec(0u32..9, 0..200)) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        for codec in Codecs::load().all() {
            if let Ok((again, left_over)) = (codec.recode)(&bytes) {
                // What was decoded decodes again to the same.
                prop_assert!(left_over <= bytes.len());
                prop_assert_eq!((codec.recode)(&again), Ok((again.clone(), 0)), "{}", codec.name);
            }
        }
    }

    #[test]
    fn changed_calls(index in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte: u8) {
        let frames = golden::frames();
        let calls: Vec<_> = frames.iter().filter(|f| f.kind == "CALL" && !f.payload().is_empty()).collect();
        let frame = calls[index.index(calls.len())];
        let mut payload = frame.payload().to_vec();
        let at = at.index(payload.len());
        payload[at] = byte;
        let _ = (args_of(&Codecs::load(), frame).recode)(&payload);
    }
}
