//! Elements of `<domain>` without effect on a container: kept and printed at libvirt's place.

use xml::Element;

use crate::props::Props;
use crate::shape::{Attr, Kind, Shape};
use crate::{Error, Result, Uuid};

mod cpu;

const MEMORY_BACKING: Shape = Shape::new(
    "memoryBacking",
    &[],
    &[
        &Shape::new(
            "hugepages",
            &[],
            &[&Shape::new(
                "page",
                &[Attr("size", Kind::Text), Attr("unit", Kind::Text), Attr("nodeset", Kind::Text)],
                &[],
            )
            .many()],
        ),
        &Shape::new("nosharepages", &[], &[]),
        &Shape::new("locked", &[], &[]),
        &Shape::new("source", &[Attr("type", Kind::Word(&["file", "anonymous", "memfd"]))], &[]),
        &Shape::new("access", &[Attr("mode", Kind::Word(&["shared", "private"]))], &[]),
        &Shape::new(
            "allocation",
            &[Attr("mode", Kind::Word(&["immediate", "ondemand"])), Attr("threads", Kind::Number)],
            &[],
        ),
        &Shape::new("discard", &[], &[]),
    ],
);

const ENTRIES: &[&Shape] =
    &[&Shape::text("entry", &[Attr("name", Kind::Text), Attr("file", Kind::Text)]).many()];

const SYSINFO: Shape = Shape::new(
    "sysinfo",
    &[Attr("type", Kind::Word(&["smbios", "fwcfg"]))],
    &[
        &Shape::new("bios", &[], ENTRIES),
        &Shape::new("system", &[], ENTRIES),
        &Shape::new("baseBoard", &[], ENTRIES).many(),
        &Shape::new("chassis", &[], ENTRIES),
        &Shape::new("oemStrings", &[], ENTRIES),
    ],
)
.many();

const IOTHREADIDS: Shape =
    Shape::new("iothreadids", &[], &[&Shape::new("iothread", &[Attr("id", Kind::Number)], &[]).many()]);

const PERF: Shape = Shape::new(
    "perf",
    &[],
    &[&Shape::new("event", &[Attr("name", Kind::Text), Attr("enabled", Kind::YesNo)], &[]).many()],
);

const KEYWRAP: Shape = Shape::new(
    "keywrap",
    &[],
    &[&Shape::new("cipher", &[Attr("name", Kind::Word(&["aes", "dea"])), Attr("state", Kind::OnOff)], &[])
        .many()],
);

/// The names are the places where [`push`] is called.
const SHAPES: &[&Shape] = &[
    &Shape::text("genid", &[]),
    &MEMORY_BACKING,
    &Shape::text("iothreads", &[]),
    &IOTHREADIDS,
    &SYSINFO,
    &Shape::text("bootloader", &[]),
    &Shape::text("bootloader_args", &[]),
    &cpu::CPU,
    &Shape::text("on_lockfailure", &[]),
    &PERF,
    &KEYWRAP,
];

/// What is kept of a document.
pub(super) fn parse(domain: &Element) -> Result<Vec<Element>> {
    let mut kept = Shape::keep_all(SHAPES, domain)?;
    for e in &mut kept {
        match e.name.local.as_str() {
            "genid" => {
                let id: Uuid = e.text().parse().map_err(|_| Error::internal("malformed genid element"))?;
                *e = Element::with_text("genid", id);
            }
            "sysinfo" => drop(e.required("type")?),
            "cpu" => *e = cpu::CPU.keep_completed(e, cpu::fill_in)?,
            "on_lockfailure" => {
                const ACTIONS: [&str; 4] = ["poweroff", "restart", "pause", "ignore"];
                let word = e.text();
                if !ACTIONS.contains(&word.as_str()) {
                    return Err(Error::unsupported(format!("unknown on_lockfailure action: {word}")));
                }
            }
            _ => {}
        }
    }
    Ok(kept)
}

/// Adds what is kept under that name.
pub(super) fn push(out: &mut Element, kept: &[Element], name: &str) {
    out.extend(kept.iter().filter(|e| e.is(name)).cloned());
}
