//! Names of the statistics of a domain, and of what is known about its guest.
//!
//! Figures on several things of a kind are called prefix, number, suffix: `net.0.name`.

/// [`DomainState`](super::DomainState), int.
pub const STATE_STATE: &str = "state.state";
/// The reason for the state, int.
pub const STATE_REASON: &str = "state.reason";

/// CPU time in nanoseconds, ullong.
pub const CPU_TIME: &str = "cpu.time";
/// CPU time in user space, ullong.
pub const CPU_USER: &str = "cpu.user";
/// CPU time in the kernel, ullong.
pub const CPU_SYSTEM: &str = "cpu.system";

/// Memory that the domain has, in KiB, ullong.
pub const BALLOON_CURRENT: &str = "balloon.current";
/// Memory that the domain may have, in KiB, ullong.
pub const BALLOON_MAXIMUM: &str = "balloon.maximum";
/// Read from swap, in KiB, ullong.
pub const BALLOON_SWAP_IN: &str = "balloon.swap_in";
/// Written to swap, in KiB, ullong.
pub const BALLOON_SWAP_OUT: &str = "balloon.swap_out";
/// Page faults that needed I/O, ullong.
pub const BALLOON_MAJOR_FAULT: &str = "balloon.major_fault";
/// Page faults that did not, ullong.
pub const BALLOON_MINOR_FAULT: &str = "balloon.minor_fault";
/// Memory not used at all, in KiB, ullong.
pub const BALLOON_UNUSED: &str = "balloon.unused";
/// Memory that the guest sees, in KiB, ullong.
pub const BALLOON_AVAILABLE: &str = "balloon.available";
/// Memory resident on the host, in KiB, ullong.
pub const BALLOON_RSS: &str = "balloon.rss";
/// Memory to be had without swapping, in KiB, ullong.
pub const BALLOON_USABLE: &str = "balloon.usable";
/// When the figures were taken, in seconds since 1970, ullong.
pub const BALLOON_LAST_UPDATE: &str = "balloon.last-update";
/// Caches of disks, in KiB, ullong.
pub const BALLOON_DISK_CACHES: &str = "balloon.disk_caches";
/// Huge pages allocated, ullong.
pub const BALLOON_HUGETLB_PGALLOC: &str = "balloon.hugetlb_pgalloc";
/// Huge pages not to be had, ullong.
pub const BALLOON_HUGETLB_PGFAIL: &str = "balloon.hugetlb_pgfail";

/// Virtual CPUs that the domain has, uint.
pub const VCPU_CURRENT: &str = "vcpu.current";
/// Virtual CPUs that the domain may have, uint.
pub const VCPU_MAXIMUM: &str = "vcpu.maximum";
/// Prefix of figures on a virtual CPU.
pub const VCPU_PREFIX: &str = "vcpu.";
/// [`VcpuState`](super::VcpuState), int.
pub const VCPU_SUFFIX_STATE: &str = ".state";
/// CPU time in nanoseconds, ullong.
pub const VCPU_SUFFIX_TIME: &str = ".time";
/// Time spent waiting for I/O, ullong.
pub const VCPU_SUFFIX_WAIT: &str = ".wait";
/// Whether it is halted, boolean.
pub const VCPU_SUFFIX_HALTED: &str = ".halted";
/// Time spent waiting for a CPU of the host, ullong.
pub const VCPU_SUFFIX_DELAY: &str = ".delay";

/// Number of network interfaces, uint.
pub const NET_COUNT: &str = "net.count";
/// Prefix of figures on a network interface.
pub const NET_PREFIX: &str = "net.";
/// Name on the host, string.
pub const NET_SUFFIX_NAME: &str = ".name";
/// Bytes received, ullong.
pub const NET_SUFFIX_RX_BYTES: &str = ".rx.bytes";
/// Packets received, ullong.
pub const NET_SUFFIX_RX_PKTS: &str = ".rx.pkts";
/// Errors of receiving, ullong.
pub const NET_SUFFIX_RX_ERRS: &str = ".rx.errs";
/// Packets not received, ullong.
pub const NET_SUFFIX_RX_DROP: &str = ".rx.drop";
/// Bytes sent, ullong.
pub const NET_SUFFIX_TX_BYTES: &str = ".tx.bytes";
/// Packets sent, ullong.
pub const NET_SUFFIX_TX_PKTS: &str = ".tx.pkts";
/// Errors of sending, ullong.
pub const NET_SUFFIX_TX_ERRS: &str = ".tx.errs";
/// Packets not sent, ullong.
pub const NET_SUFFIX_TX_DROP: &str = ".tx.drop";

