//! What a read-only connection must not do, call by call.

use protocol::{
    CALLS, Call, CallInfo, ReadOnlyRule,
    calls::{self, visit_calls},
    header::{LXC, QEMU, REMOTE},
};

use crate::{
    daemon::{Daemon, domain},
    raw::{Raw, open_call},
};

/// Both ways to be read-only.
fn read_only(daemon: &Daemon) -> [Raw; 2] {
    let by_socket = Raw::open(&daemon.read_only_socket());
    let mut by_flag = Raw::connect(&daemon.socket());
    // The client library leaks flags of its own; only the first bit counts.
    by_flag.call(&open_call(0xff)).unwrap();
    [by_socket, by_flag]
}

/// The calls that answer for themselves and end the test when made.
fn is_special(info: &CallInfo) -> bool {
    info.no_auth || info.name == "connect_open" || info.name == "connect_close"
}

#[test]
fn every_call_that_is_denied() {
    let daemon = Daemon::start();
    for mut raw in read_only(&daemon) {
        let mut refused = 0;
        for info in CALLS.iter().filter(|info| [REMOTE, LXC, QEMU].contains(&info.program)) {
            if is_special(info) {
                continue;
            }
            // Nothing has this shape; a call that is not refused fails to decode, or is not supported.
            let reply = raw.call_raw(info.program, info.procedure, &[0; 256]);
            let denied = reply.header.status.0 == 1 && reply.error().code.0 == 29;
            assert_eq!(denied, info.read_only == ReadOnlyRule::Deny, "{}: {reply:?}", info.name);
            if denied {
                let error = reply.error();
                assert_eq!(error.domain, info.error_domain(), "{}", info.name);
                let function = if info.function.is_empty() { info.name } else { info.function };
                let text = format!("operation forbidden: read only access prevents {function}");
                assert_eq!(error.message, text);
                refused += 1;
            }
        }
        assert!(refused > 200, "{refused}");
        assert_eq!(raw.call(&calls::ConnectGetType {}).unwrap(), "LXC");
    }
}

#[test]
fn a_read_write_connection_may_try_everything() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    for info in CALLS.iter().filter(|info| [REMOTE, LXC, QEMU].contains(&info.program)) {
        if is_special(info) || info.stream.is_some() || info.procedure == 9 || info.fds_out {
            continue;
        }
        let reply = raw.call_raw(info.program, info.procedure, &[0; 256]);
        if reply.header.status.0 == 1 {
            assert_ne!(reply.error().code.0, 29, "{}", info.name);
        }
    }
}

/// Counts the calls for which the rule depends on arguments and does not refuse all of them.
#[derive(Default)]
struct Conditional(usize);

impl protocol::call::Visitor for Conditional {
    fn call<C: Call>(&mut self) {
        self.0 += usize::from(matches!(C::INFO.read_only, ReadOnlyRule::DenyIf(_)));
    }

    fn event<E: protocol::Event>(&mut self) {}
}

#[test]
fn secrets_are_refused_by_flag() {
    let mut conditional = Conditional::default();
    visit_calls(&mut conditional);
    assert!(conditional.0 > 0);
    let daemon = Daemon::start();
    let xml = |flags| calls::DomainGetXmlDesc { dom: domain(), flags };
    for mut raw in read_only(&daemon) {
        assert_eq!(raw.call(&xml(0)).unwrap(), "<domain/>");
        assert_eq!(raw.call(&xml(2)).unwrap(), "<domain/>");
        for flags in [1, 8, 3] {
            let error = raw.call(&xml(flags)).unwrap_err();
            assert_eq!((error.code.0, error.domain.0), (29, 20));
            assert_eq!(error.message, "operation forbidden: virDomainGetXMLDesc with secure flag");
        }
    }
    assert_eq!(Raw::open(&daemon.socket()).call(&xml(1)).unwrap(), "<domain/>");
}

#[test]
fn calls_without_a_handler_are_not_supported() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    let cases = [
        (calls::DomainManagedSave::INFO, 20, "virDomainManagedSave"),
        (calls::DomainSnapshotNum::INFO, 35, "virDomainSnapshotNum"),
        (calls::ConnectListNetworks::INFO, 19, "virConnectListNetworks"),
        (calls::StoragePoolGetInfo::INFO, 18, "virStoragePoolGetInfo"),
    ];
    for (info, domain, function) in cases {
        let error = raw.call_raw(info.program, info.procedure, &[0; 64]).error();
        assert_eq!((error.code.0, error.domain.0), (3, domain), "{}", info.name);
        let text = format!("this function is not supported by the connection driver: {function}");
        assert_eq!(error.message, text);
    }
}
