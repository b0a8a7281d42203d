//! Devices of a domain, its console and what a user does with it.

use xdr::List;

use crate::{
    acl::Condition::{AffectsConfig, Source},
    call::StreamKind::{Read, ReadWrite},
    consts::InterfaceAddressesSource,
    limits::*,
    params::Params,
    types::{Domain, DomainInterface, InterfaceStats},
};

calls! { REMOTE, Hypervisor;
    // Devices.
    /// Adds a device to the running domain.
    8 DomainAttachDevice { dom: Domain, xml: String } -> () [domain.write] deny;
    /// Adds a device to the running domain, the definition or both.
    160 DomainAttachDeviceFlags { dom: Domain, xml: String, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// Takes a device away from the running domain.
    13 DomainDetachDevice { dom: Domain, xml: String } -> () [domain.write] deny;
    /// Takes a device away from the running domain, the definition or both.
    161 DomainDetachDeviceFlags { dom: Domain, xml: String, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// Takes away the device with an alias.
    392 DomainDetachDeviceAlias { dom: Domain, alias: String, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// Changes a device.
    174 DomainUpdateDeviceFlags { dom: Domain, xml: String, flags: u32 } -> ()
        [domain.write, domain.save if AffectsConfig] deny;
    /// Bytes and packets of a network interface.
    65 DomainInterfaceStats { dom: Domain, device: String } -> InterfaceStats [domain.read] high;
    /// Sets bandwidth limits of a network interface.
    256 DomainSetInterfaceParameters {
        dom: Domain, device: String, params: Params<DOMAIN_INTERFACE_PARAMETERS_MAX>, flags: u32,
    } -> () [domain.write, domain.save if AffectsConfig] deny;
    /// Bandwidth limits of a network interface.
    257 DomainGetInterfaceParameters {
        dom: Domain, device: String, nparams: i32, flags: u32,
    } -> (Params<DOMAIN_INTERFACE_PARAMETERS_MAX>, i32) [domain.read];
    /// Network interfaces of the guest and their addresses.
    353 DomainInterfaceAddresses {
        dom: Domain, source: u32, flags: u32,
    } -> List<DomainInterface, DOMAIN_INTERFACE_MAX>
        [domain.read, domain.write if Source(InterfaceAddressesSource::AGENT.0)]
        deny_if(Source(InterfaceAddressesSource::AGENT.0));

    // Console, graphics and keyboard.
    /// Opens a console as a stream, the first one unless `dev_name` names another.
    201 DomainOpenConsole { dom: Domain, dev_name: Option<String>, flags: u32 } -> () [domain.open_device]
        deny stream(ReadWrite);
    /// Opens a channel as a stream.
    296 DomainOpenChannel { dom: Domain, name: Option<String>, flags: u32 } -> () [domain.open_device] deny
        stream(ReadWrite);
    /// Connects a descriptor to a graphics device.
    249 DomainOpenGraphics { dom: Domain, idx: u32, flags: u32 } -> () [domain.open_graphics] deny fds_in;
    /// A descriptor connected to a graphics device.
    343 DomainOpenGraphicsFd { dom: Domain, idx: u32, flags: u32 } -> () [domain.open_graphics] deny fds_out;
    /// Reloads what a graphics device uses, such as its TLS certificates.
    448 DomainGraphicsReload { dom: Domain, r#type: u32, flags: u32 } -> () [domain.write] deny;
    /// A picture of a screen as a stream; returns its MIME type.
    211 DomainScreenshot { dom: Domain, screen: u32, flags: u32 } -> Option<String> [domain.screenshot] deny
        stream(Read);
    /// Presses keys.
    226 DomainSendKey {
        dom: Domain, codeset: u32, holdtime: u32, keycodes: List<u32, DOMAIN_SEND_KEY_MAX>, flags: u32,
    } -> () [domain.send_input] deny;
    /// Raises a non-maskable interrupt.
    210 DomainInjectNmi { dom: Domain, flags: u32 } -> () [domain.inject_nmi] deny api("virDomainInjectNMI");
    /// Sends a signal to a process of the domain.
    295 DomainSendProcessSignal { dom: Domain, pid_value: i64, signum: u32, flags: u32 } -> ()
        [domain.send_signal] deny;
}
