//! Damaged and recombined documents: no panic, short errors, and what is accepted is a fixed point.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use conf::domain::{DomainDef, FormatFlags, ParseContext};
use proptest::prelude::*;
use proptest::sample::Index;
use xml::{Element, Node};

const SAVED: FormatFlags = FormatFlags::INACTIVE.union(FormatFlags::SECURE);

/// Documents that are well-formed, from the golden data.
static DOCUMENTS: LazyLock<Vec<Element>> = LazyLock::new(|| {
    let mut paths: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(".in.xml"))
        .collect();
    paths.sort();
    paths.iter().filter_map(|path| xml::parse(&fs::read_to_string(path).ok()?).ok()).collect()
});

const VALUES: &[&str] = &[
    "",
    "x",
    "0",
    "1",
    "-1",
    "yes",
    "no",
    "on",
    "off",
    "4096",
    "0x10",
    "/a/b",
    "52:54:00:00:00:0a",
    "10.0.0.1",
    "::1",
    "24",
    "auto",
    "none",
    "mount",
    "file",
    "raw",
    "vda",
    "sdzzz",
    "lxc",
    "pty",
    "4294967295",
    "18446744073709551616",
    "é\u{202e}",
    "a\nb",
    "KiB",
];

#[derive(Debug, Clone)]
enum Edit {
    Drop(Index),
    Value(Index, Index, Index),
    Add(Index, Index, Index),
    Move(Index, Index, Index),
    Text(Index, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let index = any::<Index>;
    prop_oneof![
        index().prop_map(Edit::Drop),
        (index(), index(), index()).prop_map(|(a, b, c)| Edit::Value(a, b, c)),
        (index(), index(), index()).prop_map(|(a, b, c)| Edit::Add(a, b, c)),
        (index(), index(), index()).prop_map(|(a, b, c)| Edit::Move(a, b, c)),
        (index(), index()).prop_map(|(a, b)| Edit::Text(a, b)),
    ]
}

fn count(e: &Element) -> usize {
    1 + e.elements().map(count).sum::<usize>()
}

/// The element number `at`, counted from the root.
fn nth<'a>(e: &'a mut Element, at: &mut usize) -> Option<&'a mut Element> {
    if *at == 0 {
        return Some(e);
    }
    *at -= 1;
    e.children.iter_mut().find_map(|node| match node {
        Node::Element(child) => nth(child, at),
        _ => None,
    })
}

fn pick<'a>(root: &'a mut Element, index: &Index) -> &'a mut Element {
    let mut at = index.index(count(root));
    nth(root, &mut at).unwrap()
}

fn apply(root: &mut Element, edit: &Edit) {
    match edit {
        Edit::Drop(a) => {
            let e = pick(root, a);
            e.children.pop();
            e.attributes.pop();
        }
        Edit::Value(a, b, c) => {
            let e = pick(root, a);
            let count = e.attributes.len();
            if count > 0 {
                e.attributes[b.index(count)].value = VALUES[c.index(VALUES.len())].to_owned();
            }
        }
        Edit::Add(a, b, c) => {
            let mut donor = DOCUMENTS[b.index(DOCUMENTS.len())].clone();
            let attributes = pick(&mut donor, c).attributes.clone();
            let e = pick(root, a);
            for attribute in attributes {
                if e.attributes.iter().all(|other| other.name != attribute.name) {
                    e.attributes.push(attribute);
                }
            }
        }
        Edit::Move(a, b, c) => {
            let mut donor = DOCUMENTS[b.index(DOCUMENTS.len())].clone();
            let child = pick(&mut donor, c).clone();
            pick(root, a).push(child);
        }
        Edit::Text(a, b) => {
            let e = pick(root, a);
            e.children = vec![Node::Text(VALUES[b.index(VALUES.len())].to_owned())];
        }
    }
}

fn check(text: &str) {
    let context = ParseContext::new("x86_64", "/usr/lib/libvirt/libvirt_lxc", |bytes| bytes.fill(0x42));
    for context in [context.clone(), context.live()] {
        match DomainDef::parse(text, &context) {
            Ok(def) => {
                for flags in [SAVED, FormatFlags::empty()] {
                    let printed = def.format(flags);
                    let again = DomainDef::parse(&printed, &context)
                        .unwrap_or_else(|error| panic!("{error}\n{text}\n{printed}"));
                    assert_eq!(again.format(flags), printed, "{text}");
                }
            }
            Err(error) => assert!(error.message.len() < 1024, "{text}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn recombined(document in any::<Index>(), edits in prop::collection::vec(edit(), 1..5)) {
        let mut root = DOCUMENTS[document.index(DOCUMENTS.len())].clone();
        for edit in &edits {
            apply(&mut root, edit);
        }
        check(&root.to_xml());
    }

    #[test]
    fn damaged(document in any::<Index>(), at in any::<Index>(), cut in 0..40_usize, put in "[ -~]{0,4}") {
        let text = DOCUMENTS[document.index(DOCUMENTS.len())].to_xml();
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let rest = chars.iter().skip(at + cut);
        check(&chars.iter().take(at).copied().chain(put.chars()).chain(rest.copied()).collect::<String>());
    }
}
