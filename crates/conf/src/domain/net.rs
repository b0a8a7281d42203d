//! Parts of `<interface>` that networks have too.

mod bandwidth;
mod ip;
mod virtualport;

pub use bandwidth::{Bandwidth, BandwidthRate};
pub use ip::{IpAddress, Route};
pub use virtualport::{FilterRef, NativeMode, VirtualPort, Vlan, VlanTag};
