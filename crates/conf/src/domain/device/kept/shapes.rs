//! The tables of the devices that are kept.

use crate::shape::{Attr, Kind, Shape};

const CONTROLLER: Shape = Shape::new(
    "controller",
    &[
        Attr(
            "type",
            Kind::Word(&[
                "ide",
                "fdc",
                "scsi",
                "sata",
                "virtio-serial",
                "ccid",
                "usb",
                "pci",
                "xenbus",
                "isa",
            ]),
        ),
        Attr("index", Kind::Index),
        Attr("model", Kind::Text),
        Attr("ports", Kind::Number),
        Attr("vectors", Kind::Number),
    ],
    &[
        &Shape::new("model", &[Attr("name", Kind::Text)], &[]),
        &Shape::new("master", &[Attr("startport", Kind::Number)], &[]),
        &Shape::new(
            "driver",
            &[
                Attr("queues", Kind::Number),
                Attr("cmd_per_lun", Kind::Number),
                Attr("max_sectors", Kind::Number),
                Attr("ioeventfd", Kind::OnOff),
                Attr("iothread", Kind::Number),
            ],
            &[],
        ),
    ],
);

const LEASE: Shape = Shape::new(
    "lease",
    &[],
    &[
        &Shape::text("lockspace", &[]),
        &Shape::text("key", &[]),
        &Shape::new("target", &[Attr("path", Kind::Text), Attr("offset", Kind::Text)], &[]),
    ],
);

const SMARTCARD: Shape = Shape::new(
    "smartcard",
    &[Attr("mode", Kind::Word(&["host", "host-certificates", "passthrough"])), Attr("type", Kind::Text)],
    &[
        &Shape::text("certificate", &[]).many(),
        &Shape::text("database", &[]),
        &Shape::new(
            "source",
            &[
                Attr("mode", Kind::Text),
                Attr("host", Kind::Text),
                Attr("service", Kind::Text),
                Attr("path", Kind::Text),
            ],
            &[],
        ),
        &Shape::new("protocol", &[Attr("type", Kind::Text)], &[]),
    ],
);

const TPM: Shape = Shape::new(
    "tpm",
    &[Attr("model", Kind::Word(&["tpm-tis", "tpm-crb", "tpm-spapr", "spapr-tpm-proxy"]))],
    &[&Shape::new(
        "backend",
        &[
            Attr("type", Kind::Word(&["passthrough", "emulator", "external"])),
            Attr("version", Kind::Word(&["1.2", "2.0"])),
            Attr("persistent_state", Kind::YesNo),
        ],
        &[
            &Shape::new("device", &[Attr("path", Kind::Text)], &[]),
            &Shape::new("encryption", &[Attr("secret", Kind::Text)], &[]),
        ],
    )],
);

const GRAPHICS: Shape = Shape::new(
    "graphics",
    &[
        Attr("type", Kind::Word(&["sdl", "vnc", "rdp", "desktop", "spice", "egl-headless", "dbus"])),
        Attr("port", Kind::Text),
        Attr("tlsPort", Kind::Text),
        Attr("autoport", Kind::YesNo),
        Attr("websocket", Kind::Text),
        Attr("listen", Kind::Text),
        Attr("keymap", Kind::Text),
        Attr("sharePolicy", Kind::Text),
        Attr("passwd", Kind::Text),
        Attr("passwdValidTo", Kind::Text),
        Attr("display", Kind::Text),
        Attr("xauth", Kind::Text),
        Attr("fullscreen", Kind::YesNo),
        Attr("replaceUser", Kind::YesNo),
        Attr("multiUser", Kind::YesNo),
        Attr("defaultMode", Kind::Text),
    ],
    &[
        &Shape::new(
            "listen",
            &[
                Attr("type", Kind::Word(&["none", "address", "network", "socket"])),
                Attr("address", Kind::Text),
                Attr("network", Kind::Text),
                Attr("socket", Kind::Text),
            ],
            &[],
        )
        .many(),
        &Shape::new("channel", &[Attr("name", Kind::Text), Attr("mode", Kind::Text)], &[]).many(),
        &Shape::new("image", &[Attr("compression", Kind::Text)], &[]),
        &Shape::new("jpeg", &[Attr("compression", Kind::Text)], &[]),
        &Shape::new("zlib", &[Attr("compression", Kind::Text)], &[]),
        &Shape::new("playback", &[Attr("compression", Kind::OnOff)], &[]),
        &Shape::new("streaming", &[Attr("mode", Kind::Text)], &[]),
        &Shape::new("mouse", &[Attr("mode", Kind::Text)], &[]),
        &Shape::new("clipboard", &[Attr("copypaste", Kind::YesNo)], &[]),
        &Shape::new("filetransfer", &[Attr("enable", Kind::YesNo)], &[]),
        &Shape::new("gl", &[Attr("enable", Kind::YesNo), Attr("rendernode", Kind::Text)], &[]),
    ],
);

const SOUND: Shape = Shape::new(
    "sound",
    &[Attr("model", Kind::Word(&["sb16", "es1370", "pcspk", "ac97", "ich6", "ich9", "usb", "ich7"]))],
    &[
        &Shape::new("codec", &[Attr("type", Kind::Word(&["duplex", "micro", "output"]))], &[]).many(),
        &Shape::new("audio", &[Attr("id", Kind::Number)], &[]),
    ],
);

const AUDIO: Shape = Shape::new(
    "audio",
    &[
        Attr("id", Kind::Number),
        Attr("type", Kind::Text),
        Attr("timerPeriod", Kind::Number),
        Attr("serverName", Kind::Text),
        Attr("driver", Kind::Text),
    ],
    &[],
);

