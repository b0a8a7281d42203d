//! Virtual networks and their ports.

use xdr::List;

use crate::{
    acl::Condition::AffectsConfig,
    limits::*,
    params::Params,
    types::{DhcpLease, Names, Network, NetworkPort, Uuid},
};

calls! { REMOTE, Network;
    // Lists and events.
    /// Number of active networks.
    52 ConnectNumOfNetworks {} -> i32 [connect.search_networks] high filter("network", "getattr");
    /// Names of active networks, at most maxnames.
    38 ConnectListNetworks { maxnames: i32 } -> Names<NETWORK_LIST_MAX> [connect.search_networks] high
        filter("network", "getattr");
    /// Number of defined networks that are not active.
    50 ConnectNumOfDefinedNetworks {} -> i32 [connect.search_networks] high filter("network", "getattr");
    /// Names of defined networks that are not active, at most maxnames.
    36 ConnectListDefinedNetworks { maxnames: i32 } -> Names<NETWORK_LIST_MAX> [connect.search_networks]
        high filter("network", "getattr");
    /// Networks that `flags` select, or with need_results 0 only their number.
    283 ConnectListAllNetworks { need_results: i32, flags: u32 } -> (List<Network, NETWORK_LIST_MAX>, u32)
        [connect.search_networks] high filter("network", "getattr");
    /// Registers for one kind of event of one or all networks; returns the id of the registration.
    313 ConnectNetworkEventRegisterAny { eventID: i32, net: Option<Network> } -> i32
        [connect.search_networks] high filter("network", "getattr");
    /// Ends a registration.
    314 ConnectNetworkEventDeregisterAny { callbackID: i32 } -> () [connect.read] high;

    // Networks.
    /// The network with this UUID.
    47 NetworkLookupByUuid { uuid: Uuid } -> Network [network.getattr] high;
    /// The network with this name.
    46 NetworkLookupByName { name: String } -> Network [network.getattr] high;
    /// Starts a transient network.
    40 NetworkCreateXml { xml: String } -> Network [network.write, network.start] deny;
    /// The same, with `flags` for validation against the schema.
    437 NetworkCreateXmlFlags { xml: String, flags: u32 } -> Network [network.write, network.start] high
        deny;
    /// Defines a network.
    41 NetworkDefineXml { xml: String } -> Network [network.write, network.save] high deny;
    /// The same, with `flags` for validation against the schema.
    432 NetworkDefineXmlFlags { xml: String, flags: u32 } -> Network [network.write, network.save] high deny;
    /// Forgets the definition.
    49 NetworkUndefine { net: Network } -> () [network.delete] high deny;
    /// Changes one section of the network.
    291 NetworkUpdate {
        net: Network, command: u32, section: u32, parentIndex: i32, xml: String, flags: u32,
    } -> () [network.write, network.save if AffectsConfig] high deny;
    /// Starts a defined network.
    39 NetworkCreate { net: Network } -> () [network.start] deny;
    /// Stops the network.
    42 NetworkDestroy { net: Network } -> () [network.stop] high deny;
    /// The description.
    43 NetworkGetXmlDesc { net: Network, flags: u32 } -> String [network.read] high;
    /// The bridge on the host.
    45 NetworkGetBridgeName { net: Network } -> String [network.read] high;
    /// Whether the network starts with the daemon.
    44 NetworkGetAutostart { net: Network } -> i32 [network.read] high;
    /// Lets the network start with the daemon, or not.
    48 NetworkSetAutostart { net: Network, autostart: i32 } -> () [network.write] high deny;
    /// Whether the network is active.
    152 NetworkIsActive { net: Network } -> i32 [network.read] high;
    /// Whether the network has a definition.
    153 NetworkIsPersistent { net: Network } -> i32 [network.read] high;
    /// DHCP leases, of one MAC address or all; with need_results 0 only their number.
    341 NetworkGetDhcpLeases {
        net: Network, mac: Option<String>, need_results: i32, flags: u32,
    } -> (List<DhcpLease, NETWORK_DHCP_LEASES_MAX>, u32) [network.read] api("virNetworkGetDHCPLeases");
    /// Sets or deletes title, description or an element of metadata.
    444 NetworkSetMetadata {
        network: Network, r#type: i32, metadata: Option<String>, key: Option<String>, uri: Option<String>,
        flags: u32,
    } -> () [network.write, network.save if AffectsConfig] deny;
    /// The title, the description or an element of metadata.
    445 NetworkGetMetadata { network: Network, r#type: i32, uri: Option<String>, flags: u32 } -> String
        [network.read];

    // Ports.
    /// Ports of a network, or with need_results 0 only their number.
    404 NetworkListAllPorts {
        network: Network, need_results: i32, flags: u32,
    } -> (List<NetworkPort, NETWORK_PORT_LIST_MAX>, u32) [network.search_ports] high
        filter("network_port", "getattr");
    /// The port with this UUID.
    405 NetworkPortLookupByUuid { network: Network, uuid: Uuid } -> NetworkPort [network_port.getattr] high;
    /// Plugs something into a network.
    406 NetworkPortCreateXml { network: Network, xml: String, flags: u32 } -> NetworkPort
        [network_port.create] deny;
    /// Bandwidth limits of a port; with nparams 0 only how many there are.
    407 NetworkPortGetParameters {
        port: NetworkPort, nparams: i32, flags: u32,
    } -> (Params<NETWORK_PORT_PARAMETERS_MAX>, i32) [network_port.read];
    /// Sets bandwidth limits of a port.
    408 NetworkPortSetParameters {
        port: NetworkPort, params: Params<NETWORK_PORT_PARAMETERS_MAX>, flags: u32,
    } -> () [network_port.write] deny;
    /// The description of a port.
    409 NetworkPortGetXmlDesc { port: NetworkPort, flags: u32 } -> String [network_port.read];
    /// Unplugs a port.
    410 NetworkPortDelete { port: NetworkPort, flags: u32 } -> () [network_port.delete] deny;
}
