//! Networks, host interfaces, node devices, secrets and storage.

flags! {
    /// Which networks to list (`virConnectListAllNetworksFlags`).
    pub struct ListNetworksFlags {
        /// Not active.
        INACTIVE = 1,
        /// Active.
        ACTIVE = 1 << 1,
        /// With a definition.
        PERSISTENT = 1 << 2,
        /// Without a definition.
        TRANSIENT = 1 << 3,
        /// Started with the daemon.
        AUTOSTART = 1 << 4,
        /// Not started with the daemon.
        NO_AUTOSTART = 1 << 5,
    }

    /// Which description of a network to tell (`virNetworkXMLFlags`).
    pub struct NetworkXmlFlags {
        /// The definition, even if the network is active.
        INACTIVE = 1,
    }

    /// How to define a network (`virNetworkDefineFlags`).
    pub struct NetworkDefineFlags {
        /// After validation of the XML against the schema.
        VALIDATE = 1,
    }

    /// How to create a port of a network (`virNetworkPortCreateFlags`).
    pub struct NetworkPortCreateFlags {
        /// Its resources exist already.
        RECLAIM = 1,
        /// After validation of the XML against the schema.
        VALIDATE = 2,
    }
}

open_enum! {
    /// What to do in a network update (`virNetworkUpdateCommand`).
    pub struct NetworkUpdateCommand(u32) {
        /// Nothing.
        NONE = 0,
        /// Change the element that matches.
        MODIFY = 1,
        /// Delete it.
        DELETE = 2,
        /// Add it behind the others.
        ADD_LAST = 3,
        /// Add it before the others.
        ADD_FIRST = 4,
    }
}

open_enum! {
    /// Which section of a network to update (`virNetworkUpdateSection`).
    pub struct NetworkSection(u32) {
        /// None.
        NONE = 0,
        /// `<bridge>`
        BRIDGE = 1,
        /// `<domain>`
        DOMAIN = 2,
        /// `<ip>`
        IP = 3,
        /// `<host>` in `<dhcp>`
        IP_DHCP_HOST = 4,
        /// `<range>` in `<dhcp>`
        IP_DHCP_RANGE = 5,
        /// `<forward>`
        FORWARD = 6,
        /// `<interface>` in `<forward>`
        FORWARD_INTERFACE = 7,
        /// `<pf>` in `<forward>`
        FORWARD_PF = 8,
        /// `<portgroup>`
        PORTGROUP = 9,
        /// `<host>` in `<dns>`
        DNS_HOST = 10,
        /// `<txt>` in `<dns>`
        DNS_TXT = 11,
        /// `<srv>` in `<dns>`
        DNS_SRV = 12,
    }
}

flags! {
    /// Which host interfaces to list (`virConnectListAllInterfacesFlags`).
    pub struct ListInterfacesFlags {
        /// Down.
        INACTIVE = 1,
        /// Up.
        ACTIVE = 2,
    }

    /// Which description of a host interface to tell (`virInterfaceXMLFlags`).
    pub struct InterfaceXmlFlags {
        /// The definition, even if the interface is up.
        INACTIVE = 1,
    }

    /// Which node devices to list (`virConnectListAllNodeDeviceFlags`): by capability and by state.
    pub struct ListNodeDevicesFlags {
        /// The host itself.
        CAP_SYSTEM = 1,
        /// PCI devices.
        CAP_PCI_DEV = 1 << 1,
        /// USB devices.
        CAP_USB_DEV = 1 << 2,
        /// USB interfaces.
        CAP_USB_INTERFACE = 1 << 3,
        /// Network interfaces.
        CAP_NET = 1 << 4,
        /// SCSI hosts.
        CAP_SCSI_HOST = 1 << 5,
        /// SCSI targets.
        CAP_SCSI_TARGET = 1 << 6,
        /// SCSI units.
        CAP_SCSI = 1 << 7,
        /// Disks.
        CAP_STORAGE = 1 << 8,
        /// Fibre channel hosts.
        CAP_FC_HOST = 1 << 9,
        /// Hosts with virtual ports.
        CAP_VPORTS = 1 << 10,
        /// SCSI generic devices.
        CAP_SCSI_GENERIC = 1 << 11,
        /// Graphics cards.
        CAP_DRM = 1 << 12,
        /// Parents of mediated devices.
        CAP_MDEV_TYPES = 1 << 13,
        /// Mediated devices.
        CAP_MDEV = 1 << 14,
        /// Channel devices of mainframes.
        CAP_CCW_DEV = 1 << 15,
        /// Subchannels of mainframes.
        CAP_CSS_DEV = 1 << 16,
        /// vDPA devices.
        CAP_VDPA = 1 << 17,
        /// Crypto cards of mainframes.
        CAP_AP_CARD = 1 << 18,
        /// Queues of crypto cards.
        CAP_AP_QUEUE = 1 << 19,
        /// Matrix devices of crypto cards.
        CAP_AP_MATRIX = 1 << 20,
        /// Devices with vital product data.
        CAP_VPD = 1 << 21,
        /// Groups of channel devices.
        CAP_CCWGROUP_DEV = 1 << 22,
        /// Their members.
        CAP_CCWGROUP_MEMBER = 1 << 23,
        /// With a definition.
        PERSISTENT = 1 << 28,
        /// Without a definition.
        TRANSIENT = 1 << 29,
        /// Not on the host.
        INACTIVE = 1 << 30,
        /// On the host.
        ACTIVE = 1 << 31,
    }

    /// Which secrets to list (`virConnectListAllSecretsFlags`).
    pub struct ListSecretsFlags {
        /// Never written to disk.
        EPHEMERAL = 1,
        /// Written to disk.
        NO_EPHEMERAL = 1 << 1,
        /// Never told to clients.
        PRIVATE = 1 << 2,
        /// Told to clients.
        NO_PRIVATE = 1 << 3,
    }
}

open_enum! {
    /// What a secret is for (`virSecretUsageType`).
    pub struct SecretUsageType(i32) {
        /// Nothing in particular.
        NONE = 0,
        /// A volume.
        VOLUME = 1,
        /// Ceph.
        CEPH = 2,
        /// iSCSI.
        ISCSI = 3,
        /// TLS.
        TLS = 4,
        /// A virtual TPM.
        VTPM = 5,
    }
}

open_enum! {
    /// State of a storage pool (`virStoragePoolState`).
    pub struct StoragePoolState(u8) {
        /// Not active.
        INACTIVE = 0,
        /// Its target is being made.
        BUILDING = 1,
        /// Active.
        RUNNING = 2,
        /// Active, but damaged.
        DEGRADED = 3,
        /// Active, but out of reach.
        INACCESSIBLE = 4,
    }
}

open_enum! {
    /// Kind of a volume (`virStorageVolType`).
    pub struct StorageVolType(i8) {
        /// A file.
        FILE = 0,
        /// A block device.
        BLOCK = 1,
        /// A directory.
        DIR = 2,
        /// Over the network.
        NETWORK = 3,
        /// A directory over the network.
        NETDIR = 4,
        /// A ploop image.
        PLOOP = 5,
    }
}
