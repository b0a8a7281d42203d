//! Bounds of lists and byte strings.
//!
//! A peer refuses a whole message in which a list is longer, so a server must not send more either.

/// Parameters of an identity.
pub const CONNECT_IDENTITY_PARAMS_MAX: u32 = 20;
/// Domains in a list.
pub const DOMAIN_LIST_MAX: u32 = 16_384;
/// Bytes of one CPU map.
pub const CPUMAP_MAX: u32 = 2048;
/// Virtual CPUs of a domain.
pub const VCPUINFO_MAX: u32 = 16_384;
/// Bytes of the CPU maps of all virtual CPUs together.
pub const CPUMAPS_MAX: u32 = 8_388_608;
/// I/O threads of a domain.
pub const IOTHREAD_INFO_MAX: u32 = 16_384;
/// Bytes of a migration cookie.
pub const MIGRATE_COOKIE_MAX: u32 = 4_194_304;
/// Networks in a list.
pub const NETWORK_LIST_MAX: u32 = 16_384;
/// Ports of a network.
pub const NETWORK_PORT_LIST_MAX: u32 = 16_384;
/// Host interfaces in a list.
pub const INTERFACE_LIST_MAX: u32 = 16_384;
/// Storage pools in a list.
pub const STORAGE_POOL_LIST_MAX: u32 = 16_384;
/// Volumes of a storage pool.
pub const STORAGE_VOL_LIST_MAX: u32 = 16_384;
/// Node devices in a list.
pub const NODE_DEVICE_LIST_MAX: u32 = 65_536;
/// Capabilities of a node device.
pub const NODE_DEVICE_CAPS_LIST_MAX: u32 = 65_536;
/// Network filters in a list.
pub const NWFILTER_LIST_MAX: u32 = 16_384;
/// Network filter bindings in a list.
pub const NWFILTER_BINDING_LIST_MAX: u32 = 16_384;
/// Scheduler parameters.
pub const DOMAIN_SCHEDULER_PARAMETERS_MAX: u32 = 16;
/// Block I/O parameters.
pub const DOMAIN_BLKIO_PARAMETERS_MAX: u32 = 16;
/// Memory parameters.
pub const DOMAIN_MEMORY_PARAMETERS_MAX: u32 = 16;
/// I/O limits of a disk.
pub const DOMAIN_BLOCK_IO_TUNE_PARAMETERS_MAX: u32 = 32;
/// NUMA parameters.
pub const DOMAIN_NUMA_PARAMETERS_MAX: u32 = 16;
/// Performance events.
pub const DOMAIN_PERF_EVENTS_MAX: u32 = 64;
/// Parameters of a block copy.
pub const DOMAIN_BLOCK_COPY_PARAMETERS_MAX: u32 = 16;
/// Figures on the host's CPUs.
pub const NODE_CPU_STATS_MAX: u32 = 16;
/// Figures on the host's memory.
pub const NODE_MEMORY_STATS_MAX: u32 = 16;
/// Figures on a disk.
pub const DOMAIN_BLOCK_STATS_PARAMETERS_MAX: u32 = 16;
/// NUMA nodes of the host.
pub const NODE_MAX_CELLS: u32 = 1024;
/// Bytes of one message of SASL.
pub const AUTH_SASL_DATA_MAX: u32 = 65_536;
/// Ways to authenticate.
pub const AUTH_TYPE_LIST_MAX: u32 = 20;
/// Figures on a domain's memory.
pub const DOMAIN_MEMORY_STATS_MAX: u32 = 1024;
/// Checkpoints in a list.
pub const DOMAIN_CHECKPOINT_LIST_MAX: u32 = 16_384;
/// Snapshots in a list.
pub const DOMAIN_SNAPSHOT_LIST_MAX: u32 = 16_384;
/// Bytes read from a disk at once.
pub const DOMAIN_BLOCK_PEEK_BUFFER_MAX: u32 = 4_194_304;
/// Bytes read from a guest's memory at once.
pub const DOMAIN_MEMORY_PEEK_BUFFER_MAX: u32 = 4_194_304;
/// Security labels of a domain.
pub const SECURITY_LABEL_LIST_MAX: u32 = 64;
/// Bytes of the name of a security model.
pub const SECURITY_MODEL_MAX: u32 = 257;
/// Bytes of a security label.
pub const SECURITY_LABEL_MAX: u32 = 4097;
/// Bytes of a domain of interpretation.
pub const SECURITY_DOI_MAX: u32 = 257;
/// Bytes of a secret.
pub const SECRET_VALUE_MAX: u32 = 65_536;
/// Secrets in a list.
pub const SECRET_LIST_MAX: u32 = 16_384;
/// CPU descriptions to compare.
pub const CPU_BASELINE_MAX: u32 = 256;
/// Keys pressed at once.
pub const DOMAIN_SEND_KEY_MAX: u32 = 16;
/// Bandwidth parameters of a network interface.
pub const DOMAIN_INTERFACE_PARAMETERS_MAX: u32 = 16;
/// CPUs asked about at once.
pub const DOMAIN_GET_CPU_STATS_NCPUS_MAX: u32 = 128;
/// Parameters for all CPUs together.
pub const DOMAIN_GET_CPU_STATS_MAX: u32 = 2048;
/// Disks with errors.
pub const DOMAIN_DISK_ERRORS_MAX: u32 = 256;
/// Parameters of memory merging.
pub const NODE_MEMORY_PARAMETERS_MAX: u32 = 64;
/// Parameters of a migration.
pub const DOMAIN_MIGRATE_PARAM_LIST_MAX: u32 = 64;
/// Parameters of saving and restoring.
pub const DOMAIN_SAVE_PARAMS_MAX: u32 = 64;
/// Figures on a job.
pub const DOMAIN_JOB_STATS_MAX: u32 = 64;
/// CPU models.
pub const CONNECT_CPU_MODELS_MAX: u32 = 8192;
/// File systems to freeze.
pub const DOMAIN_FSFREEZE_MOUNTPOINTS_MAX: u32 = 256;
/// DHCP leases.
pub const NETWORK_DHCP_LEASES_MAX: u32 = 65_536;
/// Figures on one domain.
pub const CONNECT_GET_ALL_DOMAIN_STATS_MAX: u32 = 262_144;
/// Parameters of a tunable event.
pub const DOMAIN_EVENT_TUNABLE_MAX: u32 = 2048;
/// File systems of a guest.
pub const DOMAIN_FSINFO_MAX: u32 = 256;
/// Disks of a file system.
pub const DOMAIN_FSINFO_DISKS_MAX: u32 = 256;
/// Network interfaces of a guest.
pub const DOMAIN_INTERFACE_MAX: u32 = 2048;
/// Addresses of a network interface.
pub const DOMAIN_IP_ADDR_MAX: u32 = 2048;
/// Parameters on CPUs of a guest.
pub const DOMAIN_GUEST_VCPU_PARAMS_MAX: u32 = 64;
/// Parameters of an I/O thread.
pub const DOMAIN_IOTHREAD_PARAMS_MAX: u32 = 64;
/// Parameters on confidential guests.
pub const NODE_SEV_INFO_MAX: u32 = 64;
/// Parameters of a measurement.
pub const DOMAIN_LAUNCH_SECURITY_INFO_PARAMS_MAX: u32 = 64;
/// Parameters of launch secrets.
pub const DOMAIN_LAUNCH_SECURITY_STATE_PARAMS_MAX: u32 = 64;
/// Figures on a guest.
pub const DOMAIN_GUEST_INFO_PARAMS_MAX: u32 = 2048;
/// Bandwidth parameters of a network port.
pub const NETWORK_PORT_PARAMETERS_MAX: u32 = 16;
/// SSH keys of a user.
pub const DOMAIN_AUTHORIZED_SSH_KEYS_MAX: u32 = 2048;
/// Messages on a domain.
pub const DOMAIN_MESSAGES_MAX: u32 = 2048;
/// Identities of a graphics client.
pub const DOMAIN_EVENT_GRAPHICS_IDENTITY_MAX: u32 = 20;
/// Servers in a daemon.
pub const SERVER_LIST_MAX: u32 = 16_384;
/// Parameters of the pool of workers.
pub const SERVER_THREADPOOL_PARAMETERS_MAX: u32 = 32;
/// Clients of a server.
pub const CLIENT_LIST_MAX: u32 = 16_384;
/// Parameters on a client.
pub const CLIENT_INFO_PARAMETERS_MAX: u32 = 64;
/// Limits on clients.
pub const SERVER_CLIENT_LIMITS_MAX: u32 = 32;
