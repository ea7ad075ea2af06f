//! Where a program runs: how it is started, in which network, and whether its ports are its own.

use std::ffi::OsString;
use std::io::PipeReader;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;

use super::endpoint::is_own;
use super::recipe::Recipe;
use super::root::Root;
use crate::isolation::{Grounds, Isolation, Start, Unset, typed};

/// Where a program runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Place {
    /// On this machine as it is, as the user who runs the suite, with the machine's ports.
    #[default]
    Here,
    /// Apart from this machine, in a network of its own.
    Isolated(Isolation),
}

/// Set for the program so that unbuffered output survives being killed, and nothing is left in its folder.
const ENVIRONMENT: [(&str, &str); 2] =
    [("PYTHONUNBUFFERED", "1"), ("PYTHONDONTWRITEBYTECODE", "1")];

impl Place {
    /// Starts the program as the leader of a process group, both outputs piped, and
    /// `mark`, a variable, in its environment. What is typed to it is its standard input, which stays open; where the runner
    /// goes on typing, it is `keyboard`. In `grounds` was the one that it comes after, if that matters.
    pub(super) async fn start(
        &self,
        recipe: &Recipe,
        mark: (&str, &str),
        grounds: Option<&Grounds>,
        keyboard: Option<PipeReader>,
    ) -> Result<Root, Unset> {
        let ours = ENVIRONMENT.iter().chain([&mark]);
        let mut environment: Vec<(OsString, OsString)> =
            ours.map(|(name, value)| (name.into(), value.into())).collect();
        environment.extend(recipe.environment.iter().cloned());
        match self {
            Self::Here => here(recipe, environment, keyboard).map_err(Unset::NotStarted),
            Self::Isolated(isolation) => {
                let directory = recipe.directory.as_deref();
                let input = recipe.typed();
                let command = recipe.command.as_slice();
                let start = Start { command, directory, environment, input: &input, keyboard };
                let sandbox = isolation.start(start, grounds).await?;
                Ok(Root::Isolated(Box::new(sandbox)))
            }
        }
    }

    /// Whether others bind ports here, so that one may be taken, or need privilege.
    pub(crate) fn shares_ports(&self) -> bool {
        *self == Self::Here
    }

    /// Whether what is sent to an address from here goes nowhere else.
    pub(super) fn owns(&self, ip: IpAddr) -> bool {
        match self {
            Self::Here => is_own(ip),
            Self::Isolated(_) => {
                let ip = ip.to_canonical();
                ip.is_loopback() || ip.is_unspecified()
            }
        }
    }
}

fn here(
    recipe: &Recipe,
    environment: Vec<(OsString, OsString)>,
    keyboard: Option<PipeReader>,
) -> std::io::Result<Root> {
    let input = recipe.typed();
    let typing = if input.is_empty() || keyboard.is_some() { None } else { Some(typed(&input)?) };
    let (its, typing) = typing.map_or((keyboard, None), |(its, typing)| (Some(its), Some(typing)));
    let mut command = Command::new(recipe.program());
    command
        .args(recipe.command.iter().skip(1))
        .envs(environment)
        .stdin(its.map_or_else(Stdio::null, Stdio::from))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(directory) = &recipe.directory {
        command.current_dir(directory);
    }
    #[cfg(unix)]
    command.process_group(0);
    Ok(Root::Here(command.spawn()?, typing))
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
