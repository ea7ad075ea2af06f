//! The file system of one program: built by init in a mount namespace of its own, with everything else taken away.

use std::ffi::CString;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind_recursive, mount_change,
    mount_remount, unmount,
};
use rustix::process::pivot_root;
use rustix::thread::UnshareFlags;

use super::events::{During, Failed};
use super::lack::Step;
use super::namespaces::{self, HOST_NAME};
use super::overlay::Overlays;
use super::view::{Part, Seen, View};

/// Where the building goes on: any folder that every machine has. What is there is out of the way, not lost.
const GROUND: &str = "/tmp";
/// The machine's own root, while it is built from.
const OLD: &str = "/old";
/// The root to be.
const NEW: &str = "/new";
/// Room for what the program writes to its private folders.
const SCRATCH: &str = "/scratch";

/// Devices that every program expects.
const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];
/// Links in `/dev`.
const DEVICE_LINKS: [(&str, &str); 4] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
];
/// Folders that everybody may write to.
const OPEN: [&str; 3] = ["tmp", "var/tmp", "dev/shm"];
/// Folders that programs expect, and find empty.
const BARE: [&str; 2] = ["run", "proc"];
/// Most files and folders.
const FILES_MAX: u32 = 1 << 16;

/// Builds what `view` says and makes it this process's root. `owner` owns what is to be written to, if that is not this
/// process's own user. All that is written takes up `disk` octets at most, twice.
pub(super) fn build(view: &View, owner: Option<u32>, disk: u64) -> Result<(), Failed> {
    break_ground(disk).during(Step::Files)?;
    let mut overlays = Overlays::new(Path::new(SCRATCH), owner, disk);
    for folder in OPEN {
        let folder = Path::new(NEW).join(folder);
        make_folder(&folder)
            .and_then(|()| fs::set_permissions(&folder, Permissions::from_mode(0o1777)))
            .during(Step::Files)?;
    }
    for folder in BARE {
        make_folder(&Path::new(NEW).join(folder)).during(Step::Files)?;
    }
    devices().during_at(Step::Files, "/dev")?;
    for part in &view.parts {
        let name = part.path.to_string_lossy();
        put(part, owner, &mut overlays).during_at(Step::Files, name)?;
    }
    name_machine().during_at(Step::Files, "/etc/hosts")?;
    protect(view).during(Step::Files)?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("proc", Path::new(NEW).join("proc"), "proc", flags, None).during(Step::Processes)?;
    move_in().during(Step::Files)
}

/// Leaves the machine's mounts for a copy of them, and steps onto an empty file system that has them below [`OLD`].
fn break_ground(disk: u64) -> io::Result<()> {
    namespaces::unshare(UnshareFlags::NEWNS)?;
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    let bounded = |path: &str, size: u64| {
        let options = CString::new(format!("size={size},nr_inodes={FILES_MAX},mode=755"))?;
        mount("tmpfs", path, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, options.as_c_str())?;
        io::Result::Ok(())
    };
    bounded(GROUND, 1 << 20)?;
    let old = format!("{GROUND}{OLD}");
    for folder in [OLD, NEW, SCRATCH] {
        fs::create_dir(format!("{GROUND}{folder}"))?;
    }
    pivot_root(GROUND, old.as_str())?;
    std::env::set_current_dir("/")?;
    bounded(NEW, disk)?;
    bounded(SCRATCH, disk)
}

/// Where a path of the machine is found while it is built from.
fn old(path: impl AsRef<Path>) -> PathBuf {
    below(OLD, path.as_ref())
}

/// Where a path of the program's is.
fn new(path: impl AsRef<Path>) -> PathBuf {
    below(NEW, path.as_ref())
}

fn below(root: &str, path: &Path) -> PathBuf {
    Path::new(root).join(path.strip_prefix("/").unwrap_or(path))
}

fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

fn devices() -> io::Result<()> {
    for device in DEVICES.map(|name| Path::new("/dev").join(name)) {
        show(&old(&device), &new(&device))?;
    }
    for (name, to) in DEVICE_LINKS {
        symlink(to, new(Path::new("/dev").join(name)))?;
    }
    Ok(())
}

