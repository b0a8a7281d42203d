//! What the reader accepts, what it says about the rest, and that size cannot hurt it.

use std::time::{Duration, Instant};

use xml::{Limits, Node, parse, parse_with};

#[track_caller]
fn check_error(text: &str, expect: &str) {
    let error = parse(text).expect_err(text);
    assert_eq!(error.describe("(doc)"), expect, "{text}");
    assert!(error.describe("(doc)").len() < 1024);
}

#[test]
fn errors_name_line_cause_and_place() {
    check_error("", "(doc):1: Document is empty\n\n^");
    check_error("foo", "(doc):1: Start tag expected, '<' not found\nfoo\n^");
    check_error("<a><b>x", "(doc):1: Premature end of data in tag b line 1\n<a><b>x\n-------^");
    check_error(
        "<a>\n  <t>a</u>\n</a>",
        "(doc):2: Opening and ending tag mismatch: t line 2 and u\n  <t>a</u>\n----------^",
    );
    check_error(
        "<a></>",
        "(doc):1: Opening and ending tag mismatch: a line 1 and unparsable\n<a></>\n------^",
    );
    check_error("<a/>\nfoo\n", "(doc):2: Extra content at the end of the document\nfoo\n^");
    check_error("<a/><b/>", "(doc):1: Extra content at the end of the document\n<a/><b/>\n----^");
    check_error("<a>x & y</a>", "(doc):1: xmlParseEntityRef: no name\n<a>x & y</a>\n------^");
    check_error("<a>&foo;</a>", "(doc):1: Entity 'foo' not defined\n<a>&foo;</a>\n--------^");
    check_error("<a>&foo b</a>", "(doc):1: EntityRef: expecting ';'\n<a>&foo b</a>\n-------^");
    check_error("<a b=1/>", "(doc):1: AttValue: \" or ' expected\n<a b=1/>\n-----^");
    check_error("<a b='1' b='2'/>", "(doc):1: Attribute b redefined\n<a b='1' b='2'/>\n--------------^");
    check_error("<a b/>", "(doc):1: Specification mandates value for attribute b\n<a b/>\n----^");
    check_error("<a b='<'/>", "(doc):1: Unescaped '<' not allowed in attributes values\n<a b='<'/>\n------^");
    check_error("<a b='1'c='2'/>", "(doc):1: attributes construct error\n<a b='1'c='2'/>\n--------^");
    check_error("<a b='1", "(doc):1: AttValue: ' expected\n<a b='1\n-------^");
    check_error("<a", "(doc):1: Couldn't find end of Start Tag a line 1\n<a\n--^");
    check_error("<1a/>", "(doc):1: StartTag: invalid element name\n<1a/>\n-^");
    check_error("<a><!DOCTYPE b></a>", "(doc):1: StartTag: invalid element name\n<a><!DOCTYPE b></a>\n----^");
    check_error(
        "<a><!-- x -- y --></a>",
        "(doc):1: Double hyphen within comment: <!-- x \n<a><!-- x -- y --></a>\n----------^",
    );
    check_error("<a>\n<!-- x</a>", "(doc):2: Comment not terminated\n<!-- x</a>\n----------^");
    check_error(
        "<a><![CDATA[x</a>",
        "(doc):1: CData section not finished\nx</a>\n<a><![CDATA[x</a>\n-----------------^",
    );
    check_error(
        "<a><?xml version='1.0'?></a>",
        "(doc):1: XML declaration allowed only at the start of the document\n<a><?xml version='1.0'?></a>\n--------^",
    );
    check_error("<a>&#1;</a>", "(doc):1: xmlParseCharRef: invalid xmlChar value 1\n<a>&#1;</a>\n-------^");
    check_error(
        "<a>&#x110000;</a>",
        "(doc):1: xmlParseCharRef: character reference out of bounds\n<a>&#x110000;</a>\n-------------^",
    );
    check_error("<a>]]></a>", "(doc):1: Sequence ']]>' not allowed in content\n<a>]]></a>\n---^");
    check_error("<a>\u{1}</a>", "(doc):1: PCDATA invalid Char value 1\n<a>\u{1}</a>\n---^");
    check_error("<a>\0</a>", "(doc):1: PCDATA invalid Char value 0\n<a>\0</a>\n---^");
    check_error("<a>\u{fffe}</a>", "(doc):1: Char 0xFFFE out of allowed range\n<a>\u{fffe}</a>\n---^");
}

#[test]
fn doctypes_are_refused() {
    for text in [
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://localhost/'> %p;]><a/>",
        "<a/><!DOCTYPE a>",
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.detail, "DOCTYPE is not allowed");
    }
}

