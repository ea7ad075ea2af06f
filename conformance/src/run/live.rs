//! A target over sockets: launched, or at an address.

use std::cell::{Cell, OnceCell, RefCell};
use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::time::timeout;

use super::conduct::{Watch, asks};
use super::host::{Host, LAUNCHES_MAX, Revival};
use crate::blame::Blame;
use crate::capture::{Recorder, Recording};
use crate::exchange::What;
use crate::kernel::{Listener, SocketTable, ephemeral_ports, udp_drops};
use crate::perform::Program;
use crate::report::{Conduct, Outcome};
use crate::target::{
    Forerunner, LastWords, LaunchError, Life, Lifetime, Pool, Printing, Recipe, Running, Target,
};
use crate::transport::Transport;
use crate::wire::{Network, Sockets};

/// Longest time that all launches of a check but the first may take.
const LAUNCHING_MAX: Duration = Duration::from_secs(20);
/// How long a program that closed its connection is given to end, so that its end can be told.
const LAST_BREATH: Duration = Duration::from_millis(300);
/// How long a program is given to end when it is asked to, before it is killed.
const GRACE: Duration = Duration::from_secs(1);

/// A target over sockets.
pub struct Live {
    recipe: Option<Recipe>,
    running: RefCell<Option<Running>>,
    address: Cell<SocketAddr>,
    transport: Transport,
    network: Network,
    life: Life,
    pool: Pool,
    /// Whether the local time of what was launched is the runner's.
    shares_time_zone: Cell<bool>,
    launches: Cell<u32>,
    launching: Cell<Duration>,
    recorder: OnceCell<Recorder>,
    watch: Watch,
}

impl Live {
    /// Launches the target, if it is a command.
    ///
    /// # Errors
    ///
    /// Why it could not be launched, and who is to blame.
    pub async fn start(target: Target, transport: Transport) -> Result<Self, LaunchError> {
        let mut shares_time_zone = false;
        let mut lifetime = None;
        let (recipe, running, address, network) = match target {
            Target::Address(address) => (None, None, address, Network::here(SocketTable::open())),
            Target::Command(recipe) => {
                let mut running = recipe.launch().await?;
                let address = running.endpoint().address;
                shares_time_zone = running.shares_time_zone();
                let network = Network::default();
                network.follow(running.network());
                lifetime = recipe.lifetime;
                (Some(recipe), Some(running), address, network)
            }
        };
        let live = Self {
            recipe,
            running: RefCell::new(running),
            address: Cell::new(address),
            transport,
            network,
            life: Life::default(),
            pool: Pool::default(),
            shares_time_zone: Cell::new(shares_time_zone),
            launches: Cell::new(1),
            launching: Cell::new(Duration::ZERO),
            recorder: OnceCell::new(),
            watch: Watch::default(),
        };
        if let Some(stated) = lifetime {
            live.found(stated);
        }
        Ok(live)
    }

    /// Captures what goes over the target's network from now on. It is to have one of its own.
    ///
    /// # Errors
    ///
    /// The kernel does not let it be captured.
    pub async fn capture(&self) -> io::Result<()> {
        let tap = self.network.tap().await?.ok_or(io::ErrorKind::Unsupported)?;
        // Who is captured already is captured.
        let _ = self.recorder.set(Recorder::of(tap)?);
        Ok(())
    }

    /// Captures another network.
    async fn capture_anew(&self) {
        let Some(recorder) = self.recorder.get() else { return };
        let tap = self.network.tap().await;
        let tap = tap.and_then(|tap| tap.ok_or_else(|| io::ErrorKind::Unsupported.into()));
        if let Err(error) = tap.and_then(|tap| recorder.follow(tap)) {
            recorder.lose(&error);
        }
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
        if let Some(mut running) = running {
            let by_itself = running.has_exited();
            self.watch.stopped(by_itself, running.stop().await.output);
        }
    }

    /// Stops what was launched ahead, too.
    pub async fn stop_all(&self) {
        self.stop().await;
        self.pool.drain().await;
    }

    fn printing(&self) -> Printing {
        self.running.borrow().as_ref().map(Running::printing).unwrap_or_default()
    }

