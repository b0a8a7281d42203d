//! What there is to know about the system inside.

mod os;
mod timezone;
mod utmp;

use conf::domain::DomainDef;
use protocol::calls::DomainGetGuestInfo;
use protocol::consts::{GuestInfoTypes as Types, stats};
use protocol::limits::DOMAIN_GUEST_INFO_PARAMS_MAX;
use protocol::params::{ParamValue, Params, TypedParam};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;
use runtime::guest::{Question, Reply};

use super::{Context, filesystems, no_flags};
use crate::Lxc;
use crate::domain::Run;
use crate::guest::{ask, file, unexpected};

/// Types that a container answers.
const KNOWN: Types = Types::USERS
    .union(Types::OS)
    .union(Types::TIMEZONE)
    .union(Types::HOSTNAME)
    .union(Types::FILESYSTEM)
    .union(Types::DISKS)
    .union(Types::INTERFACES);

/// Largest files looked at, bytes.
const TEXT_MAX: u64 = 64 << 10;
const UTMP_MAX: u64 = 256 << 10;

pub(super) fn routes(r: &mut Router<Lxc>) {
    r.on(guest_info);
}

async fn guest_info(cx: Context, call: DomainGetGuestInfo) -> Result<Params<DOMAIN_GUEST_INFO_PARAMS_MAX>> {
    no_flags(call.flags, "lxcDomainGetGuestInfo")?;
    let unknown = call.types & !KNOWN.bits();
    if unknown != 0 {
        let detail = format!("unsupported guest information types '0x{unknown:x}'");
        return Err(Error::invalid_arg(ErrorDomain::LXC, &detail));
    }
    let wanted = if call.types == 0 { KNOWN } else { Types::from_bits_retain(call.types) };
    let run = cx.driver.domains.find(&call.dom)?.run()?;
    let mut facts = Facts(Vec::new());
    if wanted.contains(Types::USERS) {
        users(&run, &mut facts).await;
    }
    if wanted.contains(Types::OS) {
        system(&run, &mut facts).await;
    }
    if wanted.contains(Types::TIMEZONE) {
        let (name, offset) = timezone::now(file(&run, "/etc/localtime", TEXT_MAX).await.as_deref());
        facts.add(stats::TIMEZONE_NAME, name);
        facts.add(stats::TIMEZONE_OFFSET, offset);
    }
    if wanted.contains(Types::HOSTNAME)
        && let Reply::Text(name) = ask(&run, Question::Hostname).await?
    {
        facts.add(stats::HOSTNAME_HOSTNAME, name);
    }
    if wanted.contains(Types::FILESYSTEM) {
        mounts(&run, &mut facts).await?;
    }
    if wanted.contains(Types::DISKS) {
        disks(&run.def, &mut facts);
    }
    if wanted.contains(Types::INTERFACES) {
        interfaces(&run, &mut facts).await?;
    }
    Ok(facts.0.into())
}

/// Facts by name.
#[derive(Debug)]
struct Facts(Vec<TypedParam>);

impl Facts {
    fn add(&mut self, name: impl Into<String>, value: impl Into<ParamValue>) {
        self.0.push(TypedParam::new(name, value));
    }

