//! How an interface is connected, and what may pass.

use serde::{Deserialize, Serialize};

/// What the host's end of an [`Interface`](super::Interface) is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Link {
    /// One end of a veth pair, plugged into [`Interface::bridge`](super::Interface::bridge).
    #[default]
    Bridge,
    /// One end of a veth pair that is plugged into nothing (`type='ethernet'`).
    Ethernet,
    /// There is none: the inside is a macvlan interface on one of the host's (ip-link(8)).
    Direct {
        /// The host's interface.
        dev: String,
        /// How it deals with the others on it.
        mode: DirectMode,
    },
    /// There is none: an interface of the host is given to the container, and returns when it ends.
    Device {
        /// Its name on the host.
        dev: String,
    },
}

/// Mode of a macvlan interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectMode {
    /// Frames to others go out and come back by the switch.
    Vepa,
    /// Others are out of reach.
    Private,
    /// Others are reached directly.
    Bridge,
    /// The host's interface is the container's alone.
    Passthrough,
}

/// Limits of an interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bandwidth {
    /// What the container receives.
    pub inbound: Option<Rate>,
    /// What it sends.
    pub outbound: Option<Rate>,
}

/// One direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// In the long run, KiB/s.
    pub average: u64,
    /// Never more than this, KiB/s.
    pub peak: Option<u64>,
    /// How much may pass at once, KiB.
    pub burst: Option<u64>,
}

/// VLANs of a bridge port.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vlans {
    /// Frames of these have a tag inside.
    pub tagged: Vec<u16>,
    /// Frames without a tag inside belong to this.
    pub native: Option<u16>,
}
