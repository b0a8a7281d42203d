//! Long jobs of a domain, and saving and restoring it.

use crate::{
    acl::Condition::AnyFlag,
    consts::SaveImageXmlFlags,
    limits::*,
    params::Params,
    types::{Domain, JobInfo},
};

calls! { REMOTE, Hypervisor;
    // Jobs.
    /// Progress of the current job.
    163 DomainGetJobInfo { dom: Domain } -> JobInfo [domain.read];
    /// Progress of the current or the last job as typed parameters.
    298 DomainGetJobStats { dom: Domain, flags: u32 } -> (i32, Params<DOMAIN_JOB_STATS_MAX>) [domain.read];
    /// Asks the current job to end.
    164 DomainAbortJob { dom: Domain } -> () [domain.write] deny;
    /// The same, with `flags` for post-copy migration.
    442 DomainAbortJobFlags { dom: Domain, flags: u32 } -> () [domain.write] deny;
    /// Begins to measure how fast the guest writes its memory.
    427 DomainStartDirtyRateCalc { dom: Domain, seconds: i32, flags: u32 } -> () [domain.write] deny;
    /// Begins a backup of disks.
    421 DomainBackupBegin {
        dom: Domain, backup_xml: String, checkpoint_xml: Option<String>, flags: u32,
    } -> () [domain.checkpoint, domain.block_write] deny;
    /// The description of the backup that runs.
    422 DomainBackupGetXmlDesc { dom: Domain, flags: u32 } -> String [domain.read] high;

    // Save and restore.
    /// Saves the running domain to a file and ends it.
    55 DomainSave { dom: Domain, to: String } -> () [domain.hibernate] deny;
    /// The same, with another description and `flags`.
    232 DomainSaveFlags { dom: Domain, to: String, dxml: Option<String>, flags: u32 } -> ()
        [domain.hibernate] deny;
    /// The same, with typed parameters.
    440 DomainSaveParams { dom: Domain, params: Params<DOMAIN_SAVE_PARAMS_MAX>, flags: u32 } -> ()
        [domain.hibernate] deny;
    /// Starts a domain from a file.
    54 DomainRestore { from: String } -> () [domain.start, domain.write] deny;
    /// The same, with another description and `flags`.
    233 DomainRestoreFlags { from: String, dxml: Option<String>, flags: u32 } -> ()
        [domain.start, domain.write] deny;
    /// The same, with typed parameters.
    441 DomainRestoreParams { params: Params<DOMAIN_SAVE_PARAMS_MAX>, flags: u32 } -> ()
        [domain.start, domain.write] deny;
    /// The description in a saved file.
    235 DomainSaveImageGetXmlDesc { file: String, flags: u32 } -> String [domain.write] high deny;
    /// Changes the description in a saved file.
    236 DomainSaveImageDefineXml { file: String, dxml: String, flags: u32 } -> ()
        [domain.write, domain.hibernate] high deny;
    /// Saves the running domain to a file of the daemon's and ends it; the next start restores it.
    182 DomainManagedSave { dom: Domain, flags: u32 } -> () [domain.hibernate] deny;
    /// Whether the domain has such a file.
    183 DomainHasManagedSaveImage { dom: Domain, flags: u32 } -> i32 [domain.read];
    /// Removes that file.
    184 DomainManagedSaveRemove { dom: Domain, flags: u32 } -> () [domain.hibernate] deny;
    /// The description in that file.
    388 DomainManagedSaveGetXmlDesc { dom: Domain, flags: u32 } -> String
        [domain.read, domain.read_secure if AnyFlag(SaveImageXmlFlags::SECURE.bits())]
        deny_if(AnyFlag(SaveImageXmlFlags::SECURE.bits()));
    /// Changes the description in that file.
    389 DomainManagedSaveDefineXml { dom: Domain, dxml: Option<String>, flags: u32 } -> ()
        [domain.write, domain.hibernate] deny;
    /// Dumps the memory of the domain to a file.
    53 DomainCoreDump { dom: Domain, to: String, flags: u32 } -> () [domain.core_dump] deny;
    /// The same in a chosen format.
    334 DomainCoreDumpWithFormat { dom: Domain, to: String, dumpformat: u32, flags: u32 } -> ()
        [domain.core_dump] deny;
}
