//! The folders in which a check keeps what shows its failures: a transcript and a program for each requirement that is
//! broken, and a capture of each case that failed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use trueline_conformance::capture::Frames;
use trueline_conformance::report::{Kept, MARK};

use super::Failure;
use super::sink::Sink;

/// Where files of a kind are kept.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Folder {
    path: PathBuf,
    /// What they are.
    what: &'static str,
    /// Whether a file is one of them, of whatever check.
    is_ours: fn(&Path) -> bool,
}

impl Folder {
    /// The one for counterexamples that was asked for, or else the one beside the first report that is a file:
    /// `report.failures` beside `report.json`.
    pub(in crate::cli) fn of(
        asked: Option<&Path>,
        report: Option<&Path>,
    ) -> Result<Option<Self>, Failure> {
        let beside = || report.map(|report| report.with_extension("failures"));
        let path = asked.map(Path::to_owned).or_else(beside);
        path.map(|path| Self::at(path, ("failures", "failures"), is_counterexample)).transpose()
    }

    /// The one for captures that was asked for.
    pub(in crate::cli) fn of_captures(asked: Option<&Path>) -> Result<Option<Self>, Failure> {
        asked.map(|path| Self::at(path.to_owned(), ("pcap", "captures"), is_capture)).transpose()
    }

    fn at(
        path: PathBuf,
        (option, what): (&str, &'static str),
        is_ours: fn(&Path) -> bool,
    ) -> Result<Self, Failure> {
        if path.exists() && !path.is_dir() {
            return Err(Failure::misused(
                format!("{} is no folder, and {what} are kept in one", path.display()),
                format!("name a folder with `--{option}`, or one that is to be made"),
            ));
        }
        Ok(Self { path, what, is_ours })
    }

    pub(in crate::cli) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps these files and none of an earlier check. The folder is there only when there is something in it.
    pub(in crate::cli) fn keep(&self, kept: &[Kept]) -> Result<(), Failure> {
        let written = self.write(kept).and_then(|()| self.forget(kept));
        written.map_err(|error| {
            let (what, path) = (self.what, self.path.display());
            Failure::machine(format!("{what} cannot be kept in {path}: {error}"))
        })
    }

    fn write(&self, kept: &[Kept]) -> io::Result<()> {
        if !kept.is_empty() {
            fs::create_dir_all(&self.path)?;
        }
        for Kept { name, octets } in kept {
            Sink::open(&self.path.join(name))?.write(octets)?;
        }
        Ok(())
    }

    /// Removes what an earlier check has kept and this one has not.
    fn forget(&self, kept: &[Kept]) -> io::Result<()> {
        if !self.path.exists() {
            return Ok(());
        }
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            let now = kept.iter().any(|it| path.file_name().is_some_and(|name| name == &*it.name));
            if !now && (self.is_ours)(&path) {
                fs::remove_file(path)?;
            }
        }
        // What somebody else has put there stays.
        let empty = fs::read_dir(&self.path)?.next().is_none();
        if empty { fs::remove_dir(&self.path) } else { Ok(()) }
    }
}

/// Whether a file is a counterexample that a check has kept.
fn is_counterexample(path: &Path) -> bool {
    let ours = |it: &std::ffi::OsStr| it == "transcript" || it == "py";
    path.extension().is_some_and(ours)
        && fs::read(path).is_ok_and(|octets| {
            let mark = MARK.as_bytes();
            octets.windows(mark.len()).take(1024).any(|it| it == mark)
        })
}

/// Whether a file is a capture that a check has kept: others write no such header.
fn is_capture(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "pcap")
        && fs::read(path).is_ok_and(|octets| Frames::are_in(&octets))
}
