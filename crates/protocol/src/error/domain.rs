//! Error domains.

xdr_enum! {
    /// The part of libvirt that raised an error (`virErrorDomain`).
    pub struct ErrorDomain(i32) {
        /// No particular part.
        NONE = 0,
        /// Xen hypervisor driver.
        XEN = 1,
        /// Connection to xend.
        XEND = 2,
        /// Connection to the Xen store.
        XENSTORE = 3,
        /// S-expression parser.
        SEXPR = 4,
        /// XML parser.
        XML = 5,
        /// Operation on a domain, in libvirt's oldest code.
        DOM = 6,
        /// The transport, the dispatcher and its checks of arguments.
        RPC = 7,
        /// The Xen proxy.
        PROXY = 8,
        /// Configuration files.
        CONF = 9,
        /// QEMU driver.
        QEMU = 10,
        /// Operation on a network, in libvirt's oldest code.
        NET = 11,
        /// Test driver.
        TEST = 12,
        /// The client side of the protocol.
        REMOTE = 13,
        /// OpenVZ driver.
        OPENVZ = 14,
        /// Xen's configuration files.
        XENXM = 15,
        /// Statistics of Linux.
        STATS_LINUX = 16,
        /// The driver of containers.
        LXC = 17,
        /// Storage driver.
        STORAGE = 18,
        /// Network driver.
        NETWORK = 19,
        /// The API layer: calls that are not supported or refused, domain XML, metadata.
        DOMAIN = 20,
        /// User mode Linux driver.
        UML = 21,
        /// Node device driver.
        NODEDEV = 22,
        /// Xen's configuration watch.
        XEN_INOTIFY = 23,
        /// Security drivers.
        SECURITY = 24,
        /// VirtualBox driver.
        VBOX = 25,
        /// Host interface driver.
        INTERFACE = 26,
        /// OpenNebula driver.
        ONE = 27,
        /// ESX driver.
        ESX = 28,
        /// Power hypervisor driver.
        PHYP = 29,
        /// Secret driver.
        SECRET = 30,
        /// CPU models.
        CPU = 31,
        /// XenAPI driver.
        XENAPI = 32,
        /// Network filter driver. Its codes 61 to 63 are only understood with this domain.
        NWFILTER = 33,
        /// Hook scripts.
        HOOK = 34,
        /// Snapshots.
        DOMAIN_SNAPSHOT = 35,
        /// Audit trail.
        AUDIT = 36,
        /// SMBIOS information of host and guest.
        SYSINFO = 37,
        /// Streams.
        STREAMS = 38,
        /// VMware driver.
        VMWARE = 39,
        /// Event loop.
        EVENT = 40,
        /// Xen light driver.
        LIBXL = 41,
        /// Lock managers.
        LOCKING = 42,
        /// Hyper-V driver.
        HYPERV = 43,
        /// Capabilities.
        CAPABILITIES = 44,
        /// URIs.
        URI = 45,
        /// Authentication.
        AUTH = 46,
        /// D-Bus.
        DBUS = 47,
        /// Parallels driver.
        PARALLELS = 48,
        /// Devices of the host.
        DEVICE = 49,
        /// SSH transport.
        SSH = 50,
        /// Lock spaces.
        LOCKSPACE = 51,
        /// Talking to a container's init.
        INITCTL = 52,
        /// Identity of a client.
        IDENTITY = 53,
        /// Control groups.
        CGROUP = 54,
        /// Access control.
        ACCESS = 55,
        /// systemd's services.
        SYSTEMD = 56,
        /// bhyve driver.
        BHYVE = 57,
        /// Cryptography.
        CRYPTO = 58,
        /// Firewall.
        FIREWALL = 59,
        /// polkit.
        POLKIT = 60,
        /// Threads.
        THREAD = 61,
        /// Administration of a daemon.
        ADMIN = 62,
        /// Log daemon.
        LOGGING = 63,
        /// Xen xl configuration.
        XENXL = 64,
        /// Performance events.
        PERF = 65,
        /// libssh transport.
        LIBSSH = 66,
        /// Resource control of CPU caches.
        RESCTRL = 67,
        /// firewalld.
        FIREWALLD = 68,
        /// Checkpoints.
        DOMAIN_CHECKPOINT = 69,
        /// TPM emulator.
        TPM = 70,
        /// BPF programs.
        BPF = 71,
        /// Cloud Hypervisor driver.
        CH = 72,
    }
}
