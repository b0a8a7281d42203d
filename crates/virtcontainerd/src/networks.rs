//! The host's virtual networks: our own driver, unless another daemon serves them.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use conf::domain::{DirectMode, Interface, InterfaceSource};
use conf::network::Plug;
use conf::{MacAddr, Uuid};
use lxc::{Owner, Pending, Port, Ports};
use network::{Ask, Networks, Paths, Programs};

/// What dnsmasq runs for each lease.
const LEASESHELPER: &str = "virtcontainer-leaseshelper";

/// Loads the driver of networks; `None` if another daemon has the host's networks.
pub(crate) async fn load(monitor: &Path, hostname: String) -> Result<Option<Arc<Networks>>> {
    let programs = Programs { dnsmasq: find_dnsmasq(), leaseshelper: monitor.with_file_name(LEASESHELPER) };
    if programs.dnsmasq.is_none() {
        tracing::warn!("dnsmasq is not installed: networks have neither DHCP nor DNS");
    }
    match Networks::load(Paths::below(Path::new("/")), programs, hostname, lxc::fill_random).await {
        Ok(networks) => Ok(Some(networks)),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
            tracing::warn!("{error}");
            Ok(None)
        }
        Err(error) => Err(error).context("networks"),
    }
}

fn find_dnsmasq() -> Option<PathBuf> {
    kernel::command::PATH.split(':').map(|dir| Path::new(dir).join("dnsmasq")).find(|path| path.is_file())
}

/// Networks as the domain driver sees them.
#[derive(Debug)]
pub(crate) struct OwnPorts(pub(crate) Arc<Networks>);

impl Ports for OwnPorts {
    fn plug<'a>(&'a self, owner: Owner<'a>, interface: &'a Interface) -> Pending<'a, protocol::Result<Port>> {
        Box::pin(async move {
            let (network, group) = match &interface.source {
                InterfaceSource::Network { network, portgroup, .. } => {
                    (network.as_str(), portgroup.as_deref())
                }
                _ => ("", None),
            };
            let ask = Ask {
                network,
                owner_name: owner.name,
                owner_uuid: owner.uuid,
                group,
                mac: interface.mac,
                bandwidth: interface.bandwidth.as_ref(),
                vlan: interface.vlan.as_ref(),
                virtualport: interface.virtualport.as_ref(),
                isolated: interface.isolated,
                addresses: interface.ips.iter().map(|ip| ip.address).collect(),
            };
            let got = self.0.plug(&ask).await?;
            let port = Port {
                id: got.id,
                plug: plug(got.plug)?,
                bandwidth: got.bandwidth,
                vlan: got.vlan,
                isolated: got.isolated,
                mac_table: got.mac_table,
                mtu: got.mtu,
            };
            Ok(port)
        })
    }

    fn leases<'a>(
        &'a self,
        network: &'a str,
        mac: MacAddr,
    ) -> Pending<'a, protocol::Result<Vec<(IpAddr, u8)>>> {
        Box::pin(self.0.leases(network, mac))
    }

    fn unplug<'a>(&'a self, network: &'a str, port: Uuid) -> Pending<'a, protocol::Result<()>> {
        Box::pin(self.0.unplug(network, port))
    }
}

fn plug(plug: Plug) -> protocol::Result<lxc::Plug> {
    match plug {
        Plug::Network { bridge, .. } | Plug::Bridge { bridge, .. } => Ok(lxc::Plug::Bridge(bridge)),
        Plug::Direct { dev, mode } => Ok(lxc::Plug::Direct(dev, mode)),
        Plug::HostdevPci { address, .. } => {
            let name = std::fs::read_dir(format!("/sys/bus/pci/devices/{address}/net"))
                .ok()
                .and_then(|mut list| list.next()?.ok())
                .map(|entry| entry.file_name().to_string_lossy().into_owned());
            let missing = || {
                let detail = format!("PCI device {address} has no network interface of the host");
                protocol::Error::config_unsupported(protocol::ErrorDomain::NETWORK, &detail)
            };
            Ok(lxc::Plug::Direct(name.ok_or_else(missing)?, DirectMode::Passthrough))
        }
    }
}
