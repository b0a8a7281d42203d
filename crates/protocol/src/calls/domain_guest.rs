//! What an agent inside the guest does.

use xdr::List;

use crate::{
    limits::*,
    params::Params,
    types::{Domain, FsInfo, Names},
};

calls! { REMOTE, Hypervisor;
    /// Sets how long to wait for the agent, in seconds.
    420 DomainAgentSetResponseTimeout { dom: Domain, timeout: i32, flags: u32 } -> i32 [domain.write] deny;
    /// The guest's host name.
    277 DomainGetHostname { dom: Domain, flags: u32 } -> String [domain.write] deny;
    /// The guest's clock: seconds and nanoseconds since 1970.
    337 DomainGetTime { dom: Domain, flags: u32 } -> (i64, u32) [domain.write] deny;
    /// Sets the guest's clock.
    338 DomainSetTime { dom: Domain, seconds: i64, nseconds: u32, flags: u32 } -> () [domain.set_time] deny;
    /// Users, OS, time zone, file systems and more of the guest.
    418 DomainGetGuestInfo { dom: Domain, types: u32, flags: u32 } -> Params<DOMAIN_GUEST_INFO_PARAMS_MAX>
        [domain.write] deny;
    /// Which CPUs the guest uses.
    371 DomainGetGuestVcpus { dom: Domain, flags: u32 } -> Params<DOMAIN_GUEST_VCPU_PARAMS_MAX>
        [domain.write] deny;
    /// Switches CPUs inside the guest.
    372 DomainSetGuestVcpus { dom: Domain, cpumap: String, state: i32, flags: u32 } -> () [domain.write]
        deny;
    /// Mounted file systems of the guest.
    349 DomainGetFsinfo { dom: Domain, flags: u32 } -> (List<FsInfo, DOMAIN_FSINFO_MAX>, u32)
        [domain.fs_freeze] deny api("virDomainGetFSInfo");
    /// Freezes file systems of the guest; returns their number.
    335 DomainFsfreeze {
        dom: Domain, mountpoints: Names<DOMAIN_FSFREEZE_MOUNTPOINTS_MAX>, flags: u32,
    } -> i32 [domain.fs_freeze] deny api("virDomainFSFreeze");
    /// Thaws file systems of the guest; returns their number.
    336 DomainFsthaw { dom: Domain, mountpoints: Names<DOMAIN_FSFREEZE_MOUNTPOINTS_MAX>, flags: u32 } -> i32
        [domain.fs_freeze] deny api("virDomainFSThaw");
    /// Discards unused blocks of the guest's file systems.
    294 DomainFstrim { dom: Domain, mountPoint: Option<String>, minimum: u64, flags: u32 } -> ()
        [domain.fs_trim] deny api("virDomainFSTrim");
    /// Sets a user's password.
    357 DomainSetUserPassword {
        dom: Domain, user: Option<String>, password: Option<String>, flags: u32,
    } -> () [domain.set_password] deny;
    /// Lists the SSH keys that may log in as a user.
    424 DomainAuthorizedSshKeysGet {
        dom: Domain, user: String, flags: u32,
    } -> Names<DOMAIN_AUTHORIZED_SSH_KEYS_MAX> [domain.write] deny;
    /// Sets, adds or removes such keys.
    425 DomainAuthorizedSshKeysSet {
        dom: Domain, user: String, keys: Names<DOMAIN_AUTHORIZED_SSH_KEYS_MAX>, flags: u32,
    } -> () [domain.write] deny;
}
