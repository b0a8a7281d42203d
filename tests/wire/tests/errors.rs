//! Error codes, and the errors that libvirt's daemon was seen to send.

use std::collections::BTreeSet;

use protocol::{
    Error, ErrorCode, ErrorDomain, Uuid, call_info,
    error::{ErrorBody, ErrorLevel},
    header::REMOTE,
    types::Domain,
};
use wire::{facts, golden};

/// The errors recorded for a procedure.
fn recorded(name: &str) -> Vec<Error> {
    let frames = golden::frames().into_iter();
    let errors = frames.filter(|f| f.name == name && f.status == "ERROR" && !f.payload().is_empty());
    errors.map(|f| Error::from_wire(xdr::from_bytes::<ErrorBody>(f.payload()).expect("an error"))).collect()
}

#[track_caller]
fn check(name: &str, error: &Error) {
    let recorded = recorded(name);
    assert!(recorded.contains(error), "{error:#?} is not among {recorded:#?}");
}

#[test]
fn numbers() {
    let facts = |kind: &str, prefixes: &[&str]| -> BTreeSet<(i32, String)> {
        let rows = facts::errors().into_iter().filter(|row| row["kind"] == kind);
        rows.map(|row| {
            let name = row["name"];
            let name = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
            (row["value"].parse().unwrap(), name.to_owned())
        })
        .collect()
    };
    let codes = ErrorCode::NAMES.iter().map(|(code, name)| (code.0, (*name).to_owned())).collect();
    assert_eq!(facts("virErrorNumber", &["VIR_ERR_", "VIR_"]), codes);
    let domains = ErrorDomain::NAMES.iter().map(|(domain, name)| (domain.0, (*name).to_owned())).collect();
    assert_eq!(facts("virErrorDomain", &["VIR_FROM_"]), domains);
    let levels = ErrorLevel::NAMES.iter().map(|(level, name)| (level.0, (*name).to_owned())).collect();
    assert_eq!(facts("virErrorLevel", &["VIR_ERR_"]), levels);
}

#[test]
fn templates_of_recorded_errors() {
    for frame in golden::frames().into_iter().filter(|f| f.status == "ERROR" && !f.payload().is_empty()) {
        let error = Error::from_wire(xdr::from_bytes(frame.payload()).unwrap());
        if error.str2.as_deref() != Some("flags") {
            assert_eq!(error.str1.as_deref(), Some(error.code.template()), "line {}", frame.line);
            let again = Error::new(error.code, error.domain, error.str2.as_deref().unwrap());
            assert_eq!(again.message, error.message, "line {}", frame.line);
        }
    }
}

#[test]
fn objects_that_do_not_exist() {
    check("domain_lookup_by_name", &Error::no_domain_name("nosuch"));
    check("domain_lookup_by_id", &Error::no_domain_id(4242));
    let uuid: Uuid = "6f9e2c1e-1111-4222-8333-444455556666".parse().unwrap();
    let dom = Domain { name: "wirecap1".to_owned(), uuid, id: -1 };
    check("domain_get_xml_desc", &Error::no_domain(&dom));
    let uuid: Uuid = "6f9e2c1e-1111-4222-8333-444455556667".parse().unwrap();
    check("domain_lookup_by_uuid", &Error::no_domain_uuid(uuid));
    check("connect_lookup_server", &Error::no_server("nosuch"));
    check("domain_get_metadata", &Error::no_domain_metadata());
    check("domain_get_hostname", &Error::no_hostname("wirecap1"));
}

#[test]
fn requests_that_cannot_be_met() {
    check("domain_open_console", &Error::unsupported_flags(ErrorDomain::LXC, "lxcDomainOpenConsole", 1));
    let detail = "Host SMBIOS information is not available";
    check("connect_get_sysinfo", &Error::config_unsupported(ErrorDomain::LXC, detail));
    let detail = "hostname must be specified for netfs sources";
    check("connect_find_storage_pool_sources", &Error::invalid_arg(ErrorDomain::STORAGE, detail));
    let detail = "network 'default' is not active";
    check("network_list_all_ports", &Error::operation_invalid(ErrorDomain::NETWORK, detail));
}

#[test]
fn failures() {
    check("domain_get_autostart_once", &Error::unknown_procedure(449));
    let detail = "unsupported event ID 27";
    check("connect_domain_event_callback_register_any", &Error::internal(ErrorDomain::RPC, detail));
    let errno_of_a_full_disk = 28;
    let error = Error::system(ErrorDomain::STREAMS, errno_of_a_full_disk, "cannot write to stream");
    check("storage_vol_upload", &error);
}

/// Whatever code 3 and 29 were recorded for, the table yields the same error.
#[test]
fn answers_of_the_table() {
    let (mut unsupported, mut denied) = (0, 0);
    for frame in golden::frames().into_iter().filter(|f| f.status == "ERROR" && f.program == "remote") {
        let Ok(body) = xdr::from_bytes::<ErrorBody>(frame.payload()) else { continue };
        let error = Error::from_wire(body);
        let info = call_info(REMOTE, frame.procedure).unwrap();
        if error.code == ErrorCode::NO_SUPPORT && error.str2.as_deref() != Some("virDomainListGetStats") {
            assert_eq!(info.not_supported(), error);
            unsupported += 1;
        }
        if error.code == ErrorCode::OPERATION_DENIED {
            assert_eq!(info.read_only_refusal(), error);
            denied += 1;
        }
    }
    assert!(unsupported >= 20 && denied >= 4, "{unsupported} {denied}");
}
