//! `<os>`.

use xml::{Element, Node};

use super::ParseContext;
use crate::error::origin;
use crate::{Error, Result};

/// What runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Os {
    /// `<type>`, always `exe` for a container.
    pub kind: String,
    /// `<type arch=>`
    pub arch: String,
    /// `<type machine=>`, no effect.
    pub machine: Option<String>,
    /// `<init>`: path inside the container, also `argv[0]`.
    pub init: String,
    /// `<initarg>`s: `argv[1..]`.
    pub initargs: Vec<String>,
    /// `<initenv name=>`s: name and value, in order.
    pub initenv: Vec<(String, String)>,
    /// `<initdir>`: working directory.
    pub initdir: Option<String>,
    /// `<inituser>`
    pub inituser: Option<String>,
    /// `<initgroup>`
    pub initgroup: Option<String>,
    /// `<cmdline>`: becomes the variable `LIBVIRT_LXC_CMDLINE` of init.
    pub cmdline: Option<String>,
}

/// Operating system types libvirt knows; containers have the last one.
const KINDS: [&str; 6] = ["hvm", "xen", "linux", "xenpvh", "uml", "exe"];

/// libvirt's names of architectures.
const ARCHES: &[&str] = &[
    "alpha",
    "armv6l",
    "armv7l",
    "armv7b",
    "aarch64",
    "cris",
    "i686",
    "ia64",
    "lm32",
    "loongarch64",
    "m68k",
    "microblaze",
    "microblazeel",
    "mips",
    "mipsel",
    "mips64",
    "mips64el",
    "openrisc",
    "parisc",
    "parisc64",
    "ppc",
    "ppcle",
    "ppc64",
    "ppc64le",
    "ppcemb",
    "riscv32",
    "riscv64",
    "s390",
    "s390x",
    "sh4",
    "sh4eb",
    "sparc",
    "sparc64",
    "unicore32",
    "x86_64",
    "xtensa",
    "xtensaeb",
];

impl Os {
    /// `<type>` and its attributes; the rest of the element is for [`Self::parse_init`].
    pub(crate) fn parse_type(domain: &Element, ctx: &ParseContext) -> Result<Self> {
        let e = domain.child("os").and_then(|os| os.child("type"));
        let missing = || Error::xml("an os <type> must be specified");
        let e = e.ok_or_else(missing)?;
        let kind = e.text();
        if kind.is_empty() {
            return Err(missing());
        }
        if !KINDS.contains(&kind.as_str()) {
            return Err(Error::unsupported(format!("unknown OS type '{kind}'")));
        }
        let arch = match e.attr("arch") {
            None | Some("") => ctx.arch.clone(),
            Some(arch) if ARCHES.contains(&arch) => arch.to_owned(),
            Some(arch) => return Err(Error::unsupported(format!("Unknown architecture {arch}"))),
        };
        let machine = e.attr("machine").filter(|m| !m.is_empty()).map(str::to_owned);
        Ok(Self { kind, arch, machine, ..Self::default() })
    }

    /// What init is and gets.
    pub(crate) fn parse_init(&mut self, domain: &Element) -> Result<()> {
        let Some(e) = domain.child("os") else { return Ok(()) };
        self.init = e.child_text("init").unwrap_or_default();
        self.cmdline = e.child_text("cmdline");
        for arg in e.all("initarg") {
            let text = Some(arg.text()).filter(|text| !text.is_empty());
            self.initargs.push(text.ok_or_else(|| Error::xml("No data supplied for <initarg> element"))?);
        }
        for env in e.all("initenv") {
            self.initenv.push(parse_env(env)?);
        }
        self.initdir = e.child_text("initdir");
        self.inituser = e.child_text("inituser");
        self.initgroup = e.child_text("initgroup");
        Ok(())
    }

    /// Is it something that runs here?
    pub(crate) fn check(&self, domain_kind: &str, ctx: &ParseContext) -> Result<()> {
        let Self { kind, arch, .. } = self;
        if kind != "exe" || domain_kind != "lxc" || !ctx.arches.contains(arch) {
            let ostype = if kind == "hvm" { String::new() } else { format!("ostype={kind} ") };
            let text =
                format!("could not find capabilities for {ostype}arch={arch} domaintype={domain_kind} ");
            return Err(Error::invalid_arg(text).from(origin::CAPABILITIES));
        }
        if self.init.is_empty() { Err(Error::xml("init binary must be specified")) } else { Ok(()) }
    }

    pub(crate) fn format(&self) -> Element {
        let mut e = Element::new("os");
        let mut kind =
            Element::new("type").with("arch", &self.arch).with_opt("machine", self.machine.as_ref());
        kind.children.push(Node::Text(self.kind.clone()));
        e.push(kind);
        e.push_text("init", &self.init);
        for arg in &self.initargs {
            e.push_text("initarg", arg);
        }
        for (name, value) in &self.initenv {
            let mut env = Element::new("initenv").with("name", name);
            env.children.push(Node::Text(value.clone()));
            e.push(env);
        }
        e.push_text_opt("initdir", self.initdir.as_ref());
        e.push_text_opt("inituser", self.inituser.as_ref());
        e.push_text_opt("initgroup", self.initgroup.as_ref());
        e.push_text_opt("cmdline", self.cmdline.as_ref());
        e
    }
}

/// A name that the shell could not use, or with a `=`, would be another variable than it says.
fn parse_env(e: &Element) -> Result<(String, String)> {
    let name = e.attr("name").ok_or_else(|| Error::xml("No name supplied for <initenv> element"))?;
    let mut chars = name.chars();
    let valid = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !valid {
        return Err(Error::xml(format!("invalid name '{name}' of an <initenv> element")));
    }
    let value = Some(e.text()).filter(|text| !text.is_empty());
    let value =
        value.ok_or_else(|| Error::xml(format!("No value supplied for <initenv name='{name}'> element")))?;
    Ok((name.to_owned(), value))
}
