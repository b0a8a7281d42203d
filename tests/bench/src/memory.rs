//! How much memory the daemon and a container's supervisor need.

use anyhow::{Context, Result};
use virt::domain::Domain;

use crate::bed::Bed;
use crate::report::{Goal, Report};

const PRIVATE: &[&str] = &["Private_Clean", "Private_Dirty"];
const PSS: &[&str] = &["Pss"];

/// The daemons before they have had a domain, after one client came and went.
pub(crate) fn idle(beds: &[Bed], report: &mut Report) -> Result<()> {
    for bed in beds {
        drop(bed.connect()?);
    }
    for bed in beds {
        let daemon = bed.daemon_pid();
        let (pss, private) = (bed.memory(daemon, PSS)?, bed.memory(daemon, PRIVATE)?);
        report.figure("daemon PSS, idle", "MiB", Goal::AtMost(6.0), bed.subject(), mib(pss));
        // Of the two this one does not depend on who else maps the same libraries, such as this program.
        report.figure("daemon private memory, idle", "MiB", Goal::None, bed.subject(), mib(private));
        let children = bed.children(daemon)?;
        if !children.is_empty() {
            let mut kib = 0;
            for child in children {
                kib += bed.memory(child, PSS)?;
            }
            report.figure("daemon's helpers PSS, idle", "MiB", Goal::None, bed.subject(), mib(kib));
        }
    }
    Ok(())
}

/// The daemons after all the work.
pub(crate) fn busy(beds: &[Bed], report: &mut Report) -> Result<()> {
    for bed in beds {
        let kib = bed.memory(bed.daemon_pid(), PSS)?;
        report.figure("daemon PSS, after the run", "MiB", Goal::None, bed.subject(), mib(kib));
    }
    Ok(())
}

/// The supervisor of one running container. The id of a domain is its pid.
pub(crate) fn monitor(bed: &Bed, domain: &Domain, report: &mut Report) -> Result<()> {
    let pid = domain.get_id().context("the domain runs")?;
    let (pss, private) = (bed.memory(pid, PSS)?, bed.memory(pid, PRIVATE)?);
    report.figure("monitor PSS", "MiB", Goal::None, bed.subject(), mib(pss));
    report.figure("monitor private memory", "MiB", Goal::AtMost(0.5), bed.subject(), mib(private));
    Ok(())
}

fn mib(kib: u64) -> f64 {
    u32::try_from(kib).map_or(f64::INFINITY, f64::from) / 1024.0
}
