//! Error codes with the texts that libvirt puts before the detail.

/// Declares the codes with their message templates.
macro_rules! codes {
    ($( $(#[$doc:meta])* $name:ident = $number:literal, $template:literal; )*) => {
        xdr_enum! {
            /// What went wrong (`virErrorNumber`). Clients branch on it.
            pub struct ErrorCode(i32) { $( $(#[$doc])* $name = $number ),* }
        }

        impl ErrorCode {
            /// The text of the message with `%s` in place of the detail. It travels as `str1` of an error.
            #[must_use]
            pub const fn template(self) -> &'static str {
                match self.0 {
                    $( $number => $template, )*
                    _ => "%s",
                }
            }
        }
    };
}

codes! {
    /// No error.
    OK = 0, "%s";
    /// Something went wrong that no other code describes.
    INTERNAL_ERROR = 1, "internal error: %s";
    /// Memory is exhausted.
    NO_MEMORY = 2, "out of memory: %s";
    /// The driver lacks the call altogether; clients fall back on other calls.
    NO_SUPPORT = 3, "this function is not supported by the connection driver: %s";
    /// A host name does not resolve.
    UNKNOWN_HOST = 4, "unknown host %s";
    /// No driver serves the URI.
    NO_CONNECT = 5, "no connection driver available for %s";
    /// Not a connection; raised by client libraries.
    INVALID_CONN = 6, "invalid connection pointer in %s";
    /// Not a domain; raised by client libraries.
    INVALID_DOMAIN = 7, "invalid domain pointer in %s";
    /// An argument, or a combination of arguments, makes no sense.
    INVALID_ARG = 8, "invalid argument: %s";
    /// The operation was tried and failed.
    OPERATION_FAILED = 9, "operation failed: %s";
    /// An HTTP GET failed.
    GET_FAILED = 10, "GET operation failed: %s";
    /// An HTTP POST failed.
    POST_FAILED = 11, "POST operation failed: %s";
    /// An HTTP status without a meaning here.
    HTTP_ERROR = 12, "got unknown HTTP error code %d";
    /// Only Xen used it.
    SEXPR_SERIAL = 13, "failed to serialize S-Expr: %s";
    /// Only Xen used it.
    NO_XEN = 14, "could not use Xen hypervisor entry %s";
    /// Only Xen used it.
    XEN_CALL = 15, "failed Xen syscall %s";
    /// The OS type of a domain is not known.
    OS_TYPE = 16, "unknown OS type %s";
    /// A domain lacks a kernel.
    NO_KERNEL = 17, "missing kernel information: %s";
    /// A domain lacks a root device.
    NO_ROOT = 18, "missing root device information in %s";
    /// A device lacks its source.
    NO_SOURCE = 19, "missing source information for device %s";
    /// A device lacks its target.
    NO_TARGET = 20, "missing target information for device %s";
    /// A description lacks the name.
    NO_NAME = 21, "missing name information in %s";
    /// A domain lacks the OS element.
    NO_OS = 22, "missing operating system information for %s";
    /// A domain lacks devices.
    NO_DEVICE = 23, "missing devices information for %s";
    /// Only Xen used it.
    NO_XENSTORE = 24, "could not connect to Xen Store %s";
    /// Raised by client libraries.
    DRIVER_FULL = 25, "too many drivers registered in %s";
    /// Not raised any more.
    CALL_FAILED = 26, "library call failed: %s";
    /// A document is well formed, but its content is wrong.
    XML_ERROR = 27, "XML error: %s";
    /// Not raised; a clash of names is [`Self::OPERATION_FAILED`].
    DOM_EXIST = 28, "domain %s exists already";
    /// A read-only connection asked for a change.
    OPERATION_DENIED = 29, "operation forbidden: %s";
    /// A configuration file does not open.
    OPEN_FAILED = 30, "failed to open configuration file %s";
    /// A configuration file is not readable.
    READ_FAILED = 31, "failed to read configuration file %s";
    /// A configuration file makes no sense.
    PARSE_FAILED = 32, "failed to parse configuration file %s";
    /// A configuration file has a syntax error.
    CONF_SYNTAX = 33, "configuration file syntax error: %s";
    /// A configuration file could not be written.
    WRITE_FAILED = 34, "failed to write configuration file: %s";
    /// A document is not well formed; the text names the line.
    XML_DETAIL = 35, "%s";
    /// Not a network; raised by client libraries.
    INVALID_NETWORK = 36, "invalid network pointer in %s";
    /// Not raised; a clash of names is [`Self::OPERATION_FAILED`].
    NETWORK_EXIST = 37, "network %s exists already";
    /// A system call failed; `int1` is the errno.
    SYSTEM_ERROR = 38, "%s";
    /// The message broke the rules of the protocol.
    RPC = 39, "%s";
    /// TLS failed.
    GNUTLS_ERROR = 40, "%s";
    /// The network driver did not start.
    WAR_NO_NETWORK = 41, "Failed to find the network: %s";
    /// No such domain.
    NO_DOMAIN = 42, "Domain not found: %s";
    /// No such network.
    NO_NETWORK = 43, "Network not found: %s";
    /// Not a MAC address.
    INVALID_MAC = 44, "invalid MAC address: %s";
    /// The client is not who it claims to be.
    AUTH_FAILED = 45, "authentication failed: %s";
    /// Not a storage pool; raised by client libraries.
    INVALID_STORAGE_POOL = 46, "invalid storage pool pointer in %s";
    /// Not a storage volume; raised by client libraries.
    INVALID_STORAGE_VOL = 47, "invalid storage volume pointer in %s";
    /// The storage driver did not start.
    WAR_NO_STORAGE = 48, "Failed to find a storage driver: %s";
    /// No such storage pool.
    NO_STORAGE_POOL = 49, "Storage pool not found: %s";
    /// No such storage volume.
    NO_STORAGE_VOL = 50, "Storage volume not found: %s";
    /// The node device driver did not start.
    WAR_NO_NODE = 51, "Failed to find a node driver: %s";
    /// Not a node device; raised by client libraries.
    INVALID_NODE_DEVICE = 52, "invalid node device pointer in %s";
    /// No such node device.
    NO_NODE_DEVICE = 53, "Node device not found: %s";
    /// No such security model.
    NO_SECURITY_MODEL = 54, "Security model not found: %s";
    /// The object is in the wrong state.
    OPERATION_INVALID = 55, "Requested operation is not valid: %s";
    /// The interface driver did not start.
    WAR_NO_INTERFACE = 56, "Failed to find the interface: %s";
    /// No such host interface.
    NO_INTERFACE = 57, "Interface not found: %s";
    /// Not an interface; raised by client libraries.
    INVALID_INTERFACE = 58, "invalid interface pointer in %s";
    /// A MAC address names more than one interface.
    MULTIPLE_INTERFACES = 59, "multiple matching interfaces found: %s";
    /// The network filter driver did not start.
    WAR_NO_NWFILTER = 60, "Failed to start the nwfilter driver: %s";
    /// Not a network filter.
    INVALID_NWFILTER = 61, "Invalid network filter: %s";
    /// No such network filter.
    NO_NWFILTER = 62, "Network filter not found: %s";
    /// Firewall rules could not be built.
    BUILD_FIREWALL = 63, "Error while building firewall: %s";
    /// The secret driver did not start.
    WAR_NO_SECRET = 64, "Failed to find a secret storage driver: %s";
    /// Not a secret.
    INVALID_SECRET = 65, "Invalid secret: %s";
    /// No such secret.
    NO_SECRET = 66, "Secret not found: %s";
    /// The description asks for something that the driver cannot do.
    CONFIG_UNSUPPORTED = 67, "unsupported configuration: %s";
    /// The operation took too long.
    OPERATION_TIMEOUT = 68, "Timed out during operation: %s";
    /// A migrated domain runs but was not saved.
    MIGRATE_PERSIST_FAILED = 69, "Failed to make domain persistent after migration: %s";
    /// A hook script refused.
    HOOK_SCRIPT_FAILED = 70, "Hook script execution failed: %s";
    /// Not a snapshot.
    INVALID_DOMAIN_SNAPSHOT = 71, "Invalid domain snapshot: %s";
    /// No such snapshot.
    NO_DOMAIN_SNAPSHOT = 72, "Domain snapshot not found: %s";
    /// Not a stream.
    INVALID_STREAM = 73, "invalid stream pointer in %s";
    /// A valid argument that this driver does not support.
    ARGUMENT_UNSUPPORTED = 74, "argument unsupported: %s";
    /// The content of a storage pool could not be probed.
    STORAGE_PROBE_FAILED = 75, "Storage pool probe failed: %s";
    /// A storage pool holds something already.
    STORAGE_POOL_BUILT = 76, "Storage pool already built: %s";
    /// Reverting would lose data unless forced.
    SNAPSHOT_REVERT_RISKY = 77, "revert requires force: %s";
    /// The user aborted the operation.
    OPERATION_ABORTED = 78, "operation aborted: %s";
    /// The user dismissed the authentication dialogue.
    AUTH_CANCELLED = 79, "authentication cancelled: %s";
    /// The domain has no such metadata; clients take it as empty.
    NO_DOMAIN_METADATA = 80, "metadata not found: %s";
    /// Migration could corrupt data.
    MIGRATE_UNSAFE = 81, "Unsafe migration: %s";
    /// A number does not fit.
    OVERFLOW = 82, "numerical overflow: %s";
    /// A block copy job is in the way.
    BLOCK_COPY_ACTIVE = 83, "block copy still active: %s";
    /// The driver has the call, but not for this mode or object.
    OPERATION_UNSUPPORTED = 84, "Operation not supported: %s";
    /// The SSH transport failed.
    SSH = 85, "SSH transport error: %s";
    /// The guest agent does not answer.
    AGENT_UNRESPONSIVE = 86, "Guest agent is not responding: %s";
    /// Someone else uses the resource.
    RESOURCE_BUSY = 87, "resource busy: %s";
    /// Access control refused.
    ACCESS_DENIED = 88, "access denied: %s";
    /// A D-Bus service answered with an error.
    DBUS_SERVICE = 89, "error from service: %s";
    /// A volume of that name exists.
    STORAGE_VOL_EXIST = 90, "storage volume %s exists already";
    /// The host cannot run that CPU model.
    CPU_INCOMPATIBLE = 91, "the CPU is incompatible with host CPU: %s";
    /// A document does not match its schema.
    XML_INVALID_SCHEMA = 92, "XML document failed to validate against schema: %s";
    /// Internal to migration.
    MIGRATE_FINISH_OK = 93, "migration successfully aborted: %s";
    /// Nobody is there to authenticate the client.
    AUTH_UNAVAILABLE = 94, "authentication unavailable: %s";
    /// The daemon has no server of that name.
    NO_SERVER = 95, "Server not found: %s";
    /// The server has no client with that id.
    NO_CLIENT = 96, "Client not found: %s";
    /// The guest agent is out of step.
    AGENT_UNSYNCED = 97, "guest agent replied with wrong id to guest-sync command: %s";
    /// The libssh transport failed.
    LIBSSH = 98, "libssh transport error: %s";
    /// The domain has no such device.
    DEVICE_MISSING = 99, "device not found: %s";
    /// Not a network filter binding.
    INVALID_NWFILTER_BINDING = 100, "Invalid network filter binding: %s";
    /// No such network filter binding.
    NO_NWFILTER_BINDING = 101, "Network filter binding not found: %s";
    /// Not a checkpoint.
    INVALID_DOMAIN_CHECKPOINT = 102, "Invalid domain checkpoint: %s";
    /// No such checkpoint.
    NO_DOMAIN_CHECKPOINT = 103, "Domain checkpoint not found: %s";
    /// The domain has no such backup job.
    NO_DOMAIN_BACKUP = 104, "Domain backup job id not found: %s";
    /// Not a network port.
    INVALID_NETWORK_PORT = 105, "Invalid network port pointer: %s";
    /// A network port with that UUID exists.
    NETWORK_PORT_EXIST = 106, "network port %s exists already";
    /// No such network port.
    NO_NETWORK_PORT = 107, "network port not found: %s";
    /// The host name of a domain is not known.
    NO_HOSTNAME = 108, "no hostname found: %s";
    /// A checkpoint cannot be used.
    CHECKPOINT_INCONSISTENT = 109, "checkpoint inconsistent: %s";
    /// More than one domain matches.
    MULTIPLE_DOMAINS = 110, "multiple matching domains found: %s";
    /// The network has no such metadata.
    NO_NETWORK_METADATA = 111, "metadata not found: %s";
    /// The guest agent did not answer in time.
    AGENT_COMMAND_TIMEOUT = 112, "guest agent command timed out: %s";
    /// The guest agent answered with an error.
    AGENT_COMMAND_FAILED = 113, "guest agent command failed: %s";
}
