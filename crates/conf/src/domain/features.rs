//! `<features>`.

use crate::enums::xml_enum;

xml_enum! {
    /// `<capabilities policy=>`
    pub enum CapabilitiesPolicy {
        Default = "default",
        Allow = "allow",
        Deny = "deny",
    }
}

/// Switches of the machine; a container knows two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Features {
    /// `<privnet/>`: an own network namespace even without interfaces.
    pub privnet: bool,
    /// `<capabilities>`
    pub capabilities: Option<Capabilities>,
    /// Elements without effect (`acpi`, `pae`, ..), kept.
    pub kept: Vec<xml::Element>,
}

/// `<capabilities policy=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// What holds for capabilities not listed.
    pub policy: CapabilitiesPolicy,
    /// Listed ones by number of capabilities(7), in that order, with their `state=`.
    pub states: Vec<(u8, bool)>,
}

/// Names in the document, by number of capabilities(7).
pub const CAPABILITY_NAMES: [&str; 37] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
];
