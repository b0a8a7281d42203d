//! What is known about a procedure besides its arguments.

use xdr::{Layout, Xdr};

use crate::{
    acl::{Condition, Rule},
    error::{Error, ErrorDomain},
    header,
};

/// A procedure that a client calls; the type is the struct of the arguments.
pub trait Call: Xdr + Send + 'static {
    /// What a successful call returns.
    type Reply: Xdr + Send + 'static;

    /// The procedure's entry in the table of calls.
    const INFO: &'static CallInfo;

    /// The argument `flags`, 0 if there is none.
    fn flags(&self) -> u64 {
        0
    }

    /// The argument `source`, if there is one.
    fn source(&self) -> Option<u32> {
        None
    }

    /// Whether a read-only connection must not make this call with these arguments.
    fn denied_read_only(&self) -> bool {
        match Self::INFO.read_only {
            ReadOnlyRule::Allow => false,
            ReadOnlyRule::Deny => true,
            ReadOnlyRule::DenyIf(when) => when.holds(self.flags(), self.source()),
        }
    }

    /// The permissions that a call with these arguments needs.
    fn required(&self) -> impl Iterator<Item = &'static Rule> {
        Self::INFO.acl.iter().filter(|rule| rule.when.holds(self.flags(), self.source()))
    }
}

/// A message that the server sends on its own account; the type is the struct of its body.
pub trait Event: Xdr + Send + 'static {
    /// The procedure's entry in the table of events.
    const INFO: &'static EventInfo;
    /// Program number.
    const PROGRAM: u32 = Self::INFO.program;
    /// Procedure number.
    const PROCEDURE: i32 = Self::INFO.procedure;
    /// Name of the procedure, such as `domain_event_lifecycle`.
    const NAME: &'static str = Self::INFO.name;
}

/// Gets to see the type of every procedure, for code that is generic over all of them.
pub trait Visitor {
    /// Called once for every call.
    fn call<C: Call>(&mut self);
    /// Called once for every event.
    fn event<E: Event>(&mut self);
}

/// A procedure's entry in the table of calls.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CallInfo {
    /// Program number.
    pub program: u32,
    /// Procedure number.
    pub procedure: i32,
    /// Name of the procedure: `domain_create`.
    pub name: &'static str,
    /// The public C function that a client calls: `virDomainCreate`; empty if there is none.
    pub function: &'static str,
    /// Whether libvirt may serve the call on a worker that is kept free for urgent calls.
    pub priority_high: bool,
    /// Whether the call is allowed before the client is authenticated.
    pub no_auth: bool,
    /// Permissions that the caller needs, all of them.
    pub acl: &'static [Rule],
    /// Permission that a client needs to see an element of the returned list.
    pub acl_filter: Option<Rule>,
    /// The direction of the stream that the call opens.
    pub stream: Option<StreamKind>,
    /// Whether the stream may have holes if the call's flags ask for it.
    pub sparse: bool,
    /// Whether the call carries descriptors.
    pub fds_in: bool,
    /// Whether the reply carries descriptors.
    pub fds_out: bool,
    /// What a read-only connection may do.
    pub read_only: ReadOnlyRule,
    /// The driver that answers the call.
    pub served_by: ServedBy,
    /// What the arguments consist of.
    pub args: &'static Layout,
    /// What the reply consists of.
    pub reply: &'static Layout,
}

/// Whether a read-only connection may make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOnlyRule {
    /// Yes.
    Allow,
    /// No.
    Deny,
    /// Not if the arguments meet the condition.
    DenyIf(Condition),
}

/// The direction of a stream, seen from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// The server sends.
    Read,
    /// The client sends.
    Write,
    /// Both send: a console or channel.
    ReadWrite,
}

/// The drivers of libvirt, which need not live in one daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServedBy {
    /// The daemon itself, whatever drivers it has.
    Daemon,
    /// The driver of domains.
    Hypervisor,
    /// Virtual networks.
    Network,
    /// Storage pools and volumes.
    Storage,
    /// Devices of the host.
    NodeDev,
    /// Network interfaces of the host.
    Interface,
    /// Secrets.
    Secret,
    /// Network filters.
    NwFilter,
}

