//! Network interfaces of the host.

use xdr::List;

use crate::{
    limits::*,
    types::{Interface, Names},
};

calls! { REMOTE, Interface;
    /// Number of active interfaces.
    126 ConnectNumOfInterfaces {} -> i32 [connect.search_interfaces] high filter("interface", "getattr");
    /// Names of active interfaces, at most maxnames.
    127 ConnectListInterfaces { maxnames: i32 } -> Names<INTERFACE_LIST_MAX> [connect.search_interfaces]
        high filter("interface", "getattr");
    /// Number of inactive interfaces.
    137 ConnectNumOfDefinedInterfaces {} -> i32 [connect.search_interfaces] high
        filter("interface", "getattr");
    /// Names of inactive interfaces, at most maxnames.
    138 ConnectListDefinedInterfaces { maxnames: i32 } -> Names<INTERFACE_LIST_MAX>
        [connect.search_interfaces] high filter("interface", "getattr");
    /// Interfaces that `flags` select, or with need_results 0 only their number.
    284 ConnectListAllInterfaces {
        need_results: i32, flags: u32,
    } -> (List<Interface, INTERFACE_LIST_MAX>, u32) [connect.search_interfaces] high
        filter("interface", "getattr");
    /// The interface with this name.
    128 InterfaceLookupByName { name: String } -> Interface [interface.getattr] high;
    /// The interface with this MAC address.
    129 InterfaceLookupByMacString { mac: String } -> Interface [interface.getattr] high
        api("virInterfaceLookupByMACString");
    /// The description.
    130 InterfaceGetXmlDesc { iface: Interface, flags: u32 } -> String [interface.read];
    /// Defines an interface.
    131 InterfaceDefineXml { xml: String, flags: u32 } -> Interface [interface.write, interface.save] high
        deny;
    /// Forgets the definition.
    132 InterfaceUndefine { iface: Interface } -> () [interface.delete] high deny;
    /// Brings the interface up.
    133 InterfaceCreate { iface: Interface, flags: u32 } -> () [interface.start] deny;
    /// Takes the interface down.
    134 InterfaceDestroy { iface: Interface, flags: u32 } -> () [interface.stop] high deny;
    /// Whether the interface is up.
    156 InterfaceIsActive { iface: Interface } -> i32 [interface.read] high;
    /// Begins a transaction of changes.
    220 InterfaceChangeBegin { flags: u32 } -> () [connect.interface_transaction] deny;
    /// Makes the changes since then permanent.
    221 InterfaceChangeCommit { flags: u32 } -> () [connect.interface_transaction] deny;
    /// Undoes the changes since then.
    222 InterfaceChangeRollback { flags: u32 } -> () [connect.interface_transaction] deny;
}
