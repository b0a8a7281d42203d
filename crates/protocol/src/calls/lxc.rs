//! Calls for containers: program `LXC`.

use crate::types::Domain;

calls! { LXC, Hypervisor;
    /// Descriptors of the namespaces of the container's init, the user namespace first.
    1 DomainOpenNamespace { dom: Domain, flags: u32 } -> () [domain.open_namespace] deny fds_out
        api("virDomainLxcOpenNamespace");
}
