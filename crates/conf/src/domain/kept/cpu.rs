//! `<cpu>`.

use xml::{Attribute, Element, Name, Node};

use crate::shape::{Attr, Kind, Shape};
use crate::{Error, Result};

const DISTANCES: Shape = Shape::new(
    "distances",
    &[],
    &[&Shape::new("sibling", &[Attr("id", Kind::Number), Attr("value", Kind::Number)], &[]).many()],
);

pub(super) const CPU: Shape = Shape::new(
    "cpu",
    &[
        Attr("mode", Kind::Word(&["custom", "host-model", "host-passthrough", "maximum"])),
        Attr("match", Kind::Word(&["minimum", "exact", "strict"])),
        Attr("check", Kind::Word(&["none", "partial", "full"])),
        Attr("migratable", Kind::OnOff),
    ],
    &[
        &Shape::text(
            "model",
            &[Attr("fallback", Kind::Word(&["allow", "forbid"])), Attr("vendor_id", Kind::Text)],
        ),
        &Shape::text("vendor", &[]),
        &Shape::new(
            "topology",
            &[
                Attr("sockets", Kind::Number),
                Attr("dies", Kind::Number),
                Attr("cores", Kind::Number),
                Attr("threads", Kind::Number),
            ],
            &[],
        ),
        &Shape::new("cache", &[Attr("level", Kind::Number), Attr("mode", Kind::Text)], &[]),
        &Shape::new("maxphysaddr", &[Attr("mode", Kind::Text), Attr("bits", Kind::Number)], &[]),
        &Shape::new(
            "feature",
            &[
                Attr("policy", Kind::Word(&["force", "require", "optional", "disable", "forbid"])),
                Attr("name", Kind::Text),
            ],
            &[],
        )
        .many(),
        &Shape::new(
            "numa",
            &[],
            &[&Shape::new(
                "cell",
                &[
                    Attr("id", Kind::Number),
                    Attr("cpus", Kind::Text),
                    Attr("memory", Kind::Number),
                    Attr("unit", Kind::Text),
                    Attr("memAccess", Kind::Text),
                    Attr("discard", Kind::YesNo),
                ],
                &[&DISTANCES],
            )
            .many()],
        ),
    ],
);

/// Defaults of the attributes, as libvirt prints them.
pub(super) fn fill_in(cpu: &mut Element) -> Result<()> {
    let has_model = cpu.child("model").is_some();
    if cpu.attr("match").is_some() && !has_model && matches!(cpu.attr("mode"), None | Some("custom")) {
        return Err(Error::xml("'match' attribute requires <model>"));
    }
    if has_model {
        put_first(cpu, "match", "exact");
        put_first(cpu, "mode", "custom");
    }
    for node in &mut cpu.children {
        let Node::Element(child) = node else { continue };
        match child.name.local.as_str() {
            "model" => put_first(child, "fallback", "allow"),
            "topology" if child.attr("dies").is_none() => {
                child.push_attr("dies", "1");
                child.attributes[1..].rotate_right(1);
            }
            "feature" => put_first(child, "policy", "require"),
            "numa" => fill_in_cells(child),
            _ => {}
        }
    }
    Ok(())
}

fn fill_in_cells(numa: &mut Element) {
    for node in &mut numa.children {
        if let Node::Element(cell) = node
            && cell.attr("unit").is_none()
        {
            let at = cell.attributes.iter().position(|a| a.name.local == "memory").map_or(0, |at| at + 1);
            let name = Name { local: "unit".to_owned(), ..Name::default() };
            cell.attributes.insert(at, Attribute { name, value: "KiB".to_owned() });
        }
    }
}

fn put_first(e: &mut Element, name: &str, value: &str) {
    if e.attr(name).is_none() {
        let name = Name { local: name.to_owned(), ..Name::default() };
        let at = usize::from(e.attributes.first().is_some_and(|first| first.name.local == "mode"));
        e.attributes.insert(at, Attribute { name, value: value.to_owned() });
    }
}
