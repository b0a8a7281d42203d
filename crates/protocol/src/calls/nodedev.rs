//! Devices of the host.

use xdr::List;

use crate::{
    acl::Condition::AffectsConfig,
    call::ServedBy,
    limits::*,
    types::{Names, NodeDevice},
};

calls! { REMOTE, NodeDev;
    // Lists and events.
    /// Number of devices with a capability, or of all.
    111 NodeNumOfDevices { cap: Option<String>, flags: u32 } -> i32 [connect.search_node_devices] high
        filter("node_device", "getattr");
    /// Names of devices with a capability, or of all, at most maxnames.
    112 NodeListDevices { cap: Option<String>, maxnames: i32, flags: u32 } -> Names<NODE_DEVICE_LIST_MAX>
        [connect.search_node_devices] high filter("node_device", "getattr");
    /// Devices that `flags` select, or with need_results 0 only their number.
    285 ConnectListAllNodeDevices {
        need_results: i32, flags: u32,
    } -> (List<NodeDevice, NODE_DEVICE_LIST_MAX>, u32) [connect.search_node_devices] high
        filter("node_device", "getattr");
    /// Registers for one kind of event of one or all devices; returns the id of the registration.
    374 ConnectNodeDeviceEventRegisterAny { eventID: i32, dev: Option<NodeDevice> } -> i32
        [connect.search_node_devices] high filter("node_device", "getattr");
    /// Ends a registration.
    375 ConnectNodeDeviceEventDeregisterAny { callbackID: i32 } -> () [connect.read] high;

    // Devices.
    /// The device with this name.
    113 NodeDeviceLookupByName { name: String } -> NodeDevice [node_device.getattr] high;
    /// The SCSI host with these world wide names.
    297 NodeDeviceLookupScsiHostByWwn { wwnn: String, wwpn: String, flags: u32 } -> NodeDevice
        [node_device.getattr] high api("virNodeDeviceLookupSCSIHostByWWN");
    /// The description.
    114 NodeDeviceGetXmlDesc { name: String, flags: u32 } -> String [node_device.read];
    /// Name of the device that this one hangs off.
    115 NodeDeviceGetParent { name: String } -> Option<String> [node_device.read] high;
    /// Number of capabilities.
    116 NodeDeviceNumOfCaps { name: String } -> i32 [node_device.read] high;
    /// Names of capabilities, at most maxnames.
    117 NodeDeviceListCaps { name: String, maxnames: i32 } -> Names<NODE_DEVICE_CAPS_LIST_MAX>
        [node_device.read] high;
    /// Creates a device on the host, such as a virtual port.
    123 NodeDeviceCreateXml { xml_desc: String, flags: u32 } -> NodeDevice
        [node_device.write, node_device.start] deny;
    /// Defines a device, such as a mediated one.
    428 NodeDeviceDefineXml { xml_desc: String, flags: u32 } -> NodeDevice
        [node_device.write, node_device.save] deny;
    /// Forgets the definition.
    429 NodeDeviceUndefine { name: String, flags: u32 } -> () [node_device.delete] high deny;
    /// Changes a device.
    447 NodeDeviceUpdate { name: String, xml_desc: String, flags: u32 } -> ()
        [node_device.write, node_device.save if AffectsConfig] high deny;
    /// Starts a defined device.
    430 NodeDeviceCreate { name: String, flags: u32 } -> () [node_device.start] high deny;
    /// Removes a device from the host.
    124 NodeDeviceDestroy { name: String } -> () [node_device.stop] high deny;
    /// Whether the device starts with its parent.
    433 NodeDeviceGetAutostart { name: String } -> i32 [node_device.read] high;
    /// Lets the device start with its parent, or not.
    434 NodeDeviceSetAutostart { name: String, autostart: i32 } -> () [node_device.write] high deny;
    /// Whether the device exists on the host.
    436 NodeDeviceIsActive { name: String } -> i32 [node_device.read] high;
    /// Whether the device has a definition.
    435 NodeDeviceIsPersistent { name: String } -> i32 [node_device.read] high;

    // Assignment to guests.
    /// Takes the device away from the host's driver.
    118 NodeDeviceDettach { name: String } -> () [node_device.detach] deny by(ServedBy::Hypervisor);
    /// The same, with the driver that takes it over.
    301 NodeDeviceDetachFlags { name: String, driverName: Option<String>, flags: u32 } -> ()
        [node_device.detach] deny by(ServedBy::Hypervisor);
    /// Gives the device back to the host's driver.
    119 NodeDeviceReAttach { name: String } -> () [node_device.detach] deny by(ServedBy::Hypervisor);
    /// Resets the device.
    120 NodeDeviceReset { name: String } -> () [node_device.detach] deny by(ServedBy::Hypervisor);
}