impl CallInfo {
    pub(crate) const fn new(
        program: u32,
        procedure: i32,
        name: &'static str,
        function: &'static str,
        args: &'static Layout,
        reply: &'static Layout,
    ) -> Self {
        Self {
            program,
            procedure,
            name,
            function,
            priority_high: false,
            no_auth: false,
            acl: &[],
            acl_filter: None,
            stream: None,
            sparse: false,
            fds_in: false,
            fds_out: false,
            read_only: ReadOnlyRule::Allow,
            served_by: ServedBy::Hypervisor,
            args,
            reply,
        }
    }

    pub(crate) const fn acl(self, acl: &'static [Rule]) -> Self {
        Self { acl, ..self }
    }

    pub(crate) const fn by(self, served_by: ServedBy) -> Self {
        Self { served_by, ..self }
    }

    pub(crate) const fn api(self, function: &'static str) -> Self {
        Self { function, ..self }
    }

    pub(crate) const fn high(self) -> Self {
        Self { priority_high: true, ..self }
    }

    pub(crate) const fn noauth(self) -> Self {
        Self { no_auth: true, ..self }
    }

    pub(crate) const fn filter(self, object: &'static str, permission: &'static str) -> Self {
        Self { acl_filter: Some(Rule { object, permission, when: Condition::Always }), ..self }
    }

    pub(crate) const fn stream(self, kind: StreamKind) -> Self {
        Self { stream: Some(kind), ..self }
    }

    pub(crate) const fn sparse(self) -> Self {
        Self { sparse: true, ..self }
    }

    pub(crate) const fn fds_in(self) -> Self {
        Self { fds_in: true, ..self }
    }

    pub(crate) const fn fds_out(self) -> Self {
        Self { fds_out: true, ..self }
    }

    pub(crate) const fn deny(self) -> Self {
        Self { read_only: ReadOnlyRule::Deny, ..self }
    }

    pub(crate) const fn deny_if(self, when: Condition) -> Self {
        Self { read_only: ReadOnlyRule::DenyIf(when), ..self }
    }

    /// The domain of errors that libvirt's API layer raises for this call before any driver sees it.
    #[must_use]
    pub fn error_domain(&self) -> ErrorDomain {
        match self.program {
            header::REMOTE => {}
            header::ADMIN => return ErrorDomain::ADMIN,
            _ => return ErrorDomain::NONE,
        }
        let of = |word: &str| self.name.contains(word);
        match self.served_by {
            _ if self.name.starts_with("node_device_") => ErrorDomain::NODEDEV,
            ServedBy::Daemon | ServedBy::Hypervisor if of("checkpoint") => ErrorDomain::DOMAIN_CHECKPOINT,
            ServedBy::Daemon | ServedBy::Hypervisor if of("snapshot") => ErrorDomain::DOMAIN_SNAPSHOT,
            ServedBy::Daemon | ServedBy::Hypervisor => ErrorDomain::DOMAIN,
            ServedBy::Network => ErrorDomain::NETWORK,
            ServedBy::Storage => ErrorDomain::STORAGE,
            ServedBy::NodeDev => ErrorDomain::NODEDEV,
            ServedBy::Interface => ErrorDomain::INTERFACE,
            ServedBy::Secret => ErrorDomain::SECRET,
            ServedBy::NwFilter => ErrorDomain::NWFILTER,
        }
    }

    /// The answer to a call that no driver serves.
    #[must_use]
    pub fn not_supported(&self) -> Error {
        let function = if self.function.is_empty() { self.name } else { self.function };
        Error { domain: self.error_domain(), ..Error::no_support(function) }
    }

