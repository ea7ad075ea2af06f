//! Where one report goes.

use std::fmt;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use tempfile::NamedTempFile;

/// Names of standard output.
const STANDARD: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
/// What is under these is open already: it is written to as it is.
const DESCRIPTORS: [&str; 4] = ["/dev/stderr", "/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"];

/// A place for one report.
#[derive(Debug)]
pub(super) enum Sink {
    /// Standard output.
    Standard,
    /// A file that is written whole or not at all: nothing is there, or what was there, until the report is.
    File {
        /// As it was given.
        name: PathBuf,
        /// In truth: without links.
        path: PathBuf,
        /// Those of the file that is there.
        permissions: Option<Permissions>,
    },
    /// A device or a pipe, or a file to add to. To replace it would take it away from everybody else.
    Stream {
        /// As it was given.
        name: PathBuf,
        /// Opened for writing.
        file: File,
    },
}

impl Sink {
    /// Opens a place, so that what keeps a report from being written there is known beforehand. A pipe without a reader
    /// is waited for.
    pub(super) fn open(name: &Path) -> io::Result<Self> {
        if STANDARD.iter().any(|standard| name == Path::new(standard)) {
            return Ok(Self::Standard);
        }
        let stream = |options: &mut OpenOptions| {
            Ok(Self::Stream { name: name.to_owned(), file: options.open(name)? })
        };
        if DESCRIPTORS.iter().any(|open| name.starts_with(open)) {
            return stream(OpenOptions::new().append(true));
        }
        match fs::metadata(name) {
            Ok(there) if there.is_dir() => Err(io::Error::other("it is a folder")),
            Ok(there) if !there.is_file() => stream(OpenOptions::new().write(true)),
            Ok(there) => {
                // It may be replaced where it may be written, and nowhere else.
                OpenOptions::new().append(true).open(name)?;
                Self::file(name, fs::canonicalize(name)?, Some(there.permissions()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if name.as_os_str().as_encoded_bytes().ends_with(&[MAIN_SEPARATOR as u8]) {
                    return Err(missing(name));
                }
                let (Some(folder), Some(file)) = (name.parent(), name.file_name()) else {
                    return Err(error);
                };
                let here = folder.as_os_str().is_empty();
                let folder = if here { Path::new(".") } else { folder };
                let folder = fs::canonicalize(folder).map_err(|error| match error.kind() {
                    io::ErrorKind::NotFound => missing(folder),
                    _ => error,
                })?;
                Self::file(name, folder.join(file), None)
            }
            Err(error) => Err(error),
        }
    }

    /// The end of a file that others write to as well, and how many octets there are before it.
    pub(super) fn added_to(name: &Path) -> io::Result<(Self, u64)> {
        let file = OpenOptions::new().append(true).create(true).open(name)?;
        let there = file.metadata()?.len();
        Ok((Self::Stream { name: name.to_owned(), file }, there))
    }

    /// A file, once it is known that there is room for one beside it. Nothing stays there while the check goes on, so
    /// that nothing is left over when it is killed.
    fn file(name: &Path, path: PathBuf, permissions: Option<Permissions>) -> io::Result<Self> {
        beside(&path, permissions.as_ref())?;
        Ok(Self::File { name: name.to_owned(), path, permissions })
    }

    pub(super) const fn is_standard(&self) -> bool {
        matches!(self, Self::Standard)
    }

    /// Its name, where it is a file.
    pub(super) fn file_name(&self) -> Option<&Path> {
        match self {
            Self::File { name, .. } => Some(name),
            _ => None,
        }
    }

    pub(super) const fn is_file(&self) -> bool {
        matches!(self, Self::File { .. })
    }

    /// Whether one report would come over the other.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Standard, Self::Standard) => true,
            (Self::File { path, .. }, Self::File { path: other, .. }) => path == other,
            (Self::Stream { name, .. }, Self::Stream { name: other, .. }) => name == other,
            _ => false,
        }
    }

    /// Writes a report there, whole.
    pub(super) fn write(self, text: impl AsRef<[u8]>) -> io::Result<()> {
        let text = text.as_ref();
        match self {
            Self::Standard => read_enough(written(&mut io::stdout().lock(), text)),
            Self::Stream { mut file, .. } => read_enough(written(&mut file, text)),
            Self::File { path, permissions, .. } => {
                let mut beside = beside(&path, permissions.as_ref())?;
                written(beside.as_file_mut(), text)?;
                // Some systems tell only now that there is no room.
                beside.as_file().sync_all()?;
                beside.persist(path).map_err(|error| error.error)?;
                Ok(())
            }
        }
    }
}

fn missing(folder: &Path) -> io::Error {
    io::Error::other(format!("the folder {} does not exist", folder.display()))
}

/// A new file in the same folder, which can take the place of the other at once.
fn beside(path: &Path, permissions: Option<&Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".trueline-");
    // A temporary file is its owner's alone by default; a report is whoever's any new file is.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    // Its name is of no interest to anybody.
    let beside = builder.tempfile_in(folder).map_err(|error| io::Error::from(error.kind()))?;
    if let Some(permissions) = permissions {
        beside.as_file().set_permissions(permissions.clone())?;
    }
    Ok(beside)
}

fn written(to: &mut impl Write, text: &[u8]) -> io::Result<()> {
    to.write_all(text)?;
    to.flush()
}

/// Whoever stops reading has read enough.
fn read_enough(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard => f.write_str("standard output"),
            Self::File { name, .. } | Self::Stream { name, .. } => name.display().fmt(f),
        }
    }
}
