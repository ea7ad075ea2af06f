//! What a program sees of the file system: the system, the tools on PATH, and the folders that its command is about. All
//! else is not there, so that nobody's files have to be hidden one by one. Nothing is changed here, only looked at.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Component, Path, PathBuf, absolute};

use serde::{Deserialize, Serialize};

use super::common::is_common;

/// The system's folders. Other places are shown only if they are asked for.
const SYSTEM: [&str; 9] =
    ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/nix"];
/// Folders of a home in which programs lie beside other things.
const MIXED: [&str; 3] = ["", ".local", ".cargo"];

/// What is seen, in the order in which it is put there: later parts may lie in earlier ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct View {
    pub(super) parts: Vec<Part>,
}

/// A part of the file system: a path, and what is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) path: OsString,
    pub(super) seen: Seen,
}

/// How something is seen. A path in here has no symbolic links.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Seen {
    /// A symbolic link to this.
    Link(OsString),
    /// This file or folder, to be read only.
    Shown(OsString),
    /// This folder, to be written to without changing it.
    Private(OsString),
    /// An empty folder, to be written to.
    Empty,
}

/// What a launch is about.
pub(super) struct About<'a> {
    /// The folder it runs in, absolute.
    pub(super) directory: &'a Path,
    pub(super) command: &'a [OsString],
    /// The search path.
    pub(super) path: Option<&'a OsStr>,
    pub(super) home: Option<&'a Path>,
    /// What is to be shown besides.
    pub(super) shown: &'a [PathBuf],
}

impl View {
    /// What a program is to see.
    pub(super) fn of(about: &About<'_>) -> Self {
        let mut view = Self::default();
        view.add_system();
        if let Some(home) = about.home.filter(|home| home.is_absolute() && !is_system(home)) {
            view.add(home, Seen::Empty);
        }
        view.add_private(about.directory);
        for word in about.command {
            view.add_word(about, word);
        }
        about.shown.iter().for_each(|path| view.add_shown(path));
        for folder in about.path.map(std::env::split_paths).into_iter().flatten() {
            view.add_tools(about.home, &folder);
        }
        if let Some(program) = about.program() {
            view.add_tools(about.home, program.parent().unwrap_or(&program));
            if let Ok(real) = program.canonicalize() {
                view.add_tools(about.home, real.parent().unwrap_or(&real));
                view.add_shown(&real);
            }
        }
        // What lies in another part comes after it.
        view.parts.sort_by_key(|part| Path::new(&part.path).components().count());
        view
    }

    fn add(&mut self, path: &Path, seen: Seen) {
        let path = path.as_os_str().to_owned();
        if self.parts.iter().all(|part| part.path != path) {
            self.parts.push(Part { path, seen });
        }
    }

    fn add_system(&mut self) {
        for folder in SYSTEM.map(Path::new) {
            match fs::read_link(folder) {
                Ok(to) => self.add(folder, Seen::Link(to.into())),
                Err(_) if folder.is_dir() => {
                    self.add(folder, Seen::Shown(folder.as_os_str().to_owned()));
                }
                Err(_) => {}
            }
        }
    }

    /// Whether a path is seen as it is.
    fn has(&self, path: &Path) -> bool {
        let seen = |part: &Part| {
            !matches!(part.seen, Seen::Empty | Seen::Link(_)) && path.starts_with(&part.path)
        };
        is_system(path) || self.parts.iter().any(seen)
    }

    fn add_shown(&mut self, path: &Path) {
        if let (false, Ok(real)) = (self.has(path), path.canonicalize()) {
            self.add(path, Seen::Shown(real.into()));
        }
    }

    /// A folder that the program may write to. In place of an ancestor of the system nothing is shown.
    fn add_private(&mut self, path: &Path) {
        let holds_system = SYSTEM.iter().any(|folder| Path::new(folder).starts_with(path));
        let real = path.canonicalize();
        if let (false, Ok(real)) = (holds_system, real) {
            let path_text = path.as_os_str();
            self.parts.retain(|part| part.seen != Seen::Empty || part.path != path_text);
            self.add(path, Seen::Private(real.into()));
        }
    }