    /// The answer to a call that [`Call::denied_read_only`] refuses.
    #[must_use]
    pub fn read_only_refusal(&self) -> Error {
        let function = if self.function.is_empty() { self.name } else { self.function };
        let secure = matches!(self.read_only, ReadOnlyRule::DenyIf(Condition::AnyFlag(_)))
            && self.name.ends_with("_xml_desc");
        let error = if secure {
            Error::operation_denied(self.error_domain(), &format!("{function} with secure flag"))
        } else {
            Error::operation_denied_read_only(function)
        };
        Error { domain: self.error_domain(), ..error }
    }
}

/// A procedure's entry in the table of events.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct EventInfo {
    /// Program number.
    pub program: u32,
    /// Procedure number.
    pub procedure: i32,
    /// Name of the procedure: `domain_event_lifecycle`.
    pub name: &'static str,
    /// Whether the message is allowed before the client is authenticated.
    pub no_auth: bool,
    /// What the body consists of.
    pub msg: &'static Layout,
}

impl EventInfo {
    pub(crate) const fn new(program: u32, procedure: i32, name: &'static str, msg: &'static Layout) -> Self {
        Self { program, procedure, name, no_auth: false, msg }
    }

    pub(crate) const fn name(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    pub(crate) const fn noauth(self) -> Self {
        Self { no_auth: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        calls::{
            DomainCreate, DomainGetInfo, DomainGetXmlDesc, DomainInterfaceAddresses, DomainSetMemoryFlags,
        },
        consts::{AffectFlags, DomainXmlFlags, InterfaceAddressesSource},
        types::{Domain, Uuid},
    };

    fn dom() -> Domain {
        Domain { name: "c1".to_owned(), uuid: Uuid::default(), id: -1 }
    }

    fn xml_desc(flags: DomainXmlFlags) -> DomainGetXmlDesc {
        DomainGetXmlDesc { dom: dom(), flags: flags.bits() }
    }

    fn required<C: Call>(call: &C) -> Vec<&'static str> {
        call.required().map(|rule| rule.permission).collect()
    }

    #[test]
    fn read_only_refusal_depends_on_arguments() {
        assert!(DomainCreate { dom: dom() }.denied_read_only());
        assert!(!DomainGetInfo { dom: dom() }.denied_read_only());
        assert!(!xml_desc(DomainXmlFlags::INACTIVE).denied_read_only());
        assert!(xml_desc(DomainXmlFlags::SECURE | DomainXmlFlags::INACTIVE).denied_read_only());
        assert!(xml_desc(DomainXmlFlags::MIGRATABLE).denied_read_only());
        let addresses = |source: InterfaceAddressesSource| {
            DomainInterfaceAddresses { dom: dom(), source: source.0, flags: 0 }.denied_read_only()
        };
        assert!(addresses(InterfaceAddressesSource::AGENT));
        assert!(!addresses(InterfaceAddressesSource::LEASE));
    }

    #[test]
    fn permissions_depend_on_arguments() {
        assert_eq!(required(&xml_desc(DomainXmlFlags::empty())), ["read"]);
        assert_eq!(required(&xml_desc(DomainXmlFlags::SECURE)), ["read", "read_secure"]);
        let set_memory = |flags: AffectFlags| {
            required(&DomainSetMemoryFlags { dom: dom(), memory: 1, flags: flags.bits() })
        };
        assert_eq!(set_memory(AffectFlags::empty()), ["write", "save"], "it may reach the definition");
        assert_eq!(set_memory(AffectFlags::LIVE), ["write"]);
        assert_eq!(set_memory(AffectFlags::CONFIG), ["write", "save"]);
        assert_eq!(set_memory(AffectFlags::LIVE | AffectFlags::CONFIG), ["write", "save"]);
    }

    #[test]
    fn refusals_name_the_function() {
        let refusal = DomainCreate::INFO.read_only_refusal();
        assert_eq!(refusal.message, "operation forbidden: read only access prevents virDomainCreate");
        let refusal = DomainGetXmlDesc::INFO.read_only_refusal();
        assert_eq!(refusal.message, "operation forbidden: virDomainGetXMLDesc with secure flag");
    }
}
