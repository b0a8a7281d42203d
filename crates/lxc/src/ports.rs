//! Virtual networks as a container sees them: somewhere to plug an interface in.
//!
//! Who serves networks is not for this driver to know. It may be libvirt's network driver, or ours.

use std::fmt::Debug;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use conf::domain::{Bandwidth, DirectMode, DomainDef, Interface, InterfaceSource, Vlan};
use conf::network::MacTable;
use conf::{MacAddr, Uuid};
use protocol::{Error, ErrorCode, ErrorDomain, Result};

/// What a method of [`Ports`] returns: a future on the heap.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The networks of the host.
pub trait Ports: Debug + Send + Sync {
    /// Makes a port for an interface of a domain that is about to start, in the network that `interface.source` names.
    /// Fails with the network driver's error, for instance if the network is not active.
    fn plug<'a>(&'a self, owner: Owner<'a>, interface: &'a Interface) -> Pending<'a, Result<Port>>;

    /// Addresses that the network has leased to a hardware address, with the lengths of their prefixes.
    fn leases<'a>(&'a self, network: &'a str, mac: MacAddr) -> Pending<'a, Result<Vec<(IpAddr, u8)>>>;

    /// Gives a port back. That it is gone already is no error.
    fn unplug<'a>(&'a self, network: &'a str, port: Uuid) -> Pending<'a, Result<()>>;
}

/// Whose port it is.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// Name of the domain.
    pub name: &'a str,
    /// Its uuid.
    pub uuid: Uuid,
}

/// A place in a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its uuid, which the interface shows as `portid`.
    pub id: Uuid,
    /// What to connect the interface to.
    pub plug: Plug,
    /// Limits: those that the interface asked for, or the network's for it.
    pub bandwidth: Option<Bandwidth>,
    /// VLANs, likewise.
    pub vlan: Option<Vlan>,
    /// Isolated from other isolated ports.
    pub isolated: Option<bool>,
    /// Who keeps the bridge's table of hardware addresses.
    pub mac_table: Option<MacTable>,
    /// MTU of the network.
    pub mtu: Option<u32>,
}

impl Port {
    /// A port to which the network adds nothing.
    #[must_use]
    pub const fn new(id: Uuid, plug: Plug) -> Self {
        Self { id, plug, bandwidth: None, vlan: None, isolated: None, mac_table: None, mtu: None }
    }
}

/// What the host's end of an interface is connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plug {
    /// A bridge of this name.
    Bridge(String),
    /// An interface of the host, by macvlan.
    Direct(String, DirectMode),
}

/// A host without virtual networks.
#[derive(Debug)]
pub struct NoPorts;

impl Ports for NoPorts {
    fn plug<'a>(&'a self, _: Owner<'a>, interface: &'a Interface) -> Pending<'a, Result<Port>> {
        let InterfaceSource::Network { network, .. } = &interface.source else {
            return Box::pin(async { Err(no_network("")) });
        };
        Box::pin(async move { Err(no_network(network)) })
    }

    fn leases<'a>(&'a self, _: &'a str, _: MacAddr) -> Pending<'a, Result<Vec<(IpAddr, u8)>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn unplug<'a>(&'a self, _: &'a str, _: Uuid) -> Pending<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

fn no_network(name: &str) -> Error {
    let detail = format!("there is no driver of virtual networks for network '{name}'");
    Error::new(ErrorCode::CONFIG_UNSUPPORTED, ErrorDomain::LXC, &detail)
}

/// Ports of a starting domain; what is not kept is given back.
#[derive(Debug)]
pub(crate) struct Plugged {
    ports: Arc<dyn Ports>,
    made: Vec<(String, Uuid)>,
}

impl Plugged {
    /// Plugs in every interface of a virtual network, and writes into the definition what it got.
    pub(crate) async fn all(ports: &Arc<dyn Ports>, live: &mut DomainDef) -> Result<Self> {
        let mut plugged = Self { ports: Arc::clone(ports), made: Vec::new() };
        let (name, uuid) = (live.name.clone(), live.uuid);
        for interface in live.devices.interfaces_mut() {
            let owner = Owner { name: &name, uuid };
            if let Err(error) = plugged.one(owner, interface).await {
                plugged.release().await;
                return Err(error);
            }
        }
        Ok(plugged)
    }

    async fn one(&mut self, owner: Owner<'_>, interface: &mut Interface) -> Result<()> {
        if !matches!(interface.source, InterfaceSource::Network { .. }) {
            return Ok(());
        }
        let port = self.ports.plug(owner, interface).await?;
        if let InterfaceSource::Network { network, portid, bridge, mac_table, direct, .. } =
            &mut interface.source
        {
            self.made.push((network.clone(), port.id));
            *portid = Some(port.id);
            *mac_table = port.mac_table;
            match port.plug {
                Plug::Bridge(name) => *bridge = Some(name),
                Plug::Direct(dev, mode) => *direct = Some((dev, mode)),
            }
        }
        interface.bandwidth = port.bandwidth;
        interface.vlan = port.vlan;
        interface.isolated = port.isolated;
        interface.mtu = interface.mtu.or(port.mtu);
        Ok(())
    }