const VIDEO: Shape = Shape::new(
    "video",
    &[],
    &[
        &Shape::new("driver", &[Attr("vgaconf", Kind::Text), Attr("name", Kind::Text)], &[]),
        &Shape::new(
            "model",
            &[
                Attr(
                    "type",
                    Kind::Word(&[
                        "default",
                        "vga",
                        "cirrus",
                        "vmvga",
                        "xen",
                        "vbox",
                        "qxl",
                        "parallels",
                        "virtio",
                        "gop",
                        "none",
                        "bochs",
                        "ramfb",
                    ]),
                ),
                Attr("ram", Kind::Number),
                Attr("vram", Kind::Number),
                Attr("vram64", Kind::Number),
                Attr("vgamem", Kind::Number),
                Attr("heads", Kind::Number),
                Attr("primary", Kind::YesNo),
            ],
            &[
                &Shape::new(
                    "acceleration",
                    &[Attr("accel2d", Kind::YesNo), Attr("accel3d", Kind::YesNo)],
                    &[],
                ),
                &Shape::new("resolution", &[Attr("x", Kind::Number), Attr("y", Kind::Number)], &[]),
            ],
        ),
    ],
);

const REDIRDEV: Shape = Shape::new(
    "redirdev",
    &[Attr("bus", Kind::Text), Attr("type", Kind::Text)],
    &[
        &Shape::new(
            "source",
            &[Attr("mode", Kind::Text), Attr("host", Kind::Text), Attr("service", Kind::Text)],
            &[],
        ),
        &Shape::new("protocol", &[Attr("type", Kind::Text)], &[]),
    ],
);

const REDIRFILTER: Shape = Shape::new(
    "redirfilter",
    &[],
    &[&Shape::new(
        "usbdev",
        &[
            Attr("class", Kind::Text),
            Attr("vendor", Kind::Text),
            Attr("product", Kind::Text),
            Attr("version", Kind::Text),
            Attr("allow", Kind::YesNo),
        ],
        &[],
    )
    .many()],
);

const WATCHDOG: Shape = Shape::new(
    "watchdog",
    &[
        Attr("model", Kind::Text),
        Attr("action", Kind::Word(&["reset", "shutdown", "poweroff", "pause", "dump", "none", "inject-nmi"])),
    ],
    &[],
);

const MEMBALLOON: Shape = Shape::new(
    "memballoon",
    &[
        Attr(
            "model",
            Kind::Word(&["virtio", "xen", "none", "virtio-transitional", "virtio-non-transitional"]),
        ),
        Attr("autodeflate", Kind::OnOff),
        Attr("freePageReporting", Kind::OnOff),
    ],
    &[&Shape::new("stats", &[Attr("period", Kind::Index)], &[])],
);

const RNG: Shape = Shape::new(
    "rng",
    &[Attr("model", Kind::Word(&["virtio", "virtio-transitional", "virtio-non-transitional"]))],
    &[
        &Shape::new("rate", &[Attr("bytes", Kind::Number), Attr("period", Kind::Number)], &[]),
        &Shape {
            children: &[
                &Shape::new(
                    "source",
                    &[
                        Attr("mode", Kind::Text),
                        Attr("host", Kind::Text),
                        Attr("service", Kind::Text),
                        Attr("path", Kind::Text),
                    ],
                    &[],
                )
                .many(),
                &Shape::new("protocol", &[Attr("type", Kind::Text)], &[]),
            ],
            ..Shape::text(
                "backend",
                &[Attr("model", Kind::Word(&["random", "egd", "builtin"])), Attr("type", Kind::Text)],
            )
        },
    ],
);

const SHMEM: Shape = Shape::new(
    "shmem",
    &[Attr("name", Kind::Text), Attr("role", Kind::Word(&["master", "peer"]))],
    &[
        &Shape::new(
            "model",
            &[Attr("type", Kind::Word(&["ivshmem", "ivshmem-plain", "ivshmem-doorbell"]))],
            &[],
        ),
        &Shape::text("size", &[Attr("unit", Kind::Text)]),
        &Shape::new("server", &[Attr("path", Kind::Text)], &[]),
        &Shape::new(
            "msi",
            &[Attr("enabled", Kind::OnOff), Attr("vectors", Kind::Number), Attr("ioeventfd", Kind::OnOff)],
            &[],
        ),
    ],
);

const IOMMU: Shape = Shape::new(
    "iommu",
    &[Attr("model", Kind::Word(&["intel", "smmuv3", "virtio"]))],
    &[&Shape::new(
        "driver",
        &[
            Attr("intremap", Kind::OnOff),
            Attr("caching_mode", Kind::OnOff),
            Attr("iotlb", Kind::OnOff),
            Attr("aw_bits", Kind::Number),
        ],
        &[],
    )],
);

const VSOCK: Shape = Shape::new(
    "vsock",
    &[Attr("model", Kind::Word(&["virtio", "virtio-transitional", "virtio-non-transitional"]))],
    &[&Shape::new("cid", &[Attr("auto", Kind::YesNo), Attr("address", Kind::Text)], &[])],
);

pub(super) const SHAPES: &[&Shape] = &[
    &CONTROLLER,
    &LEASE,
    &SMARTCARD,
    &TPM,
    &GRAPHICS,
    &SOUND,
    &AUDIO,
    &VIDEO,
    &REDIRDEV,
    &REDIRFILTER,
    &Shape::new("hub", &[Attr("type", Kind::Text)], &[]),
    &WATCHDOG,
    &MEMBALLOON,
    &RNG,
    &Shape::new("nvram", &[], &[]),
    &Shape::new(
        "panic",
        &[Attr("model", Kind::Word(&["default", "pseries", "isa", "hyperv", "s390", "pvpanic"]))],
        &[],
    ),
    &SHMEM,
    &IOMMU,
    &VSOCK,
];
