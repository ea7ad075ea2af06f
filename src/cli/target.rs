//! From the words of a command line to a target: an address, or how to launch a program.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use trueline_conformance::target::{Recipe, parse_address};
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
    /// The address of a server that runs. `typed` is how a command would be given in its place.
    pub(super) fn running(
        &self,
        address: &str,
        typed: impl Fn(&str) -> String,
    ) -> Result<SocketAddr, Failure> {
        let path = Path::new(address);
        if path.exists() {
            let what = if path.is_dir() { "folder" } else { "file" };
            let program = if path.is_dir() { path.join("server.py") } else { path.to_owned() };
            return Err(Failure::misused(
                format!(
                    "{address} is a {what}, and this version does not find out how to launch it"
                ),
                format!("give the command: {}", typed(&format!("python3 {}", program.display()))),
            ));
        }
        parse_address(address, self.allow_remote).map_err(Failure::usage)
    }

    /// How to launch a command. `example` is how one is given.
    pub(super) fn launched(&self, command: &[OsString], example: &str) -> Result<Recipe, Failure> {
        let Some(program) = command.first().filter(|program| !program.is_empty()) else {
            return Err(Failure::misused("the command is empty", example));
        };
        if Path::new(program).is_dir() && !on_path(program) {
            return Err(Failure::misused(
                format!("{} is a folder, not a program", program.to_string_lossy()),
                "name the program in it",
            ));
        }
        Ok(Recipe {
            start_limit: self.start_limit,
            allow_remote: self.allow_remote,
            ..Recipe::new(command, self.transport)
        })
    }
}

/// Whether a command is one of those that a bare name stands for, whatever is called so in this folder.
fn on_path(program: &OsStr) -> bool {
    let bare = Path::new(program).components().count() == 1;
    let folders = std::env::var_os("PATH").unwrap_or_default();
    bare && std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}