    fn count(&mut self, name: &str, count: usize) {
        self.add(name, u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn nth(&mut self, prefix: &str, number: usize, suffix: &str, value: impl Into<ParamValue>) {
        self.add(format!("{prefix}{number}{suffix}"), value);
    }
}

/// Who is logged in; nobody in a system that does not write it down.
async fn users(run: &Run, facts: &mut Facts) {
    let mut records = None;
    for path in ["/run/utmp", "/var/run/utmp"] {
        if records.is_none() {
            records = file(run, path, UTMP_MAX).await;
        }
    }
    let users = utmp::users(&records.unwrap_or_default());
    facts.count(stats::USER_COUNT, users.len());
    for (number, user) in users.into_iter().enumerate() {
        facts.nth(stats::USER_PREFIX, number, stats::USER_SUFFIX_NAME, user.name);
        facts.nth(stats::USER_PREFIX, number, stats::USER_SUFFIX_LOGIN_TIME, user.login_ms);
    }
}

async fn system(run: &Run, facts: &mut Facts) {
    let mut text = file(run, "/etc/os-release", TEXT_MAX).await;
    if text.is_none() {
        text = file(run, "/usr/lib/os-release", TEXT_MAX).await;
    }
    let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
    for (key, name) in [
        ("ID", stats::OS_ID),
        ("NAME", stats::OS_NAME),
        ("PRETTY_NAME", stats::OS_PRETTY_NAME),
        ("VERSION", stats::OS_VERSION),
        ("VERSION_ID", stats::OS_VERSION_ID),
        ("VARIANT", stats::OS_VARIANT),
        ("VARIANT_ID", stats::OS_VARIANT_ID),
    ] {
        if let Some(value) = os::value(&text, key) {
            facts.add(name, value);
        }
    }
    let kernel = rustix::system::uname();
    facts.add(stats::OS_KERNEL_RELEASE, kernel.release().to_string_lossy().into_owned());
    facts.add(stats::OS_KERNEL_VERSION, kernel.version().to_string_lossy().into_owned());
    facts.add(stats::OS_MACHINE, run.def.os.arch.as_str());
}

async fn mounts(run: &Run, facts: &mut Facts) -> Result<()> {
    let list = filesystems::mounted(run).await?;
    facts.count(stats::FS_COUNT, list.len());
    for (number, one) in list.into_iter().enumerate() {
        facts.nth(stats::FS_PREFIX, number, stats::FS_SUFFIX_NAME, one.source);
        facts.nth(stats::FS_PREFIX, number, stats::FS_SUFFIX_MOUNTPOINT, one.mountpoint);
        facts.nth(stats::FS_PREFIX, number, stats::FS_SUFFIX_FSTYPE, one.fstype);
        facts.nth(stats::FS_PREFIX, number, stats::FS_SUFFIX_TOTAL_BYTES, one.total);
        facts.nth(stats::FS_PREFIX, number, stats::FS_SUFFIX_USED_BYTES, one.used);
        facts.nth(stats::FS_PREFIX, number, ".disk.count", 0_u32);
    }
    Ok(())
}

/// The nodes in `/dev` that the definition puts there.
fn disks(def: &DomainDef, facts: &mut Facts) {
    let disks: Vec<_> = def.devices.disks().collect();
    facts.count("disk.count", disks.len());
    for (number, disk) in disks.into_iter().enumerate() {
        facts.nth("disk.", number, ".name", format!("/dev/{}", disk.target));
        facts.nth("disk.", number, ".partition", false);
        facts.nth("disk.", number, ".alias", disk.target.as_str());
    }
}

async fn interfaces(run: &Run, facts: &mut Facts) -> Result<()> {
    let list = match ask(run, Question::Interfaces).await? {
        Reply::Interfaces(list) => list,
        other => return Err(unexpected(&other)),
    };
    facts.count(stats::IF_COUNT, list.len());
    for (number, interface) in list.into_iter().enumerate() {
        facts.nth(stats::IF_PREFIX, number, stats::IF_SUFFIX_NAME, interface.name);
        if let Some(mac) = interface.mac {
            facts.nth(stats::IF_PREFIX, number, stats::IF_SUFFIX_HWADDR, mac);
        }
        facts.count(
            &format!("{}{number}{}", stats::IF_PREFIX, stats::IF_SUFFIX_ADDR_COUNT),
            interface.addresses.len(),
        );
        let prefix = format!("{}{number}{}", stats::IF_PREFIX, stats::IF_SUFFIX_ADDR_PREFIX);
        for (at, address) in interface.addresses.into_iter().enumerate() {
            let kind = if address.address.is_ipv4() { "ipv4" } else { "ipv6" };
            facts.nth(&prefix, at, stats::IF_SUFFIX_ADDR_SUFFIX_TYPE, kind);
            facts.nth(&prefix, at, stats::IF_SUFFIX_ADDR_SUFFIX_ADDR, address.address.to_string());
            facts.nth(&prefix, at, stats::IF_SUFFIX_ADDR_SUFFIX_PREFIX, u32::from(address.prefix));
        }
    }
    Ok(())
}
