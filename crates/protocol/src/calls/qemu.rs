//! Calls that only libvirt's QEMU driver serves: program `QEMU`. Clients expect a clean refusal.

use crate::types::Domain;

calls! { QEMU, Hypervisor;
    /// Sends a command to QEMU's monitor.
    1 DomainMonitorCommand { dom: Domain, cmd: String, flags: u32 } -> String [domain.write] deny
        api("virDomainQemuMonitorCommand");
    /// Takes over a QEMU process that was started by hand.
    2 DomainAttach { pid_value: u32, flags: u32 } -> Domain [domain.start, domain.write] deny
        api("virDomainQemuAttach");
    /// Sends a command to the guest's agent.
    3 DomainAgentCommand { dom: Domain, cmd: String, timeout: i32, flags: u32 } -> Option<String>
        [domain.write] deny api("virDomainQemuAgentCommand");
    /// Registers for events of QEMU's monitor; returns the id of the registration.
    4 ConnectDomainMonitorEventRegister { dom: Option<Domain>, event: Option<String>, flags: u32 } -> i32
        [connect.search_domains, connect.write] high deny filter("domain", "getattr")
        api("virConnectDomainQemuMonitorEventRegister");
    /// Ends a registration.
    5 ConnectDomainMonitorEventDeregister { callbackID: i32 } -> () [connect.write] high deny
        api("virConnectDomainQemuMonitorEventDeregister");
    /// Sends a command with descriptors to QEMU's monitor.
    7 DomainMonitorCommandWithFiles { dom: Domain, cmd: String, flags: u32 } -> String [domain.write] deny
        fds_in fds_out api("virDomainQemuMonitorCommandWithFiles");
}
