//! Names of typed parameters.

/// Scheduler: relative weight of the domain's CPU time, ullong.
pub const SCHEDULER_CPU_SHARES: &str = "cpu_shares";
/// Scheduler: period for the whole domain in microseconds, ullong.
pub const SCHEDULER_GLOBAL_PERIOD: &str = "global_period";
/// Scheduler: CPU time of the whole domain per period in microseconds, llong; negative is no limit.
pub const SCHEDULER_GLOBAL_QUOTA: &str = "global_quota";
/// Scheduler: period for each virtual CPU in microseconds, ullong.
pub const SCHEDULER_VCPU_PERIOD: &str = "vcpu_period";
/// Scheduler: CPU time of each virtual CPU per period in microseconds, llong; negative is no limit.
pub const SCHEDULER_VCPU_QUOTA: &str = "vcpu_quota";
/// Scheduler: period for the threads that are no virtual CPUs, ullong.
pub const SCHEDULER_EMULATOR_PERIOD: &str = "emulator_period";
/// Scheduler: CPU time of the threads that are no virtual CPUs, llong.
pub const SCHEDULER_EMULATOR_QUOTA: &str = "emulator_quota";
/// Scheduler: period for each I/O thread, ullong.
pub const SCHEDULER_IOTHREAD_PERIOD: &str = "iothread_period";
/// Scheduler: CPU time of each I/O thread, llong.
pub const SCHEDULER_IOTHREAD_QUOTA: &str = "iothread_quota";

/// Memory: most that may be used, in KiB, ullong.
pub const MEMORY_HARD_LIMIT: &str = "hard_limit";
/// Memory: limit under pressure, in KiB, ullong.
pub const MEMORY_SOFT_LIMIT: &str = "soft_limit";
/// Memory: what is guaranteed, in KiB, ullong.
pub const MEMORY_MIN_GUARANTEE: &str = "min_guarantee";
/// Memory: most memory and swap together, in KiB, ullong.
pub const MEMORY_SWAP_HARD_LIMIT: &str = "swap_hard_limit";
/// The value that means "no limit" for memory, in KiB (`VIR_DOMAIN_MEMORY_PARAM_UNLIMITED`).
pub const MEMORY_UNLIMITED: u64 = 9_007_199_254_740_991;

/// Block I/O: relative weight of the domain, uint.
pub const BLKIO_WEIGHT: &str = "weight";
/// Block I/O: weight per device, string `path,weight,path,weight`.
pub const BLKIO_DEVICE_WEIGHT: &str = "device_weight";
/// Block I/O: reads a second per device, string.
pub const BLKIO_DEVICE_READ_IOPS: &str = "device_read_iops_sec";
/// Block I/O: writes a second per device, string.
pub const BLKIO_DEVICE_WRITE_IOPS: &str = "device_write_iops_sec";
/// Block I/O: bytes read a second per device, string.
pub const BLKIO_DEVICE_READ_BPS: &str = "device_read_bytes_sec";
/// Block I/O: bytes written a second per device, string.
pub const BLKIO_DEVICE_WRITE_BPS: &str = "device_write_bytes_sec";

/// NUMA: nodes that memory may be on, string such as `0-1`.
pub const NUMA_NODESET: &str = "numa_nodeset";
/// NUMA: [`NumaMemMode`](super::NumaMemMode), int.
pub const NUMA_MODE: &str = "numa_mode";

/// CPU statistics: time used, in nanoseconds, ullong.
pub const CPU_STATS_CPUTIME: &str = "cpu_time";
/// CPU statistics: time used by user space, ullong.
pub const CPU_STATS_USERTIME: &str = "user_time";
/// CPU statistics: time used by the kernel, ullong.
pub const CPU_STATS_SYSTEMTIME: &str = "system_time";
/// CPU statistics: time used by virtual CPUs, ullong.
pub const CPU_STATS_VCPUTIME: &str = "vcpu_time";

/// Network interface and port: average into the guest in KiB/s, uint.
pub const BANDWIDTH_IN_AVERAGE: &str = "inbound.average";
/// Network interface and port: peak into the guest in KiB/s, uint.
pub const BANDWIDTH_IN_PEAK: &str = "inbound.peak";
/// Network interface and port: amount at peak into the guest in KiB, uint.
pub const BANDWIDTH_IN_BURST: &str = "inbound.burst";
/// Network interface and port: guaranteed into the guest in KiB/s, uint.
pub const BANDWIDTH_IN_FLOOR: &str = "inbound.floor";
/// Network interface and port: average out of the guest in KiB/s, uint.
pub const BANDWIDTH_OUT_AVERAGE: &str = "outbound.average";
/// Network interface and port: peak out of the guest in KiB/s, uint.
pub const BANDWIDTH_OUT_PEAK: &str = "outbound.peak";
/// Network interface and port: amount at peak out of the guest in KiB, uint.
pub const BANDWIDTH_OUT_BURST: &str = "outbound.burst";

