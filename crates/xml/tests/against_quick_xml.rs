//! The reader against an independent one: what ours accepts, the other reads as the same tree.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

/// A document as a flat list of what was seen.
#[derive(Debug, PartialEq, Eq, Default)]
struct Seen(Vec<String>);

impl Seen {
    fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(last) if last.starts_with('T') => last.push_str(text),
            _ => self.0.push(format!("T{text}")),
        }
    }

    fn ours(&mut self, element: &xml::Element) {
        let name =
            |n: &xml::Name| n.prefix.as_ref().map_or_else(|| n.local.clone(), |p| format!("{p}:{}", n.local));
        let mut attributes: Vec<String> = element
            .declarations
            .iter()
            .map(|(prefix, uri)| match prefix {
                Some(prefix) => format!("xmlns:{prefix}={uri}"),
                None => format!("xmlns={uri}"),
            })
            .chain(element.attributes.iter().map(|a| format!("{}={}", name(&a.name), a.value)))
            .collect();
        attributes.sort();
        self.0.push(format!("S{} {attributes:?}", name(&element.name)));
        for child in &element.children {
            match child {
                xml::Node::Element(e) => self.ours(e),
                xml::Node::Text(t) => self.text(t),
                xml::Node::CData(t) => self.0.push(format!("D{t}")),
                xml::Node::Comment(t) => self.0.push(format!("C{t}")),
                xml::Node::Instruction(t) => self.0.push(format!("P{t}")),
            }
        }
        self.0.push("E".to_owned());
    }

    /// The other reader's view, between the root's tags.
    fn theirs(&mut self, text: &str) {
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let mut depth = 0;
        loop {
            match reader.read_event().expect("ours accepted it") {
                Event::Start(tag) => {
                    depth += 1;
                    self.tag(&tag);
                }
                Event::Empty(tag) => {
                    self.tag(&tag);
                    self.0.push("E".to_owned());
                }
                Event::End(_) => {
                    depth -= 1;
                    self.0.push("E".to_owned());
                }
                Event::Eof => return,
                _ if depth == 0 => {}
                Event::Text(t) => self.text(&t.xml10_content()),
                Event::GeneralRef(r) => {
                    let c = r.resolve_char_ref().unwrap().unwrap_or_else(|| match r.as_ref() {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "quot" => '"',
                        "apos" => '\'',
                        other => panic!("entity {other}"),
                    });
                    self.text(&c.to_string());
                }
                Event::CData(t) => self.0.push(format!("D{}", t.xml10_content())),
                Event::Comment(t) => self.0.push(format!("C{}", &*t)),
                Event::PI(t) => self.0.push(format!("P{}", &*t)),
                other => panic!("{other:?}"),
            }
        }
    }

    fn tag(&mut self, tag: &quick_xml::events::BytesStart<'_>) {
        let mut attributes: Vec<String> = tag
            .attributes()
            .map(|a| {
                let a = a.unwrap();
                let value = a.normalized_value(quick_xml::XmlVersion::Explicit1_0).unwrap();
                format!("{}={value}", a.key.as_ref())
            })
            .collect();
        attributes.sort();
        self.0.push(format!("S{} {attributes:?}", tag.name().as_ref()));
    }

    /// Ours drops blanks between elements; both lists do for the comparison.
    fn without_blanks(mut self) -> Self {
        self.0.retain(|s| !s.starts_with('T') || !s[1..].trim_matches([' ', '\t', '\n', '\r']).is_empty());
        self
    }
}

fn compare(text: &str) {
    let Ok(root) = xml::parse(text) else { return };
    let (mut ours, mut theirs) = (Seen::default(), Seen::default());
    ours.ours(&root);
    theirs.theirs(text);
    assert_eq!(ours.without_blanks(), theirs.without_blanks(), "{text}");
}

/// Pieces that make well-formed documents likely and near misses frequent.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<a>".to_owned()),
        Just("</a>".to_owned()),
        Just("<a b='1' p:c=\"x&#10;'y\"/>".to_owned()),
        Just("<p:q xmlns:p='u' xmlns='v'></p:q>".to_owned()),
        Just("&lt;&#65;".to_owned()),
        Just("<![CDATA[<&]]>".to_owned()),
        Just("<!-- c -->".to_owned()),
        Just("<?pi d?>".to_owned()),
        Just(" \r\n\t".to_owned()),
        Just("text".to_owned()),
        "[<>&;'\"=/!?a:\\[\\]-]{1,6}",
        any::<char>().prop_map(String::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

    #[test]
    fn same_tree(pieces in prop::collection::vec(piece(), 0..12)) {
        compare(&format!("<r>{}</r>", pieces.concat()));
        compare(&pieces.concat());
    }

    #[test]
    fn accepted_documents_read_back(pieces in prop::collection::vec(piece(), 0..12)) {
        if let Ok(mut root) = xml::parse(&format!("<r>{}</r>", pieces.concat())) {
            root.verbatim = true;
            let text = root.to_xml();
            let mut again = xml::parse(&text).expect("our own output");
            again.verbatim = true;
            prop_assert_eq!(again.to_xml(), text);
        }
    }

    #[test]
    fn never_panics(text in any::<String>()) {
        let _ = xml::parse(&text);
    }
}

#[test]
fn mixed_content() {
    compare("<a xmlns:x='1'>x<b/> <x:c y='&amp;'/>\n</a>");
}
