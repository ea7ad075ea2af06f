//! From a file or a folder to the program in it: how it is built, if it has to be, and how it is run.
//!
//! ```text
//! path -> find -> Source --recipe--> Recipe --built--> Recipe --launch--> Running
//!          |                            |
//!      KINDS, pick                 Build: a copy of the folder, a command, what it made
//! ```
//!
//! Each kind of program has a file here and its line in [`KINDS`]. Words are never put together to a line that a shell
//! takes apart again: whatever a file is called, it is one word.

mod build;
mod cargo;
mod code;
mod error;
mod executable;
mod folder;
mod go;
mod java;
mod make;
mod native;
mod node;
mod notebook;
mod pick;
mod python;
mod submissions;
#[cfg(test)]
mod tests;
mod workshop;

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf, absolute};

pub use self::build::{BUILD_LIMIT, Build};
pub use self::error::SourceError;
use self::folder::Folder;
pub use self::submissions::{Submissions, submissions};
use self::workshop::Workshop;
use super::recipe::{Recipe, typed_words};
use crate::isolation::is_common;
use crate::spec::Party;
use crate::transport::Transport;

/// A kind of program.
struct Kind {
    /// The file that says how all of a folder is built or run, if this folder has one.
    leads: fn(&Folder) -> Option<OsString>,
    /// Whether a file is of this kind.
    is_one: fn(&Path) -> bool,
    /// Whether such a file is a program rather than a part of one.
    is_program: fn(&Path) -> bool,
    /// Whether others of the folder come before it: it may have been made from them.
    is_made: fn(&Path) -> bool,
    /// How it is launched, or why its file is not what its name says.
    source: fn(&Folder, &OsStr) -> Result<Launch, String>,
}

/// All of them. The first one that a file is of has it.
const KINDS: [&Kind; 9] = [
    &cargo::KIND,
    &go::KIND,
    &make::KIND,
    &node::KIND,
    &python::KIND,
    &notebook::KIND,
    &java::KIND,
    &native::KIND,
    &executable::KIND,
];
/// What is known, and not built here.
const UNSUPPORTED: [(&str, &str); 3] =
    [("pom.xml", "Maven"), ("build.gradle", "Gradle"), ("build.gradle.kts", "Gradle")];

/// How a program is launched, once it is known what it is.
#[derive(Clone, Debug, Default)]
struct Launch {
    command: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    build: Option<Build>,
}

impl Launch {
    /// By an interpreter and its words, with a file of the folder.
    fn by(interpreter: &[&str], file: &OsStr) -> Self {
        let words = interpreter.iter().map(OsString::from).chain([folder::word(file)]);
        Self { command: words.collect(), ..Self::default() }
    }
}

/// A program that was found.
#[derive(Clone, Debug)]
pub struct Source {
    origin: Origin,
    folder: PathBuf,
    launch: Launch,
}

/// Where a recipe comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The path that was given.
    pub path: PathBuf,
    /// The program's folder, if it is not the one in which the path was given.
    folder: Option<PathBuf>,
    /// What built it.
    built_by: Option<String>,
    /// Where it was built.
    #[expect(dead_code, reason = "it is there until it is dropped")]
    workshop: Option<Workshop>,
}

impl Origin {
    /// What a person types before the command.
    pub(super) fn before(&self, build: Option<&Build>) -> Vec<String> {
        let folder = self.folder.as_ref();
        let folder = folder.map(|it| format!("cd {}", typed_words(&[it.clone().into()])));
        let build = build.and_then(Build::shown).or_else(|| self.built_by.clone());
        folder.into_iter().chain(build).collect()
    }

    fn of_build(self, built_by: Option<String>, workshop: Workshop) -> Self {
        Self { built_by, workshop: Some(workshop), ..self }
    }
}

