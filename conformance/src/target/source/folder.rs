//! What is in a folder, as far as programs go.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How deep programs of several folders are looked for.
const DEPTH_MAX: usize = 8;
/// How many files of one kind are taken.
const FILES_MAX: usize = 512;

/// A folder, and the files that lie in it.
pub(super) struct Folder {
    /// Absolute.
    pub(super) path: PathBuf,
    /// In the order of their names, without those that are hidden and those that are links to elsewhere: what is shown to a
    /// program must be its own.
    pub(super) files: Vec<OsString>,
}

impl Folder {
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        let real = path.canonicalize()?;
        let mut files = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let (name, at) = (entry.file_name(), entry.path());
            let is_inside = at.canonicalize().is_ok_and(|at| at.starts_with(&real) && at.is_file());
            if is_inside && !name.as_encoded_bytes().starts_with(b".") {
                files.push(name);
            }
        }
        files.sort();
        Ok(Self { path: path.to_owned(), files })
    }

    /// As if nothing else were there.
    pub(super) fn with_only(self, file: &OsStr) -> Self {
        Self { files: vec![file.to_owned()], ..self }
    }

    pub(super) fn has(&self, file: &str) -> bool {
        self.files.iter().any(|it| it == file)
    }

    /// Whether a path in the folder leads to a file of its own.
    pub(super) fn holds(&self, path: &Path) -> bool {
        let real = self.path.canonicalize();
        let file = self.path.join(path).canonicalize();
        real.is_ok_and(|real| file.is_ok_and(|file| file.starts_with(real) && file.is_file()))
    }

    /// The files for which this holds, given their paths.
    pub(super) fn those(&self, is_one: impl Fn(&Path) -> bool) -> Vec<OsString> {
        let files = self.files.iter().filter(|file| is_one(&self.path.join(file)));
        files.cloned().collect()
    }

    /// The same in all folders below, as paths in this one.
    pub(super) fn all_below(&self, is_one: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
        let mut found = Vec::new();
        gather(&self.path, Path::new(""), DEPTH_MAX, is_one, &mut found);
        found.sort();
        found
    }
}

fn gather(
    root: &Path,
    part: &Path,
    depth: usize,
    is_one: &dyn Fn(&Path) -> bool,
    found: &mut Vec<PathBuf>,
) {
    // What cannot be looked into holds nothing that could be built.
    for entry in fs::read_dir(root.join(part)).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let part = part.join(entry.file_name());
        if entry.file_name().as_encoded_bytes().starts_with(b".") || found.len() >= FILES_MAX {
            continue;
        }
        if kind.is_dir() && depth > 0 {
            gather(root, &part, depth - 1, is_one, found);
        } else if kind.is_file() && is_one(&root.join(&part)) {
            found.push(part);
        }
    }
}

/// A file as a word of a command: one that looks like an option does not any more.
pub(super) fn word(file: impl AsRef<OsStr>) -> OsString {
    let file = file.as_ref();
    if file.as_encoded_bytes().starts_with(b"-") || file.as_encoded_bytes().starts_with(b"@") {
        return here(file);
    }
    file.to_owned()
}

/// A file as a program of this folder.
pub(super) fn here(file: impl AsRef<OsStr>) -> OsString {
    Path::new(".").join(file.as_ref()).into()
}
