//! Opening, closing, features and authentication, as libvirtd answers.

use std::sync::Arc;

use protocol::{Error, ErrorCode, ErrorDomain, calls, header::REMOTE};
use rpc::{Auth, Client};

use crate::{
    daemon::Daemon,
    raw::{Raw, open_call},
};

fn check(error: &Error, code: i32, domain: i32, message: &str) {
    assert_eq!((error.code.0, error.domain.0, error.message.as_str()), (code, domain, message));
    assert_eq!(error.level.0, 2);
}

fn feature(raw: &mut Raw, feature: i32) -> Result<i32, Error> {
    raw.call(&calls::ConnectSupportsFeature { feature })
}

#[test]
fn calls_before_open() {
    let daemon = Daemon::start();
    let mut raw = Raw::connect(&daemon.socket());
    let not_open = "internal error: hypervisor connection not open";
    check(&raw.call(&calls::ConnectGetType {}).unwrap_err(), 1, 7, not_open);
    check(&raw.call(&calls::ConnectGetHostname {}).unwrap_err(), 1, 7, not_open);
    check(&raw.call(&calls::ConnectIsSecure {}).unwrap_err(), 1, 7, not_open);
    check(&feature(&mut raw, 14).unwrap_err(), 1, 7, not_open);
    assert_eq!(feature(&mut raw, 10).unwrap(), 1);
    raw.call(&open_call(0)).unwrap();
    check(&raw.call(&open_call(0)).unwrap_err(), 1, 7, "internal error: connection already open");
    assert_eq!(raw.call(&calls::ConnectGetType {}).unwrap(), "LXC", "the first open is not forgotten");
}

#[test]
fn features() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    for number in [-1, 0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 17, 18, 99] {
        assert_eq!(feature(&mut raw, number).unwrap(), 0, "{number}");
    }
    for number in [8, 9, 10, 14, 15, 16] {
        assert_eq!(feature(&mut raw, number).unwrap(), 1, "{number}");
    }
    assert_eq!(raw.call(&calls::ConnectIsSecure {}).unwrap(), 1);
    for _ in 0..2 {
        raw.call(&calls::ConnectRegisterCloseCallback {}).unwrap();
    }
    for _ in 0..2 {
        raw.call(&calls::ConnectUnregisterCloseCallback {}).unwrap();
    }
}

#[test]
fn names() {
    let daemon = Daemon::start();
    for name in ["", "lxc:///", "lxc:///system?x=1"] {
        let mut raw = Raw::connect(&daemon.socket());
        raw.call(&calls::ConnectOpen { name: Some(name.to_owned()), flags: 0 }).unwrap();
        assert_eq!(raw.call(&calls::ConnectGetUri {}).unwrap(), name);
    }
    let mut raw = Raw::connect(&daemon.socket());
    let error = raw.call(&calls::ConnectOpen { name: None, flags: 0 }).unwrap_err();
    check(&error, 1, 7, "internal error: connection not open");
    let error =
        raw.call(&calls::ConnectOpen { name: Some("lxc:///bogus".to_owned()), flags: 1 }).unwrap_err();
    check(&error, 5, 0, "no connection driver available for lxc:///bogus");
    assert!(raw.call(&calls::ConnectGetUri {}).is_err());
    raw.call(&open_call(0)).unwrap();
    raw.call(&calls::DomainDestroy { dom: crate::daemon::domain() }).unwrap();
}

#[test]
fn go_libvirt_marks_presence_with_another_byte() {
    let daemon = Daemon::start();
    let mut raw = Raw::connect(&daemon.socket());
    let mut payload = xdr::to_bytes(&open_call(0)).unwrap();
    payload[..4].copy_from_slice(&[1, 0, 0, 0]);
    raw.call_raw(REMOTE, 1, &payload).reply::<()>().unwrap();
}

#[test]
fn close_is_answered_and_nothing_after_it() {
    let daemon = Daemon::start();
    let mut raw = Raw::open(&daemon.socket());
    raw.call(&calls::ConnectClose {}).unwrap();
    raw.expect_end();

    let mut raw = Raw::open(&daemon.socket());
    let close = raw.send(&calls::ConnectClose {});
    let header = crate::raw::call_header(REMOTE, 3, 99);
    // The server may have closed already.
    let _ = std::io::Write::write_all(&mut raw.socket, &crate::raw::frame(&header, &[]));
    assert_eq!(raw.receive().header.serial, close);
    raw.expect_end();
    daemon.wait_for_clients(0);
}

#[test]
fn close_without_open() {
    let daemon = Daemon::start();
    let mut raw = Raw::connect(&daemon.socket());
    raw.call(&calls::ConnectClose {}).unwrap();
    raw.expect_end();
}

fn polkit(allowed: bool) -> Auth {
    Auth::Polkit(Arc::new(move |_: Client| {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let refusal = Error::new(ErrorCode::AUTH_UNAVAILABLE, ErrorDomain::POLKIT, "no agent");
            if allowed { Ok(()) } else { Err(refusal) }
        })
    }))
}

#[test]
fn root_is_let_in_by_auth_list() {
    let daemon = Daemon::with_auth(|_| {}, polkit(false), Auth::None);
    let mut raw = Raw::connect(&daemon.socket());
    raw.expect_silence();
    let required = "authentication required";
    check(&raw.call(&open_call(0)).unwrap_err(), 39, 7, required);
    check(&feature(&mut raw, 10).unwrap_err(), 39, 7, required);
    assert_eq!(daemon.server.anonymous_count(), 1);
    if rustix::process::geteuid().is_root() {
        let kinds = raw.call_raw(REMOTE, 66, &[]);
        assert_eq!(kinds.body, [0, 0, 0, 1, 0, 0, 0, 0]);
        raw.call(&open_call(0)).unwrap();
        assert_eq!(daemon.server.anonymous_count(), 0);
    }
}

#[test]
fn polkit_decides() {
    let daemon = Daemon::with_auth(|_| {}, polkit(true), polkit(false));
    let mut raw = Raw::connect(&daemon.socket());
    assert_eq!(raw.call(&calls::AuthPolkit {}).unwrap(), 1);
    raw.call(&open_call(0)).unwrap();
    let mut raw = Raw::connect(&daemon.read_only_socket());
    let message = "authentication unavailable: no agent";
    check(&raw.call(&calls::AuthPolkit {}).unwrap_err(), 94, 60, message);
    check(&raw.call(&open_call(0)).unwrap_err(), 39, 7, "authentication required");
    assert_eq!(raw.call(&calls::AuthSaslInit {}).unwrap_err().code.0, 45);
}

#[test]
fn admin_server() {
    let daemon = Daemon::with(|config| *config = rpc::ServerConfig::admin("admin"));
    let mut raw = Raw::connect(&daemon.socket());
    raw.expect_silence();
    let program = protocol::header::ADMIN;
    let refused = raw.call_raw(program, 1, &[0, 0, 0, 1]).error();
    assert_eq!((refused.code.0, refused.domain.0), (8, 62));
    raw.call_raw(program, 1, &[0, 0, 0, 0]).reply::<()>().unwrap();
    assert_eq!(raw.call_raw(program, 4, &[0; 8]).error().code.0, 3);
    assert_eq!(raw.call_raw(REMOTE, 1, &[0; 8]).error().code.0, 39);
    raw.call_raw(program, 2, &[]).reply::<()>().unwrap();
    raw.expect_end();
}
