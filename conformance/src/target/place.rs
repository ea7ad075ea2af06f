//! Where a program runs. This is all that isolation has to replace: how it is started, through which
//! socket table it is seen, and whether its ports are its own.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::{Child, Command};

use super::recipe::Recipe;
use crate::kernel::SocketTable;

/// Where a program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Place {
    /// On this machine as it is, as the user who runs the suite, with the machine's ports.
    #[default]
    Here,
}

/// Set for the program so that unbuffered output survives being killed, and nothing is left in its folder.
const ENVIRONMENT: [(&str, &str); 2] =
    [("PYTHONUNBUFFERED", "1"), ("PYTHONDONTWRITEBYTECODE", "1")];

impl Place {
    /// Starts the program as the leader of a process group, without standard input, both outputs piped, and
    /// `mark`, a variable, in its environment.
    pub(super) fn spawn(self, recipe: &Recipe, mark: (&str, &str)) -> io::Result<Child> {
        let Self::Here = self;
        let mut command = Command::new(recipe.program());
        command
            .args(recipe.command.iter().skip(1))
            .envs(ENVIRONMENT)
            .envs(recipe.environment.iter().map(|(name, value)| (name, value)))
            .env(mark.0, mark.1)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(directory) = &recipe.directory {
            command.current_dir(directory);
        }
        #[cfg(unix)]
        command.process_group(0);
        command.spawn()
    }

    /// A socket table that sees the program's sockets.
    pub(super) fn socket_table(self) -> Option<SocketTable> {
        let Self::Here = self;
        SocketTable::open()
    }

    /// Whether others bind ports here, so that one may be taken, or need privilege.
    pub(super) fn shares_ports(self) -> bool {
        let Self::Here = self;
        true
    }
}

impl Recipe {
    /// The program to start: a path is relative to the recipe's folder, a bare name is looked for on PATH.
    pub(super) fn program(&self) -> PathBuf {
        let program = PathBuf::from(self.command.first().cloned().unwrap_or_default());
        match &self.directory {
            Some(directory) if program.components().count() > 1 => directory.join(program),
            _ => program,
        }
    }
}
