//! Names of the statistics of a domain, and of what is known about its guest.
//!
//! Figures on several things of a kind are called prefix, number, suffix: `net.0.name`.

names! {
    /// [`DomainState`](super::DomainState), int.
    STATE_STATE = "state.state",
    /// The reason for the state, int.
    STATE_REASON = "state.reason",

    /// CPU time in nanoseconds, ullong.
    CPU_TIME = "cpu.time",
    /// CPU time in user space, ullong.
    CPU_USER = "cpu.user",
    /// CPU time in the kernel, ullong.
    CPU_SYSTEM = "cpu.system",

    /// Memory that the domain has, in KiB, ullong.
    BALLOON_CURRENT = "balloon.current",
    /// Memory that the domain may have, in KiB, ullong.
    BALLOON_MAXIMUM = "balloon.maximum",
    /// Read from swap, in KiB, ullong.
    BALLOON_SWAP_IN = "balloon.swap_in",
    /// Written to swap, in KiB, ullong.
    BALLOON_SWAP_OUT = "balloon.swap_out",
    /// Page faults that needed I/O, ullong.
    BALLOON_MAJOR_FAULT = "balloon.major_fault",
    /// Page faults that did not, ullong.
    BALLOON_MINOR_FAULT = "balloon.minor_fault",
    /// Memory not used at all, in KiB, ullong.
    BALLOON_UNUSED = "balloon.unused",
    /// Memory that the guest sees, in KiB, ullong.
    BALLOON_AVAILABLE = "balloon.available",
    /// Memory resident on the host, in KiB, ullong.
    BALLOON_RSS = "balloon.rss",
    /// Memory to be had without swapping, in KiB, ullong.
    BALLOON_USABLE = "balloon.usable",
    /// When the figures were taken, in seconds since 1970, ullong.
    BALLOON_LAST_UPDATE = "balloon.last-update",
    /// Caches of disks, in KiB, ullong.
    BALLOON_DISK_CACHES = "balloon.disk_caches",
    /// Huge pages allocated, ullong.
    BALLOON_HUGETLB_PGALLOC = "balloon.hugetlb_pgalloc",
    /// Huge pages not to be had, ullong.
    BALLOON_HUGETLB_PGFAIL = "balloon.hugetlb_pgfail",

    /// Virtual CPUs that the domain has, uint.
    VCPU_CURRENT = "vcpu.current",
    /// Virtual CPUs that the domain may have, uint.
    VCPU_MAXIMUM = "vcpu.maximum",
    /// Prefix of figures on a virtual CPU.
    VCPU_PREFIX = "vcpu.",
    /// [`VcpuState`](super::VcpuState), int.
    VCPU_SUFFIX_STATE = ".state",
    /// CPU time in nanoseconds, ullong.
    VCPU_SUFFIX_TIME = ".time",
    /// Time spent waiting for I/O, ullong.
    VCPU_SUFFIX_WAIT = ".wait",
    /// Whether it is halted, boolean.
    VCPU_SUFFIX_HALTED = ".halted",
    /// Time spent waiting for a CPU of the host, ullong.
    VCPU_SUFFIX_DELAY = ".delay",

    /// Number of network interfaces, uint.
    NET_COUNT = "net.count",
    /// Prefix of figures on a network interface.
    NET_PREFIX = "net.",
    /// Name on the host, string.
    NET_SUFFIX_NAME = ".name",
    /// Bytes received, ullong.
    NET_SUFFIX_RX_BYTES = ".rx.bytes",
    /// Packets received, ullong.
    NET_SUFFIX_RX_PKTS = ".rx.pkts",
    /// Errors of receiving, ullong.
    NET_SUFFIX_RX_ERRS = ".rx.errs",
    /// Packets not received, ullong.
    NET_SUFFIX_RX_DROP = ".rx.drop",
    /// Bytes sent, ullong.
    NET_SUFFIX_TX_BYTES = ".tx.bytes",
    /// Packets sent, ullong.
    NET_SUFFIX_TX_PKTS = ".tx.pkts",
    /// Errors of sending, ullong.
    NET_SUFFIX_TX_ERRS = ".tx.errs",
    /// Packets not sent, ullong.
    NET_SUFFIX_TX_DROP = ".tx.drop",

    /// Number of disks, uint.
    BLOCK_COUNT = "block.count",
    /// Prefix of figures on a disk.
    BLOCK_PREFIX = "block.",
    /// Target of the disk, string.
    BLOCK_SUFFIX_NAME = ".name",
    /// Source of the disk, string.
    BLOCK_SUFFIX_PATH = ".path",
    /// Reads, ullong.
    BLOCK_SUFFIX_RD_REQS = ".rd.reqs",
    /// Bytes read, ullong.
    BLOCK_SUFFIX_RD_BYTES = ".rd.bytes",
    /// Time spent on reads in nanoseconds, ullong.
    BLOCK_SUFFIX_RD_TIMES = ".rd.times",
    /// Writes, ullong.
    BLOCK_SUFFIX_WR_REQS = ".wr.reqs",
    /// Bytes written, ullong.
    BLOCK_SUFFIX_WR_BYTES = ".wr.bytes",
    /// Time spent on writes in nanoseconds, ullong.
    BLOCK_SUFFIX_WR_TIMES = ".wr.times",
    /// Flushes, ullong.
    BLOCK_SUFFIX_FL_REQS = ".fl.reqs",
    /// Time spent on flushes in nanoseconds, ullong.
    BLOCK_SUFFIX_FL_TIMES = ".fl.times",
    /// Bytes allocated on the host, ullong.
    BLOCK_SUFFIX_ALLOCATION = ".allocation",
    /// Bytes that the guest sees, ullong.
    BLOCK_SUFFIX_CAPACITY = ".capacity",
    /// Bytes that the image takes, ullong.
    BLOCK_SUFFIX_PHYSICAL = ".physical",

    /// Number of users who are logged in, uint.
    USER_COUNT = "user.count",
    /// Prefix of facts on a user.
    USER_PREFIX = "user.",
    /// Name of the user, string.
    USER_SUFFIX_NAME = ".name",
    /// When the user logged in, in milliseconds since 1970, ullong.
    USER_SUFFIX_LOGIN_TIME = ".login-time",
    /// `ID` of os-release, string.
    OS_ID = "os.id",
    /// `NAME` of os-release, string.
    OS_NAME = "os.name",
    /// `PRETTY_NAME` of os-release, string.
    OS_PRETTY_NAME = "os.pretty-name",
    /// `VERSION` of os-release, string.
    OS_VERSION = "os.version",
    /// `VERSION_ID` of os-release, string.
    OS_VERSION_ID = "os.version-id",
    /// Release of the kernel, string.
    OS_KERNEL_RELEASE = "os.kernel-release",
    /// Version of the kernel, string.
    OS_KERNEL_VERSION = "os.kernel-version",
    /// Machine, string.
    OS_MACHINE = "os.machine",
    /// `VARIANT` of os-release, string.
    OS_VARIANT = "os.variant",
    /// `VARIANT_ID` of os-release, string.
    OS_VARIANT_ID = "os.variant-id",
    /// Name of the time zone, string.
    TIMEZONE_NAME = "timezone.name",
    /// Distance to UTC in seconds, int.
    TIMEZONE_OFFSET = "timezone.offset",
    /// Host name, string.
    HOSTNAME_HOSTNAME = "hostname",
    /// Number of file systems, uint.
    FS_COUNT = "fs.count",
    /// Prefix of facts on a file system.
    FS_PREFIX = "fs.",
    /// Where it is mounted, string.
    FS_SUFFIX_MOUNTPOINT = ".mountpoint",
    /// Its device, string.
    FS_SUFFIX_NAME = ".name",
    /// Its type, string.
    FS_SUFFIX_FSTYPE = ".fstype",
    /// Its size, ullong.
    FS_SUFFIX_TOTAL_BYTES = ".total-bytes",
    /// What is used of it, ullong.
    FS_SUFFIX_USED_BYTES = ".used-bytes",
    /// Number of network interfaces, uint.
    IF_COUNT = "if.count",
    /// Prefix of facts on a network interface.
    IF_PREFIX = "if.",
    /// Its name in the guest, string.
    IF_SUFFIX_NAME = ".name",
    /// Its MAC address, string.
    IF_SUFFIX_HWADDR = ".hwaddr",
    /// Number of its addresses, uint.
    IF_SUFFIX_ADDR_COUNT = ".addr.count",
    /// Infix of facts on an address.
    IF_SUFFIX_ADDR_PREFIX = ".addr.",
    /// `ipv4` or `ipv6`, string.
    IF_SUFFIX_ADDR_SUFFIX_TYPE = ".type",
    /// The address, string.
    IF_SUFFIX_ADDR_SUFFIX_ADDR = ".addr",
    /// Length of the prefix, uint.
    IF_SUFFIX_ADDR_SUFFIX_PREFIX = ".prefix",
    /// Load of one minute, double.
    LOAD_1M = "load.1m",
    /// Load of five minutes, double.
    LOAD_5M = "load.5m",
    /// Load of fifteen minutes, double.
    LOAD_15M = "load.15m",
}