/// Disk statistics: bytes read, llong.
pub const BLOCK_STATS_READ_BYTES: &str = "rd_bytes";
/// Disk statistics: reads, llong.
pub const BLOCK_STATS_READ_REQ: &str = "rd_operations";
/// Disk statistics: time spent on reads in nanoseconds, llong.
pub const BLOCK_STATS_READ_TOTAL_TIMES: &str = "rd_total_times";
/// Disk statistics: bytes written, llong.
pub const BLOCK_STATS_WRITE_BYTES: &str = "wr_bytes";
/// Disk statistics: writes, llong.
pub const BLOCK_STATS_WRITE_REQ: &str = "wr_operations";
/// Disk statistics: time spent on writes in nanoseconds, llong.
pub const BLOCK_STATS_WRITE_TOTAL_TIMES: &str = "wr_total_times";
/// Disk statistics: flushes, llong.
pub const BLOCK_STATS_FLUSH_REQ: &str = "flush_operations";
/// Disk statistics: time spent on flushes in nanoseconds, llong.
pub const BLOCK_STATS_FLUSH_TOTAL_TIMES: &str = "flush_total_times";
/// Disk statistics: errors, llong.
pub const BLOCK_STATS_ERRS: &str = "errs";

/// Job: [`JobOperation`](super::JobOperation), int.
pub const JOB_OPERATION: &str = "operation";
/// Job: time since its start in milliseconds, ullong.
pub const JOB_TIME_ELAPSED: &str = "time_elapsed";
/// Job: time to its end in milliseconds, ullong.
pub const JOB_TIME_REMAINING: &str = "time_remaining";
/// Job: whether it succeeded, boolean.
pub const JOB_SUCCESS: &str = "success";
/// Job: why it failed, string.
pub const JOB_ERRMSG: &str = "errmsg";
/// Job: bytes in all, ullong.
pub const JOB_DATA_TOTAL: &str = "data_total";
/// Job: bytes done, ullong.
pub const JOB_DATA_PROCESSED: &str = "data_processed";
/// Job: bytes to do, ullong.
pub const JOB_DATA_REMAINING: &str = "data_remaining";

/// Tunable event: a virtual CPU was pinned; the number of the CPU follows, string.
pub const TUNABLE_CPU_VCPUPIN: &str = "cputune.vcpupin";
/// Tunable event: the threads that are no virtual CPUs were pinned, string.
pub const TUNABLE_CPU_EMULATORPIN: &str = "cputune.emulatorpin";
/// Tunable event: weight of CPU time, ullong.
pub const TUNABLE_CPU_CPU_SHARES: &str = "cputune.cpu_shares";
/// Tunable event: period for the whole domain, ullong.
pub const TUNABLE_CPU_GLOBAL_PERIOD: &str = "cputune.global_period";
/// Tunable event: CPU time of the whole domain per period, llong.
pub const TUNABLE_CPU_GLOBAL_QUOTA: &str = "cputune.global_quota";
/// Tunable event: period for each virtual CPU, ullong.
pub const TUNABLE_CPU_VCPU_PERIOD: &str = "cputune.vcpu_period";
/// Tunable event: CPU time of each virtual CPU per period, llong.
pub const TUNABLE_CPU_VCPU_QUOTA: &str = "cputune.vcpu_quota";

/// Host CPU time in the kernel, in nanoseconds.
pub const NODE_CPU_STATS_KERNEL: &str = "kernel";
/// Host CPU time in user space.
pub const NODE_CPU_STATS_USER: &str = "user";
/// Host CPU time without work.
pub const NODE_CPU_STATS_IDLE: &str = "idle";
/// Host CPU time waiting for I/O.
pub const NODE_CPU_STATS_IOWAIT: &str = "iowait";
/// Host CPU time in interrupts.
pub const NODE_CPU_STATS_INTR: &str = "intr";
/// Host CPU use in per cent.
pub const NODE_CPU_STATS_UTILIZATION: &str = "utilization";

/// Host memory in KiB.
pub const NODE_MEMORY_STATS_TOTAL: &str = "total";
/// Host memory that is free.
pub const NODE_MEMORY_STATS_FREE: &str = "free";
/// Host memory in buffers.
pub const NODE_MEMORY_STATS_BUFFERS: &str = "buffers";
/// Host memory in the page cache.
pub const NODE_MEMORY_STATS_CACHED: &str = "cached";

