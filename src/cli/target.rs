//! From the words of a command line to a target: an address, or how to launch a program.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use miette::Diagnostic;
use trueline_conformance::target::{AddressError, Recipe, Target, find, parse_address};
use trueline_conformance::transport::Transport;

use super::exit::Failure;

/// What a target is spoken to over, and how patiently.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) transport: Transport,
    pub(super) start_limit: Duration,
    pub(super) allow_remote: bool,
}

impl Terms {
    /// What a word stands for: a program or a folder, if there is one, else the address of a server that runs. A program gets
    /// these arguments.
    pub(super) fn named(&self, word: &OsStr, arguments: &[OsString]) -> Result<Target, Failure> {
        let path = Path::new(word);
        if path.exists() {
            let source = find(path).map_err(Failure::usage)?;
            return Ok(Target::Command(self.timed(source.recipe(arguments, self.transport))));
        }
        match parse_address(&word.to_string_lossy(), self.allow_remote) {
            Ok(address) => Ok(Target::Address(address)),
            Err(error @ (AddressError::NoPort { .. } | AddressError::Junk { .. })) => {
                let mend = error.help().map(|mend| mend.to_string()).unwrap_or_default();
                Err(Failure::misused(format!("{error}, and there is no such file"), mend))
            }
            Err(error) => Err(Failure::usage(error)),
        }
    }

    /// How to launch a command. `example` is how one is given.
    pub(super) fn launched(&self, command: &[OsString], example: &str) -> Result<Recipe, Failure> {
        let Some(program) = command.first().filter(|program| !program.is_empty()) else {
            return Err(Failure::misused("the command is empty", example));
        };
        if Path::new(program).is_dir() && !on_path(program) {
            return Err(Failure::misused(
                format!("{} is a folder, not a program", program.to_string_lossy()),
                "name the program in it, or leave out the `--`: what is in a folder is found",
            ));
        }
        Ok(self.timed(Recipe::new(command, self.transport)))
    }

    fn timed(&self, recipe: Recipe) -> Recipe {
        Recipe { start_limit: self.start_limit, allow_remote: self.allow_remote, ..recipe }
    }
}

/// Whether a command is one of those that a bare name stands for, whatever is called so in this folder.
fn on_path(program: &OsStr) -> bool {
    let bare = Path::new(program).components().count() == 1;
    let folders = std::env::var_os("PATH").unwrap_or_default();
    bare && std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}
