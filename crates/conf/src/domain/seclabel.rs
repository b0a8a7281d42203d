//! `<seclabel>`.

use crate::enums::xml_enum;

xml_enum! {
    /// `type=`
    pub enum SecLabelKind {
        None = "none",
        Dynamic = "dynamic",
        Static = "static",
    }
}

/// A label of a security module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecLabel {
    /// `type=`
    pub kind: SecLabelKind,
    /// `model=`: `selinux`, `apparmor`, `dac`.
    pub model: Option<String>,
    /// `relabel=`
    pub relabel: bool,
    /// `<label>`: of the processes; printed for dynamic ones only while running.
    pub label: Option<String>,
    /// `<imagelabel>`: of the files, only while running.
    pub imagelabel: Option<String>,
    /// `<baselabel>`
    pub baselabel: Option<String>,
}