    async fn launch(&self, recipe: &Recipe, before: Option<Forerunner>) -> Result<(), NotLaunched> {
        if self.launches.get() >= LAUNCHES_MAX {
            return Err(NotLaunched::TooOften);
        }
        if self.launching.get() >= LAUNCHING_MAX {
            return Err(NotLaunched::TooLong);
        }
        self.launches.set(self.launches.get() + 1);
        let began = Instant::now();
        let moves = !before.as_ref().is_some_and(Forerunner::is_known);
        // What was launched ahead is in a network of its own.
        let pooled = before.is_none() && self.pools(recipe);
        let pooled = if pooled { self.pool.take().await } else { None };
        let running = match pooled {
            Some(launched) => launched,
            None => recipe.launch_after(&before.unwrap_or_default()).await,
        };
        let running = running.map_err(NotLaunched::Refused)?;
        self.life.renew();
        self.launching.set(self.launching.get() + began.elapsed());
        self.address.set(running.endpoint().address);
        self.network.follow(running.network());
        self.running.replace(Some(running));
        if moves {
            self.capture_anew().await;
        }
        Ok(())
    }

    /// Whether programs are launched ahead.
    fn pools(&self, recipe: &Recipe) -> bool {
        self.life.known() == Some(Lifetime::Once) && !recipe.place.shares_ports()
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
        self.life.begin();
        let shares_clock = self.shares_time_zone.get();
        Sockets::new(self.address.get(), self.transport, self.network.clone(), shares_clock)
    }

    async fn revive(&self) -> Revival {
        if self.recipe.is_none() {
            return Revival::Up;
        }
        let ended = self.running.borrow_mut().as_mut().is_none_or(|it| it.has_exited().is_some());
        if ended || self.life.is_over() { self.renew().await } else { Revival::Up }
    }

    async fn renew(&self) -> Revival {
        let Some(recipe) = &self.recipe else {
            return Revival::Gone("it answers nothing any more".to_owned());
        };
        self.stop().await;
        match self.launch(recipe, None).await {
            Ok(()) => Revival::Again,
            Err(why) => Revival::Gone(why.to_string()),
        }
    }

    fn is_launched(&self) -> bool {
        self.recipe.is_some()
    }

    fn lifetime(&self) -> Option<Lifetime> {
        self.life.known()
    }

    fn found(&self, lifetime: Lifetime) {
        self.life.find(lifetime);
        if self.recipe.as_ref().is_some_and(|recipe| self.pools(recipe)) {
            self.pool.open();
        }
    }

    fn launches_left(&self) -> u32 {
        LAUNCHES_MAX.saturating_sub(self.launches.get())
    }

    async fn launch_ahead(&self) -> Infallible {
        match &self.recipe {
            Some(recipe) => self.pool.fill(recipe).await,
            None => pending().await,
        }
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

    fn case_over(&self, case: &Outcome) {
        let (table, clients) = (self.network.table(), self.network.take_clients());
        let left_open = asks(table.as_deref(), self.address.get());
        self.watch.case_over(&case.name, case.exchanges > 0, clients, left_open);
    }

    fn conduct(&self) -> Option<Conduct> {
        self.recipe.as_ref()?;
        let running = self.running.borrow().as_ref().map(Running::output);
        Some(self.watch.told(self.launches.get(), running))
    }

    fn recording(&self) -> Option<Recording> {
        self.recorder.get().map(Recorder::begin)
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
        if let Some(mut running) = running {
            match running.forerunner() {
                Ok(before) => forerunner = before,
                Err(error) => return What::Unable(format!("its network was lost: {error}")),
            }
            let by_itself = running.has_exited();
            self.watch.stopped(by_itself, running.stop_gently(GRACE).await.output);
        }
        let launched = self.launch(recipe, Some(forerunner)).await;
        // The dialogue goes on with it.
        self.life.begin();
        match launched {
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

    async fn printed(&self, mark: &mut u64, part: Option<&[u8]>, limit: Duration) -> What {
        match self.printing().line(mark, part, limit).await {
            Some(line) => What::Printed(line),
            None => What::Silence(limit),
        }
    }

    async fn types(&self, line: &[u8]) {
        if let Some(running) = self.running.borrow_mut().as_mut() {
            running.types(&[line, b"\n"].concat());
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
