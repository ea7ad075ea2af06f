//! One started program: its root process, its family, its output. It is here before its socket is, and
//! dropping it ends it.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::process::Child;
use tokio::time::timeout;

use super::ending::Ending;
use super::family::{Family, Mark, adopt_orphans};
use super::output::{Capture, Output, Printing};
use super::recipe::Recipe;
use crate::kernel::Pid;

/// How long killing may take; only a process stuck in the kernel takes longer than a millisecond.
const KILL_LIMIT: Duration = Duration::from_secs(2);
/// How long the last output may take once all are dead; only who escaped holds the pipes open.
const OUTPUT_LIMIT: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    root: Pid,
    family: Family,
    capture: Capture,
    /// How the root process ended, once it has.
    status: Option<ExitStatus>,
    is_over: bool,
}

impl Program {
    pub(super) fn start(recipe: &Recipe) -> io::Result<Self> {
        adopt_orphans();
        let mark = Mark::new();
        let mut child = recipe.place.spawn(recipe, mark.variable())?;
        let root = Pid(child.id().unwrap_or_default());
        Ok(Self {
            capture: Capture::of(&mut child),
            family: Family::new(root, mark),
            child,
            root,
            status: None,
            is_over: false,
        })
    }

    pub(super) fn root(&self) -> Pid {
        self.root
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
        if thorough || self.status.is_some() { self.family.living() } else { self.family.near() }
    }

    /// Waits for the end of the root process. May be dropped and called again.
    pub(super) async fn root_over(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.status = Some(status);
        Ok(status)
    }

    /// Waits until the root process and all its descendants have ended.
    pub(super) async fn over(&mut self) -> io::Result<Ending> {
        let status = self.root_over().await?;
        self.family.over().await;
        Ok(Ending::of(status, false))
    }

    /// How it ended, if it has: a daemon outlives its root process.
    pub(super) fn ended(&mut self) -> Option<Ending> {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        let status = self.status?;
        self.family.living().is_empty().then(|| Ending::of(status, false))
    }

    /// Asks the root process to end, by SIGTERM where there is such a thing, and waits until it has.
    pub(super) async fn ask_to_end(&mut self, limit: Duration) {
        #[cfg(unix)]
        {
            use rustix::process::{Pid as Number, Signal, kill_process};
            // Not reaped before `wait`, so the number is still its own.
            let root = self.child.id().and_then(|root| i32::try_from(root).ok());
            if let Some(root) = root.and_then(Number::from_raw)
                && kill_process(root, Signal::TERM).is_ok()
            {
                let _ = timeout(limit, self.root_over()).await;
            }
        }
        #[cfg(not(unix))]
        let _ = limit;
    }

    /// Kills whatever is left, reads the last output, and tells how the root process ended.
    pub(super) async fn end(&mut self) -> Ending {
        let before = self.child.try_wait().ok().flatten().or(self.status);
        self.family.end(KILL_LIMIT).await;
        let _ = self.child.start_kill();
        let status = match before {
            Some(status) => Some(status),
            None => timeout(KILL_LIMIT, self.child.wait()).await.ok().and_then(Result::ok),
        };
        self.capture.finish(OUTPUT_LIMIT).await;
        self.is_over = true;
        status.map_or(Ending::Killed, |status| Ending::of(status, before.is_none()))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if !self.is_over {
            self.family.end_now(KILL_LIMIT);
            let _ = self.child.start_kill();
            let _ = self.child.try_wait();
        }
    }
}
