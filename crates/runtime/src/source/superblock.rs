//! Which file system a device holds, by the magic numbers of their superblocks (the formats' own documents, the
//! kernel's headers, blkid's list).

use std::os::fd::BorrowedFd;
use std::path::Path;

/// Bytes at a place of the device.
type Magic = (u64, &'static [u8]);

/// Types that one magic number decides, by the kernel's name. The order matters: a hybrid image carries several.
const SIMPLE: &[(&str, Magic)] = &[
    ("xfs", (0, b"XFSB")),
    ("squashfs", (0, b"hsqs")),
    ("btrfs", (0x1_0040, b"_BHRfS_M")),
    ("erofs", (1024, &[0xe2, 0xe1, 0xf5, 0xe0])),
    ("f2fs", (1024, &[0x10, 0x20, 0xf5, 0xf2])),
    ("bcachefs", (4096 + 24, &[0xc6, 0x85, 0x73, 0xf6, 0x66, 0xce, 0x90, 0xa9])),
    ("nilfs2", (1024 + 6, &[0x34, 0x34])),
    ("jfs", (0x8000, b"JFS1")),
    ("reiserfs", (0x1_0034, b"ReIsEr")),
    ("iso9660", (0x8001, b"CD001")),
    ("udf", (0x8001, b"BEA01")),
    ("exfat", (3, b"EXFAT   ")),
    ("ntfs3", (3, b"NTFS    ")),
    ("vfat", (0x52, b"FAT32   ")),
    ("vfat", (0x36, b"FAT16   ")),
    ("vfat", (0x36, b"FAT12   ")),
    ("hfsplus", (1024, b"H+")),
    ("hfsplus", (1024, b"HX")),
    ("romfs", (0, b"-rom1fs-")),
    ("cramfs", (0, &[0x45, 0x3d, 0xcd, 0x28])),
    ("minix", (1024 + 24, &[0x5a, 0x4d])),
    ("minix", (1024 + 16, &[0x7f, 0x13])),
    ("minix", (1024 + 16, &[0x8f, 0x13])),
    ("minix", (1024 + 16, &[0x68, 0x24])),
    ("minix", (1024 + 16, &[0x78, 0x24])),
];

const EXT_SUPERBLOCK: u64 = 1024;
const EXT_MAGIC: Magic = (EXT_SUPERBLOCK + 56, &[0x53, 0xef]);
const EXT_HAS_JOURNAL: u32 = 0x4;
/// `filetype`, `needs_recovery`, `meta_bg`.
const EXT3_INCOMPAT: u32 = 0x2 | 0x4 | 0x10;
/// `sparse_super`, `large_file`, `btree_dir`.
const EXT3_RO_COMPAT: u32 = 0x1 | 0x2 | 0x4;
/// The device is the journal of another file system.
const EXT_JOURNAL_DEVICE: u32 = 0x8;

/// Types to try, by the kernel's names, and whether it is known to be one of them: what the superblock says, else
/// every type there is.
pub(super) fn candidates(device: BorrowedFd<'_>) -> (Vec<String>, bool) {
    match detect(device) {
        // The driver of ext4 reads the older generations as well, and as ext4 they can be mapped to other user ids.
        Some(old @ ("ext2" | "ext3")) => (["ext4", old].map(str::to_owned).into(), true),
        Some(kind) => (vec![kind.to_owned()], true),
        None => {
            let list = kernel::fd::read_to_string(Path::new("/proc/filesystems")).unwrap_or_default();
            (on_devices(&list), false)
        }
    }
}

/// The kernel's name of the file system; `None` if it is none that is known here.
fn detect(device: BorrowedFd<'_>) -> Option<&'static str> {
    // First, since a file system made over another one's remains may leave those that lie further back.
    if has(device, EXT_MAGIC) {
        return ext(device);
    }
    SIMPLE.iter().find(|(_, magic)| has(device, *magic)).map(|(name, _)| *name)
}

/// ext2, ext3 or ext4, by what reading it takes.
fn ext(device: BorrowedFd<'_>) -> Option<&'static str> {
    let number = |offset: u64| {
        let mut bytes = [0; 4];
        read(device, EXT_SUPERBLOCK + offset, &mut bytes).then(|| u32::from_le_bytes(bytes))
    };
    let (compat, incompat, ro_compat) = (number(92)?, number(96)?, number(100)?);
    if incompat & EXT_JOURNAL_DEVICE != 0 {
        return None;
    }
    if incompat & !EXT3_INCOMPAT != 0 || ro_compat & !EXT3_RO_COMPAT != 0 {
        return Some("ext4");
    }
    Some(if compat & EXT_HAS_JOURNAL == 0 { "ext2" } else { "ext3" })
}

fn has(device: BorrowedFd<'_>, (offset, magic): Magic) -> bool {
    let mut found = [0; 8];
    let found = &mut found[..magic.len()];
    read(device, offset, found) && found == magic
}

/// False if there is nothing to read.
fn read(device: BorrowedFd<'_>, offset: u64, into: &mut [u8]) -> bool {
    rustix::io::pread(device, &mut *into, offset).is_ok_and(|count| count == into.len())
}

/// The types that need a device, in the kernel's list (proc_filesystems(5)).
fn on_devices(list: &str) -> Vec<String> {
    let lines = list.lines().filter_map(|line| line.strip_prefix('\t'));
    // Of fuse it takes a program.
    lines.filter(|kind| *kind != "fuseblk").map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileExt;

    use super::*;

    fn detected(writes: &[(u64, &[u8])]) -> Option<&'static str> {
        let file = tempfile::tempfile().unwrap();
        file.set_len(1 << 20).unwrap();
        let write = |file: &File, (offset, bytes): &(u64, &[u8])| file.write_all_at(bytes, *offset).unwrap();
        writes.iter().for_each(|item| write(&file, item));
        detect(file.as_fd())
    }

    #[test]
    fn magic_numbers() {
        for (name, magic) in SIMPLE {
            assert_eq!(detected(&[*magic]), Some(*name));
        }
        assert_eq!(detected(&[]), None);
        assert_eq!(detected(&[(0, b"LUKS\xba\xbe")]), None);
        assert_eq!(detect(tempfile::tempfile().unwrap().as_fd()), None);
    }

    #[test]
    fn generations_of_ext() {
        let of = |compat: u32, incompat: u32, ro_compat: u32| {
            let words = [compat, incompat, ro_compat].map(u32::to_le_bytes).concat();
            detected(&[(1080, &[0x53, 0xef]), (1024 + 92, &words)])
        };
        assert_eq!(of(0, 0x2, 0x3), Some("ext2"));
        assert_eq!(of(0x4, 0x2, 0x3), Some("ext3"));
        assert_eq!(of(0x4, 0x2 | 0x40, 0x3), Some("ext4"));
        assert_eq!(of(0x4, 0x2, 0x8), Some("ext4"));
        assert_eq!(of(0, 0x8, 0), None);
    }

    #[test]
    fn lists_of_kernels() {
        assert_eq!(on_devices("nodev\tsysfs\n\text4\nnodev\tproc\n\tfuseblk\n\txfs\n"), ["ext4", "xfs"]);
    }
}
