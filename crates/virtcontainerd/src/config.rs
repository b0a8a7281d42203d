//! `/etc/libvirt/virtcontainerd.conf`: libvirt's syntax, and libvirt's keys and defaults where the thing exists there.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use conf::options::{self, Mode, Options};
use rpc::Limits;

use crate::log::{Filters, Outputs, Priority};

conf::choices! {
    /// How clients of a UNIX socket authenticate.
    pub(crate) enum UnixAuth { None = "none", Polkit = "polkit", Sasl = "sasl" }
}

conf::choices! {
    /// How clients from the network authenticate.
    pub(crate) enum NetAuth { None = "none", Sasl = "sasl" }
}

conf::choices! {
    /// Who answers calls about objects that are no containers.
    pub(crate) enum Secondary { Auto = "auto", Builtin = "builtin", Libvirt = "libvirt" }
}

conf::choices! {
    /// Where the host's UUID comes from.
    pub(crate) enum HostUuidSource { Smbios = "smbios", MachineId = "machine-id" }
}

conf::options! {
    /// Settings of the daemon.
    pub(crate) struct Config;

    section "UNIX sockets" {
        /// Group that owns the sockets.
        /// This and the modes below do not apply to sockets that systemd made.
        unix_sock_group: Option<String> = None, example "\"libvirt\"";
        /// Mode of the read-only socket, whose clients can only look.
        unix_sock_ro_perms: Mode = Mode(0o777);
        /// Mode of the read-write socket.
        /// The default is "0777" if clients authenticate (auth_unix_rw), and "0700" otherwise.
        unix_sock_rw_perms: Option<Mode> = None, example "\"0770\"";
        /// Mode of the socket for virt-admin.
        /// Whatever the mode, only processes of the daemon's own user are let in.
        unix_sock_admin_perms: Mode = Mode(0o700);
        /// Directory of the sockets.
        unix_sock_dir: String = "/run/libvirt".to_owned();
        /// Also listens on libvirt-sock and libvirt-sock-ro, where clients look that know nothing of separate daemons,
        /// such as those that come by ssh and nc.
        /// Refused if another daemon listens there.
        legacy_sockets: bool = false;
    }

    section "Connections from the network" {
        /// Listens for TLS connections; their clients need a certificate.
        listen_tls: bool = false;
        /// Listens for TCP connections, which SASL encrypts.
        listen_tcp: bool = false;
        /// Port of TLS connections: a number or a service's name.
        tls_port: String = "16514".to_owned();
        /// Port of TCP connections: a number or a service's name.
        tcp_port: String = "16509".to_owned();
        /// Address or host name to listen on, instead of all addresses.
        listen_addr: Option<String> = None, example "\"192.168.0.1\"";
    }

    section "Authentication" {
        /// How clients of the read-only socket authenticate.
        /// With "none", whoever can open the socket is let in.
        auth_unix_ro: UnixAuth = UnixAuth::Polkit;
        /// How clients of the read-write socket authenticate.
        /// Root needs no permission of polkit.
        auth_unix_rw: UnixAuth = UnixAuth::Polkit;
        /// How clients of TCP connections authenticate.
        /// "none" lets everybody in who reaches the port, and encrypts nothing.
        auth_tcp: NetAuth = NetAuth::Sasl;
        /// How clients of TLS connections authenticate, beyond their certificate.
        auth_tls: NetAuth = NetAuth::None;
        /// Weakest encryption by SASL that is accepted on TCP connections, in bits of the key.
        /// Without this key it is 56, as in libvirt.
        tcp_min_ssf: Option<u32> = None, range 112..=u32::MAX.into(), example "112";
        /// SASL users that are let in, as patterns with * and ?.
        /// An empty list lets nobody in; without this key everybody is let in whom SASL knows.
        sasl_allowed_username_list: Option<Vec<String>> = None, example "[ \"joe@EXAMPLE.COM\", \"*@EXAMPLE.ORG\" ]";
        /// Seconds that a client gets to authenticate.
        auth_timeout: u32 = 30, range 1..=86_400;
    }

    section "Certificates" {
        /// Private key of the daemon, in PEM form like all files here.
        key_file: Option<String> = None, example "\"/etc/pki/libvirt/private/serverkey.pem\"";
        /// Certificate of the daemon.
        cert_file: Option<String> = None, example "\"/etc/pki/libvirt/servercert.pem\"";
        /// Certificates of the authorities that sign clients' certificates.
        ca_file: Option<String> = None, example "\"/etc/pki/CA/cacert.pem\"";
        /// Certificates that have been revoked.
        crl_file: Option<String> = None, example "\"/etc/pki/CA/cacrl.pem\"";
        /// Uses the daemon's certificate without looking at its dates and purpose first.
        tls_no_sanity_certificate: bool = false;
        /// Lets clients in without looking at their certificates.
        tls_no_verify_certificate: bool = false;
        /// Distinguished names of certificates whose clients are let in, as patterns with * and ?.
        /// An empty list lets nobody in; without this key every name is let in.
        tls_allowed_dn_list: Option<Vec<String>> = None, example "[ \"C=GB,ST=London,L=London,O=Example,CN=*\" ]";
    }

    section "Authorisation" {
        /// Who is asked whether a client may do what it asks for: "polkit", or nobody.
        access_drivers: Vec<String> = Vec::new();
    }

    section "Limits" {
        /// Most clients connected at a time.
        max_clients: u32 = 5000, range 1..=u32::MAX.into();
        /// Most clients that wait to be accepted.
        max_queued_clients: u32 = 1000, range 1..=i32::MAX.into();
        /// Most clients connected and not yet authenticated; 0 is no limit.
        max_anonymous_clients: u32 = 20;
        /// What virt-admin shows as the smallest number of workers; nothing here depends on it.
        min_workers: u32 = 5;
        /// Most calls of all clients that are being worked on at a time; more have to wait.
        max_workers: u32 = 20, range 1..=u32::MAX.into();
        /// Calls of high priority, such as destroying a domain, that may be worked on beyond max_workers.
        prio_workers: u32 = 5;
        /// Most calls of one client that are being worked on at a time.
        max_client_requests: u32 = 5, range 1..=u32::MAX.into();
        /// The same for clients of the administration socket, like all keys that begin with admin_.
        admin_max_clients: u32 = 5000, range 1..=u32::MAX.into();
        /// See max_queued_clients.
        admin_max_queued_clients: u32 = 20, range 1..=i32::MAX.into();
        /// See min_workers.
        admin_min_workers: u32 = 5;
        /// See max_workers.
        admin_max_workers: u32 = 20, range 1..=u32::MAX.into();
        /// See max_client_requests.
        admin_max_client_requests: u32 = 5, range 1..=u32::MAX.into();
    }

    section "Limits that libvirt does not have" {
        /// Most event callbacks of one client.
        max_client_callbacks: u32 = 1024, range 1..=u32::MAX.into();
        /// Most streams, such as consoles, of one client.
        max_client_streams: u32 = 64, range 1..=u32::MAX.into();
        /// Most bytes that wait to be sent to one client, which is disconnected when there are more.
        max_client_queued_bytes: u32 = 16 << 20, range 65_536..=u32::MAX.into();
        /// The same as a number of messages.
        max_client_queued_messages: u32 = 16_384, range 16..=u32::MAX.into();
        /// Most bytes that wait to be sent to all clients; the one that is sent more then is disconnected.
        max_queued_bytes: u32 = 256 << 20, range 65_536..=u32::MAX.into();
        /// Most bytes in the arguments of one client's calls that are being worked on.
        max_client_call_bytes: u32 = 64 << 20, range 65_536..=u32::MAX.into();
        /// Longest message of a client that is not yet authenticated, in bytes.
        max_anonymous_message: u32 = 300 << 10, range 1024..=33_554_436;
        /// Most bytes of long messages of all clients that are being received or worked on.
        max_message_bytes: u32 = 512 << 20, range 65_536..=u32::MAX.into();
        /// Most descriptors that came with messages of all clients that are being received or worked on.
        /// The default is a quarter of those that the daemon may have.
        max_message_fds: Option<u32> = None, range 32..=u32::MAX.into(), example "1024";
        /// Seconds that the first 28 bytes of a message may take to arrive.
        header_timeout: u32 = 10, range 1..=86_400;
        /// Seconds that the rest of it may take, and a second for each MiB.
        message_timeout: u32 = 30, range 1..=86_400;
        /// Seconds after which a client is disconnected that accepts nothing of what waits for it.
        send_timeout: u32 = 60, range 1..=86_400;
    }

    section "Keepalive" {
        /// Seconds without a word from a client that asked for it, after which it is asked whether it is there.
        /// With 0 or less nobody is asked.
        keepalive_interval: i32 = 5;
        /// Questions without an answer after which a client is given up.
        keepalive_count: u32 = 5;
        /// See keepalive_interval.
        admin_keepalive_interval: i32 = 5;
        /// See keepalive_count.
        admin_keepalive_count: u32 = 5;
    }

    section "Log" {
        /// What is logged where no filter says otherwise: 1 is everything, 2 is information, 3 warnings, 4 errors.
        log_level: u32 = 3, range 1..=4;
        /// What is logged of the parts of the daemon: "LEVEL:PART" separated by blanks, the first that matches counts.
        /// A part is the name of a module, such as "rpc" or "lxc.start", or a piece or a pattern of it.
        log_filters: Filters = Filters::default(), example "\"1:lxc 4:rpc\"";
        /// Where the log goes: "LEVEL:stderr", "LEVEL:journald", "LEVEL:syslog:NAME" or "LEVEL:file:PATH", separated by
        /// blanks.
        /// The default is the journal if systemd started the daemon, and standard error otherwise.
        log_outputs: Outputs = Outputs::default(), example "\"3:syslog:virtcontainerd\"";
    }

    section "Audit" {
        /// Whether operations on containers are told to the kernel's audit system: 0 never, 1 if auditing is enabled,
        /// 2 always, and then the daemon does not start without it.
        audit_level: u32 = 1, range 0..=2;
        /// Also writes what is told to the audit system into the log.
        audit_logging: bool = false;
    }

    section "Identity of the host" {
        /// UUID of the host in the capabilities.
        host_uuid: Option<String> = None, example "\"8510b1a1-1afa-4da6-8111-785fae202c1e\"";
        /// Where the UUID comes from if it is not given: the firmware's tables, or /etc/machine-id.
        host_uuid_source: HostUuidSource = HostUuidSource::Smbios;
    }

    section "Networks, storage and other objects" {
        /// Who answers calls about virtual networks: "builtin" is this daemon, "libvirt" is libvirt's daemon for networks
        /// on this host, and "auto" is libvirt's if it is there, and this daemon otherwise.
        network_driver: Secondary = Secondary::Auto;
        /// The same for storage pools and volumes.
        storage_driver: Secondary = Secondary::Auto;
        /// The same for network interfaces of the host.
        interface_driver: Secondary = Secondary::Auto;
        /// The same for devices of the host.
        nodedev_driver: Secondary = Secondary::Auto;
        /// The same for secrets.
        secret_driver: Secondary = Secondary::Auto;
        /// The same for network filters.
        nwfilter_driver: Secondary = Secondary::Auto;
    }

    ignored "Keys of libvirt's without effect" {
        /// Algorithms in the notation of GnuTLS, which is not used.
        tls_priority: "a string";
        /// libvirt does not look at it either.
        keepalive_required: "0 or 1";
        /// libvirt does not look at it either.
        admin_keepalive_required: "0 or 1";
        /// Open vSwitch is not asked for anything.
        ovs_timeout: "a number";
    }
}

