//! Parts of a disk that mean nothing to a container.

use xml::Element;

use crate::Result;
use crate::props::invalid;
use crate::shape::{Attr, Kind, Shape};

/// Attributes of `<disk>`.
pub(super) fn attrs(e: &Element) -> Result<Vec<(&'static str, String)>> {
    const ATTRS: [(&str, &[&str]); 4] = [
        ("model", &["virtio", "virtio-transitional", "virtio-non-transitional"]),
        ("rawio", &["yes", "no"]),
        ("sgio", &["filtered", "unfiltered"]),
        ("snapshot", &["no", "internal", "external", "manual"]),
    ];
    let mut kept = Vec::new();
    for (name, words) in ATTRS {
        if let Some(value) = e.attr(name) {
            if !words.contains(&value) {
                return Err(invalid(e, name, value, ""));
            }
            kept.push((name, value.to_owned()));
        }
    }
    Ok(kept)
}

const SECRET: Shape = Shape::new(
    "secret",
    &[Attr("type", Kind::Text), Attr("uuid", Kind::Text), Attr("usage", Kind::Text)],
    &[],
);
const AUTH: Shape = Shape::new("auth", &[Attr("username", Kind::Text)], &[&SECRET]);
const ENCRYPTION: Shape =
    Shape::new("encryption", &[Attr("format", Kind::Text), Attr("engine", Kind::Text)], &[&SECRET]);
const SECLABEL: Shape = Shape::new(
    "seclabel",
    &[Attr("model", Kind::Text), Attr("labelskip", Kind::YesNo), Attr("relabel", Kind::YesNo)],
    &[&Shape::text("label", &[])],
)
.many();

const SOURCE: Shape = Shape::new(
    "source",
    &[
        Attr("type", Kind::Text),
        Attr("managed", Kind::YesNo),
        Attr("namespace", Kind::Number),
        Attr("protocol", Kind::Text),
        Attr("name", Kind::Text),
        Attr("mode", Kind::Text),
        Attr("startupPolicy", Kind::Word(&["mandatory", "requisite", "optional"])),
    ],
    &[
        &Shape::new(
            "address",
            &[
                Attr("domain", Kind::Hex(4)),
                Attr("bus", Kind::Hex(2)),
                Attr("slot", Kind::Hex(2)),
                Attr("function", Kind::Hex(1)),
            ],
            &[],
        ),
        &Shape::new(
            "host",
            &[
                Attr("name", Kind::Text),
                Attr("port", Kind::Text),
                Attr("transport", Kind::Text),
                Attr("socket", Kind::Text),
            ],
            &[],
        )
        .many(),
        &AUTH,
        &SECLABEL,
        &ENCRYPTION,
    ],
);

const DRIVER: Shape = Shape::new(
    "driver",
    &[
        Attr("error_policy", Kind::Text),
        Attr("rerror_policy", Kind::Text),
        Attr("io", Kind::Word(&["native", "threads", "io_uring"])),
        Attr("ioeventfd", Kind::OnOff),
        Attr("event_idx", Kind::OnOff),
        Attr("copy_on_read", Kind::OnOff),
        Attr("discard", Kind::Word(&["unmap", "ignore"])),
        Attr("iothread", Kind::Number),
        Attr("detect_zeroes", Kind::Word(&["off", "on", "unmap"])),
        Attr("queues", Kind::Number),
        Attr("queue_size", Kind::Number),
    ],
    &[],
);

const TARGET: Shape = Shape::new(
    "target",
    &[
        Attr("tray", Kind::Word(&["closed", "open"])),
        Attr("removable", Kind::OnOff),
        Attr("rotation_rate", Kind::Number),
    ],
    &[],
);

const BACKING_SOURCE: Shape =
    Shape::new("source", &[Attr("file", Kind::Text), Attr("dev", Kind::Text), Attr("dir", Kind::Text)], &[]);
const FORMAT: Shape = Shape::new("format", &[Attr("type", Kind::Text)], &[]);

/// A chain of images, as deep as is kept.
const BACKING_LAST: Shape =
    Shape::new("backingStore", &[Attr("type", Kind::Text)], &[&FORMAT, &BACKING_SOURCE]);
const BACKING_THIRD: Shape =
    Shape::new("backingStore", &[Attr("type", Kind::Text)], &[&FORMAT, &BACKING_SOURCE, &BACKING_LAST]);
const BACKING_SECOND: Shape =
    Shape::new("backingStore", &[Attr("type", Kind::Text)], &[&FORMAT, &BACKING_SOURCE, &BACKING_THIRD]);
const BACKING: Shape =
    Shape::new("backingStore", &[Attr("type", Kind::Text)], &[&FORMAT, &BACKING_SOURCE, &BACKING_SECOND]);

const IOTUNE: Shape = Shape::new(
    "iotune",
    &[],
    &[
        &Shape::text("total_bytes_sec", &[]),
        &Shape::text("read_bytes_sec", &[]),
        &Shape::text("write_bytes_sec", &[]),
        &Shape::text("total_iops_sec", &[]),
        &Shape::text("read_iops_sec", &[]),
        &Shape::text("write_iops_sec", &[]),
        &Shape::text("total_bytes_sec_max", &[]),
        &Shape::text("read_bytes_sec_max", &[]),
        &Shape::text("write_bytes_sec_max", &[]),
        &Shape::text("total_iops_sec_max", &[]),
        &Shape::text("read_iops_sec_max", &[]),
        &Shape::text("write_iops_sec_max", &[]),
        &Shape::text("size_iops_sec", &[]),
        &Shape::text("group_name", &[]),
    ],
);

pub(super) const SHAPES: &[&Shape] = &[
    &DRIVER,
    &AUTH,
    &SOURCE,
    &BACKING,
    &Shape::new("backenddomain", &[Attr("name", Kind::Text)], &[]),
    &Shape::new(
        "geometry",
        &[
            Attr("cyls", Kind::Number),
            Attr("heads", Kind::Number),
            Attr("secs", Kind::Number),
            Attr("trans", Kind::Word(&["none", "auto", "lba"])),
        ],
        &[],
    ),
    &Shape::new(
        "blockio",
        &[Attr("logical_block_size", Kind::Number), Attr("physical_block_size", Kind::Number)],
        &[],
    ),
    &TARGET,
    &IOTUNE,
    &Shape::text("wwn", &[]),
    &Shape::text("vendor", &[]),
    &Shape::text("product", &[]),
    &ENCRYPTION,
];
