//! Migration of a domain to another host, in three generations of the protocol.

use xdr::Opaque;

use crate::{call::StreamKind::Write, limits::*, params::Params, types::Domain};

calls! { REMOTE, Hypervisor;
    // Settings.
    /// Sets how long the domain may stand still, in milliseconds.
    166 DomainMigrateSetMaxDowntime { dom: Domain, downtime: u64, flags: u32 } -> () [domain.migrate] deny;
    /// How long the domain may stand still, in milliseconds.
    387 DomainMigrateGetMaxDowntime { dom: Domain, flags: u32 } -> u64 [domain.migrate];
    /// Limits the bandwidth, in MiB/s.
    207 DomainMigrateSetMaxSpeed { dom: Domain, bandwidth: u64, flags: u32 } -> () [domain.migrate] deny;
    /// The limit of the bandwidth, in MiB/s.
    242 DomainMigrateGetMaxSpeed { dom: Domain, flags: u32 } -> u64 [domain.migrate] deny;
    /// Sets the size of the cache for compression, in bytes.
    300 DomainMigrateSetCompressionCache { dom: Domain, cacheSize: u64, flags: u32 } -> () [domain.migrate]
        deny;
    /// The size of the cache for compression, in bytes.
    299 DomainMigrateGetCompressionCache { dom: Domain, flags: u32 } -> u64 [domain.migrate];
    /// Switches a running migration to post-copy.
    364 DomainMigrateStartPostCopy { dom: Domain, flags: u32 } -> () [domain.migrate] deny;

    // Versions 1 and 2.
    /// Destination: gets ready to receive. Version 1.
    61 DomainMigratePrepare {
        uri_in: Option<String>, flags: u64, dname: Option<String>, resource: u64,
    } -> (Opaque<MIGRATE_COOKIE_MAX>, Option<String>) [domain.migrate, domain.start, domain.write] deny;
    /// Destination: gets ready to receive. Version 2.
    108 DomainMigratePrepare2 {
        uri_in: Option<String>, flags: u64, dname: Option<String>, resource: u64, dom_xml: String,
    } -> (Opaque<MIGRATE_COOKIE_MAX>, Option<String>) [domain.migrate, domain.start, domain.write] deny;
    /// Destination: gets ready to receive through this connection.
    148 DomainMigratePrepareTunnel {
        flags: u64, dname: Option<String>, resource: u64, dom_xml: String,
    } -> () [domain.migrate, domain.start, domain.write] deny stream(Write);
    /// Source: sends the domain.
    62 DomainMigratePerform {
        dom: Domain, cookie: Opaque<MIGRATE_COOKIE_MAX>, uri: String, flags: u64, dname: Option<String>,
        resource: u64,
    } -> () [domain.migrate] deny;
    /// Destination: takes over. Version 1.
    63 DomainMigrateFinish {
        dname: String, cookie: Opaque<MIGRATE_COOKIE_MAX>, uri: String, flags: u64,
    } -> Domain [domain.migrate] deny;
    /// Destination: takes over or cancels. Version 2.
    109 DomainMigrateFinish2 {
        dname: String, cookie: Opaque<MIGRATE_COOKIE_MAX>, uri: String, flags: u64, retcode: i32,
    } -> Domain [domain.migrate] deny;

    // Version 3.
    /// Source: describes the domain.
    213 DomainMigrateBegin3 {
        dom: Domain, xmlin: Option<String>, flags: u64, dname: Option<String>, resource: u64,
    } -> (Opaque<MIGRATE_COOKIE_MAX>, String) [domain.migrate] deny;
    /// Destination: gets ready to receive.
    214 DomainMigratePrepare3 {
        cookie_in: Opaque<MIGRATE_COOKIE_MAX>, uri_in: Option<String>, flags: u64, dname: Option<String>,
        resource: u64, dom_xml: String,
    } -> (Opaque<MIGRATE_COOKIE_MAX>, Option<String>) [domain.migrate, domain.start, domain.write] deny;
    /// Destination: gets ready to receive through this connection.
    215 DomainMigratePrepareTunnel3 {
        cookie_in: Opaque<MIGRATE_COOKIE_MAX>, flags: u64, dname: Option<String>, resource: u64,
        dom_xml: String,
    } -> Opaque<MIGRATE_COOKIE_MAX> [domain.migrate, domain.start, domain.write] deny stream(Write);
    /// Source: sends the domain.
    216 DomainMigratePerform3 {
        dom: Domain, xmlin: Option<String>, cookie_in: Opaque<MIGRATE_COOKIE_MAX>, dconnuri: Option<String>,
        uri: Option<String>, flags: u64, dname: Option<String>, resource: u64,
    } -> Opaque<MIGRATE_COOKIE_MAX> [domain.migrate] deny;
    /// Destination: takes over or cancels.
    217 DomainMigrateFinish3 {
        dname: String, cookie_in: Opaque<MIGRATE_COOKIE_MAX>, dconnuri: Option<String>, uri: Option<String>,
        flags: u64, cancelled: i32,
    } -> (Domain, Opaque<MIGRATE_COOKIE_MAX>) [domain.migrate] deny;
    /// Source: ends the domain or lets it go on.
    218 DomainMigrateConfirm3 {
        dom: Domain, cookie_in: Opaque<MIGRATE_COOKIE_MAX>, flags: u64, cancelled: i32,
    } -> () [domain.migrate] deny;

    // Version 3 with typed parameters.
    /// Source: describes the domain.
    302 DomainMigrateBegin3Params {
        dom: Domain, params: Params<DOMAIN_MIGRATE_PARAM_LIST_MAX>, flags: u32,
    } -> (Opaque<MIGRATE_COOKIE_MAX>, String) [domain.migrate] deny;
    /// Destination: gets ready to receive.
    303 DomainMigratePrepare3Params {
        params: Params<DOMAIN_MIGRATE_PARAM_LIST_MAX>, cookie_in: Opaque<MIGRATE_COOKIE_MAX>, flags: u32,
    } -> (Opaque<MIGRATE_COOKIE_MAX>, Option<String>) [domain.migrate, domain.start, domain.write] deny;
    /// Destination: gets ready to receive through this connection.
    304 DomainMigratePrepareTunnel3Params {
        params: Params<DOMAIN_MIGRATE_PARAM_LIST_MAX>, cookie_in: Opaque<MIGRATE_COOKIE_MAX>, flags: u32,
    } -> Opaque<MIGRATE_COOKIE_MAX> [domain.migrate, domain.start, domain.write] deny;
    /// Source: sends the domain.
    305 DomainMigratePerform3Params {
        dom: Domain, dconnuri: Option<String>, params: Params<DOMAIN_MIGRATE_PARAM_LIST_MAX>,
        cookie_in: Opaque<MIGRATE_COOKIE_MAX>, flags: u32,
    } -> Opaque<MIGRATE_COOKIE_MAX> [domain.migrate] deny;
    /// Destination: takes over or cancels.
    306 DomainMigrateFinish3Params {
        params: Params<DOMAIN_MIGRATE_PARAM_LIST_MAX>, cookie_in: Opaque<MIGRATE_COOKIE_MAX>, flags: u32,
        cancelled: i32,
    } -> (Domain, Opaque<MIGRATE_COOKIE_MAX>) [domain.migrate] deny;
    /// Source: ends the domain or lets it go on.
    307 DomainMigrateConfirm3Params {
        dom: Domain, params: Params<DOMAIN_MIGRATE_PARAM_LIST_MAX>, cookie_in: Opaque<MIGRATE_COOKIE_MAX>,
        flags: u32, cancelled: i32,
    } -> () [domain.migrate] deny;
}
