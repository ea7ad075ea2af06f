//! The folder in which a check keeps its counterexamples: a transcript and a program for each requirement that is broken.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use trueline_conformance::report::{Kept, MARK};

use super::Failure;
use super::sink::Sink;

/// Where counterexamples are kept.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Folder(PathBuf);

impl Folder {
    /// The one that was asked for, or else the one beside the first report that is a file: `report.failures` beside
    /// `report.json`.
    pub(in crate::cli) fn of(
        asked: Option<&Path>,
        report: Option<&Path>,
    ) -> Result<Option<Self>, Failure> {
        let beside = || report.map(|report| report.with_extension("failures"));
        let Some(path) = asked.map(Path::to_owned).or_else(beside) else { return Ok(None) };
        if path.exists() && !path.is_dir() {
            return Err(Failure::misused(
                format!("{} is no folder, and failures are kept in one", path.display()),
                "name a folder with `--failures`, or one that is to be made",
            ));
        }
        Ok(Some(Self(path)))
    }

    pub(in crate::cli) fn path(&self) -> &Path {
        &self.0
    }

    /// Keeps these files and none of an earlier check. The folder is there only when there is something in it.
    pub(in crate::cli) fn keep(&self, kept: &[Kept]) -> Result<(), Failure> {
        let written = self.write(kept).and_then(|()| self.forget(kept));
        written.map_err(|error| {
            Failure::machine(format!("failures cannot be kept in {}: {error}", self.0.display()))
        })
    }

    fn write(&self, kept: &[Kept]) -> io::Result<()> {
        if !kept.is_empty() {
            fs::create_dir_all(&self.0)?;
        }
        for Kept { name, text } in kept {
            Sink::open(&self.0.join(name))?.write(text)?;
        }
        Ok(())
    }

    /// Removes what an earlier check has kept and this one has not.
    fn forget(&self, kept: &[Kept]) -> io::Result<()> {
        if !self.0.exists() {
            return Ok(());
        }
        for entry in fs::read_dir(&self.0)? {
            let path = entry?.path();
            let now = kept.iter().any(|it| path.file_name().is_some_and(|name| name == &*it.name));
            if !now && is_kept(&path) {
                fs::remove_file(path)?;
            }
        }
        // What somebody else has put there stays.
        let empty = fs::read_dir(&self.0)?.next().is_none();
        if empty { fs::remove_dir(&self.0) } else { Ok(()) }
    }
}

/// Whether a file is one that a check has kept.
fn is_kept(path: &Path) -> bool {
    let ours = |it: &std::ffi::OsStr| it == "transcript" || it == "py";
    path.extension().is_some_and(ours)
        && fs::read(path).is_ok_and(|octets| {
            let mark = MARK.as_bytes();
            octets.windows(mark.len()).take(1024).any(|it| it == mark)
        })
}