fn put(part: &Part, owner: Option<u32>, overlays: &mut Overlays) -> io::Result<()> {
    let at = new(&part.path);
    match &part.seen {
        Seen::Link(to) => symlink(to, at),
        Seen::Shown(from) => show(&old(from), &at),
        Seen::Private(from) => {
            make_folder(&at)?;
            overlays.put(&old(from), &at)
        }
        Seen::Empty => {
            make_folder(&at)?;
            owner.map_or(Ok(()), |owner| chown(&at, Some(owner), Some(owner)))
        }
    }
}

/// Shows a file, a device or a folder, with all that is mounted in it.
fn show(from: &Path, at: &Path) -> io::Result<()> {
    if from.is_dir() {
        make_folder(at)?;
    } else if !at.exists() {
        make_folder(at.parent().unwrap_or(at))?;
        File::create(at)?;
    }
    Ok(mount_bind_recursive(from, at)?)
}

/// Gives the machine a name that stands for it: `gethostname()` resolves, without any network.
fn name_machine() -> io::Result<()> {
    let hosts =
        format!("127.0.0.1\tlocalhost {HOST_NAME}\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    for (name, text) in [("hosts", hosts), ("hostname", format!("{HOST_NAME}\n"))] {
        let file = Path::new(SCRATCH).join(name);
        fs::write(&file, text)?;
        let at = new(Path::new("/etc").join(name));
        if at.exists() {
            show(&file, &at)?;
        }
    }
    Ok(())
}

/// Takes away the right to write to what is shown, and to all that is mounted in it.
fn protect(view: &View) -> io::Result<()> {
    let shown = |part: &&Part| matches!(part.seen, Seen::Shown(_));
    let shown: Vec<PathBuf> = view.parts.iter().filter(shown).map(|part| new(&part.path)).collect();
    let private = |part: &&Part| matches!(part.seen, Seen::Private(_));
    let private: Vec<PathBuf> =
        view.parts.iter().filter(private).map(|part| new(&part.path)).collect();
    for mount in mounts()? {
        let is_shown = shown.iter().any(|path| mount.starts_with(path));
        if is_shown && !private.contains(&mount) {
            let has = statvfs(&mount)?.f_flag;
            let flags = MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | kept(has);
            mount_remount(&mount, flags, c"")?;
        }
    }
    Ok(())
}

/// What a mount has that must not be taken from it.
fn kept(has: StatVfsMountFlags) -> MountFlags {
    [
        (StatVfsMountFlags::NODEV, MountFlags::NODEV),
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
        (StatVfsMountFlags::NOATIME, MountFlags::NOATIME),
        (StatVfsMountFlags::NODIRATIME, MountFlags::NODIRATIME),
        (StatVfsMountFlags::RELATIME, MountFlags::RELATIME),
    ]
    .into_iter()
    .filter(|(there, _)| has.contains(*there))
    .fold(MountFlags::empty(), |all, (_, flag)| all | flag)
}

/// Where something is mounted: the fifth field of each line of `mountinfo` (proc_pid_mountinfo(5)).
fn mounts() -> io::Result<Vec<PathBuf>> {
    let text = fs::read(old("/proc/self/mountinfo"))?;
    let field = |line: &[u8]| line.split(|&octet| octet == b' ').nth(4).map(unescaped);
    Ok(text.split(|&octet| octet == b'\n').filter_map(field).collect())
}

/// Blanks, tabs, line ends and backslashes are written there as three octal digits.
fn unescaped(field: &[u8]) -> PathBuf {
    let (mut octets, mut rest) = (Vec::new(), field);
    while let Some((&first, others)) = rest.split_first() {
        let escaped = others.get(..3).filter(|_| first == b'\\');
        let octet = escaped
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        octets.push(octet.unwrap_or(first));
        rest = &others[if octet.is_some() { 3 } else { 0 }..];
    }
    PathBuf::from(std::ffi::OsStr::from_bytes(&octets))
}

/// Makes what was built this process's root, and forgets the rest.
fn move_in() -> io::Result<()> {
    std::env::set_current_dir(NEW)?;
    // The old root comes to lie on the new one, from where it can be taken off (pivot_root(2)).
    pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    std::env::set_current_dir("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_mountinfo_are_read() {
        assert_eq!(unescaped(br"/mnt/my\040disk\134x"), Path::new(r"/mnt/my disk\x"));
        assert_eq!(unescaped(br"/a\04"), Path::new(r"/a\04"));
    }
}
