//! Ranges of host ids, one for each container: disjoint, and the same at every start.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use protocol::Uuid;

use crate::Config;
use crate::files::{self, Durability};

/// Who has which range, kept in `idranges.json`.
#[derive(Debug)]
pub(crate) struct Ranges {
    path: PathBuf,
    start: u32,
    size: u32,
    count: u32,
    /// Uuid to the number of its range.
    taken: Mutex<BTreeMap<String, u32>>,
}

impl Ranges {
    /// Reads what was given out before.
    pub(crate) fn load(path: PathBuf, config: &Config) -> io::Result<Self> {
        let taken = match std::fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map_err(|error| {
                io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        let (start, size) = (config.userns_range_start, config.userns_range_size);
        Ok(Self { path, start, size, count: config.userns_range_count, taken: Mutex::new(taken) })
    }

    /// The range of a container, given out if it has none: first host id and length. It is on disk before it is
    /// used, so that no other container can get it after a crash.
    pub(crate) fn of(&self, uuid: Uuid) -> io::Result<(u32, u32)> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let key = uuid.to_string();
        let number = match taken.get(&key) {
            Some(number) => *number,
            None => {
                let free = (0..self.count).find(|number| !taken.values().any(|other| other == number));
                let number = free.ok_or_else(|| io::Error::other("no range of user ids is left"))?;
                taken.insert(key.clone(), number);
                if let Err(error) = self.save(&taken) {
                    taken.remove(&key);
                    return Err(error);
                }
                number
            }
        };
        Ok((self.start + number * self.size, self.size))
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

    fn save(&self, taken: &BTreeMap<String, u32>) -> io::Result<()> {
        let text = serde_json::to_string_pretty(taken)?;
        files::replace(&self.path, &text, Durability::Disk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(dir: &tempfile::TempDir, count: u32) -> Ranges {
        let mut config = Config::new("/x");
        config.userns_range_count = count;
        Ranges::load(dir.path().join("idranges.json"), &config).unwrap()
    }

    #[test]
    fn disjoint_stable_and_reused_only_when_given_back() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b, c) = (Uuid([1; 16]), Uuid([2; 16]), Uuid([3; 16]));
        let first = ranges(&dir, 2);
        let (at, size) = first.of(a).unwrap();
        assert_eq!((at, size), (0x7000_0000, 0x1_0000));
        assert_eq!(first.of(b).unwrap().0, at + size);
        assert!(first.of(c).is_err(), "all are taken");
        let again = ranges(&dir, 2);
        assert_eq!(again.of(b).unwrap().0, at + size, "the same after a restart");
        again.release(a);
        assert_eq!(again.of(c).unwrap().0, at);
    }

    #[test]
    fn a_damaged_file_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("idranges.json"), "{").unwrap();
        assert!(Ranges::load(dir.path().join("idranges.json"), &Config::new("/x")).is_err());
    }
}