impl Config {
    /// Reads the file; one that is not there means the defaults, unless it was asked for by name. Returns the warnings
    /// too, for when there is a log.
    pub(crate) fn load(path: &Path, must_exist: bool) -> Result<(Self, Vec<String>)> {
        read(path, must_exist, options::apply)
    }

    /// What the clients of drivers may use.
    pub(crate) fn limits(&self) -> Limits {
        let defaults = Limits::default();
        Limits {
            max_clients: count(self.max_clients),
            max_queued_clients: count(self.max_queued_clients),
            max_anonymous_clients: count(self.max_anonymous_clients),
            max_client_requests: count(self.max_client_requests),
            min_workers: count(self.min_workers),
            max_workers: count(self.max_workers),
            prio_workers: count(self.prio_workers),
            keepalive_interval: interval(self.keepalive_interval),
            keepalive_count: self.keepalive_count,
            auth_timeout: Duration::from_secs(self.auth_timeout.into()),
            header_timeout: Duration::from_secs(self.header_timeout.into()),
            message_timeout: Duration::from_secs(self.message_timeout.into()),
            send_timeout: Duration::from_secs(self.send_timeout.into()),
            max_queued_bytes: count(self.max_client_queued_bytes),
            max_queued_messages: count(self.max_client_queued_messages),
            max_queued_bytes_total: count(self.max_queued_bytes),
            max_streams: count(self.max_client_streams),
            max_callbacks: count(self.max_client_callbacks),
            max_call_bytes: count(self.max_client_call_bytes),
            max_anonymous_message: count(self.max_anonymous_message),
            max_unfinished_bytes: count(self.max_message_bytes),
            max_unfinished_fds: self.max_message_fds.map_or(defaults.max_unfinished_fds, count),
            ..defaults
        }
    }

