//! Free pages by size and cell.

use crate::{Error, Host, Result, node};

/// Most counts a reply may hold.
pub(crate) const MAX_COUNTS: u32 = 1024;

/// Free pages of each of the sizes (KiB), for `cells` NUMA cells from number `start` on; -1 stands for the whole
/// machine, so that -1 and a count of 2 are the machine and cell 0. Cells beyond the last are left out.
///
/// All counts of one cell stand together: `sizes.len()` numbers a cell.
pub fn free_pages(host: &Host, sizes: &[u32], start: i32, cells: u32) -> Result<Vec<u64>> {
    let argument = |argument, text: &str| Error::Argument {
        function: "virNodeGetFreePages",
        argument,
        text: format!("{argument} in virNodeGetFreePages must {text}"),
    };
    if sizes.is_empty() {
        return Err(argument("npages", "not be zero"));
    }
    if cells == 0 {
        return Err(argument("cellCount", "not be zero"));
    }
    // The product comes from the client: 64 bits hold it whatever the two factors are (CVE-2026-18917).
    let wanted = u64::try_from(sizes.len()).unwrap_or(u64::MAX).saturating_mul(cells.into());
    if wanted > MAX_COUNTS.into() {
        return Err(Error::TooManyCounts);
    }
    if start < -1 {
        return Err(argument("startCell", "be -1 or greater"));
    }
    let last = node::max_id(host)?;
    if u32::try_from(start).is_ok_and(|first| first > last) {
        return Err(Error::StartCell { start, last });
    }
    let end = i64::from(start).saturating_add(cells.into()).min(i64::from(last) + 1);
    let mut counts = Vec::new();
    for cell in i64::from(start)..end {
        // -1 is the only number that has no cell.
        let cell = u32::try_from(cell).ok();
        let pages = node::pages(host, cell)?;
        for kib in sizes {
            let found = pages.iter().find(|pages| pages.size == u64::from(*kib));
            counts.push(found.ok_or(Error::PageSize { kib: *kib, cell })?.free);
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    fn counts(sizes: &[u32], start: i32, cells: u32) -> std::result::Result<Vec<u64>, String> {
        free_pages(&Fixture::numa().host(), sizes, start, cells).map_err(|e| e.to_string())
    }

    #[test]
    fn counts_stand_by_cell() {
        assert_eq!(counts(&[4, 2048], 0, 2), Ok(vec![65_536, 3, 65_536, 3]));
        assert_eq!(counts(&[2048], 1, 1024), Ok(vec![3]));
        assert_eq!(counts(&[4], -1, 2), Ok(vec![131_072, 65_536]));
    }

    #[test]
    fn unknown_sizes_and_cells() {
        assert_eq!(counts(&[5], 0, 1), Err("page size 5 is not available on node 0".into()));
        assert_eq!(counts(&[4, 0], -1, 1), Err("page size 0 is not available".into()));
        assert_eq!(counts(&[4], 2, 1), Err("start cell 2 out of range (0-1)".into()));
        assert_eq!(counts(&[4], i32::MAX, 1), Err("start cell 2147483647 out of range (0-1)".into()));
        assert!(counts(&[4], i32::MIN, 1).is_err());
    }

    #[test]
    fn the_product_never_wraps() {
        assert_eq!(counts(&[], 0, 1), Err("npages in virNodeGetFreePages must not be zero".into()));
        assert_eq!(counts(&[4], 0, 0), Err("cellCount in virNodeGetFreePages must not be zero".into()));
        let too_many = || Err("the result won't fit into REMOTE_NODE_MAX_CELLS".into());
        assert_eq!(counts(&[4; 2], 0, 513), too_many());
        // 1023 * 4198405 is 1019 in 32 bits.
        assert_eq!(counts(&[4; 1023], 0, 4_198_405), too_many());
        assert_eq!(counts(&[4; 1024], 0, u32::MAX), too_many());
        assert_eq!(counts(&[4], 0, 1 << 31), too_many());
        assert_eq!(counts(&[4; 512], 0, 2).map(|counts| counts.len()), Ok(1024));
    }
}