/// Merging of equal pages: pages to scan before a pause, uint.
pub const NODE_MEMORY_SHARED_PAGES_TO_SCAN: &str = "shm_pages_to_scan";
/// Merging of equal pages: length of a pause in milliseconds, uint.
pub const NODE_MEMORY_SHARED_SLEEP_MILLISECS: &str = "shm_sleep_millisecs";
/// Merging of equal pages: pages that stand for several, ullong.
pub const NODE_MEMORY_SHARED_PAGES_SHARED: &str = "shm_pages_shared";
/// Merging of equal pages: pages saved, ullong.
pub const NODE_MEMORY_SHARED_PAGES_SHARING: &str = "shm_pages_sharing";
/// Merging of equal pages: pages without an equal, ullong.
pub const NODE_MEMORY_SHARED_PAGES_UNSHARED: &str = "shm_pages_unshared";
/// Merging of equal pages: pages that change too fast, ullong.
pub const NODE_MEMORY_SHARED_PAGES_VOLATILE: &str = "shm_pages_volatile";
/// Merging of equal pages: scans of all memory, ullong.
pub const NODE_MEMORY_SHARED_FULL_SCANS: &str = "shm_full_scans";
/// Merging of equal pages: whether across NUMA nodes, uint.
pub const NODE_MEMORY_SHARED_MERGE_ACROSS_NODES: &str = "shm_merge_across_nodes";

/// Identity: name of the user, string.
pub const IDENTITY_USER_NAME: &str = "user-name";
/// Identity: number of the user, ullong.
pub const IDENTITY_UNIX_USER_ID: &str = "unix-user-id";
/// Identity: name of the group, string.
pub const IDENTITY_GROUP_NAME: &str = "group-name";
/// Identity: number of the group, ullong.
pub const IDENTITY_UNIX_GROUP_ID: &str = "unix-group-id";
/// Identity: process, llong.
pub const IDENTITY_PROCESS_ID: &str = "process-id";
/// Identity: when the process started, in clock ticks since boot, ullong.
pub const IDENTITY_PROCESS_TIME: &str = "process-time";
/// Identity: name of the user in SASL, string.
pub const IDENTITY_SASL_USER_NAME: &str = "sasl-user-name";
/// Identity: name in the client's certificate, string.
pub const IDENTITY_X509_DISTINGUISHED_NAME: &str = "x509-distinguished-name";
/// Identity: SELinux context, string.
pub const IDENTITY_SELINUX_CONTEXT: &str = "selinux-context";

/// Administration: fewest workers, uint.
pub const THREADPOOL_WORKERS_MIN: &str = "minWorkers";
/// Administration: most workers, uint.
pub const THREADPOOL_WORKERS_MAX: &str = "maxWorkers";
/// Administration: workers for urgent calls, uint.
pub const THREADPOOL_WORKERS_PRIORITY: &str = "prioWorkers";
/// Administration: idle workers, uint.
pub const THREADPOOL_WORKERS_FREE: &str = "freeWorkers";
/// Administration: present workers, uint.
pub const THREADPOOL_WORKERS_CURRENT: &str = "nWorkers";
/// Administration: calls that wait for a worker, uint.
pub const THREADPOOL_JOB_QUEUE_DEPTH: &str = "jobQueueDepth";
/// Administration: most clients, uint.
pub const SERVER_CLIENTS_MAX: &str = "nclients_max";
/// Administration: present clients, uint.
pub const SERVER_CLIENTS_CURRENT: &str = "nclients";
/// Administration: most clients that are not authenticated, uint.
pub const SERVER_CLIENTS_UNAUTH_MAX: &str = "nclients_unauth_max";
/// Administration: present clients that are not authenticated, uint.
pub const SERVER_CLIENTS_UNAUTH_CURRENT: &str = "nclients_unauth";
/// Administration: whether a client is read-only, boolean.
pub const CLIENT_INFO_READONLY: &str = "readonly";
/// Administration: address of a client, string.
pub const CLIENT_INFO_SOCKET_ADDR: &str = "sock_addr";
/// Administration: SASL name of a client, string.
pub const CLIENT_INFO_SASL_USER_NAME: &str = "sasl_user_name";
/// Administration: name in the certificate of a client, string.
pub const CLIENT_INFO_X509_DISTINGUISHED_NAME: &str = "tls_x509_dname";
/// Administration: number of a client's user, int.
pub const CLIENT_INFO_UNIX_USER_ID: &str = "unix_user_id";
/// Administration: name of a client's user, string.
pub const CLIENT_INFO_UNIX_USER_NAME: &str = "unix_user_name";
/// Administration: number of a client's group, int.
pub const CLIENT_INFO_UNIX_GROUP_ID: &str = "unix_group_id";
/// Administration: name of a client's group, string.
pub const CLIENT_INFO_UNIX_GROUP_NAME: &str = "unix_group_name";
/// Administration: process of a client, int.
pub const CLIENT_INFO_UNIX_PROCESS_ID: &str = "unix_process_id";
/// Administration: SELinux context of a client, string.
pub const CLIENT_INFO_SELINUX_CONTEXT: &str = "selinux_context";
