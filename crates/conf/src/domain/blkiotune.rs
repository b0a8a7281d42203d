//! `<blkiotune>`.

/// Weights and limits of block devices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlkioTune {
    /// `<weight>`, 10..=1000 (checked when applied); `None` = default.
    pub weight: Option<u32>,
    /// `<device>`s.
    pub devices: Vec<BlkioDevice>,
}

/// Limits of one block device; 0 = none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlkioDevice {
    /// `<path>`, e.g. `/dev/sda`.
    pub path: String,
    /// `<weight>`
    pub weight: u32,
    /// `<read_iops_sec>`
    pub read_iops: u32,
    /// `<write_iops_sec>`
    pub write_iops: u32,
    /// `<read_bytes_sec>`
    pub read_bytes: u64,
    /// `<write_bytes_sec>`
    pub write_bytes: u64,
}
