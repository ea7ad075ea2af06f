//! Private folders: what is written to them is kept beside them, in memory, and is gone with the program.

use std::collections::VecDeque;
use std::ffi::CString;
use std::fs::{self, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, open};
use rustix::mount::{MountFlags, mount};

use super::folder;

/// How many files and folders are given to a stranger, those nearest to the folder itself first. A submission has fewer;
/// of larger folders he finds the rest as it is.
const GIVEN_MAX: usize = 256;
/// How many octets a file has at most that is given to a stranger: to give it is to copy it.
const GIVEN_SIZE_MAX: u64 = 1 << 20;

/// Makes folders private, and numbers them.
pub(super) struct Overlays {
    scratch: PathBuf,
    owner: Option<u32>,
    /// How many octets may be copied where that has to be.
    room: u64,
    count: u32,
}

impl Overlays {
    pub(super) fn new(scratch: &Path, owner: Option<u32>, room: u64) -> Self {
        Self { scratch: scratch.to_owned(), owner, room, count: 0 }
    }

    /// Puts a private version of the folder `from` to `at`. Where the kernel has no overlays for this folder it is copied.
    pub(super) fn put(&mut self, from: &Path, at: &Path) -> io::Result<()> {
        self.count += 1;
        let part = |name| self.scratch.join(format!("{name}{}", self.count));
        let (written, work) = (part("written"), part("work"));
        fs::create_dir(&written)?;
        fs::create_dir(&work)?;
        let own = fs::metadata(from)?;
        fs::set_permissions(&written, Permissions::from_mode(own.mode() & 0o7777 | 0o700))?;
        // By its number: a path may hold what has a meaning among options.
        let lower = open(from, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let options = CString::new(format!(
            "lowerdir=/old/proc/self/fd/{},upperdir={},workdir={},userxattr",
            lower.as_raw_fd(),
            written.display(),
            work.display()
        ))?;
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        if mount("overlay", at, "overlay", flags, options.as_c_str()).is_err() {
            folder::copy(from, &written, &mut self.room, &|_| false)?;
            rustix::mount::mount_bind(&written, at)?;
        }
        self.owner.map_or(Ok(()), |owner| give(at, owner))
    }
}

/// Gives a folder to somebody, with what is in it.
fn give(folder: &Path, owner: u32) -> io::Result<()> {
    lchown(folder, Some(owner), Some(owner))?;
    let (mut folders, mut given) = (VecDeque::from([folder.to_owned()]), 0);
    while let Some(folder) = folders.pop_front() {
        // What has vanished or may not be looked into stays as it is.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(data) = entry.metadata() else { continue };
            given += 1;
            if given > GIVEN_MAX {
                return Ok(());
            }
            if data.is_dir() {
                folders.push_back(entry.path());
            }
            if data.is_dir() || data.is_file() && data.len() <= GIVEN_SIZE_MAX {
                let _ = lchown(entry.path(), Some(owner), Some(owner));
            }
        }
    }
    Ok(())
}
