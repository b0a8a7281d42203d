//! Access rules: which permission on which object a call needs.

/// One permission that a call needs. All rules of a call must pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Kind of the object: `connect`, `domain`, `network`...
    pub object: &'static str,
    /// The permission: `getattr`, `start`, `read_secure`...
    pub permission: &'static str,
    /// When the rule applies.
    pub when: Condition,
}

/// What the permission is called in polkit actions and policies.
impl Rule {
    /// The polkit action that grants the permission: `org.libvirt.api.domain.read-secure`.
    #[must_use]
    pub fn action(&self) -> String {
        format!("org.libvirt.api.{}.{}", self.object, self.permission).replace('_', "-")
    }
}

/// The bit of `flags` for a change to the running object.
const AFFECT_LIVE: u64 = 1;
/// The bit of `flags` for a change to the definition.
const AFFECT_CONFIG: u64 = 2;

/// A condition on the arguments of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Whatever the arguments are.
    Always,
    /// At least one of these bits of `flags` is set.
    AnyFlag(u32),
    /// The change reaches the definition: `flags` choose it (2), or neither it nor the running object (1).
    AffectsConfig,
    /// The argument `source` has this value.
    Source(u32),
}

impl Condition {
    /// Whether a call with these arguments meets the condition.
    #[must_use]
    pub fn holds(self, flags: u64, source: Option<u32>) -> bool {
        match self {
            Self::Always => true,
            Self::AnyFlag(bits) => flags & u64::from(bits) != 0,
            Self::AffectsConfig => flags & AFFECT_CONFIG != 0 || flags & AFFECT_LIVE == 0,
            Self::Source(value) => source == Some(value),
        }
    }
}
