//! A file that the system executes, or one whose first line says what runs it.

use std::path::Path;

use super::folder::{here, word};
use super::{Kind, Launch, extension, no_leader};
use crate::target::refusal::{Script, is_binary, is_executable};

/// Files that are executable, and no programs.
const PARTS: [&str; 6] = ["so", "o", "a", "class", "dll", "dylib"];

pub(super) const KIND: Kind = Kind {
    leads: no_leader,
    is_one: is_executable_file,
    is_program: is_executable_file,
    is_made: |_| true,
    source: |folder, file| {
        let path = folder.path.join(file);
        // Named before it, the interpreter is found however the first line ends.
        match Script::read(&path).map(|script| script.words()) {
            Some(mut words) if !words.is_empty() => {
                words.push(word(file));
                Ok(Launch { command: words, ..Launch::default() })
            }
            _ => Ok(Launch { command: vec![here(file)], ..Launch::default() }),
        }
    },
};

fn is_executable_file(file: &Path) -> bool {
    !PARTS.contains(&&*extension(file))
        && (Script::read(file).is_some() || is_binary(file) && is_executable(file))
}

/// Whether a file is a program of this system, or a script that may be executed.
pub(super) fn is_ready(file: &Path) -> bool {
    is_executable_file(file) && is_executable(file)
}
