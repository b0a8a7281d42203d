//! The project's files.

use std::fs;
use std::io;
use std::path::Path;

/// All text files of the project.
#[derive(Debug, Default)]
pub struct Tree {
    /// Sorted by path.
    pub files: Vec<File>,
    /// Names in the top directory, sorted.
    pub top: Vec<String>,
}

/// One text file.
#[derive(Debug, Clone)]
pub struct File {
    /// Path from the top of the project, with `/`.
    pub path: String,
    /// Content.
    pub text: String,
}

impl File {
    /// What follows the last `.` of the name, or nothing.
    pub fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The name without directories.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The crate that the file belongs to, if it is below `crates/` or `tests/`.
    pub fn package(&self) -> Option<&str> {
        let mut parts = self.path.split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("crates" | "tests"), Some(package), Some(_)) => Some(package),
            _ => None,
        }
    }

    /// True for code that only tests run: `tests/`, and modules named `tests`.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/") || self.name() == "tests.rs"
    }
}

impl Tree {
    /// Reads the project below `root`; version control and build output are left out.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        for entry in fs::read_dir(root)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != ".git" && name != "target" && !name.starts_with("target-") {
                tree.top.push(name);
            }
        }
        tree.top.sort();
        for name in tree.top.clone() {
            tree.add(root, &name)?;
        }
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// A tree made of (path, text) pairs.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.files.push(File { path: (*path).to_owned(), text: (*text).to_owned() });
            let top = path.split('/').next().unwrap_or_default().to_owned();
            if !tree.top.contains(&top) {
                tree.top.push(top);
            }
        }
        tree
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// All Rust sources.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.extension() == "rs")
    }

    fn add(&mut self, root: &Path, path: &str) -> io::Result<()> {
        let full = root.join(path);
        let kind = fs::symlink_metadata(&full)?.file_type();
        if kind.is_dir() {
            for entry in fs::read_dir(&full)? {
                let name = entry?.file_name().to_string_lossy().into_owned();
                if name != "__pycache__" {
                    self.add(root, &format!("{path}/{name}"))?;
                }
            }
        } else if kind.is_file()
            && let Ok(text) = String::from_utf8(fs::read(&full)?)
        {
            self.files.push(File { path: path.to_owned(), text });
        }
        Ok(())
    }
}
