//! The root process of a launch, here or in isolation: waiting for its end, asking for it, and bringing it about.

use std::io::{self, PipeWriter};

use std::path::Path;

use tokio::process::{Child, ChildStderr, ChildStdout};

use super::ending::Ending;
use crate::isolation::{Closing, Grounds, Sandbox};
use crate::kernel::{Pid, SocketTable};
use crate::wire::Network;

/// The root process of a launch.
#[derive(Debug)]
pub(super) enum Root {
    /// The program itself, and what keeps its standard input open, if something was typed.
    Here(Child, #[expect(dead_code, reason = "it is open until it is dropped")] Option<PipeWriter>),
    /// The helper that isolates it.
    Isolated(Box<Sandbox>),
}

impl Root {
    /// Its number; a process that was started a moment ago has one.
    pub(super) fn pid(&self) -> io::Result<Pid> {
        let id = match self {
            Self::Here(child, _) => child.id(),
            Self::Isolated(sandbox) => Some(sandbox.id()),
        };
        id.filter(|id| *id > 0).map(Pid).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn take_output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        match self {
            Self::Here(child, _) => (child.stdout.take(), child.stderr.take()),
            Self::Isolated(sandbox) => sandbox.take_output(),
        }
    }

    /// The network that the program is in.
    pub(super) fn network(&self) -> Network {
        match self {
            Self::Here(..) => Network::here(SocketTable::open()),
            Self::Isolated(sandbox) => Network::apart(sandbox.sockets(), sandbox.table()),
        }
    }

    /// What the next program of the same launch is to be put into.
    pub(super) fn grounds(&self) -> io::Result<Option<Grounds>> {
        match self {
            Self::Here(..) => Ok(None),
            Self::Isolated(sandbox) => sandbox.grounds().map(Some),
        }
    }

    /// The program's processes, given those that descend from the root: neither the helper nor init is one of them.
    pub(super) fn own(&self, tree: Vec<Pid>) -> Vec<Pid> {
        match self {
            Self::Here(..) => tree,
            Self::Isolated(_) => tree.into_iter().skip(2).collect(),
        }
    }

    /// Waits for the end of the program itself. May be dropped and called again.
    pub(super) async fn wait(&mut self) -> io::Result<Ending> {
        match self {
            Self::Here(child, _) => Ok(Ending::of(child.wait().await?, false)),
            Self::Isolated(sandbox) => sandbox.wait().await.map(Ending::from),
        }
    }

    /// Whether all that it was the root of is known to have ended.
    pub(super) fn is_over(&mut self) -> bool {
        match self {
            Self::Here(..) => false,
            Self::Isolated(sandbox) => sandbox.is_over().unwrap_or(false),
        }
    }

    /// How the program itself ended, if it has.
    pub(super) fn ended(&mut self) -> io::Result<Option<Ending>> {
        match self {
            Self::Here(child, _) => Ok(child.try_wait()?.map(|status| Ending::of(status, false))),
            Self::Isolated(sandbox) => Ok(sandbox.closing()?.map(Ending::from)),
        }
    }

    /// Waits for the end of the root process, now that it was killed, and tells how the program ended.
    pub(super) async fn reap(&mut self) -> io::Result<Ending> {
        match self {
            Self::Here(child, _) => Ok(Ending::of(child.wait().await?, true)),
            Self::Isolated(sandbox) => sandbox.over().await.map(Ending::from),
        }
    }

    /// Asks the program to end, where there is a way to.
    pub(super) fn ask_to_end(&self) -> io::Result<()> {
        match self {
            #[cfg(unix)]
            Self::Here(child, _) => {
                use rustix::process::{Pid as Number, Signal, kill_process};
                // Not reaped before `wait`, so the number is still its own.
                let root = child.id().and_then(|root| i32::try_from(root).ok());
                let root = root.and_then(Number::from_raw).ok_or(io::ErrorKind::NotFound)?;
                Ok(kill_process(root, Signal::TERM)?)
            }
            #[cfg(not(unix))]
            Self::Here(..) => Err(io::ErrorKind::Unsupported.into()),
            Self::Isolated(sandbox) => sandbox.ask_to_end(),
        }
    }

    /// Copies what an isolated program has left in its folder, now that it is over.
    pub(super) fn bring(
        &self,
        to: &Path,
        room: &mut u64,
        leaves: &dyn Fn(&Path) -> bool,
    ) -> io::Result<()> {
        match self {
            Self::Here(..) => Err(io::ErrorKind::Unsupported.into()),
            Self::Isolated(sandbox) => sandbox.bring(to, room, leaves),
        }
    }

    pub(super) fn kill(&mut self) {
        match self {
            Self::Here(child, _) => {
                let _ = child.start_kill();
                let _ = child.try_wait();
            }
            Self::Isolated(sandbox) => sandbox.kill(),
        }
    }
}

impl From<Closing> for Ending {
    fn from(closing: Closing) -> Self {
        match closing {
            Closing::Ended(status) => Self::of(status, false),
            Closing::Exceeded(excess) => Self::Exceeded(excess),
        }
    }
}
