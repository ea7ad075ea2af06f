//! Copies of folders: readable by whoever is to run them, and bounded. A link is copied as a link, and never followed.

use std::fs::{self, File, Metadata, Permissions};
use std::io;
use std::path::Path;

/// Copies what is in a folder into another one, which is there and empty, as far as there is room for it in octets. What
/// `leaves` names, by its path in the folder, is left out.
pub(crate) fn copy(
    from: &Path,
    to: &Path,
    room: &mut u64,
    leaves: &dyn Fn(&Path) -> bool,
) -> io::Result<()> {
    copy_part(from, Path::new(""), to, room, leaves)
}

fn copy_part(
    root: &Path,
    part: &Path,
    to: &Path,
    room: &mut u64,
    leaves: &dyn Fn(&Path) -> bool,
) -> io::Result<()> {
    for entry in fs::read_dir(root.join(part))? {
        let entry = entry?;
        let (at, data) = (to.join(entry.file_name()), entry.metadata()?);
        let part = part.join(entry.file_name());
        if leaves(&part) {
            continue;
        }
        if data.is_dir() {
            fs::create_dir(&at)?;
            copy_part(root, &part, &at, room, leaves)?;
            fs::set_permissions(&at, readable(&data))?;
        } else if data.is_symlink() {
            link(&fs::read_link(entry.path())?, &at)?;
        } else if data.is_file() {
            copy_file(&entry.path(), &at, &data, room)?;
        }
    }
    Ok(())
}

/// Copies a file with the time of its last change: `make` goes by it.
pub(crate) fn copy_file(from: &Path, to: &Path, data: &Metadata, room: &mut u64) -> io::Result<()> {
    *room = room
        .checked_sub(data.len())
        .ok_or_else(|| io::Error::other("the folder is too large to be copied"))?;
    fs::copy(from, to)?;
    fs::set_permissions(to, readable(data))?;
    File::options().append(true).open(to)?.set_modified(data.modified()?)
}

/// Readable by everybody, writable by its owner, without any privilege.
#[cfg(unix)]
fn readable(data: &Metadata) -> Permissions {
    use std::os::unix::fs::PermissionsExt;
    let least = if data.is_dir() { 0o755 } else { 0o644 };
    Permissions::from_mode(data.permissions().mode() & 0o777 | least)
}

#[cfg(not(unix))]
fn readable(data: &Metadata) -> Permissions {
    data.permissions()
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

/// Where links need privilege there are none.
#[cfg(not(unix))]
fn link(_to: &Path, _at: &Path) -> io::Result<()> {
    Ok(())
}