    /// What administrators may use.
    pub(crate) fn admin_limits(&self) -> Limits {
        Limits {
            max_clients: count(self.admin_max_clients),
            max_anonymous_clients: 0,
            max_client_requests: count(self.admin_max_client_requests),
            min_workers: count(self.admin_min_workers),
            max_workers: count(self.admin_max_workers),
            prio_workers: 0,
            keepalive_interval: interval(self.admin_keepalive_interval),
            keepalive_count: self.admin_keepalive_count,
            auth_timeout: Duration::from_secs(self.auth_timeout.into()),
            ..Limits::default()
        }
    }

    /// What is logged where no filter says otherwise.
    pub(crate) fn log_priority(&self) -> Priority {
        Priority::from_number(self.log_level).unwrap_or(Priority::Warning)
    }
}

/// Reads a file of settings into a struct of them, with `apply`. An error names the file and the line.
pub(crate) fn read<O: Options>(
    path: &Path,
    must_exist: bool,
    apply: impl FnOnce(&mut O, &str) -> Result<Vec<String>, conf::settings::SettingError>,
) -> Result<(O, Vec<String>)> {
    let of = || path.display().to_string();
    let mut options = O::default();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && !must_exist => return Ok((options, Vec::new())),
        Err(error) => return Err(error).with_context(of),
    };
    let warnings = apply(&mut options, &text).with_context(of)?;
    Ok((options, warnings.into_iter().map(|warning| format!("{}: {warning}", path.display())).collect()))
}

fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// libvirt's negative and zero intervals are never.
fn interval(seconds: i32) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<(Config, Vec<String>)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("d.conf");
        std::fs::write(&path, text).unwrap();
        let result = Config::load(&path, true);
        let hide = |text: String| text.replace(&path.display().to_string(), "FILE");
        result
            .map(|(config, warnings)| (config, warnings.into_iter().map(hide).collect()))
            .map_err(|error| anyhow::anyhow!("{}", hide(format!("{error:#}"))))
    }

    #[test]
    fn libvirts_keys_of_every_kind() {
        let (config, warnings) = load(
            "unix_sock_group = \"libvirt\"\nunix_sock_rw_perms = \"0770\"\nauth_unix_rw = \"none\"\n\
             tls_allowed_dn_list = []\nmax_clients = 7\nkeepalive_interval = -1\n",
        )
        .unwrap();
        assert_eq!(warnings, [""; 0]);
        assert_eq!(config.unix_sock_group.as_deref(), Some("libvirt"));
        assert_eq!(config.unix_sock_rw_perms, Some(Mode(0o770)));
        assert_eq!(config.auth_unix_rw, UnixAuth::None);
        assert_eq!(config.tls_allowed_dn_list, Some(Vec::new()));
        let limits = config.limits();
        assert_eq!((limits.max_clients, limits.keepalive_interval), (7, Duration::ZERO));
    }

    #[test]
    fn mistakes_are_told_with_file_line_and_key() {
        assert_eq!(load("\nmax_client = 1\n").unwrap().1, ["FILE: line 2: unknown key max_client"]);
        for (text, error) in [
            ("max_clients = 0", "FILE: line 1: max_clients: 0 is not from 1 to 4294967295"),
            ("max_clients = \"5\"", "FILE: line 1: max_clients: \"5\" is no number from 0 to 4294967295"),
            ("\n\nauth_tcp = 'polkit'", "FILE: line 3: auth_tcp: 'polkit' is neither 'none' nor 'sasl'"),
            ("tcp_min_ssf = 56", "FILE: line 1: tcp_min_ssf: 56 is not from 112 to 4294967295"),
            (
                "network_driver = 'x'",
                "FILE: line 1: network_driver: 'x' is none of 'auto', 'builtin', 'libvirt'",
            ),
        ] {
            assert_eq!(load(text).unwrap_err().to_string(), error, "{text}");
        }
    }

    #[test]
    fn the_commented_defaults_can_be_used_as_they_are() {
        let file = options::commented::<Config>(&[]);
        let setting =
            |line: &str| line.strip_prefix('#').filter(|l| l.contains(" = ")).map(|l| format!("{l}\n"));
        let (config, warnings) = load(&file.lines().filter_map(setting).collect::<String>()).unwrap();
        assert_eq!(warnings, [""; 0]);
        assert_eq!((config.max_clients, config.tcp_min_ssf), (5000, Some(112)));
        assert_eq!(config.unix_sock_group.as_deref(), Some("libvirt"));
    }

    #[test]
    fn only_a_file_that_was_asked_for_must_be_there() {
        let path = Path::new("/nonexistent/d.conf");
        assert_eq!(Config::load(path, false).unwrap().0, Config::default());
        assert!(Config::load(path, true).unwrap_err().to_string().contains("/nonexistent/d.conf"));
    }

    #[test]
    fn every_key_that_libvirts_daemons_know_is_known() {
        let keys: Vec<_> = Config::sections().into_iter().flat_map(|s| s.keys).map(|key| key.name).collect();
        for key in LIBVIRTS {
            assert!(keys.contains(&key), "{key}");
        }
    }

    /// libvirtd.conf of libvirt 11.3.
    #[rustfmt::skip]
    const LIBVIRTS: [&str; 51] = [
        "listen_tls", "listen_tcp", "tls_port", "tcp_port", "listen_addr", "unix_sock_group",
        "unix_sock_ro_perms", "unix_sock_rw_perms", "unix_sock_admin_perms", "unix_sock_dir", "auth_unix_ro",
        "auth_unix_rw", "auth_tcp", "auth_tls", "tcp_min_ssf", "access_drivers", "key_file", "cert_file",
        "ca_file", "crl_file", "tls_no_sanity_certificate", "tls_no_verify_certificate", "tls_allowed_dn_list",
        "tls_priority", "sasl_allowed_username_list", "max_clients", "max_queued_clients",
        "max_anonymous_clients", "min_workers", "max_workers", "prio_workers", "max_client_requests",
        "admin_min_workers", "admin_max_workers", "admin_max_clients", "admin_max_queued_clients",
        "admin_max_client_requests", "log_level", "log_filters", "log_outputs", "audit_level", "audit_logging",
        "host_uuid", "host_uuid_source", "keepalive_interval", "keepalive_count", "keepalive_required",
        "admin_keepalive_interval", "admin_keepalive_count", "admin_keepalive_required", "ovs_timeout",
    ];
}
