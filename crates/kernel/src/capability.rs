//! Capabilities of the calling thread (capabilities(7)).

use rustix::thread::{CapabilitySet, CapabilitySets};

use crate::{Errno, Result};

/// Removes every capability that is not in `keep` (a mask of `1 << CAP_*`) from the bounding set.
///
/// `EPERM` without `CAP_SETPCAP` in the own user namespace.
pub fn limit_bounding_set(keep: u64) -> Result<()> {
    for capability in 0..64_i32 {
        if keep & (1 << capability) != 0 {
            continue;
        }
        // SAFETY: plain integers.
        let result = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        match crate::process::check(result.into()) {
            Ok(_) => {}
            // The first number the kernel does not know.
            Err(Errno::INVAL) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Sets effective and permitted to `keep` and empties inheritable and ambient.
pub fn set(keep: u64) -> Result<()> {
    rustix::thread::clear_ambient_capability_set()?;
    let keep = CapabilitySet::from_bits_retain(keep);
    let sets = CapabilitySets { effective: keep, permitted: keep, inheritable: CapabilitySet::empty() };
    rustix::thread::set_capabilities(None, sets)
}

/// The permitted set, as a mask.
pub fn permitted() -> Result<u64> {
    Ok(rustix::thread::capabilities(None)?.permitted.bits())
}
