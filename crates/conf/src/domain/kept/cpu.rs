//! `<cpu>`.

use xml::{Element, Node};

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
        default(cpu, "match", "exact");
        default(cpu, "mode", "custom");
    }
    for child in children(cpu) {
        match child.name.local.as_str() {
            "model" => default(child, "fallback", "allow"),
            "topology" => default(child, "dies", "1"),
            "feature" => default(child, "policy", "require"),
            "numa" => children(child).for_each(|cell| default(cell, "unit", "KiB")),
            _ => {}
        }
    }
    Ok(())
}

fn children(e: &mut Element) -> impl Iterator<Item = &mut Element> {
    e.children.iter_mut().filter_map(|node| match node {
        Node::Element(child) => Some(child),
        _ => None,
    })
}

fn default(e: &mut Element, name: &str, value: &str) {
    if e.attr(name).is_none() {
        e.push_attr(name, value);
    }
}
