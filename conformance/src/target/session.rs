//! A client while a person uses it: launched in a network where a server waits for it, typed to, and read.
//!
//! What is typed, and when, is not decided here.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::time::{Duration, Instant};

use super::ending::Ending;
use super::launch_error::LaunchError;
use super::output::{Output, Printing};
use super::place::Place;
use super::program::Program;
use super::recipe::Recipe;
use super::refusal;
use super::running::Running;
use crate::isolation::{Grounds, Sandbox, Unset, typed};
use crate::kernel;
use crate::wire::Network;

/// How often it is looked whether a program sleeps: the kernel does not call whoever wants to know.
const LOOK: Duration = Duration::from_millis(20);
/// How many looks in a row must find it asleep, and that it did not wake between them.
const ASLEEP: u32 = 10;

/// The network in which a recipe's programs are launched one after the other.
#[derive(Debug)]
pub(crate) struct Grounded {
    network: Network,
    grounds: Option<Grounds>,
    /// Keeps the network.
    _vacant: Option<Sandbox>,
}

impl Grounded {
    /// The network in which this program runs, for another beside it.
    pub(crate) fn beside(running: &Running) -> io::Result<Self> {
        let network = running.network().clone();
        Ok(Self { network, grounds: running.grounds()?, _vacant: None })
    }

    /// The network, of their own where programs are isolated.
    pub(crate) fn network(&self) -> &Network {
        &self.network
    }
}

/// A program that was launched to be used.
#[derive(Debug)]
pub(crate) struct Session {
    program: Program,
    /// Its standard input; closed when nothing more is typed.
    keyboard: Option<PipeWriter>,
}

impl Recipe {
    /// Readies the network in which the program is to run, before it is launched.
    pub(crate) async fn grounded(&self) -> Result<Grounded, LaunchError> {
        let Place::Isolated(isolation) = &self.place else {
            let network = Network::here(kernel::SocketTable::open());
            return Ok(Grounded { network, grounds: None, _vacant: None });
        };
        let vacant = isolation.vacant(self.directory.as_deref()).await;
        let vacant = vacant.map_err(|unset| self.unset(unset))?;
        let grounds = vacant.grounds().map_err(|error| refusal::not_started(self, error))?;
        let network = Network::apart(vacant.sockets(), vacant.table());
        Ok(Grounded { network, grounds: Some(grounds), _vacant: Some(vacant) })
    }

    /// Launches the program there. What the recipe types at the start is typed.
    pub(crate) async fn begin(&self, grounded: &Grounded) -> Result<Session, LaunchError> {
        if self.command.is_empty() {
            return Err(LaunchError::NoCommand);
        }
        let (its, keyboard) = self.keyboard()?;
        let program = Program::start(self, grounded.grounds.as_ref(), Some(its)).await;
        let program = program.map_err(|unset| self.unset(unset))?;
        Ok(Session { program, keyboard: Some(keyboard) })
    }
}

impl Recipe {
    /// A pipe to be a program's standard input, in which is what the recipe types at the start, and its other end.
    pub(super) fn keyboard(&self) -> Result<(PipeReader, PipeWriter), LaunchError> {
        // The pipe takes it at once.
        typed(&self.typed()).map_err(|error| refusal::not_started(self, error))
    }
}

impl Session {
    /// Types octets. A program that no longer reads has lost them.
    pub(crate) fn types(&mut self, octets: &[u8]) {
        if let Some(keyboard) = &mut self.keyboard {
            let _ = keyboard.write_all(octets);
        }
    }

    /// Ends its standard input.
    pub(crate) fn end_input(&mut self) {
        self.keyboard = None;
    }

    /// What it prints on its standard output, as it comes.
    pub(crate) fn printing(&self) -> Printing {
        self.program.printing()
    }

    /// Waits until the program itself has ended. May be dropped and called again.
    ///
    /// # Errors
    ///
    /// Nobody knows what becomes of it.
    pub(crate) async fn over(&mut self) -> io::Result<Ending> {
        self.program.root_over().await
    }

    /// Waits until all that belongs to it sleeps and nothing wakes it, but no longer than `limit`.
    pub(crate) async fn asleep(&mut self, limit: Duration) {
        let began = Instant::now();
        let (mut before, mut looks) = (None, 0);
        while looks < ASLEEP && began.elapsed() < limit {
            let pids = self.program.pids(false);
            let now = pids.iter().map(|pid| kernel::asleep(*pid)).sum::<Option<u64>>();
            looks = if now.is_some() && now == before { looks + 1 } else { 0 };
            before = now;
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Kills it with all its descendants.
    pub(crate) async fn stop(mut self) -> (Ending, Output) {
        let ending = self.program.end().await;
        (ending, self.program.output())
    }
}

impl Recipe {
    pub(super) fn unset(&self, unset: Unset) -> LaunchError {
        match unset {
            Unset::NotStarted(error) => refusal::not_started(self, error),
            Unset::Lack(lack) => LaunchError::NotIsolated { command: self.shown(), lack },
        }
    }
}
