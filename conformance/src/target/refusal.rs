//! Why a program was not started or could not run: looked into only after it has failed.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::ending::Ending;
use super::last_words::LastWords;
use super::launch_error::LaunchError;
use super::recipe::Recipe;
use crate::kernel;

const ENOEXEC: i32 = 8;
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;
/// What `env` ends with if it does not find the program, or a folder on PATH may not be searched.
const NOT_RUN: [i32; 2] = [126, 127];

/// Why the system refused to start it.
pub(super) fn not_started(recipe: &Recipe, source: io::Error) -> LaunchError {
    let named = recipe.program();
    let path = find(&named).unwrap_or(named);
    let command = recipe.shown();
    if let Some(directory) = recipe.directory.clone().filter(|d| !d.is_dir()) {
        return LaunchError::NoDirectory { path: directory };
    }
    match (source.kind(), source.raw_os_error()) {
        // A folder on PATH that may not be searched turns "not found" into "permission denied".
        (ErrorKind::NotFound | ErrorKind::PermissionDenied, _) if is_bare(&path) => {
            not_on_path(recipe, &path)
        }
        (ErrorKind::NotFound, _) => match Script::read(&path) {
            _ if !path.exists() => LaunchError::NoSuchFile { path },
            Some(script) if script.lacks_interpreter() => script.without_interpreter(&path),
            _ if !recipe.place.shares_ports() && runs_here(&path) => LaunchError::NotShown { path },
            Some(script) => script.without_interpreter(&path),
            None => LaunchError::ForeignProgram { path },
        },
        (ErrorKind::PermissionDenied, _) if path.is_dir() => LaunchError::Folder { path },
        (ErrorKind::PermissionDenied, _) if !is_executable(&path) => {
            LaunchError::NotExecutable { path }
        }
        (_, Some(ENOEXEC)) if is_binary(&path) => LaunchError::ForeignProgram { path },
        (_, Some(ENOEXEC)) => LaunchError::NotAProgram { path },
        (ErrorKind::WouldBlock | ErrorKind::OutOfMemory, _) | (_, Some(ENFILE | EMFILE)) => {
            LaunchError::Exhausted { command, source }
        }
        _ => LaunchError::NotStarted { command, source },
    }
}

/// What the machine has to do with an end before listening; the program itself, if nothing.
pub(super) fn ended_early(recipe: &Recipe, ending: Ending, last_words: LastWords) -> LaunchError {
    let command = recipe.shown();
    if let Ending::Exited(code) = ending
        && NOT_RUN.contains(&code)
        && let Some(script) = Script::read(&recipe.program())
        && script.lacks_interpreter()
    {
        return script.without_interpreter(&recipe.program());
    }
    if recipe.place.shares_ports() {
        if last_words.mention("Address already in use") || last_words.mention("EADDRINUSE") {
            return LaunchError::PortTaken { command, ending, last_words };
        }
        let denied = last_words.mention("Permission denied") || last_words.mention("EACCES");
        if let Some(port) = recipe.port.or(recipe.expect_port)
            && denied
            && kernel::unprivileged_ports().is_some_and(|first| port < first)
        {
            return LaunchError::PortPrivileged { command, ending, port, last_words };
        }
    }
    LaunchError::EndedEarly { command, ending, last_words }
}

fn not_on_path(recipe: &Recipe, name: &Path) -> LaunchError {
    let here = recipe.directory.as_deref().unwrap_or_else(|| Path::new("."));
    let is_here = here.join(name).is_file();
    let name = name.display().to_string();
    match is_here {
        true => LaunchError::NeedsPath { name },
        false => LaunchError::NotOnPath { name },
    }
}

/// A script's first line, without `#!`.
pub(super) struct Script(String);

impl Script {
    pub(super) fn read(path: &Path) -> Option<Self> {
        let head = head(path);
        let line = head.split(|&octet| octet == b'\n').next()?.strip_prefix(b"#!")?;
        Some(Self(String::from_utf8_lossy(line).into_owned()))
    }

    /// The words that run it: without `env`, and without a carriage return at the end.
    pub(super) fn words(&self) -> Vec<OsString> {
        let name = self.interpreter();
        let words = self.0.split_ascii_whitespace().skip_while(|word| *word != name);
        words.map(OsString::from).collect()
    }

    /// The interpreter; for `/usr/bin/env NAME` the name.
    fn interpreter(&self) -> &str {
        let mut words = self.0.split_ascii_whitespace();
        let first = words.next().unwrap_or_default();
        if first.ends_with("/env") {
            return words.find(|word| !word.starts_with('-')).unwrap_or(first);
        }
        first
    }

    fn lacks_interpreter(&self) -> bool {
        self.0.ends_with('\r') || find(Path::new(self.interpreter())).is_none()
    }

    fn without_interpreter(&self, path: &Path) -> LaunchError {
        let path = path.to_owned();
        if self.0.ends_with('\r') {
            return LaunchError::CarriageReturn { path };
        }
        LaunchError::NoInterpreter { path, interpreter: self.interpreter().to_owned() }
    }
}

fn is_bare(program: &Path) -> bool {
    program.components().count() == 1
}

/// The file that a bare name stands for on PATH; a path is its own.
pub(super) fn find(program: &Path) -> Option<PathBuf> {
    if !is_bare(program) {
        return program.exists().then(|| program.to_owned());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

pub(super) fn is_binary(path: &Path) -> bool {
    let head = head(path);
    let magics: [&[u8]; 5] =
        [b"\x7FELF", b"MZ", b"\xCF\xFA\xED\xFE", b"\xCE\xFA\xED\xFE", b"\xCA\xFE\xBA\xBE"];
    magics.iter().any(|magic| head.starts_with(magic))
}

fn head(path: &Path) -> Vec<u8> {
    let mut head = Vec::new();
    if path.is_file()
        && let Ok(file) = File::open(path)
    {
        // What cannot be read tells nothing.
        let _ = file.take(256).read_to_end(&mut head);
    }
    head
}

#[cfg(unix)]
pub(super) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

/// Whether this machine has the program and could run it, were it not for isolation.
fn runs_here(path: &Path) -> bool {
    path.exists() && (Script::read(path).is_some() || is_binary(path))
}
