//! Ranges of host ids, one for each container: disjoint, and the same at every start.

mod subid;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use protocol::Uuid;
use serde::{Deserialize, Serialize};

use crate::Config;
use crate::files::{self, Durability};

/// A range of user ids and one of group ids, equally long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Range {
    /// First user id on the host.
    pub(crate) uid: u32,
    /// First group id on the host.
    pub(crate) gid: u32,
    /// Length.
    pub(crate) count: u32,
}

impl Range {
    fn overlaps(self, other: Self) -> bool {
        let meet = |a: u32, b: u32| {
            let end = |first: u32, count: u32| u64::from(first) + u64::from(count);
            u64::from(a) < end(b, other.count) && u64::from(b) < end(a, self.count)
        };
        meet(self.uid, other.uid) || meet(self.gid, other.gid)
    }
}

/// What a range is given out from.
#[derive(Debug)]
enum Source {
    /// The settings: as many ranges one after the other, but none that the host has promised to a user.
    Settings { start: u32, size: u32, count: u32, promised: Vec<Range> },
    /// What the host has promised to a user.
    User { name: String, ranges: Vec<Range> },
}

/// Who has which range, kept in `idranges.json`.
///
/// A range once given out is the container's until it is forgotten, whatever the settings say later.
#[derive(Debug)]
pub(crate) struct Ranges {
    path: PathBuf,
    source: Source,
    /// By uuid.
    taken: Mutex<BTreeMap<String, Range>>,
}

impl Ranges {
    /// Reads what was given out before, and with `etc` what the host has promised to its users.
    pub(crate) fn load(path: PathBuf, etc: &Path, config: &Config) -> io::Result<Self> {
        let taken = match std::fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map_err(|error| {
                io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => {
                return Err(io::Error::new(error.kind(), format!("{}: {error}", path.display())));
            }
        };
        let size = config.userns_range_size;
        let source = match &config.userns_range_user {
            Some(name) => {
                let ranges = subid::of_user(etc, name, size)?;
                if ranges.is_empty() {
                    return Err(io::Error::other(format!(
                        "userns_range_user: {0}/subuid and {0}/subgid have no range of {size} ids for user '{name}'",
                        etc.display()
                    )));
                }
                Source::User { name: name.clone(), ranges }
            }
            None => Source::Settings {
                start: config.userns_range_start,
                size,
                count: config.userns_range_count,
                promised: subid::all(etc)?,
            },
        };
        Ok(Self { path, source, taken: Mutex::new(taken) })
    }

    /// The range of a container, given out if it has none. It is on disk before it is used, so that no other
    /// container can get it after a crash.
    pub(crate) fn of(&self, uuid: Uuid) -> io::Result<Range> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let key = uuid.to_string();
        if let Some(range) = taken.get(&key) {
            return Ok(*range);
        }
        let range = self.free(&taken)?;
        taken.insert(key.clone(), range);
        if let Err(error) = self.save(&taken) {
            taken.remove(&key);
            return Err(error);
        }
        Ok(range)
    }

    /// The first range that nobody has.
    fn free(&self, taken: &BTreeMap<String, Range>) -> io::Result<Range> {
        let is_free = |range: &Range| !taken.values().any(|other| range.overlaps(*other));
        let (found, what) = match &self.source {
            Source::Settings { start, size, count, promised } => {
                let range = |number: u32| {
                    let first = start + number * size;
                    Range { uid: first, gid: first, count: *size }
                };
                let unpromised = |range: &Range| !promised.iter().any(|other| range.overlaps(*other));
                let found = (0..*count).map(range).find(|range| is_free(range) && unpromised(range));
                (found, "raise userns_range_count in lxc.conf".to_owned())
            }
            Source::User { name, ranges } => (
                ranges.iter().copied().find(is_free),
                format!("give user '{name}' more in /etc/subuid and /etc/subgid"),
            ),
        };
        found.ok_or_else(|| io::Error::other(format!("no range of user ids is left: {what}")))
    }

    /// Gives a range back, when its container is forgotten.
    pub(crate) fn release(&self, uuid: Uuid) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.remove(&uuid.to_string()).is_some()
            && let Err(error) = self.save(&taken)
        {
            // It stays taken in the file, which costs a range and nothing else.
            tracing::warn!(path = %self.path.display(), %error, "cannot give back a range of user ids");
        }
    }

    fn save(&self, taken: &BTreeMap<String, Range>) -> io::Result<()> {
        let text = serde_json::to_string_pretty(taken)?;
        files::replace(&self.path, &text, Durability::Disk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: u32 = 0x1_0000;

    fn load(dir: &tempfile::TempDir, config: &Config) -> io::Result<Ranges> {
        Ranges::load(dir.path().join("idranges.json"), dir.path(), config)
    }

    fn two() -> Config {
        let mut config = Config::new("/x");
        config.userns_range_count = 2;
        config
    }

    #[test]
    fn disjoint_stable_and_reused_only_when_given_back() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b, c) = (Uuid([1; 16]), Uuid([2; 16]), Uuid([3; 16]));
        let first = load(&dir, &two()).unwrap();
        let range = first.of(a).unwrap();
        assert_eq!(range, Range { uid: 0x7000_0000, gid: 0x7000_0000, count: SIZE });
        assert_eq!(first.of(b).unwrap().uid, range.uid + SIZE);
        let error = first.of(c).unwrap_err().to_string();
        assert_eq!(error, "no range of user ids is left: raise userns_range_count in lxc.conf");
        let again = load(&dir, &two()).unwrap();
        assert_eq!(again.of(b).unwrap().uid, range.uid + SIZE, "the same after a restart");
        again.release(a);
        assert_eq!(again.of(c).unwrap(), range);
    }

    #[test]
    fn a_range_stays_whatever_the_settings_say() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (Uuid([1; 16]), Uuid([2; 16]));
        let before = load(&dir, &two()).unwrap().of(a).unwrap();
        let mut config = two();
        config.userns_range_start -= SIZE / 2;
        let ranges = load(&dir, &config).unwrap();
        assert_eq!(ranges.of(a).unwrap(), before);
        // Both ranges of the new settings overlap the old one.
        assert!(ranges.of(b).is_err());
    }

    #[test]
    fn what_the_host_has_promised_to_others_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("subuid"), format!("bob:{}:10\n", 0x7000_0005_u32)).unwrap();
        let ranges = load(&dir, &two()).unwrap();
        assert_eq!(ranges.of(Uuid([1; 16])).unwrap().uid, 0x7001_0000);
    }

    #[test]
    fn ranges_of_a_user() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = two();
        config.userns_range_user = Some("guests".into());
        let error = load(&dir, &config).unwrap_err().to_string();
        assert!(error.contains("have no range of 65536 ids for user 'guests'"), "{error}");
        std::fs::write(dir.path().join("subuid"), "guests:100000:70000\nguests:500000:65536\n").unwrap();
        std::fs::write(dir.path().join("subgid"), "guests:200000:200000\n").unwrap();
        let ranges = load(&dir, &config).unwrap();
        let of = |byte| ranges.of(Uuid([byte; 16]));
        assert_eq!(of(1).unwrap(), Range { uid: 100_000, gid: 200_000, count: SIZE });
        assert_eq!(of(2).unwrap(), Range { uid: 500_000, gid: 265_536, count: SIZE });
        let error = of(3).unwrap_err().to_string();
        assert!(error.contains("give user 'guests' more"), "{error}");
    }

    #[test]
    fn a_damaged_file_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("idranges.json"), "{").unwrap();
        assert!(load(&dir, &two()).is_err());
    }
}
