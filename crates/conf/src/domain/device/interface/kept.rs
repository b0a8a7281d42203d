//! Elements of an interface that mean nothing to a container.

use crate::shape::{Attr, Kind, Shape};

const OFFLOADS: &[Attr] = &[
    Attr("csum", Kind::OnOff),
    Attr("gso", Kind::OnOff),
    Attr("tso4", Kind::OnOff),
    Attr("tso6", Kind::OnOff),
    Attr("ecn", Kind::OnOff),
    Attr("ufo", Kind::OnOff),
    Attr("mrg_rxbuf", Kind::OnOff),
];

pub(super) const SHAPES: &[&Shape] = &[
    &Shape::new("backenddomain", &[Attr("name", Kind::Text)], &[]),
    &Shape::new(
        "driver",
        &[
            Attr("name", Kind::Word(&["qemu", "vhost", "kvm", "vfio", "xen"])),
            Attr("txmode", Kind::Word(&["iothread", "timer"])),
            Attr("ioeventfd", Kind::OnOff),
            Attr("event_idx", Kind::OnOff),
            Attr("queues", Kind::Number),
            Attr("rx_queue_size", Kind::Number),
            Attr("tx_queue_size", Kind::Number),
            Attr("rss", Kind::OnOff),
            Attr("rss_hash_report", Kind::OnOff),
        ],
        &[&Shape::new("host", OFFLOADS, &[]), &Shape::new("guest", OFFLOADS, &[])],
    ),
    &Shape::new(
        "rom",
        &[Attr("enabled", Kind::YesNo), Attr("bar", Kind::OnOff), Attr("file", Kind::Text)],
        &[],
    ),
    &Shape::new("backend", &[Attr("tap", Kind::Text), Attr("vhost", Kind::Text)], &[]),
    &Shape::new("tune", &[], &[&Shape::text("sndbuf", &[])]),
    &Shape::new("teaming", &[Attr("type", Kind::Text), Attr("persistent", Kind::Text)], &[]),
    &Shape::new(
        "coalesce",
        &[],
        &[&Shape::new("rx", &[], &[&Shape::new("frames", &[Attr("max", Kind::Number)], &[])])],
    ),
];