/// Number of disks, uint.
pub const BLOCK_COUNT: &str = "block.count";
/// Prefix of figures on a disk.
pub const BLOCK_PREFIX: &str = "block.";
/// Target of the disk, string.
pub const BLOCK_SUFFIX_NAME: &str = ".name";
/// Source of the disk, string.
pub const BLOCK_SUFFIX_PATH: &str = ".path";
/// Reads, ullong.
pub const BLOCK_SUFFIX_RD_REQS: &str = ".rd.reqs";
/// Bytes read, ullong.
pub const BLOCK_SUFFIX_RD_BYTES: &str = ".rd.bytes";
/// Time spent on reads in nanoseconds, ullong.
pub const BLOCK_SUFFIX_RD_TIMES: &str = ".rd.times";
/// Writes, ullong.
pub const BLOCK_SUFFIX_WR_REQS: &str = ".wr.reqs";
/// Bytes written, ullong.
pub const BLOCK_SUFFIX_WR_BYTES: &str = ".wr.bytes";
/// Time spent on writes in nanoseconds, ullong.
pub const BLOCK_SUFFIX_WR_TIMES: &str = ".wr.times";
/// Flushes, ullong.
pub const BLOCK_SUFFIX_FL_REQS: &str = ".fl.reqs";
/// Time spent on flushes in nanoseconds, ullong.
pub const BLOCK_SUFFIX_FL_TIMES: &str = ".fl.times";
/// Bytes allocated on the host, ullong.
pub const BLOCK_SUFFIX_ALLOCATION: &str = ".allocation";
/// Bytes that the guest sees, ullong.
pub const BLOCK_SUFFIX_CAPACITY: &str = ".capacity";
/// Bytes that the image takes, ullong.
pub const BLOCK_SUFFIX_PHYSICAL: &str = ".physical";

/// Number of users who are logged in, uint.
pub const USER_COUNT: &str = "user.count";
/// Prefix of facts on a user.
pub const USER_PREFIX: &str = "user.";
/// Name of the user, string.
pub const USER_SUFFIX_NAME: &str = ".name";
/// When the user logged in, in milliseconds since 1970, ullong.
pub const USER_SUFFIX_LOGIN_TIME: &str = ".login-time";
/// `ID` of os-release, string.
pub const OS_ID: &str = "os.id";
/// `NAME` of os-release, string.
pub const OS_NAME: &str = "os.name";
/// `PRETTY_NAME` of os-release, string.
pub const OS_PRETTY_NAME: &str = "os.pretty-name";
/// `VERSION` of os-release, string.
pub const OS_VERSION: &str = "os.version";
/// `VERSION_ID` of os-release, string.
pub const OS_VERSION_ID: &str = "os.version-id";
/// Release of the kernel, string.
pub const OS_KERNEL_RELEASE: &str = "os.kernel-release";
/// Version of the kernel, string.
pub const OS_KERNEL_VERSION: &str = "os.kernel-version";
/// Machine, string.
pub const OS_MACHINE: &str = "os.machine";
/// `VARIANT` of os-release, string.
pub const OS_VARIANT: &str = "os.variant";
/// `VARIANT_ID` of os-release, string.
pub const OS_VARIANT_ID: &str = "os.variant-id";
/// Name of the time zone, string.
pub const TIMEZONE_NAME: &str = "timezone.name";
/// Distance to UTC in seconds, int.
pub const TIMEZONE_OFFSET: &str = "timezone.offset";
/// Host name, string.
pub const HOSTNAME_HOSTNAME: &str = "hostname";
/// Number of file systems, uint.
pub const FS_COUNT: &str = "fs.count";
/// Prefix of facts on a file system.
pub const FS_PREFIX: &str = "fs.";
/// Where it is mounted, string.
pub const FS_SUFFIX_MOUNTPOINT: &str = ".mountpoint";
/// Its device, string.
pub const FS_SUFFIX_NAME: &str = ".name";
/// Its type, string.
pub const FS_SUFFIX_FSTYPE: &str = ".fstype";
/// Its size, ullong.
pub const FS_SUFFIX_TOTAL_BYTES: &str = ".total-bytes";
/// What is used of it, ullong.
pub const FS_SUFFIX_USED_BYTES: &str = ".used-bytes";
/// Number of network interfaces, uint.
pub const IF_COUNT: &str = "if.count";
/// Prefix of facts on a network interface.
pub const IF_PREFIX: &str = "if.";
/// Its name in the guest, string.
pub const IF_SUFFIX_NAME: &str = ".name";
/// Its MAC address, string.
pub const IF_SUFFIX_HWADDR: &str = ".hwaddr";
/// Number of its addresses, uint.
pub const IF_SUFFIX_ADDR_COUNT: &str = ".addr.count";
/// Infix of facts on an address.
pub const IF_SUFFIX_ADDR_PREFIX: &str = ".addr.";
/// `ipv4` or `ipv6`, string.
pub const IF_SUFFIX_ADDR_SUFFIX_TYPE: &str = ".type";
/// The address, string.
pub const IF_SUFFIX_ADDR_SUFFIX_ADDR: &str = ".addr";
/// Length of the prefix, uint.
pub const IF_SUFFIX_ADDR_SUFFIX_PREFIX: &str = ".prefix";
/// Load of one minute, double.
pub const LOAD_1M: &str = "load.1m";
/// Load of five minutes, double.
pub const LOAD_5M: &str = "load.5m";
/// Load of fifteen minutes, double.
pub const LOAD_15M: &str = "load.15m";
