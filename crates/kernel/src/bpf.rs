//! Programs of control groups (bpf(2), linux/bpf.h).

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use crate::{Errno, Result};

/// `struct bpf_insn`.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    /// What to do.
    pub code: u8,
    /// Destination register in the lower half, source register in the upper.
    pub registers: u8,
    /// Offset of a jump, in instructions, or of a load, in bytes.
    pub offset: i16,
    /// Operand.
    pub immediate: i32,
}

const BPF_PROG_LOAD: libc::c_int = 5;
const BPF_PROG_ATTACH: libc::c_int = 8;
const BPF_PROG_TYPE_CGROUP_DEVICE: u32 = 15;
const BPF_CGROUP_DEVICE: u32 = 6;
const BPF_F_ALLOW_MULTI: u32 = 1 << 1;
const BPF_F_REPLACE: u32 = 1 << 2;

/// `union bpf_attr` of `BPF_PROG_LOAD`, as far as `expected_attach_type`. Without padding: the kernel reads all.
#[repr(C)]
struct Load {
    prog_type: u32,
    insn_cnt: u32,
    insns: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log_buf: u64,
    kern_version: u32,
    prog_flags: u32,
    prog_name: [u8; 16],
    prog_ifindex: u32,
    expected_attach_type: u32,
}

/// `union bpf_attr` of `BPF_PROG_ATTACH`.
#[repr(C)]
struct Attach {
    target_fd: u32,
    attach_bpf_fd: u32,
    attach_type: u32,
    attach_flags: u32,
    replace_bpf_fd: u32,
}

/// Loads a program that decides which devices may be opened and made (`struct bpf_cgroup_dev_ctx`).
///
/// `EACCES` or `EINVAL` for a program that the kernel does not accept, `EINVAL` also on a kernel without such
/// programs (`CONFIG_CGROUP_BPF`), `EPERM` without the right.
pub fn load_device_program(instructions: &[Instruction]) -> Result<OwnedFd> {
    let mut prog_name = [0; 16];
    prog_name[..7].copy_from_slice(b"devices");
    let attr = Load {
        prog_type: BPF_PROG_TYPE_CGROUP_DEVICE,
        insn_cnt: u32::try_from(instructions.len()).map_err(|_| Errno::TOOBIG)?,
        insns: instructions.as_ptr() as u64,
        // It calls nothing of the kernel's, so any licence will do.
        license: c"MIT".as_ptr() as u64,
        log_level: 0,
        log_size: 0,
        log_buf: 0,
        kern_version: 0,
        prog_flags: 0,
        prog_name,
        prog_ifindex: 0,
        expected_attach_type: BPF_CGROUP_DEVICE,
    };
    let fd = i32::try_from(bpf(BPF_PROG_LOAD, &attr)?).map_err(|_| Errno::BADF)?;
    // SAFETY: the call succeeded, so this is a new descriptor (close-on-exec) that nobody owns yet.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Attaches such a program to a control group of v2 (not an `O_PATH` descriptor), in the place of `replaced` if
/// given. It stays until the group is removed. Programs of the groups above and below hold as well.
pub fn attach_device_program(
    group: BorrowedFd<'_>,
    program: BorrowedFd<'_>,
    replaced: Option<BorrowedFd<'_>>,
) -> Result<()> {
    let raw = |fd: BorrowedFd<'_>| u32::try_from(fd.as_raw_fd()).map_err(|_| Errno::BADF);
    let attr = Attach {
        target_fd: raw(group)?,
        attach_bpf_fd: raw(program)?,
        attach_type: BPF_CGROUP_DEVICE,
        attach_flags: BPF_F_ALLOW_MULTI | if replaced.is_some() { BPF_F_REPLACE } else { 0 },
        replace_bpf_fd: replaced.map_or(Ok(0), raw)?,
    };
    bpf(BPF_PROG_ATTACH, &attr).map(|_| ())
}

fn bpf<T>(command: libc::c_int, attr: &T) -> Result<libc::c_long> {
    // SAFETY: attr is what the command takes, its pointers lead to what outlives the call, and the kernel is told
    // its size.
    crate::process::check(unsafe {
        libc::syscall(libc::SYS_bpf, command, std::ptr::from_ref(attr), size_of::<T>())
    })
}