#[test]
fn declarations_comments_and_references_are_read() {
    let text = "\u{feff}<?xml version='1.0' encoding='UTF-16'?>\n<!-- c --><?pi x?>\n<a b=\"&#65;&#x42;'&quot;\">&lt;&gt;&amp;&quot;&apos;\r\nx\ry</a >\n<!-- d -->";
    let a = parse(text).unwrap();
    assert_eq!(a.attr("b"), Some("AB'\""));
    assert_eq!(a.text(), "<>&\"'\nx\ny");
    assert_eq!(a.line, 3);
    assert_eq!(parse("<a b='x\n\ty'/>").unwrap().attr("b"), Some("x  y"));
    let mixed = parse("<a>x<!--c--><![CDATA[<&>]]><?p q?></a>").unwrap();
    assert_eq!(
        mixed.children,
        [
            Node::Text("x".into()),
            Node::Comment("c".into()),
            Node::CData("<&>".into()),
            Node::Instruction("p q".into())
        ]
    );
    assert_eq!(mixed.text(), "x<&>");
}

#[test]
fn namespaces_resolve_by_scope() {
    let root =
        parse("<a xmlns='u' xmlns:p='v'><p:b p:c='1' c='2'/><d xmlns=''/><q:e/><p:f xmlns:p='w'/><p:g/></a>")
            .unwrap();
    let names: Vec<_> = root
        .elements()
        .map(|e| (e.name.prefix.as_deref(), e.name.local.as_str(), e.name.uri.as_deref()))
        .collect();
    assert_eq!(root.name.uri.as_deref(), Some("u"));
    assert_eq!(
        names,
        [
            (Some("p"), "b", Some("v")),
            (None, "d", None),
            (Some("q"), "e", None),
            (Some("p"), "f", Some("w")),
            (Some("p"), "g", Some("v"))
        ]
    );
    let b = root.child_ns("v", "b").unwrap();
    assert_eq!(b.attr("c"), Some("2"));
    assert_eq!(b.attributes[0].name.uri.as_deref(), Some("v"));
    assert!(root.child("d").is_some() && root.child("e").is_none() && !root.is("a"));
}

#[test]
fn blanks_between_elements_vanish() {
    let texts = |xml: &str| parse(xml).unwrap().to_verbatim_xml();
    assert_eq!(texts("<a> <b/> \n</a>"), "<a>\n  <b/>\n</a>");
    assert_eq!(texts("<a>  </a>"), "<a>  </a>");
    assert_eq!(texts("<a>x <b/> <c/> y</a>"), "<a>x <b/> <c/> y</a>");
}

#[test]
fn limits_are_kept() {
    let depth = |n: usize| "<a>".repeat(n) + &"</a>".repeat(n);
    assert!(parse(&depth(256)).is_ok());
    let error = parse(&depth(100_000)).unwrap_err();
    assert_eq!(error.detail, "Excessive depth in document: 256 use XML_PARSE_HUGE option");
    assert!(error.describe("(domain_definition)").len() < 1024);

    let attributes = |n: usize| format!("<a {}/>", (0..n).map(|i| format!("a{i}='' ")).collect::<String>());
    assert!(parse(&attributes(256)).is_ok());
    assert_eq!(parse(&attributes(257)).unwrap_err().detail, "more than 256 attributes");
    assert!(parse(&attributes(300_000)).is_err());

    let nodes = |n: usize| format!("<a>{}</a>", "<b/>".repeat(n));
    assert!(parse(&nodes(199_999)).is_ok());
    assert_eq!(parse(&nodes(200_000)).unwrap_err().detail, "document has more than 200000 nodes");

    let big = format!("<a>{}</a>", " ".repeat(4 << 20));
    assert_eq!(parse(&big).unwrap_err().detail, "document is larger than 4194304 bytes");
    assert!(parse_with(&big, Limits { bytes: 5 << 20, ..Limits::default() }).is_ok());

    let scopes: String = (0..200).map(|i| format!("<a xmlns:p{i}='u' xmlns:q{i}='v'>")).collect();
    assert_eq!(parse(&scopes).unwrap_err().detail, "too many namespace declarations");
}

#[test]
fn error_text_stays_small_for_any_input() {
    let long = "é".repeat(100_000);
    for text in [
        format!("<{long}></b>"),
        format!("<a>{long}&{long};</a>"),
        format!("<a {long}='1' {long}='2'/>"),
        format!("<a><!--{long}--{long}--></a>"),
        format!("<a><![CDATA[{long}"),
        format!("<a><?{long}"),
        "\n".repeat(70_000) + "<bad",
        "<a>".repeat(300),
    ] {
        let shown = parse(&text).unwrap_err().describe("(domain_definition)");
        assert!(shown.len() < 1024, "{} bytes", shown.len());
    }
    assert_eq!(parse(&("\n".repeat(70_000) + "<bad")).unwrap_err().line, 70_001);
}

#[test]
fn large_documents_are_fast() {
    let plain = format!("<a>{}</a>", "<b c='d'>e</b>\n".repeat(40_000));
    let uri = "u".repeat(1 << 20);
    let one_uri = format!("<a xmlns='{uri}'>{}</a>", "<b/>".repeat(190_000));
    let references = format!("<a>{}</a>", "&amp;".repeat(800_000));
    let tags = format!("<a>{}</a>", "<b x='1'></b>\n".repeat(40_000));
    for text in [plain, one_uri, references, tags] {
        let start = Instant::now();
        parse(&text).unwrap();
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}
