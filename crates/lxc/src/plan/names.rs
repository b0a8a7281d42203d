//! What a machine tells its distribution: names and name servers.

use conf::domain::DomainDef;
use runtime::plan::{Names, Namespace, Root};

use super::Environment;

/// The files for an image in which they are empty. Name servers only for a machine whose addresses are given: any
/// other asks for them by DHCP and writes the file itself.
pub(super) fn names(
    def: &DomainDef,
    root: &Root,
    network: &Namespace,
    hostname: &str,
    environment: &Environment<'_>,
) -> Names {
    let os_release = environment.os_release.clone();
    if *root == Root::HostReadOnly || *network != Namespace::Private {
        return Names { os_release, ..Names::default() };
    }
    let mut interfaces = def.devices.interfaces().peekable();
    let is_static = interfaces.peek().is_some() && interfaces.all(|interface| !interface.ips.is_empty());
    Names {
        resolv_conf: environment.resolv_conf.clone().filter(|_| is_static),
        hosts: Some(format!(
            "127.0.0.1\tlocalhost\n127.0.1.1\t{hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n"
        )),
        os_release,
    }
}
