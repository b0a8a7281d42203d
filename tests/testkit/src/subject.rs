//! Whose daemon is under test.

use std::env;
use std::path::{Path, PathBuf};

/// The daemon under test, chosen by the environment variable `SUBJECT` (`ours`, the default, or `theirs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// virtcontainerd.
    Ours,
    /// The incumbent: Debian's libvirtd with its LXC driver.
    Theirs,
}

impl Subject {
    /// The subject of this run.
    ///
    /// # Panics
    /// When `SUBJECT` is neither `ours` nor `theirs`.
    #[must_use]
    pub fn under_test() -> Self {
        match env::var("SUBJECT").as_deref() {
            Err(_) | Ok("" | "ours") => Self::Ours,
            Ok("theirs") => Self::Theirs,
            Ok(other) => panic!("SUBJECT is `{other}`; it must be `ours` or `theirs`"),
        }
    }

    /// The value that this subject is expected to show where ours differs on purpose. Every use has its line
    /// in docs/differences.md.
    pub fn expect<T>(self, ours: T, theirs: T) -> T {
        match self {
            Self::Ours => ours,
            Self::Theirs => theirs,
        }
    }

    /// Whether this is virtcontainerd.
    #[must_use]
    pub fn is_ours(self) -> bool {
        self == Self::Ours
    }

    /// The daemon's program. Ours is looked up in `VIRTCONTAINERD_BIN_DIR`, else in cargo's target directory.
    ///
    /// # Panics
    /// When it is not there.
    #[must_use]
    pub fn daemon(self) -> PathBuf {
        let (path, cure) = match self {
            Self::Ours => (
                bin_dir().join("virtcontainerd"),
                "build it with `cargo build -p virtcontainerd -p monitor`, or set VIRTCONTAINERD_BIN_DIR",
            ),
            Self::Theirs => (
                PathBuf::from("/usr/sbin/libvirtd"),
                "install libvirt-daemon-system and libvirt-daemon-driver-lxc",
            ),
        };
        assert!(path.exists(), "no daemon at {}: {cure}", path.display());
        path
    }

    /// The socket that its clients use for `lxc:///system`.
    pub(crate) fn socket(self) -> &'static str {
        self.expect("/run/libvirt/virtlxcd-sock", "/run/libvirt/libvirt-sock")
    }
}

fn bin_dir() -> PathBuf {
    if let Some(dir) = env::var_os("VIRTCONTAINERD_BIN_DIR") {
        return PathBuf::from(dir);
    }
    if let Some(dir) = env::var_os("CARGO_TARGET_DIR") {
        return PathBuf::from(dir).join("debug");
    }
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debug")
}
