//! For a domain driver in the same daemon: ports without documents.

use std::net::IpAddr;

use conf::domain::{Bandwidth, VirtualPort, Vlan};
use conf::network::{MacTable, NetworkPort, Plug};
use conf::{MacAddr, Uuid};
use protocol::Result;

use crate::error::no_network_name;
use crate::{Networks, port};

/// What an interface of a domain wants of a network.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Name of the network.
    pub network: &'a str,
    /// Name of the domain.
    pub owner_name: &'a str,
    /// Its uuid.
    pub owner_uuid: Uuid,
    /// Portgroup.
    pub group: Option<&'a str>,
    /// Hardware address of the interface.
    pub mac: MacAddr,
    /// Its own limits.
    pub bandwidth: Option<&'a Bandwidth>,
    /// Its own VLANs.
    pub vlan: Option<&'a Vlan>,
    /// Its own `<virtualport>`.
    pub virtualport: Option<&'a VirtualPort>,
    /// Its own isolation.
    pub isolated: Option<bool>,
    /// Addresses that it has without asking: names in the network's DNS.
    pub addresses: Vec<IpAddr>,
}

/// What it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugged {
    /// The port.
    pub id: Uuid,
    /// What to connect to.
    pub plug: Plug,
    /// Limits: its own, else the group's.
    pub bandwidth: Option<Bandwidth>,
    /// VLANs: its own, else the group's or the network's.
    pub vlan: Option<Vlan>,
    /// Isolated from other isolated ports of the bridge.
    pub isolated: Option<bool>,
    /// Who keeps the bridge's table of hardware addresses.
    pub mac_table: Option<MacTable>,
    /// MTU of the network.
    pub mtu: Option<u32>,
}

impl Networks {
    /// Makes a port. Fails with "no network with matching name" and "network is not active".
    pub async fn plug(&self, ask: &Ask<'_>) -> Result<Plugged> {
        let network = self.registry.by_name(ask.network).ok_or_else(|| no_network_name(ask.network))?;
        let wanted = NetworkPort {
            uuid: Uuid::generate(self.random),
            owner_name: ask.owner_name.to_owned(),
            owner_uuid: ask.owner_uuid,
            group: ask.group.map(str::to_owned),
            mac: ask.mac,
            virtualport: ask.virtualport.cloned(),
            bandwidth: ask.bandwidth.cloned(),
            class_id: None,
            vlan: ask.vlan.cloned(),
            isolated: ask.isolated,
            trust_guest_rx_filters: None,
            addresses: ask.addresses.clone(),
            plug: None,
        };
        let made = port::create(self, &network, wanted, false).await?;
        let plug = made.plug.ok_or_else(|| crate::error::internal("a port without a plug"))?;
        let mac_table = match &plug {
            Plug::Network { mac_table_manager, .. } | Plug::Bridge { mac_table_manager, .. } => {
                *mac_table_manager
            }
            _ => None,
        };
        Ok(Plugged {
            id: made.uuid,
            plug,
            bandwidth: made.bandwidth,
            vlan: made.vlan,
            isolated: made.isolated,
            mac_table,
            mtu: network.active()?.mtu,
        })
    }

    /// Addresses leased to a hardware address, with the lengths of their prefixes. An inactive network has none.
    pub async fn leases(&self, network: &str, mac: MacAddr) -> Result<Vec<(IpAddr, u8)>> {
        let network = self.registry.by_name(network).ok_or_else(|| no_network_name(network))?;
        let leases = crate::dnsmasq::leases::of_network(self, &network).await?;
        let its = leases.into_iter().filter(|lease| {
            lease.mac.as_ref().is_some_and(|text| text.parse::<MacAddr>().is_ok_and(|known| known == mac))
        });
        let address = |lease: protocol::types::DhcpLease| {
            Some((lease.ipaddr.parse().ok()?, u8::try_from(lease.prefix).unwrap_or(0)))
        };
        Ok(its.filter_map(address).collect())
    }

    /// Gives a port back. That it is gone already, with its network or without, is no error.
    pub async fn unplug(&self, network: &str, id: Uuid) -> Result<()> {
        let Some(network) = self.registry.by_name(network) else { return Ok(()) };
        let uuid = protocol::Uuid(id.0);
        let there = network.read().run.as_ref().is_some_and(|run| run.ports.contains_key(&uuid));
        if there { port::delete(self, &network, uuid).await } else { Ok(()) }
    }
}