    /// A word of the command: if there is such a file, its folder is the program's, too.
    fn add_word(&mut self, about: &About<'_>, word: &OsStr) {
        let Ok(path) = absolute(about.directory.join(word)) else { return };
        let Ok(real) = path.canonicalize() else { return };
        // Through `..` it lies elsewhere than its first folders say.
        let climbs = path.components().any(|it| it == Component::ParentDir);
        let path = if climbs { real.clone() } else { path };
        if !self.has(&path) {
            match path.parent() {
                _ if path.is_dir() => self.add_private(&path),
                Some(folder) if !is_common(folder, about.home) => self.add_private(folder),
                _ => self.add_shown(&path),
            }
        }
        self.add_shown(&real);
    }

    /// A folder of PATH, with what is installed beside it.
    fn add_tools(&mut self, home: Option<&Path>, folder: &Path) {
        if !folder.is_absolute() || !folder.is_dir() || self.has(folder) {
            return;
        }
        let (Some(prefix), Some(name)) = (folder.parent(), folder.file_name()) else { return };
        let is_mixed = home.is_some_and(|home| {
            home.starts_with(prefix) || MIXED.iter().any(|name| home.join(name) == prefix)
        });
        if !["bin", "sbin", "shims"].map(OsStr::new).contains(&name) || prefix.parent().is_none() {
            self.add_shown(folder);
        } else if is_mixed {
            self.add_shown(folder);
            self.add_shown(&prefix.join("lib"));
        } else {
            self.add_shown(prefix);
        }
    }
}

impl About<'_> {
    /// The file that is started: a path, or what a bare name stands for on PATH.
    fn program(&self) -> Option<PathBuf> {
        let program = Path::new(self.command.first()?);
        if program.components().count() > 1 {
            return absolute(self.directory.join(program)).ok();
        }
        let mut folders = self.path.map(std::env::split_paths).into_iter().flatten();
        folders.find_map(|folder| Some(folder.join(program)).filter(|file| file.is_file()))
    }
}

fn is_system(path: &Path) -> bool {
    ["/proc", "/dev"].iter().chain(&SYSTEM).any(|folder| path.starts_with(folder))
        && !path.starts_with("/dev/shm")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is seen of a home with files of all sorts, by a command typed in the folder `class/ada` of it.
    fn seen(command: &[&str]) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().canonicalize().unwrap().join("home");
        for folder in ["class/ada", "class/bob", "tool/bin", ".local/bin", ".local/share", "bin"] {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        for file in ["class/ada/server.py", "class/bob/server.py", "letter.txt", "tool/bin/tool"] {
            fs::write(home.join(file), "").unwrap();
        }
        let command: Vec<OsString> = command.iter().map(OsString::from).collect();
        let path = std::env::join_paths([home.join("tool/bin"), home.join(".local/bin")]).unwrap();
        let view = View::of(&About {
            directory: &home.join("class/ada"),
            command: &command,
            path: Some(&path),
            home: Some(&home),
            shown: &[],
        });
        let told = view.parts.iter().filter_map(|part| {
            let path = Path::new(&part.path).strip_prefix(&home).ok()?.display().to_string();
            match &part.seen {
                Seen::Link(_) => None,
                Seen::Shown(_) => Some(format!("read {path}")),
                Seen::Private(_) => Some(format!("write {path}")),
                Seen::Empty => Some(format!("empty {path}")),
            }
        });
        told.collect()
    }

    #[test]
    fn a_program_sees_its_folder_and_the_tools() {
        let usual = ["empty ", "read tool", "write class/ada", "read .local/bin"];
        assert_eq!(seen(&["python3", "server.py", "8040"]), usual);
        assert_eq!(seen(&["tool", "./server.py"]), usual);
    }

    #[test]
    fn a_file_of_another_folder_brings_that_folder() {
        let view = seen(&["python3", "../bob/server.py"]);
        assert!(view.contains(&"write class/bob".to_owned()), "{view:?}");
        assert!(!view.contains(&"write class".to_owned()), "{view:?}");
    }

    #[test]
    fn a_file_among_everything_comes_alone() {
        let view = seen(&["cat", "../../letter.txt"]);
        assert!(view.contains(&"read letter.txt".to_owned()), "{view:?}");
        assert!(view.contains(&"empty ".to_owned()), "{view:?}");
    }

    #[test]
    fn the_system_is_seen_and_the_root_is_not() {
        let view = View::of(&About {
            directory: Path::new("/"),
            command: &[OsString::from("sh")],
            path: Some(OsStr::new("/usr/bin")),
            home: None,
            shown: &[],
        });
        assert!(view.parts.iter().any(|part| part.path == "/usr"));
        assert!(view.parts.iter().all(|part| !matches!(part.seen, Seen::Private(_))), "{view:?}");
    }
}
