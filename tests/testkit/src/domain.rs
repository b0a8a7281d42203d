//! Domain XML, as a person would write it.

use std::fmt::Write;

use crate::rootfs::Root;

/// A domain to define. What is not said is left out of the XML, except the things no container goes without:
/// memory, a program (`/bin/true`, which may also run without a root of its own) and a console.
#[derive(Debug, Clone)]
pub struct Domain {
    name: String,
    elements: Vec<String>,
    memory_kib: u64,
    init: String,
    os: Vec<String>,
    features: String,
    root: Option<String>,
    devices: Vec<String>,
}

impl Domain {
    /// A domain with 64 MiB and a network namespace of its own.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            elements: Vec::new(),
            memory_kib: 65536,
            init: "/bin/true".to_owned(),
            os: Vec::new(),
            features: "<privnet/>".to_owned(),
            root: None,
            devices: Vec::new(),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same domain under another name.
    #[must_use]
    pub fn renamed(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// `<filesystem>` for `/`, and the init that goes with it.
    #[must_use]
    pub fn root(mut self, root: &Root) -> Self {
        self.root = Some(root.path().to_owned());
        root.init().clone_into(&mut self.init);
        self
    }

    /// `<uuid>`.
    #[must_use]
    pub fn uuid(self, uuid: &str) -> Self {
        self.element(&format!("<uuid>{uuid}</uuid>"))
    }

    /// `<memory>` in KiB.
    #[must_use]
    pub fn memory_kib(mut self, kib: u64) -> Self {
        self.memory_kib = kib;
        self
    }

    /// `<init>`.
    #[must_use]
    pub fn init(mut self, path: &str) -> Self {
        path.clone_into(&mut self.init);
        self
    }

    /// Any further child of `<os>`.
    #[must_use]
    pub fn os(mut self, xml: &str) -> Self {
        self.os.push(xml.to_owned());
        self
    }

    /// The content of `<features>`, instead of `<privnet/>`.
    #[must_use]
    pub fn features(mut self, xml: &str) -> Self {
        xml.clone_into(&mut self.features);
        self
    }

    /// Any further child of `<domain>`.
    #[must_use]
    pub fn element(mut self, xml: &str) -> Self {
        self.elements.push(xml.to_owned());
        self
    }

    /// Any further child of `<devices>`.
    #[must_use]
    pub fn device(mut self, xml: &str) -> Self {
        self.devices.push(xml.to_owned());
        self
    }

    /// The document.
    #[must_use]
    pub fn xml(&self) -> String {
        let mut xml = format!("<domain type='lxc'>\n  <name>{}</name>\n", self.name);
        for element in &self.elements {
            let _ = writeln!(xml, "  {element}");
        }
        let _ = writeln!(xml, "  <memory unit='KiB'>{}</memory>", self.memory_kib);
        let _ = writeln!(xml, "  <os><type>exe</type><init>{}</init>{}</os>", self.init, self.os.concat());
        let _ = writeln!(xml, "  <features>{}</features>", self.features);
        xml.push_str("  <devices>\n");
        if let Some(root) = &self.root {
            let _ = writeln!(
                xml,
                "    <filesystem type='mount'><source dir='{root}'/><target dir='/'/></filesystem>"
            );
        }
        for device in &self.devices {
            let _ = writeln!(xml, "    {device}");
        }
        xml.push_str("    <console type='pty'/>\n  </devices>\n</domain>\n");
        xml
    }
}
