//! Changing the host: huge pages, and how equal pages are merged.

use crate::{Error, Host, Result, node};

/// Pages of the system itself: their number is not to be set.
const DIRECTORY: &str = "sys/kernel/mm/ksm";

/// Sets a file of KSM (Documentation/admin-guide/mm/ksm.rst): `pages_to_scan`, `sleep_millisecs` or
/// `merge_across_nodes`.
pub fn set_memory_parameter(host: &Host, file: &str, value: u32) -> Result<()> {
    host.files.write(format!("{DIRECTORY}/{file}"), &value.to_string())
}

/// Allocates or frees huge pages: for each of `cells` NUMA cells from `start` on (-1 stands for the whole machine, as in [`free_pages`](crate::free_pages)) the
/// `counts` of pages of the `sizes` in KiB, to be the number of all (`set`) or on top. Returns for how many pairs of
/// cell and size that was done.
pub fn alloc_pages(host: &Host, pages: &[(u32, u64)], start: i32, cells: u32, set: bool) -> Result<u32> {
    let last = node::max_id(host)?;
    if u32::try_from(start).is_ok_and(|first| first > last) {
        return Err(Error::StartCell { start, last });
    }
    let end = i64::from(start).saturating_add(cells.into()).min(i64::from(last) + 1);
    let mut done = 0;
    for cell in i64::from(start)..end {
        let cell = u32::try_from(cell).ok();
        for (kib, count) in pages {
            let dir = match cell {
                Some(cell) => format!("{}/node{cell}/hugepages/hugepages-{kib}kB", node::DIR),
                None => format!("sys/kernel/mm/hugepages/hugepages-{kib}kB"),
            };
            let file = format!("{dir}/nr_hugepages");
            let present: u64 = host.files.number(&file)?.ok_or(Error::PageSize { kib: *kib, cell })?;
            let wanted = if set { *count } else { present.saturating_add(*count) };
            host.files.write(&file, &wanted.to_string())?;
            done += 1;
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn ksm_is_set() {
        let fixture = Fixture::new().files(DIRECTORY, &[("pages_to_scan", "100\n")]);
        let host = fixture.host();
        set_memory_parameter(&host, "pages_to_scan", 7).unwrap();
        assert_eq!(host.files.text(format!("{DIRECTORY}/pages_to_scan")).unwrap().as_deref(), Some("7"));
        // Never made anew: the kernel has it or not.
        assert!(set_memory_parameter(&host, "sleep_millisecs", 7).is_err());
    }

    #[test]
    fn pages_are_set_and_added() {
        let fixture = Fixture::numa();
        let host = fixture.host();
        let count = |cell: u32| {
            let file = format!("{}/node{cell}/hugepages/hugepages-2048kB/nr_hugepages", node::DIR);
            host.files.number::<u64>(file).unwrap().unwrap()
        };
        assert_eq!(alloc_pages(&host, &[(2048, 5)], 0, 2, true).unwrap(), 2);
        assert_eq!((count(0), count(1)), (5, 5));
        assert_eq!(alloc_pages(&host, &[(2048, 2)], 1, 1, false).unwrap(), 1);
        assert_eq!((count(0), count(1)), (5, 7));
        assert!(alloc_pages(&host, &[(2048, 2)], 9, 1, false).is_err());
        let error = alloc_pages(&host, &[(3, 2)], 0, 1, false).unwrap_err().to_string();
        assert_eq!(error, "page size 3 is not available on node 0");
    }
}
