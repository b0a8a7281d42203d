//! The capability bounding set.

use conf::domain::{CapabilitiesPolicy, DomainDef};

use crate::config::Profile;

/// Capabilities that libvirt's driver never gives by default, by number (linux/capability.h): those over the
/// whole machine.
const COMPAT_DROPPED: [u8; 5] = [
    16, // sys_module
    25, // sys_time
    27, // mknod
    30, // audit_control
    33, // mac_admin
];

/// What a guest additionally goes without. In its user namespace most are powerless anyhow; without them a
/// mistake elsewhere stays harmless.
const GUEST_DROPPED: [u8; 5] = [
    17, // sys_rawio
    32, // mac_override
    34, // syslog
    35, // wake_alarm
    36, // block_suspend
];

/// Highest capability of the document's vocabulary; later ones follow the policy.
const LAST_NAMED: u8 = 36;

/// Bits `1 << CAP_*` that init and its descendants may ever have.
pub(super) fn bounding_set(def: &DomainDef, profile: Profile) -> u64 {
    let without = |set: u64, dropped: &[u8]| dropped.iter().fold(set, |set, number| set & !(1 << number));
    let listed = &def.features.capabilities;
    let base = match listed.policy {
        CapabilitiesPolicy::Allow => u64::MAX,
        CapabilitiesPolicy::Deny => 0,
        CapabilitiesPolicy::Default => {
            let set = without(u64::MAX, &COMPAT_DROPPED);
            if profile == Profile::Guest { without(set, &GUEST_DROPPED) } else { set }
        }
    };
    listed
        .states
        .iter()
        .filter(|(number, _)| *number <= LAST_NAMED)
        .fold(base, |set, &(number, on)| if on { set | 1 << number } else { set & !(1 << number) })
}
