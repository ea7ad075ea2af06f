//! One started program: its root process, its family, its output. It is here before its socket is, and
//! dropping it ends it.

use std::io::{self, PipeReader};
use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;

use super::ending::Ending;
use super::family::{Family, Mark, adopt_orphans};
use super::output::{Capture, Output, Printing};
use super::recipe::Recipe;
use super::root::Root;
use crate::isolation::{Grounds, Unset};
use crate::kernel::Pid;
use crate::wire::Network;

/// How long killing may take; only a process stuck in the kernel takes longer than a millisecond.
const KILL_LIMIT: Duration = Duration::from_secs(2);
/// How long the last output may take once all are dead; only who escaped holds the pipes open.
const OUTPUT_LIMIT: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Program {
    root: Root,
    pid: Pid,
    family: Family,
    capture: Capture,
    /// How the program itself ended, once it has.
    ending: Option<Ending>,
    /// Why nobody knows any more what becomes of it: no fault of its own.
    lost: Option<String>,
    is_over: bool,
}

impl Program {
    /// Starts a program, with the other end of what the runner types on, if it types.
    pub(super) async fn start(
        recipe: &Recipe,
        grounds: Option<&Grounds>,
        keyboard: Option<PipeReader>,
    ) -> Result<Self, Unset> {
        adopt_orphans();
        let mark = Mark::new();
        let mut root = recipe.place.start(recipe, mark.variable(), grounds, keyboard).await?;
        let pid = root.pid().map_err(Unset::NotStarted)?;
        Ok(Self {
            capture: Capture::of(root.take_output()),
            family: Family::new(pid, mark),
            root,
            pid,
            ending: None,
            lost: None,
            is_over: false,
        })
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    /// The network that it is in.
    pub(super) fn network(&self) -> Network {
        self.root.network()
    }

    /// What the next program of the same launch is to be put into.
    pub(super) fn grounds(&self) -> io::Result<Option<Grounds>> {
        self.root.grounds()
    }

    /// Why nobody knows any more what becomes of it, if so.
    pub(super) fn lost(&mut self) -> Option<&str> {
        let _ = self.root_ended();
        self.lost.as_deref()
    }

    pub(super) fn printing(&self) -> Printing {
        self.capture.printing()
    }

    pub(super) async fn hush(&mut self, closed: bool) {
        self.capture.hush(closed).await;
    }

    pub(super) fn output(&self) -> Output {
        self.capture.so_far()
    }

    /// Whose sockets are its own: all of its processes, or, at less cost, those found easily.
    pub(super) fn pids(&mut self, thorough: bool) -> Vec<Pid> {
        let is_here = matches!(self.root, Root::Here(..));
        if is_here && (thorough || self.ending.is_some()) {
            return self.family.living();
        }
        // Whoever loses his parent in a namespace of processes becomes init's child.
        self.root.own(self.family.near())
    }

    /// Waits for the end of the program itself. May be dropped and called again.
    pub(super) async fn root_over(&mut self) -> io::Result<Ending> {
        let ending = self.root.wait().await.inspect_err(|error| {
            self.lost = Some(error.to_string());
        })?;
        self.ending = Some(ending);
        Ok(ending)
    }

    /// Waits until the program and all its descendants have ended.
    pub(super) async fn over(&mut self) -> io::Result<Ending> {
        let ending = self.root_over().await?;
        match &mut self.root {
            Root::Here(..) => self.family.over().await,
            Root::Isolated(sandbox) => drop(sandbox.over().await?),
        }
        Ok(ending)
    }

    fn root_ended(&mut self) -> Option<Ending> {
        match self.root.ended() {
            Ok(Some(ending)) => self.ending = Some(ending),
            Ok(None) => {}
            Err(error) => self.lost = Some(error.to_string()),
        }
        self.ending
    }

    /// How it ended, if it has: a daemon outlives the program itself.
    pub(super) fn ended(&mut self) -> Option<Ending> {
        let ending = self.root_ended()?;
        let all_ended = match &mut self.root {
            Root::Here(..) => self.family.living().is_empty(),
            Root::Isolated(sandbox) => sandbox.is_over().unwrap_or(true),
        };
        all_ended.then_some(ending)
    }

    /// Copies what it has left in its folder, now that it has ended, if it was isolated.
    pub(super) fn bring(
        &self,
        to: &Path,
        room: &mut u64,
        leaves: &dyn Fn(&Path) -> bool,
    ) -> io::Result<()> {
        self.root.bring(to, room, leaves)
    }

    /// Asks it to end, by SIGTERM where there is such a thing, and waits until it has.
    pub(super) async fn ask_to_end(&mut self, limit: Duration) {
        if self.root.ask_to_end().is_ok() {
            let _ = timeout(limit, self.root_over()).await;
        }
    }

    /// Kills whatever is left, reads the last output, and tells how the program ended.
    pub(super) async fn end(&mut self) -> Ending {
        let before = self.root_ended();
        if !self.root.is_over() {
            self.family.end(KILL_LIMIT).await;
            self.root.kill();
        }
        let reaped = timeout(KILL_LIMIT, self.root.reap()).await.ok().and_then(Result::ok);
        self.capture.finish(OUTPUT_LIMIT).await;
        self.is_over = true;
        before.or(reaped).unwrap_or(Ending::Killed)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if !self.is_over && !self.root.is_over() {
            self.family.end_now(KILL_LIMIT);
            self.root.kill();
        }
    }
}
