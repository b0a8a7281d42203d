//! Ids that the host has promised to its users: subuid(5), subgid(5).

use std::io;
use std::path::Path;

use super::Range;

/// Longer files are refused, bytes.
const FILE_MAX: u64 = 1 << 20;

/// First id and length.
type Block = (u32, u32);

/// Everything promised to anybody, user ids and group ids alike.
pub(super) fn all(etc: &Path) -> io::Result<Vec<Range>> {
    let mut ranges = Vec::new();
    for file in ["subuid", "subgid"] {
        let text = read(&etc.join(file))?;
        ranges.extend(blocks(&text, None).map(|(first, count)| Range { uid: first, gid: first, count }));
    }
    Ok(ranges)
}

/// What a user has, cut to ranges of `size` ids. As many as there are of user ids and of group ids.
pub(super) fn of_user(etc: &Path, name: &str, size: u32) -> io::Result<Vec<Range>> {
    let cut = |file: &str| -> io::Result<Vec<u32>> {
        let text = read(&etc.join(file))?;
        let whole = |(first, count): Block| (0..count / size).map(move |number| first + number * size);
        Ok(blocks(&text, Some(name)).flat_map(whole).collect())
    };
    let (uids, gids) = (cut("subuid")?, cut("subgid")?);
    Ok(uids.into_iter().zip(gids).map(|(uid, gid)| Range { uid, gid, count: size }).collect())
}

/// The blocks of a file, of one user if given. What is no entry, or reaches beyond the last id, or begins with
/// root, is passed over.
fn blocks<'a>(text: &'a str, user: Option<&'a str>) -> impl Iterator<Item = Block> + 'a {
    text.lines().filter_map(move |line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, first, count] = fields[..] else { return None };
        let (first, count): Block = (first.parse().ok()?, count.trim_end().parse().ok()?);
        let fits = first > 0 && first.checked_add(count).is_some_and(|end| end < u32::MAX);
        (fits && user.is_none_or(|user| user == name)).then_some((first, count))
    })
}

/// A file that is not there promises nothing.
fn read(path: &Path) -> io::Result<String> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Ok(status) if status.len() > FILE_MAX => Err(named(io::ErrorKind::FileTooLarge.into())),
        other => other.and_then(|_| std::fs::read_to_string(path)).map_err(named),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        let text =
            "bob:100000:65536\n# x\nroot:0:10\nbob:4294967290:10\nbob:1:2:3\nbob:-1:7\nbob:300000:1 \n";
        assert_eq!(blocks(text, Some("bob")).collect::<Vec<_>>(), [(100_000, 65_536), (300_000, 1)]);
        assert_eq!(blocks(text, None).count(), 2);
        assert_eq!(blocks(text, Some("bo")).count(), 0);
    }
}
