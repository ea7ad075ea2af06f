//! A launch, and the program that came of it.

use std::io::{PipeWriter, Write};
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
use crate::isolation::Grounds;
use crate::kernel::{self, Listener, Pid};
use crate::wire::Network;

impl Recipe {
    /// Starts the program and waits until its socket is there. Dropped before that, it ends the program.
    pub async fn launch(&self) -> Result<Running, LaunchError> {
        self.launch_after(&Forerunner::default()).await
    }

    /// As `launch`, in the network in which `before` was, if that was one of its own.
    pub(crate) async fn launch_after(&self, before: &Forerunner) -> Result<Running, LaunchError> {
        if self.command.is_empty() {
            return Err(LaunchError::NoCommand);
        }
        let (its, keyboard) = match self.types.then(|| self.keyboard()).transpose()? {
            Some((its, keyboard)) => (Some(its), Some(keyboard)),
            None => (None, None),
        };
        let program = Program::start(self, before.0.as_ref(), its).await;
        let mut program = program.map_err(|unset| self.unset(unset))?;
        // What isolation takes is not the program's time.
        let start = Instant::now();
        let unready = match ready(&mut program, self).await {
            Ok(choice) => return Ok(Running::with(program, choice, start.elapsed(), keyboard)),
            Err(unready) => unready,
        };
        if let (Unready::CannotTell, Some(port)) = (&unready, self.port) {
            return Ok(Running::untold(program, port, self, keyboard));
        }
        program.end().await;
        Err(self.failure(unready, LastWords::of(&program.output())))
    }

    fn failure(&self, unready: Unready, last_words: LastWords) -> LaunchError {
        let command = self.shown();
        let bound = match unready {
            Unready::CannotTell => return LaunchError::PortUnknown { command },
            Unready::Lost(why) => return LaunchError::Lost { command, why },
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

/// Where a program was that is to be started again: its network, with all that lingers there.
#[derive(Debug, Default)]
pub(crate) struct Forerunner(Option<Grounds>);

impl Forerunner {
    /// Whether the network is that of a program before.
    pub(crate) fn is_known(&self) -> bool {
        self.0.is_some()
    }
}

/// A launched program that listens. Dropped, it is killed with all its descendants, and that blocks, for a
/// millisecond as a rule: better stop it.
#[derive(Debug)]
pub struct Running {
    program: Program,
    /// Its standard input, where the runner types.
    keyboard: Option<PipeWriter>,
    network: Network,
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
    fn with(
        program: Program,
        choice: Choice,
        start: Duration,
        keyboard: Option<PipeWriter>,
    ) -> Self {
        let Choice { listener, others } = choice;
        let network = program.network();
        let all: Vec<Listener> = others.iter().chain([&listener]).cloned().collect();
        Self {
            program,
            keyboard,
            endpoint: Endpoint::of(&listener, &all, network.table().as_deref()),
            network,
            bound: listener.addr,
            others,
            start: Some(start),
        }
    }

    /// Nobody can tell whether it listens yet: the first connection will.
    fn untold(program: Program, port: u16, recipe: &Recipe, keyboard: Option<PipeWriter>) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            network: program.network(),
            program,
            keyboard,
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

    /// The network that it is in.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// What is needed to start it again where it is.
    ///
    /// # Errors
    ///
    /// The system does not tell.
    pub(crate) fn forerunner(&self) -> std::io::Result<Forerunner> {
        self.grounds().map(Forerunner)
    }

    /// What is needed to start another program where it is, if that is a network of its own.
    ///
    /// # Errors
    ///
    /// The system does not tell.
    pub(super) fn grounds(&self) -> std::io::Result<Option<Grounds>> {
        self.program.grounds()
    }

    /// Why nobody knows any more what becomes of it, if so: nothing may be charged to it then.
    pub(crate) fn lost(&mut self) -> Option<String> {
        self.program.lost().map(str::to_owned)
    }

    /// Its root process, or the one that keeps it isolated.
    pub fn pid(&self) -> Pid {
        self.program.pid()
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

    /// Types octets on its standard input. A program that no longer reads has lost them.
    pub(crate) fn types(&mut self, octets: &[u8]) {
        if let Some(keyboard) = &mut self.keyboard {
            let _ = keyboard.write_all(octets);
        }
    }

    /// No longer reads its standard output, or closes this end of it.
    pub async fn hush(&mut self, closed: bool) {
        self.program.hush(closed).await;
    }

    /// How many datagrams its socket has dropped for want of room.
    pub fn udp_drops(&self) -> Option<u64> {
        kernel::udp_drops_beside(self.pid(), self.endpoint.address).or_else(|| {
            if self.network.is_apart() { None } else { kernel::udp_drops(self.endpoint.address) }
        })
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
