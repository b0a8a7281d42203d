//! `<idmap>`.

/// User namespace. Both lists are sorted by `start`; both empty = none given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdMap {
    /// `<uid>`s
    pub uids: Vec<IdRange>,
    /// `<gid>`s
    pub gids: Vec<IdRange>,
}

impl IdMap {
    /// Was one given?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.uids.is_empty() && self.gids.is_empty()
    }
}

/// `<uid start= target= count=>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRange {
    /// First id inside the container.
    pub start: u32,
    /// First id on the host.
    pub target: u32,
    /// Length.
    pub count: u32,
}
