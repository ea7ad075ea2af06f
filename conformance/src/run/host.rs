//! Where dialogues are performed: a target over sockets, launched or at an address, or a server in simulation.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::time::timeout;

use crate::blame::Blame;
use crate::exchange::What;
use crate::kernel::{Listener, SocketTable, ephemeral_ports, udp_drops};
use crate::perform::Program;
use crate::target::{Forerunner, LastWords, LaunchError, Printing, Recipe, Running, Target};
use crate::transport::Transport;
use crate::wire::{Network, Simulated, Simulation, Sockets, Wire};

/// Most launches of one check.
const LAUNCHES_MAX: u32 = 64;
/// Longest time that all launches of a check but the first may take.
const LAUNCHING_MAX: Duration = Duration::from_secs(20);
/// How long a program that closed its connection is given to end, so that its end can be told.
const LAST_BREATH: Duration = Duration::from_millis(300);
/// How long a program is given to end when it is asked to, before it is killed.
const GRACE: Duration = Duration::from_secs(1);

/// A target that can be spoken to.
#[allow(async_fn_in_trait, reason = "the runner is one thread: nothing has to be Send")]
pub trait Host: Program {
    /// What dialogues are performed over.
    type Wire: Wire;

    /// A wire for one dialogue.
    fn wire(&self) -> Self::Wire;

    /// Sees to it that the target runs, where that is in the runner's hands: launches it again if it has ended.
    async fn revive(&self) -> Revival;

    /// Ends the target and launches it again, where that is in the runner's hands.
    async fn renew(&self) -> Revival;

    /// Whether it is a program in the runner's hands: launched by it, watched, and launched again.
    fn is_launched(&self) -> bool;

    /// How the target ended, in words, if it did; one that has just closed a connection is given a moment.
    async fn ending(&self, closed: bool) -> Option<String>;

    /// Why nobody knows what has become of the target, if so: by no fault of its own.
    fn lost(&self) -> Option<String>;

    /// Whether the kernel knows that nothing is bound to the target's UDP port.
    fn is_absent(&self) -> bool;

    /// How many datagrams its socket has dropped, as far as the kernel tells.
    fn drops(&self) -> Option<u64>;
}

/// What came of an attempt to have the target run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revival {
    /// It ran all the time, or nobody can tell.
    Up,
    /// It had ended and was launched again.
    Again,
    /// It cannot be launched again; why.
    Gone(String),
}

/// A target over sockets.
pub struct Live {
    recipe: Option<Recipe>,
    running: RefCell<Option<Running>>,
    address: Cell<SocketAddr>,
    transport: Transport,
    network: Network,
    /// Whether the local time of what was launched is the runner's.
    shares_time_zone: Cell<bool>,
    launches: Cell<u32>,
    launching: Cell<Duration>,
}

impl Live {
    /// Launches the target, if it is a command.
    ///
    /// # Errors
    ///
    /// Why it could not be launched, and who is to blame.
    pub async fn start(target: Target, transport: Transport) -> Result<Self, LaunchError> {
        let mut shares_time_zone = false;
        let (recipe, running, address, network) = match target {
            Target::Address(address) => (None, None, address, Network::here(SocketTable::open())),
            Target::Command(recipe) => {
                let mut running = recipe.launch().await?;
                let address = running.endpoint().address;
                shares_time_zone = running.shares_time_zone();
                let network = Network::default();
                network.follow(running.network());
                (Some(recipe), Some(running), address, network)
            }
        };
        Ok(Self {
            recipe,
            running: RefCell::new(running),
            address: Cell::new(address),
            transport,
            network,
            shares_time_zone: Cell::new(shares_time_zone),
            launches: Cell::new(1),
            launching: Cell::new(Duration::ZERO),
        })
    }

    /// Where it is bound, as its socket says; for an address, that address.
    pub fn bound(&self) -> SocketAddr {
        self.running.borrow().as_ref().map_or_else(|| self.address.get(), Running::bound)
    }

    /// The other sockets that a launched program waits on.
    pub fn others(&self) -> Vec<Listener> {
        self.running.borrow().as_ref().map(|running| running.others().to_vec()).unwrap_or_default()
    }

    /// What a person types to launch it, if it was launched.
    pub fn command(&self) -> Option<String> {
        self.recipe.as_ref().map(Recipe::by_hand)
    }

    /// Stops the target, if it was launched.
    pub async fn stop(&self) {
        let running = self.running.borrow_mut().take();
        if let Some(running) = running {
            running.stop().await;
        }
    }

    fn printing(&self) -> Printing {
        self.running.borrow().as_ref().map(Running::printing).unwrap_or_default()
    }

    async fn launch(&self, recipe: &Recipe, before: &Forerunner) -> Result<(), NotLaunched> {
        if self.launches.get() >= LAUNCHES_MAX {
            return Err(NotLaunched::TooOften);
        }
        if self.launching.get() >= LAUNCHING_MAX {
            return Err(NotLaunched::TooLong);
        }
        self.launches.set(self.launches.get() + 1);
        let began = Instant::now();
        let running = recipe.launch_after(before).await.map_err(NotLaunched::Refused)?;
        self.launching.set(self.launching.get() + began.elapsed());
        self.address.set(running.endpoint().address);
        self.network.follow(running.network());
        self.running.replace(Some(running));
        Ok(())
    }
}

/// Whether a port is one that the system hands out: whoever listens there has probably asked for any.
fn takes_any_port(port: u16) -> bool {
    ephemeral_ports().is_none_or(|range| range.contains(&port))
}

/// Why a target does not run again.
#[derive(Debug, Error)]
enum NotLaunched {
    #[error("it was launched {LAUNCHES_MAX} times, which is the most for one check")]
    TooOften,
    #[error("to launch it again and again took {LAUNCHING_MAX:?}, which is the most for one check")]
    TooLong,
    #[error(transparent)]
    Refused(LaunchError),
}

