//! From libvirt's units to the kernel's and back.

/// Amounts of memory from here on mean "no limit": libvirt's `VIR_DOMAIN_MEMORY_PARAM_UNLIMITED`, KiB.
const UNLIMITED_KIB: u64 = 9_007_199_254_740_991;

/// Above this the kernel's own "no limit" of cgroup v1 (`LONG_MAX` rounded down to a page), bytes.
const UNLIMITED_V1_BYTES: u64 = 0x7fff_ffff_ffff_0000;

/// Bytes for cgroup v1, `-1` for no limit.
pub(crate) fn bytes_v1(kib: u64) -> String {
    if kib >= UNLIMITED_KIB { "-1".to_owned() } else { (kib * 1024).to_string() }
}

/// Bytes for cgroup v2, `max` for no limit.
pub(crate) fn bytes_v2(kib: u64) -> String {
    if kib >= UNLIMITED_KIB { "max".to_owned() } else { (kib * 1024).to_string() }
}

/// KiB of a file of either version; `u64::MAX` for no limit.
pub(crate) fn kib_from(content: &str) -> Option<u64> {
    match content.trim() {
        "max" => Some(u64::MAX),
        number => {
            let bytes: u64 = number.parse().ok()?;
            Some(if bytes >= UNLIMITED_V1_BYTES { u64::MAX } else { bytes / 1024 })
        }
    }
}

/// `memory.swap.max` of cgroup v2, which is swap alone, from the limit of memory and swap together.
pub(crate) fn swap_alone(memory_and_swap_kib: u64, memory_kib: u64) -> u64 {
    if memory_and_swap_kib >= UNLIMITED_KIB {
        u64::MAX
    } else {
        memory_and_swap_kib.saturating_sub(memory_kib)
    }
}

/// Adds to an amount of memory, keeping "no limit".
pub(crate) fn add_kib(kib: u64, more: u64) -> u64 {
    if kib >= UNLIMITED_KIB { kib } else { kib.saturating_add(more) }
}

/// `cpu.weight` from `cpu.shares`: the kernel's default is 100 there and 1024 here (as systemd and
/// kernel/sched/core.c convert).
pub(crate) fn cpu_weight(shares: u64) -> u64 {
    (shares.saturating_mul(100).saturating_add(512) / 1024).clamp(1, 10_000)
}

/// The inverse of [`cpu_weight`], as near as it goes.
pub(crate) fn cpu_shares(weight: u64) -> u64 {
    (weight.saturating_mul(1024).saturating_add(50) / 100).max(2)
}

/// `io.weight` (default 100) from `blkio.weight` (default 500), as systemd converts.
pub(crate) fn io_weight(blkio_weight: u32) -> u32 {
    (blkio_weight / 5).clamp(1, 10_000)
}

/// The inverse of [`io_weight`].
pub(crate) fn blkio_weight(io_weight: u32) -> u32 {
    io_weight.saturating_mul(5).clamp(10, 1000)
}

/// A counter limit, `max` for none.
pub(crate) fn count(value: u64) -> String {
    if value == u64::MAX { "max".to_owned() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory() {
        assert_eq!(bytes_v1(1024), "1048576");
        assert_eq!(bytes_v1(u64::MAX), "-1");
        assert_eq!(bytes_v2(UNLIMITED_KIB), "max");
        assert_eq!(bytes_v2(1), "1024");
        assert_eq!(kib_from("1048576\n"), Some(1024));
        assert_eq!(kib_from("9223372036854771712\n"), Some(u64::MAX));
        assert_eq!(kib_from("max\n"), Some(u64::MAX));
        assert_eq!(kib_from("-1"), None);
        assert_eq!(swap_alone(3000, 1000), 2000);
        assert_eq!(swap_alone(1000, 3000), 0);
        assert_eq!(swap_alone(u64::MAX, 1), u64::MAX);
        assert_eq!(add_kib(1, 2), 3);
        assert_eq!(add_kib(u64::MAX, 2), u64::MAX);
    }

    #[test]
    fn weights() {
        for (shares, weight) in
            [(2, 1), (1024, 100), (512, 50), (2048, 200), (102_400, 10_000), (262_144, 10_000)]
        {
            assert_eq!(cpu_weight(shares), weight, "{shares}");
        }
        assert_eq!(cpu_shares(100), 1024);
        assert_eq!(cpu_shares(1), 10);
        assert_eq!(io_weight(500), 100);
        assert_eq!(io_weight(1000), 200);
        assert_eq!(io_weight(100), 20);
        assert_eq!(blkio_weight(100), 500);
        assert_eq!(count(u64::MAX), "max");
        assert_eq!(count(7), "7");
    }
}
