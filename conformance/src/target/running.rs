//! A launch, and the program that came of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use super::choice::{Choice, Lack, lack};
use super::ending::Ending;
use super::endpoint::Endpoint;
use super::last_words::LastWords;
use super::launch_error::LaunchError;
use super::output::{Output, Printing};
use super::program::Program;
use super::readiness::{Unready, ready};
use super::recipe::Recipe;
use super::refusal;
use crate::kernel::{self, Listener, Pid};

impl Recipe {
    /// Starts the program and waits until its socket is there. Dropped before that, it ends the program.
    pub async fn launch(&self) -> Result<Running, LaunchError> {
        if self.command.is_empty() {
            return Err(LaunchError::NoCommand);
        }
        let start = Instant::now();
        let mut program =
            Program::start(self).map_err(|error| refusal::not_started(self, error))?;
        let unready = match ready(&mut program, self).await {
            Ok(choice) => return Ok(Running::with(program, choice, self, start.elapsed())),
            Err(unready) => unready,
        };
        if let (Unready::CannotTell, Some(port)) = (&unready, self.port) {
            return Ok(Running::untold(program, port, self));
        }
        program.end().await;
        Err(self.failure(unready, LastWords::of(&program.output())))
    }

    fn failure(&self, unready: Unready, last_words: LastWords) -> LaunchError {
        let command = self.shown();
        let bound = match unready {
            Unready::CannotTell => return LaunchError::PortUnknown { command },
            Unready::Ended(ending) => return refusal::ended_early(self, ending, last_words),
            Unready::Late(bound) => bound,
        };
        let limit = self.start_limit;
        match lack(self, &bound) {
            Lack::NotOwn(listener) => LaunchError::NotLocal { command, address: listener.addr },
            Lack::OtherPort(port) => LaunchError::OtherPort { command, port, limit, bound },
            Lack::None => LaunchError::NeverListened {
                command,
                expected: self.transport,
                limit,
                bound,
                last_words,
            },
        }
    }
}

/// A launched program that listens. Dropped, it is killed with all its descendants, and that blocks, for a
/// millisecond as a rule: better stop it.
#[derive(Debug)]
pub struct Running {
    program: Program,
    endpoint: Endpoint,
    bound: SocketAddr,
    others: Vec<Listener>,
    start: Option<Duration>,
}

/// What is left of a program that was stopped.
#[derive(Debug)]
pub struct Stopped {
    /// How it ended.
    pub ending: Ending,
    /// All that it printed.
    pub output: Output,
}

impl Running {
    fn with(program: Program, choice: Choice, recipe: &Recipe, start: Duration) -> Self {
        let Choice { listener, others } = choice;
        let table = recipe.place.socket_table();
        let all: Vec<Listener> = others.iter().chain([&listener]).cloned().collect();
        Self {
            program,
            endpoint: Endpoint::of(&listener, &all, table.as_ref()),
            bound: listener.addr,
            others,
            start: Some(start),
        }
    }

    /// Nobody can tell whether it listens yet: the first connection will.
    fn untold(program: Program, port: u16, recipe: &Recipe) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            program,
            endpoint: Endpoint { transport: recipe.transport, address },
            bound: address,
            others: Vec::new(),
            start: None,
        }
    }

    /// Where to connect.
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// Where it is bound, for the report: `listens on 0.0.0.0:8040`.
    pub fn bound(&self) -> SocketAddr {
        self.bound
    }

    /// The other sockets it waits on, in the order of transport and address.
    pub fn others(&self) -> &[Listener] {
        &self.others
    }

    /// How long it took until its socket was there. `None` where the socket tables cannot be read: it may
    /// not listen yet, and whoever connects has to try again until the recipe's start limit is over.
    pub fn start(&self) -> Option<Duration> {
        self.start
    }

    /// Its root process.
    pub fn pid(&self) -> Pid {
        self.program.root()
    }

    /// What it has printed so far.
    pub fn output(&self) -> Output {
        self.program.output()
    }

    /// Whether it keeps the runner's time zone, as far as its environment tells.
    pub fn shares_time_zone(&mut self) -> bool {
        let own = std::env::var_os("TZ");
        let pids = self.program.pids(false);
        !cfg!(target_os = "linux") || pids.into_iter().all(|pid| kernel::variable(pid, "TZ") == own)
    }

    /// What it prints on its standard output, as it comes.
    pub fn printing(&self) -> Printing {
        self.program.printing()
    }

    /// No longer reads its standard output, or closes this end of it.
    pub async fn hush(&mut self, closed: bool) {
        self.program.hush(closed).await;
    }

    /// How many datagrams its socket has dropped for want of room.
    pub fn udp_drops(&self) -> Option<u64> {
        kernel::udp_drops_beside(self.pid(), self.endpoint.address)
            .or_else(|| kernel::udp_drops(self.endpoint.address))
    }

    /// How it ended, if it has, and no descendant of it lives.
    pub fn has_exited(&mut self) -> Option<Ending> {
        self.program.ended()
    }

    /// Waits until it ends by itself, with all its descendants. May be dropped and called again.
    pub async fn exited(&mut self) -> Ending {
        self.program.over().await.unwrap_or(Ending::Killed)
    }

    /// Kills it with all its descendants.
    pub async fn stop(mut self) -> Stopped {
        let ending = self.program.end().await;
        Stopped { ending, output: self.program.output() }
    }

    /// Asks it to end by SIGTERM, gives it until `limit`, then kills whatever is left.
    pub async fn stop_gently(mut self, limit: Duration) -> Stopped {
        self.program.ask_to_end(limit).await;
        self.stop().await
    }
}
