//! Folders in which everybody's files lie side by side: one of them is no reason to show, or to copy, the others.

use std::path::Path;

const COMMON: [&str; 8] = ["/", "/tmp", "/var/tmp", "/dev/shm", "/home", "/root", "/mnt", "/srv"];

/// Whether a folder is such a one. A home, and what homes are in, is.
pub(crate) fn is_common(folder: &Path, home: Option<&Path>) -> bool {
    COMMON.iter().any(|common| folder == Path::new(common))
        || home.is_some_and(|home| home.starts_with(folder))
}
