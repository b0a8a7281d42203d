//! The two layouts: libvirt's and, for other programs' data, libxml2's.

use expect_test::{Expect, expect};
use xml::{Element, parse};

#[track_caller]
fn check(element: &Element, expect: &Expect) {
    expect.assert_eq(&element.to_xml());
}

#[test]
fn libvirt_layout() {
    let mut root =
        Element::new("domain").with("type", "lxc").with_opt("id", Some(7)).with_opt("x", None::<&str>);
    root.push_text("name", "a<b>&\"'c");
    root.push(Element::new("empty"));
    root.push(Element::new("open").opened());
    root.push_unless_bare(Element::new("bare"));
    root.push(Element::new("d").with("p", "a\nb\tc\rd").with_child(Element::with_text("t", "x\ny\r\u{1}")));
    check(
        &root,
        &expect![[r#"
            <domain type='lxc' id='7'>
              <name>a&lt;b&gt;&amp;&quot;&apos;c</name>
              <empty/>
              <open>
              </open>
              <d p='a&#10;b&#9;c&#13;d'>
                <t>x
            y&#13;</t>
              </d>
            </domain>
        "#]],
    );
}

#[test]
fn verbatim_layout_inside() {
    let text = "<m><x xmlns='u' xmlns:p=\"v\" a='1\"' p:b='&lt;&#10;'><p:y/><t>a<b/> &gt;'\"</t></x></m>";
    let mut metadata = parse(text).unwrap();
    metadata.verbatim = true;
    check(
        &Element::new("domain").with_child(metadata),
        &expect![[r#"
            <domain>
              <m>
                <x xmlns="u" xmlns:p="v" a="1&quot;" p:b="&lt;&#10;">
                  <p:y/>
                  <t>a<b/> &gt;'"</t>
                </x>
              </m>
            </domain>
        "#]],
    );
}

#[test]
fn what_is_written_reads_back() {
    let mut root = Element::new("a").with("b", "x\r\n\t'\"<&>\u{202e}");
    root.push_text("c", "\r x \t<&>'\"\u{85}");
    let mut again = parse(&root.to_xml()).unwrap();
    assert_eq!(again, root);
    again.verbatim = true;
    let mut verbatim = parse(&again.to_xml()).unwrap();
    verbatim.verbatim = true;
    assert_eq!(verbatim, again);
}
