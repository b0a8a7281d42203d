//! `<on_poweroff>`, `<on_reboot>`, `<on_crash>` and `<pm>`.

use crate::enums::xml_enum;

xml_enum! {
    /// What happens after an end.
    pub enum LifecycleAction {
        Destroy = "destroy",
        Restart = "restart",
        RenameRestart = "rename-restart",
        Preserve = "preserve",
        CoredumpDestroy = "coredump-destroy",
        CoredumpRestart = "coredump-restart",
    }
}

/// `<pm>`: kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PowerManagement {
    /// `<suspend-to-mem enabled=>`
    pub suspend_to_mem: Option<bool>,
    /// `<suspend-to-disk enabled=>`
    pub suspend_to_disk: Option<bool>,
}
