//! Names of typed parameters.

/// The value that means "no limit" for memory, in KiB (`VIR_DOMAIN_MEMORY_PARAM_UNLIMITED`).
pub const MEMORY_UNLIMITED: u64 = 9_007_199_254_740_991;

names! {
    /// Scheduler: relative weight of the domain's CPU time, ullong.
    SCHEDULER_CPU_SHARES = "cpu_shares",
    /// Scheduler: period for the whole domain in microseconds, ullong.
    SCHEDULER_GLOBAL_PERIOD = "global_period",
    /// Scheduler: CPU time of the whole domain per period in microseconds, llong; negative is no limit.
    SCHEDULER_GLOBAL_QUOTA = "global_quota",
    /// Scheduler: period for each virtual CPU in microseconds, ullong.
    SCHEDULER_VCPU_PERIOD = "vcpu_period",
    /// Scheduler: CPU time of each virtual CPU per period in microseconds, llong; negative is no limit.
    SCHEDULER_VCPU_QUOTA = "vcpu_quota",
    /// Scheduler: period for the threads that are no virtual CPUs, ullong.
    SCHEDULER_EMULATOR_PERIOD = "emulator_period",
    /// Scheduler: CPU time of the threads that are no virtual CPUs, llong.
    SCHEDULER_EMULATOR_QUOTA = "emulator_quota",
    /// Scheduler: period for each I/O thread, ullong.
    SCHEDULER_IOTHREAD_PERIOD = "iothread_period",
    /// Scheduler: CPU time of each I/O thread, llong.
    SCHEDULER_IOTHREAD_QUOTA = "iothread_quota",

    /// Memory: most that may be used, in KiB, ullong.
    MEMORY_HARD_LIMIT = "hard_limit",
    /// Memory: limit under pressure, in KiB, ullong.
    MEMORY_SOFT_LIMIT = "soft_limit",
    /// Memory: what is guaranteed, in KiB, ullong.
    MEMORY_MIN_GUARANTEE = "min_guarantee",
    /// Memory: most memory and swap together, in KiB, ullong.
    MEMORY_SWAP_HARD_LIMIT = "swap_hard_limit",

    /// Block I/O: relative weight of the domain, uint.
    BLKIO_WEIGHT = "weight",
    /// Block I/O: weight per device, string `path,weight,path,weight`.
    BLKIO_DEVICE_WEIGHT = "device_weight",
    /// Block I/O: reads a second per device, string.
    BLKIO_DEVICE_READ_IOPS = "device_read_iops_sec",
    /// Block I/O: writes a second per device, string.
    BLKIO_DEVICE_WRITE_IOPS = "device_write_iops_sec",
    /// Block I/O: bytes read a second per device, string.
    BLKIO_DEVICE_READ_BPS = "device_read_bytes_sec",
    /// Block I/O: bytes written a second per device, string.
    BLKIO_DEVICE_WRITE_BPS = "device_write_bytes_sec",

    /// NUMA: nodes that memory may be on, string such as `0-1`.
    NUMA_NODESET = "numa_nodeset",
    /// NUMA: [`NumaMemMode`](super::NumaMemMode), int.
    NUMA_MODE = "numa_mode",

    /// CPU statistics: time used, in nanoseconds, ullong.
    CPU_STATS_CPUTIME = "cpu_time",
    /// CPU statistics: time used by user space, ullong.
    CPU_STATS_USERTIME = "user_time",
    /// CPU statistics: time used by the kernel, ullong.
    CPU_STATS_SYSTEMTIME = "system_time",
    /// CPU statistics: time used by virtual CPUs, ullong.
    CPU_STATS_VCPUTIME = "vcpu_time",

    /// Network interface and port: average into the guest in KiB/s, uint.
    BANDWIDTH_IN_AVERAGE = "inbound.average",
    /// Network interface and port: peak into the guest in KiB/s, uint.
    BANDWIDTH_IN_PEAK = "inbound.peak",
    /// Network interface and port: amount at peak into the guest in KiB, uint.
    BANDWIDTH_IN_BURST = "inbound.burst",
    /// Network interface and port: guaranteed into the guest in KiB/s, uint.
    BANDWIDTH_IN_FLOOR = "inbound.floor",
    /// Network interface and port: average out of the guest in KiB/s, uint.
    BANDWIDTH_OUT_AVERAGE = "outbound.average",
    /// Network interface and port: peak out of the guest in KiB/s, uint.
    BANDWIDTH_OUT_PEAK = "outbound.peak",
    /// Network interface and port: amount at peak out of the guest in KiB, uint.
    BANDWIDTH_OUT_BURST = "outbound.burst",

    /// Disk statistics: bytes read, llong.
    BLOCK_STATS_READ_BYTES = "rd_bytes",
    /// Disk statistics: reads, llong.
    BLOCK_STATS_READ_REQ = "rd_operations",
    /// Disk statistics: time spent on reads in nanoseconds, llong.
    BLOCK_STATS_READ_TOTAL_TIMES = "rd_total_times",
    /// Disk statistics: bytes written, llong.
    BLOCK_STATS_WRITE_BYTES = "wr_bytes",
    /// Disk statistics: writes, llong.
    BLOCK_STATS_WRITE_REQ = "wr_operations",
    /// Disk statistics: time spent on writes in nanoseconds, llong.
    BLOCK_STATS_WRITE_TOTAL_TIMES = "wr_total_times",
    /// Disk statistics: flushes, llong.
    BLOCK_STATS_FLUSH_REQ = "flush_operations",
    /// Disk statistics: time spent on flushes in nanoseconds, llong.
    BLOCK_STATS_FLUSH_TOTAL_TIMES = "flush_total_times",
    /// Disk statistics: errors, llong.
    BLOCK_STATS_ERRS = "errs",

    /// Job: [`JobOperation`](super::JobOperation), int.
    JOB_OPERATION = "operation",
    /// Job: time since its start in milliseconds, ullong.
    JOB_TIME_ELAPSED = "time_elapsed",
    /// Job: time to its end in milliseconds, ullong.
    JOB_TIME_REMAINING = "time_remaining",
    /// Job: whether it succeeded, boolean.
    JOB_SUCCESS = "success",
    /// Job: why it failed, string.
    JOB_ERRMSG = "errmsg",
    /// Job: bytes in all, ullong.
    JOB_DATA_TOTAL = "data_total",
    /// Job: bytes done, ullong.
    JOB_DATA_PROCESSED = "data_processed",
    /// Job: bytes to do, ullong.
    JOB_DATA_REMAINING = "data_remaining",

    /// Tunable event: a virtual CPU was pinned; the number of the CPU follows, string.
    TUNABLE_CPU_VCPUPIN = "cputune.vcpupin",
    /// Tunable event: the threads that are no virtual CPUs were pinned, string.
    TUNABLE_CPU_EMULATORPIN = "cputune.emulatorpin",
    /// Tunable event: weight of CPU time, ullong.
    TUNABLE_CPU_CPU_SHARES = "cputune.cpu_shares",
    /// Tunable event: period for the whole domain, ullong.
    TUNABLE_CPU_GLOBAL_PERIOD = "cputune.global_period",
    /// Tunable event: CPU time of the whole domain per period, llong.
    TUNABLE_CPU_GLOBAL_QUOTA = "cputune.global_quota",
    /// Tunable event: period for each virtual CPU, ullong.
    TUNABLE_CPU_VCPU_PERIOD = "cputune.vcpu_period",
    /// Tunable event: CPU time of each virtual CPU per period, llong.
    TUNABLE_CPU_VCPU_QUOTA = "cputune.vcpu_quota",

    /// Host CPU time in the kernel, in nanoseconds.
    NODE_CPU_STATS_KERNEL = "kernel",
    /// Host CPU time in user space.
    NODE_CPU_STATS_USER = "user",
    /// Host CPU time without work.
    NODE_CPU_STATS_IDLE = "idle",
    /// Host CPU time waiting for I/O.
    NODE_CPU_STATS_IOWAIT = "iowait",
    /// Host CPU time in interrupts.
    NODE_CPU_STATS_INTR = "intr",
    /// Host CPU use in per cent.
    NODE_CPU_STATS_UTILIZATION = "utilization",

    /// Host memory in KiB.
    NODE_MEMORY_STATS_TOTAL = "total",
    /// Host memory that is free.
    NODE_MEMORY_STATS_FREE = "free",
    /// Host memory in buffers.
    NODE_MEMORY_STATS_BUFFERS = "buffers",
    /// Host memory in the page cache.
    NODE_MEMORY_STATS_CACHED = "cached",

    /// Merging of equal pages: pages to scan before a pause, uint.
    NODE_MEMORY_SHARED_PAGES_TO_SCAN = "shm_pages_to_scan",
    /// Merging of equal pages: length of a pause in milliseconds, uint.
    NODE_MEMORY_SHARED_SLEEP_MILLISECS = "shm_sleep_millisecs",
    /// Merging of equal pages: pages that stand for several, ullong.
    NODE_MEMORY_SHARED_PAGES_SHARED = "shm_pages_shared",
    /// Merging of equal pages: pages saved, ullong.
    NODE_MEMORY_SHARED_PAGES_SHARING = "shm_pages_sharing",
    /// Merging of equal pages: pages without an equal, ullong.
    NODE_MEMORY_SHARED_PAGES_UNSHARED = "shm_pages_unshared",
    /// Merging of equal pages: pages that change too fast, ullong.
    NODE_MEMORY_SHARED_PAGES_VOLATILE = "shm_pages_volatile",
    /// Merging of equal pages: scans of all memory, ullong.
    NODE_MEMORY_SHARED_FULL_SCANS = "shm_full_scans",
    /// Merging of equal pages: whether across NUMA nodes, uint.
    NODE_MEMORY_SHARED_MERGE_ACROSS_NODES = "shm_merge_across_nodes",

    /// Identity: name of the user, string.
    IDENTITY_USER_NAME = "user-name",
    /// Identity: number of the user, ullong.
    IDENTITY_UNIX_USER_ID = "unix-user-id",
    /// Identity: name of the group, string.
    IDENTITY_GROUP_NAME = "group-name",
    /// Identity: number of the group, ullong.
    IDENTITY_UNIX_GROUP_ID = "unix-group-id",
    /// Identity: process, llong.
    IDENTITY_PROCESS_ID = "process-id",
    /// Identity: when the process started, in clock ticks since boot, ullong.
    IDENTITY_PROCESS_TIME = "process-time",
    /// Identity: name of the user in SASL, string.
    IDENTITY_SASL_USER_NAME = "sasl-user-name",
    /// Identity: name in the client's certificate, string.
    IDENTITY_X509_DISTINGUISHED_NAME = "x509-distinguished-name",
    /// Identity: SELinux context, string.
    IDENTITY_SELINUX_CONTEXT = "selinux-context",

    /// Administration: fewest workers, uint.
    THREADPOOL_WORKERS_MIN = "minWorkers",
    /// Administration: most workers, uint.
    THREADPOOL_WORKERS_MAX = "maxWorkers",
    /// Administration: workers for urgent calls, uint.
    THREADPOOL_WORKERS_PRIORITY = "prioWorkers",
    /// Administration: idle workers, uint.
    THREADPOOL_WORKERS_FREE = "freeWorkers",
    /// Administration: present workers, uint.
    THREADPOOL_WORKERS_CURRENT = "nWorkers",
    /// Administration: calls that wait for a worker, uint.
    THREADPOOL_JOB_QUEUE_DEPTH = "jobQueueDepth",
    /// Administration: most clients, uint.
    SERVER_CLIENTS_MAX = "nclients_max",
    /// Administration: present clients, uint.
    SERVER_CLIENTS_CURRENT = "nclients",
    /// Administration: most clients that are not authenticated, uint.
    SERVER_CLIENTS_UNAUTH_MAX = "nclients_unauth_max",
    /// Administration: present clients that are not authenticated, uint.
    SERVER_CLIENTS_UNAUTH_CURRENT = "nclients_unauth",
    /// Administration: whether a client is read-only, boolean.
    CLIENT_INFO_READONLY = "readonly",
    /// Administration: address of a client, string.
    CLIENT_INFO_SOCKET_ADDR = "sock_addr",
    /// Administration: SASL name of a client, string.
    CLIENT_INFO_SASL_USER_NAME = "sasl_user_name",
    /// Administration: name in the certificate of a client, string.
    CLIENT_INFO_X509_DISTINGUISHED_NAME = "tls_x509_dname",
    /// Administration: number of a client's user, int.
    CLIENT_INFO_UNIX_USER_ID = "unix_user_id",
    /// Administration: name of a client's user, string.
    CLIENT_INFO_UNIX_USER_NAME = "unix_user_name",
    /// Administration: number of a client's group, int.
    CLIENT_INFO_UNIX_GROUP_ID = "unix_group_id",
    /// Administration: name of a client's group, string.
    CLIENT_INFO_UNIX_GROUP_NAME = "unix_group_name",
    /// Administration: process of a client, int.
    CLIENT_INFO_UNIX_PROCESS_ID = "unix_process_id",
    /// Administration: SELinux context of a client, string.
    CLIENT_INFO_SELINUX_CONTEXT = "selinux_context",
}