impl Host for Live {
    type Wire = Sockets;

    fn wire(&self) -> Sockets {
        let shares_clock = self.shares_time_zone.get();
        Sockets::new(self.address.get(), self.transport, self.network.clone(), shares_clock)
    }

    async fn revive(&self) -> Revival {
        if self.recipe.is_none() {
            return Revival::Up;
        }
        let ended = self.running.borrow_mut().as_mut().is_none_or(|it| it.has_exited().is_some());
        if ended { self.renew().await } else { Revival::Up }
    }

    async fn renew(&self) -> Revival {
        let Some(recipe) = &self.recipe else {
            return Revival::Gone("it answers nothing any more".to_owned());
        };
        self.stop().await;
        match self.launch(recipe, &Forerunner::default()).await {
            Ok(()) => Revival::Again,
            Err(why) => Revival::Gone(why.to_string()),
        }
    }

    fn is_launched(&self) -> bool {
        self.recipe.is_some()
    }

    async fn ending(&self, closed: bool) -> Option<String> {
        // Taken out while it is awaited: nobody else is at work when a failure is looked into.
        let mut running = self.running.borrow_mut().take()?;
        let patience = if closed { LAST_BREATH } else { Duration::ZERO };
        let mut ending = match running.has_exited() {
            None => timeout(patience, running.exited()).await.ok(),
            ended => ended,
        };
        let listens = || self.network.table().is_none_or(|table| table.listens(self.address.get()));
        if ending.is_none() && closed && self.transport == Transport::Tcp && !listens() {
            // Whoever has let go of its socket ends as soon as the machine lets it.
            ending = timeout(GRACE, running.exited()).await.ok();
        }
        let words = ending.map(|ending| {
            let last_words = LastWords::of(&running.output()).to_string();
            format!("the program {ending}. {last_words}").trim_end().to_owned()
        });
        self.running.replace(Some(running));
        words
    }

    fn lost(&self) -> Option<String> {
        self.running.borrow_mut().as_mut().and_then(Running::lost)
    }

    fn is_absent(&self) -> bool {
        let unlaunched = self.transport == Transport::Udp && self.recipe.is_none();
        unlaunched && cfg!(target_os = "linux") && self.drops().is_none()
    }

    fn drops(&self) -> Option<u64> {
        let running = self.running.borrow();
        match running.as_ref() {
            Some(running) => running.udp_drops(),
            None => udp_drops(self.address.get()),
        }
    }
}

impl Program for Live {
    async fn restart(&self) -> What {
        let Some(recipe) = &self.recipe else {
            return What::Unable("only a launched program can be started again".to_owned());
        };
        let before = self.bound();
        let running = self.running.borrow_mut().take();
        let mut forerunner = Forerunner::default();
        if let Some(running) = running {
            match running.forerunner() {
                Ok(before) => forerunner = before,
                Err(error) => return What::Unable(format!("its network was lost: {error}")),
            }
            running.stop_gently(GRACE).await;
        }
        match self.launch(recipe, &forerunner).await {
            Ok(()) if self.bound().port() == before.port() => What::Restarted,
            Ok(()) if takes_any_port(before.port()) => What::Elsewhere(self.bound()),
            Ok(()) => {
                What::NotRestarted(format!("it listens on {}, not on {before}", self.bound()))
            }
            // Its own connections of a moment ago hold its port, and it did not say SO_REUSEADDR.
            Err(NotLaunched::Refused(error @ LaunchError::PortTaken { .. })) => {
                What::NotRestarted(error.to_string())
            }
            Err(NotLaunched::Refused(error)) if error.blame() == Blame::Machine => {
                What::Unable(error.to_string())
            }
            Err(why) => What::NotRestarted(why.to_string()),
        }
    }

    fn prints(&self) -> u64 {
        self.printing().total()
    }

    async fn printed(&self, mark: &mut u64, limit: Duration) -> What {
        match self.printing().line(mark, limit).await {
            Some(line) => What::Printed(line),
            None => What::Silence(limit),
        }
    }

    async fn hush(&self, closed: bool) {
        // Taken out while it is awaited: nobody else is at work in such a dialogue.
        let running = self.running.borrow_mut().take();
        if let Some(mut running) = running {
            running.hush(closed).await;
            self.running.replace(Some(running));
        }
    }
}

impl Host for Rc<Simulated> {
    type Wire = Simulation;

    fn wire(&self) -> Simulation {
        Simulation::new(Self::clone(self), self.transport())
    }

    async fn revive(&self) -> Revival {
        if self.runs() { Revival::Up } else { self.renew().await }
    }

    async fn renew(&self) -> Revival {
        Simulated::restart(self);
        Revival::Again
    }

    fn is_launched(&self) -> bool {
        true
    }

    async fn ending(&self, _closed: bool) -> Option<String> {
        (!self.runs()).then(|| "the server ended".to_owned())
    }

    fn lost(&self) -> Option<String> {
        None
    }

    fn is_absent(&self) -> bool {
        false
    }

    fn drops(&self) -> Option<u64> {
        None
    }
}

impl Program for Rc<Simulated> {
    async fn restart(&self) -> What {
        Simulated::restart(self);
        What::Restarted
    }

    fn prints(&self) -> u64 {
        Simulated::prints(self)
    }

    async fn printed(&self, mark: &mut u64, limit: Duration) -> What {
        match Simulated::printed(self, *mark, limit) {
            Some(line) => {
                *mark += 1;
                What::Printed(line.into_bytes())
            }
            None => What::Silence(limit),
        }
    }

    /// It prints to nobody's trouble.
    async fn hush(&self, _closed: bool) {}
}
