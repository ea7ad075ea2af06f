//! A folder that `make` builds: the program is what it has made.

use super::build::{Made, Tool};
use super::folder::Folder;
use super::{Build, KINDS, Kind, Launch, extension};

const MAKEFILES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];
const MAKE: Tool = Tool { names: &["make"], package: "make" };
/// What is compiled as a rule: beside it, a Makefile tells how.
const COMPILED: [&str; 9] = ["c", "cc", "cpp", "cxx", "h", "java", "go", "rs", "s"];

pub(super) const KIND: Kind = Kind {
    leads: |folder| {
        let makefile = MAKEFILES.iter().find(|name| folder.has(name))?;
        builds(folder).then(|| makefile.into())
    },
    is_one: |file| {
        file.file_name().is_some_and(|name| MAKEFILES.iter().any(|known| name == *known))
    },
    is_program: |_| false,
    is_made: |_| false,
    source: |folder, file| {
        let text = std::fs::read(folder.path.join(file)).unwrap_or_default();
        let runs = text.split(|&octet| octet == b'\n').any(|line| line.starts_with(b"run:"));
        let build = Build::new(folder, &MAKE, [], Vec::new()).making(Made::Anywhere { runs });
        Ok(Launch { build: Some(build), ..Launch::default() })
    },
};

/// Whether there is something that is compiled, or nothing that runs as it is: a Makefile beside Python is about other things.
fn builds(folder: &Folder) -> bool {
    !folder.those(|file| COMPILED.contains(&&*extension(file))).is_empty()
        || folder.path.join("src").is_dir()
        || folder
            .those(|file| {
                let kind = KINDS.iter().find(|kind| (kind.is_one)(file));
                kind.is_some_and(|kind| (kind.is_program)(file) && !(kind.is_made)(file))
            })
            .is_empty()
}
