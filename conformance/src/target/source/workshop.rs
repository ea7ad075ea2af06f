//! Where a program is built: a temporary folder of the runner's own, gone with the last recipe that needs it.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use crate::isolation::{copy, copy_file};

/// Most octets of a folder that is copied to be built.
const SOURCE_MAX: u64 = 64 << 20;
/// Most octets of it when it was.
const MADE_MAX: u64 = 256 << 20;

/// A folder that only this user may look into, with those in it that programs are shown.
#[derive(Clone, Debug)]
pub(super) struct Workshop(Arc<TempDir>);

impl Workshop {
    pub(super) fn new() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("trueline-").tempdir()?;
        Ok(Self(Arc::new(folder)))
    }

    /// A new folder in it, which may be shown to anybody.
    pub(super) fn folder(&self, name: &str) -> io::Result<PathBuf> {
        let folder = self.0.path().join(name);
        fs::create_dir(&folder)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
        }
        Ok(folder)
    }

    /// Copies a folder, or of it only a file, to be built.
    pub(super) fn copied(
        &self,
        folder: &Path,
        file: Option<&OsStr>,
        leaves: &dyn Fn(&Path) -> bool,
    ) -> io::Result<PathBuf> {
        let (work, mut room) = (self.folder("work")?, SOURCE_MAX);
        match file {
            Some(file) => {
                let from = folder.join(file);
                copy_file(&from, &work.join(file), &fs::metadata(&from)?, &mut room)?;
            }
            None => copy(folder, &work, &mut room, leaves)?,
        }
        Ok(work)
    }

    /// A new folder for what was made, and how much may be put there.
    pub(super) fn for_made(&self) -> io::Result<(PathBuf, u64)> {
        Ok((self.folder("made")?, MADE_MAX))
    }
}
