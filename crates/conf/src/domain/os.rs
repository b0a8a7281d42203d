//! `<os>`.

/// What runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Os {
    /// `<type>`, always `exe` for a container.
    pub kind: String,
    /// `<type arch=>`
    pub arch: String,
    /// `<type machine=>`
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
    /// `<kernel>`, kept.
    pub kernel: Option<String>,
    /// `<initrd>`, kept.
    pub initrd: Option<String>,
    /// `<cmdline>`: becomes the variable `LIBVIRT_LXC_CMDLINE` of init.
    pub cmdline: Option<String>,
    /// Elements without effect (`boot`, `bootmenu`, `bios`, ..), kept.
    pub kept: Vec<xml::Element>,
}
