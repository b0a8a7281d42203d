//! Bridges.

use protocol::{Error, ErrorDomain, Result};
use rtnetlink::{LinkBridge, LinkUnspec};

use netlink_packet_route::link::BridgeStpState;

use super::Links;
use crate::error::{errno, of_link};

/// `EEXIST`
const EXIST: i32 = 17;
/// `EOPNOTSUPP`
const OPNOTSUPP: i32 = 95;

/// A bridge to make.
#[derive(Debug)]
pub(crate) struct NewBridge<'a> {
    pub(crate) name: &'a str,
    pub(crate) mac: [u8; 6],
    pub(crate) mtu: Option<u32>,
    pub(crate) stp: bool,
    /// Forward delay, seconds.
    pub(crate) delay: u32,
    /// Ports belong to VLANs.
    pub(crate) vlan_filtering: bool,
    /// For people: `ip link` shows it.
    pub(crate) alias: &'a str,
}

impl Links {
    /// Makes a bridge, down. Fails if the name is taken; what was made before a failure is removed.
    pub(crate) async fn create_bridge(&self, bridge: &NewBridge<'_>) -> Result<u32> {
        let what = format!("Unable to create bridge {}", bridge.name);
        let message = LinkBridge::new(bridge.name).address(bridge.mac.to_vec()).build();
        self.handle.link().add(message).execute().await.map_err(|error| match errno(&error) {
            Some(EXIST) => Error::system(ErrorDomain::NETWORK, EXIST, &what),
            _ => of_link(&what, &error),
        })?;
        match self.set_up_bridge(bridge).await {
            Ok(index) => Ok(index),
            Err(error) => {
                if let Err(second) = self.delete(bridge.name).await {
                    tracing::error!(bridge = bridge.name, error = %second, "stays behind");
                }
                Err(error)
            }
        }
    }

    async fn set_up_bridge(&self, bridge: &NewBridge<'_>) -> Result<u32> {
        let what = format!("bridge '{}'", bridge.name);
        let index = self.index(bridge.name).await?;
        let index = index.ok_or_else(|| Error::system(ErrorDomain::NETWORK, super::NODEV, &what))?;
        // In the kernel's order: with STP on, a delay below two seconds would be refused instead of raised.
        let delay = bridge.delay.saturating_mul(CENTISECONDS);
        let stp = if bridge.stp { BridgeStpState::KernelStp } else { BridgeStpState::Disabled };
        let message = LinkBridge::new(bridge.name).index(index).forward_delay(delay).stp_state(stp);
        self.handle.link().change(message.build()).execute().await.map_err(|error| of_link(&what, &error))?;
        // The kernel does not take it at creation.
        let message = LinkUnspec::new_with_index(index).alias(bridge.alias).build();
        self.handle.link().set(message).execute().await.map_err(|error| of_link(&what, &error))?;
        if bridge.vlan_filtering {
            let message = LinkBridge::new(bridge.name).index(index).vlan_filtering(true).build();
            self.handle.link().change(message).execute().await.map_err(|error| match errno(&error) {
                Some(OPNOTSUPP) => Error::config_unsupported(
                    ErrorDomain::NETWORK,
                    "<vlan> needs a kernel whose bridges filter VLANs (CONFIG_BRIDGE_VLAN_FILTERING)",
                ),
                _ => of_link(&what, &error),
            })?;
        }
        if let Some(mtu) = bridge.mtu {
            let message = LinkUnspec::new_with_index(index).mtu(mtu).build();
            let what = format!("{what}: MTU {mtu}");
            self.handle.link().set(message).execute().await.map_err(|error| of_link(&what, &error))?;
        }
        Ok(index)
    }

    /// Brings an interface up.
    pub(crate) async fn up(&self, index: u32, name: &str) -> Result<()> {
        let message = LinkUnspec::new_with_index(index).up().build();
        let what = format!("cannot bring up '{name}'");
        self.handle.link().set(message).execute().await.map_err(|error| of_link(&what, &error))
    }
}

/// The unit of the kernel's bridge timers (`USER_HZ`).
const CENTISECONDS: u32 = 100;