impl Source {
    /// The recipe, with these arguments. A program runs in its own folder, one that is built in the copy in which it was.
    pub fn recipe(self, arguments: &[OsString], transport: Transport) -> Recipe {
        let Launch { mut command, environment, build } = self.launch;
        let build = build.map(|build| build.with_arguments(arguments));
        if build.is_none() {
            command.extend(arguments.iter().cloned());
        }
        Recipe {
            directory: Some(self.folder),
            environment,
            build: build.map(Box::new),
            origin: Some(Box::new(self.origin)),
            ..Recipe::new(command, transport)
        }
    }
}

/// Finds out how to launch the server at `path`: a program, or a folder with one.
///
/// # Errors
///
/// There is none, or several, or what it is, is not known.
pub fn find(path: &Path) -> Result<Source, SourceError> {
    found(path, Party::Server, false)
}

/// The same for a program of this party; a file that is alone has none of those beside it.
fn found(path: &Path, party: Party, is_alone: bool) -> Result<Source, SourceError> {
    let unreadable = |why| SourceError::Unreadable { path: path.to_owned(), why };
    let full = full(path).map_err(unreadable)?;
    let (folder, file) = if full.is_dir() {
        let folder = Folder::read(&full).map_err(unreadable)?;
        let file = leader(&folder).map_or_else(|| pick::only(&folder, path, party), Ok)?;
        (folder, file)
    } else {
        std::fs::metadata(&full).map_err(unreadable)?;
        let (Some(parent), Some(file)) = (full.parent(), full.file_name()) else {
            return Err(SourceError::Unknown { path: path.to_owned() });
        };
        (Folder::read(parent).map_err(unreadable)?, file.to_owned())
    };
    let kind = KINDS.into_iter().find(|kind| (kind.is_one)(&folder.path.join(&file)));
    let kind = kind.ok_or_else(|| match unsupported(&file) {
        Some(tool) => SourceError::Unsupported { path: path.to_owned(), tool },
        None => SourceError::Unknown { path: path.to_owned() },
    })?;
    let home = std::env::home_dir();
    let is_alone = !full.is_dir() && (is_alone || is_common(&folder.path, home.as_deref()));
    let folder = if is_alone { folder.with_only(&file) } else { folder };
    let at = if full.is_dir() { path.join(&file) } else { path.to_owned() };
    let launch = (kind.source)(&folder, &file);
    let mut launch = launch.map_err(|what| SourceError::Malformed { path: at, what })?;
    if is_alone {
        // Nobody else's files are its folder's.
        let build = launch.build.take().unwrap_or_else(|| Build::none(&folder, &launch.command));
        launch.build = Some(build.of_file(&file));
    }
    launch.build = launch.build.map(|build| build.of(party));
    let typed = if full.is_dir() { Some(path) } else { path.parent() };
    let here = std::env::current_dir().ok();
    let is_elsewhere = Some(&folder.path) != here.as_ref();
    let origin = Origin {
        path: path.to_owned(),
        folder: typed.filter(|it| is_elsewhere && !it.as_os_str().is_empty()).map(Path::to_owned),
        built_by: None,
        workshop: None,
    };
    Ok(Source { origin, folder: folder.path, launch })
}

/// Where a path leads, from the root: without a slash at its end, and through `..` as the system goes.
fn full(path: &Path) -> std::io::Result<PathBuf> {
    let climbs = path.components().any(|it| it == Component::ParentDir);
    let full = if climbs { path.canonicalize()? } else { absolute(path)? };
    Ok(full.components().collect())
}

/// The file that says how all of a folder is built or run.
fn leader(folder: &Folder) -> Option<OsString> {
    KINDS.iter().find_map(|kind| (kind.leads)(folder))
}

/// What builds a folder with such a file, and cannot here.
fn unsupported(file: &OsStr) -> Option<&'static str> {
    UNSUPPORTED.iter().find_map(|(name, tool)| (file == *name).then_some(*tool))
}

/// The extension of a file, in small letters.
fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// For kinds that no file leads to.
fn no_leader(_folder: &Folder) -> Option<OsString> {
    None
}
