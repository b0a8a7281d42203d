//! Snapshots and checkpoints.

use xdr::List;

use crate::{
    acl::Condition::AnyFlag,
    consts::{CheckpointCreateFlags, CheckpointXmlFlags, SnapshotCreateFlags, SnapshotXmlFlags},
    limits::*,
    types::{Domain, DomainCheckpoint, DomainSnapshot, Names},
};

calls! { REMOTE, Hypervisor;
    // Snapshots.
    /// Takes a snapshot.
    185 DomainSnapshotCreateXml { dom: Domain, xml_desc: String, flags: u32 } -> DomainSnapshot
        [domain.snapshot, domain.fs_freeze if AnyFlag(SnapshotCreateFlags::QUIESCE.bits())] deny;
    /// The description of a snapshot.
    186 DomainSnapshotGetXmlDesc { snap: DomainSnapshot, flags: u32 } -> String
        [domain.read, domain.read_secure if AnyFlag(SnapshotXmlFlags::SECURE.bits())] high
        deny_if(AnyFlag(SnapshotXmlFlags::SECURE.bits()));
    /// Number of snapshots.
    187 DomainSnapshotNum { dom: Domain, flags: u32 } -> i32 [domain.read] high;
    /// Names of snapshots, at most maxnames.
    188 DomainSnapshotListNames {
        dom: Domain, maxnames: i32, flags: u32,
    } -> Names<DOMAIN_SNAPSHOT_LIST_MAX> [domain.read] high;
    /// Snapshots that `flags` select, or with need_results 0 only their number.
    274 DomainListAllSnapshots {
        dom: Domain, need_results: i32, flags: u32,
    } -> (List<DomainSnapshot, DOMAIN_SNAPSHOT_LIST_MAX>, i32) [domain.read] high;
    /// Number of snapshots that derive from this one.
    246 DomainSnapshotNumChildren { snap: DomainSnapshot, flags: u32 } -> i32 [domain.read] high;
    /// Their names, at most maxnames.
    247 DomainSnapshotListChildrenNames {
        snap: DomainSnapshot, maxnames: i32, flags: u32,
    } -> Names<DOMAIN_SNAPSHOT_LIST_MAX> [domain.read] high;
    /// Those of them that `flags` select, or with need_results 0 only their number.
    275 DomainSnapshotListAllChildren {
        snapshot: DomainSnapshot, need_results: i32, flags: u32,
    } -> (List<DomainSnapshot, DOMAIN_SNAPSHOT_LIST_MAX>, i32) [domain.read] high;
    /// The snapshot with this name.
    189 DomainSnapshotLookupByName { dom: Domain, name: String, flags: u32 } -> DomainSnapshot [domain.read]
        high;
    /// Whether the domain has a current snapshot.
    190 DomainHasCurrentSnapshot { dom: Domain, flags: u32 } -> i32 [domain.read];
    /// The snapshot that this one derives from.
    244 DomainSnapshotGetParent { snap: DomainSnapshot, flags: u32 } -> DomainSnapshot [domain.read] high;
    /// The current snapshot.
    191 DomainSnapshotCurrent { dom: Domain, flags: u32 } -> DomainSnapshot [domain.read];
    /// Whether a snapshot is the current one.
    271 DomainSnapshotIsCurrent { snap: DomainSnapshot, flags: u32 } -> i32 [domain.read];
    /// Whether the daemon keeps metadata of a snapshot.
    272 DomainSnapshotHasMetadata { snap: DomainSnapshot, flags: u32 } -> i32 [domain.read];
    /// Brings the domain back to the state of a snapshot.
    192 DomainRevertToSnapshot { snap: DomainSnapshot, flags: u32 } -> () [domain.snapshot] deny;
    /// Deletes a snapshot.
    193 DomainSnapshotDelete { snap: DomainSnapshot, flags: u32 } -> () [domain.snapshot] deny;

    // Checkpoints.
    /// Starts to track changes of disks.
    411 DomainCheckpointCreateXml { dom: Domain, xml_desc: String, flags: u32 } -> DomainCheckpoint
        [domain.checkpoint, domain.fs_freeze if AnyFlag(CheckpointCreateFlags::QUIESCE.bits())] deny;
    /// The description of a checkpoint.
    412 DomainCheckpointGetXmlDesc { checkpoint: DomainCheckpoint, flags: u32 } -> String
        [domain.read, domain.read_secure if AnyFlag(CheckpointXmlFlags::SECURE.bits())]
        deny_if(AnyFlag(CheckpointXmlFlags::SECURE.bits()));
    /// Checkpoints that `flags` select, or with need_results 0 only their number.
    413 DomainListAllCheckpoints {
        dom: Domain, need_results: i32, flags: u32,
    } -> (List<DomainCheckpoint, DOMAIN_CHECKPOINT_LIST_MAX>, i32) [domain.read] high;
    /// Checkpoints that derive from this one, or with need_results 0 only their number.
    414 DomainCheckpointListAllChildren {
        checkpoint: DomainCheckpoint, need_results: i32, flags: u32,
    } -> (List<DomainCheckpoint, DOMAIN_CHECKPOINT_LIST_MAX>, i32) [domain.read] high;
    /// The checkpoint with this name.
    415 DomainCheckpointLookupByName { dom: Domain, name: String, flags: u32 } -> DomainCheckpoint
        [domain.read] high;
    /// The checkpoint that this one derives from.
    416 DomainCheckpointGetParent { checkpoint: DomainCheckpoint, flags: u32 } -> DomainCheckpoint
        [domain.read] high;
    /// Deletes a checkpoint.
    417 DomainCheckpointDelete { checkpoint: DomainCheckpoint, flags: u32 } -> () [domain.checkpoint] deny;
}