    /// Plugs in one interface of a running domain.
    pub(crate) async fn only(
        ports: &Arc<dyn Ports>,
        owner: Owner<'_>,
        interface: &mut Interface,
    ) -> Result<Self> {
        let mut plugged = Self { ports: Arc::clone(ports), made: Vec::new() };
        plugged.one(owner, interface).await?;
        Ok(plugged)
    }

    /// Gives all back: the start has failed.
    pub(crate) async fn release(self) {
        release(&*self.ports, self.made).await;
    }
}

/// Gives back the ports of a domain that has ended.
pub(crate) async fn unplug_all(ports: &dyn Ports, live: &DomainDef) {
    let port = |interface: &Interface| match &interface.source {
        InterfaceSource::Network { network, portid: Some(id), .. } => Some((network.clone(), *id)),
        _ => None,
    };
    release(ports, live.devices.interfaces().filter_map(port).collect()).await;
}

async fn release(ports: &dyn Ports, made: Vec<(String, Uuid)>) {
    for (network, id) in made {
        if let Err(error) = ports.unplug(&network, id).await {
            tracing::warn!(network, port = %id, %error, "cannot give the port back");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use conf::domain::{ParseContext, ParseFlags};

    use super::*;

    /// Networks called `a` and `b`; what was done to them.
    #[derive(Debug, Default)]
    struct Fake(Mutex<Vec<String>>);

    impl Ports for Fake {
        fn plug<'a>(&'a self, owner: Owner<'a>, interface: &'a Interface) -> Pending<'a, Result<Port>> {
            Box::pin(async move {
                let InterfaceSource::Network { network, .. } = &interface.source else { panic!() };
                self.0.lock().unwrap().push(format!("plug {} {network}", owner.name));
                let number = match network.as_str() {
                    "a" => 1,
                    "b" => 2,
                    _ => return Err(no_network(network)),
                };
                Ok(Port::new(Uuid([number; 16]), Plug::Bridge(format!("br{number}"))))
            })
        }

        fn leases<'a>(&'a self, _: &'a str, _: MacAddr) -> Pending<'a, Result<Vec<(IpAddr, u8)>>> {
            Box::pin(async { Ok(Vec::new()) })
        }

        fn unplug<'a>(&'a self, network: &'a str, port: Uuid) -> Pending<'a, Result<()>> {
            self.0.lock().unwrap().push(format!("unplug {network} {}", port.0[0]));
            Box::pin(async { Ok(()) })
        }
    }

    fn definition(networks: &[&str]) -> DomainDef {
        let interface =
            |name: &&str| format!("<interface type='network'><source network='{name}'/></interface>");
        let xml = format!(
            "<domain type='lxc'><name>c</name><memory>65536</memory><os><type>exe</type><init>/i</init></os>\
             <devices>{}<interface type='bridge'><source bridge='br9'/></interface></devices></domain>",
            networks.iter().map(interface).collect::<String>()
        );
        let context = ParseContext {
            arch: "x86_64".to_owned(),
            arches: vec!["x86_64".to_owned()],
            emulator: String::new(),
            security_model: "none".to_owned(),
            random: |buffer| buffer.fill(2),
            flags: ParseFlags::empty(),
        };
        DomainDef::parse(&xml, &context).unwrap()
    }

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
    }

    #[test]
    fn interfaces_learn_their_bridge_and_give_it_back() {
        let fake = Arc::new(Fake::default());
        let ports: Arc<dyn Ports> = fake.clone();
        let mut live = definition(&["a", "b"]);
        run(Plugged::all(&ports, &mut live)).unwrap();
        let source = |i: &Interface| i.source.clone();
        let sources: Vec<_> = live.devices.interfaces().map(source).collect();
        let InterfaceSource::Network { portid, bridge, .. } = &sources[1] else { panic!("{sources:?}") };
        assert_eq!((*portid, bridge.as_deref()), (Some(Uuid([2; 16])), Some("br2")));
        run(unplug_all(&*ports, &live));
        assert_eq!(*fake.0.lock().unwrap(), ["plug c a", "plug c b", "unplug a 1", "unplug b 2"]);
    }

    #[test]
    fn a_network_that_fails_gives_back_what_was_plugged_in() {
        let fake = Arc::new(Fake::default());
        let ports: Arc<dyn Ports> = fake.clone();
        let error = run(Plugged::all(&ports, &mut definition(&["a", "c", "b"]))).unwrap_err();
        assert!(error.to_string().contains("'c'"), "{error}");
        assert_eq!(*fake.0.lock().unwrap(), ["plug c a", "plug c c", "unplug a 1"]);
    }
}
