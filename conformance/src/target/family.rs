//! A launched program with all its descendants: finding them, and ending them all.
//!
//! The runner is a child subreaper: a process whose parent has ended becomes the runner's child. So a
//! descendant is found by its parents, or, as an orphan, by what it was when seen before, by the program's
//! process group, by a session that one of the family has made, or by a variable in its environment
//! that only this launch has set. Who has shed all of these gets away; only a namespace of its own
//! holds such a program (see `isolation`).

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::kernel::{self, Pid, Process};

/// The variable that marks the processes of a launch.
const VARIABLE: &str = "TRUELINE_LAUNCH";

/// No process, but what the kernel says where there is one of another namespace.
const NOBODY: Pid = Pid(0);

/// What tells one launch from all others, of other runners too.
#[derive(Debug, Clone)]
pub(super) struct Mark(String);

impl Mark {
    pub(super) fn new() -> Self {
        static LAUNCHES: AtomicU64 = AtomicU64::new(0);
        let launch = LAUNCHES.fetch_add(1, Ordering::Relaxed);
        Self(format!("{}-{launch}", std::process::id()))
    }

    /// Name and value of the variable.
    pub(super) fn variable(&self) -> (&str, &str) {
        (VARIABLE, &self.0)
    }

    fn is_on(&self, process: &Process) -> Option<bool> {
        kernel::has_in_environment(process.pid, VARIABLE, &self.0)
    }
}

/// The processes of one launch.
#[derive(Debug)]
pub(super) struct Family {
    root: Pid,
    mark: Mark,
    /// All that were ever seen, by number and start.
    known: BTreeSet<(Pid, u64)>,
    /// Sessions made by one of them: nobody joins another's session.
    sessions: BTreeSet<Pid>,
}

/// Orphans become this process's children from now on.
pub(super) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    {
        // A kernel that refuses leaves orphans to init: they are then not found, nothing else breaks.
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    }
}

impl Family {
    pub(super) fn new(root: Pid, mark: Mark) -> Self {
        assert_ne!(root, NOBODY, "a launch has a root");
        Self { root, mark, known: BTreeSet::new(), sessions: BTreeSet::new() }
    }

    /// Those found easily: the root and whom its children lists name.
    pub(super) fn near(&self) -> Vec<Pid> {
        kernel::tree(self.root).unwrap_or_else(|| vec![self.root])
    }

    /// Looks for all, and remembers them.
    fn look(&mut self) -> Look {
        let all = kernel::processes().unwrap_or_default();
        let own = Pid::own();
        let Some(runner) = all.iter().find(|p| p.pid == own) else {
            return Look { members: Vec::new(), is_certain: true };
        };
        let is_uncertain = Cell::new(false);
        let members = kernel::kin(&all, |p| {
            if p.pid == own {
                return false;
            }
            p.pid == self.root
                || p.group == self.root
                || self.known.contains(&(p.pid, p.started))
                || self.sessions.contains(&p.session)
                || (p.parent == own
                    && p.living
                    && self.mark.is_on(p).unwrap_or_else(|| {
                        is_uncertain.set(true);
                        false
                    }))
        });
        members.iter().for_each(|member| self.remember(member, runner));
        Look { members, is_certain: !is_uncertain.get() }
    }

    /// Takes note of what others may be found by.
    fn remember(&mut self, member: &Process, runner: &Process) {
        self.known.insert((member.pid, member.started));
        // 0 stands for all sessions that are outside of the runner's namespace of processes.
        if member.session != runner.session && member.session != NOBODY {
            self.sessions.insert(member.session);
        }
    }

    /// The living ones.
    pub(super) fn living(&mut self) -> Vec<Pid> {
        let mut silence = Silence::default();
        loop {
            let look = self.look();
            let living: Vec<Pid> =
                look.members.iter().filter(|p| p.living).map(|p| p.pid).collect();
            if !living.is_empty() || silence.lasts(look.is_certain) {
                return living;
            }
        }
    }
}

/// Who was seen in one look, zombies too. Processes are read one after another, and who is forked behind the
/// reader's back by a parent that ends is missed: so a daemon on its way.
struct Look {
    members: Vec<Process>,
    /// False if one that may belong to the family has ended between its being listed and its being asked.
    is_certain: bool,
}

/// Counts the looks in a row that found nobody living, of which one proves nothing.
#[derive(Default)]
struct Silence {
    certain: u32,
    looks: u32,
}

impl Silence {
    /// Whether, after one more such look, nobody is left.
    fn lasts(&mut self, is_certain: bool) -> bool {
        self.looks += 1;
        self.certain = if is_certain { self.certain + 1 } else { 0 };
        // Somebody else's process that never says what it is must not hold us up.
        self.certain == 2 || self.looks == 8
    }
}

#[cfg(target_os = "linux")]
mod ending {
    use std::os::fd::OwnedFd;
    use std::time::{Duration, Instant};

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::process::{
        Pid as Number, PidfdFlags, Signal, WaitOptions, kill_process_group, pidfd_open,
        pidfd_send_signal, waitpid,
    };
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    use super::{Family, Pid, Process, Silence};

    impl Family {
        /// Kills all until none is left, or `limit` is over.
        pub(in crate::target) async fn end(&mut self, limit: Duration) {
            let _ = tokio::time::timeout(limit, async {
                while let Some(dying) = self.kill() {
                    over(dying).await;
                }
            })
            .await;
        }

        /// As `end`, without a runtime: blocks, for some milliseconds as a rule.
        pub(in crate::target) fn end_now(&mut self, limit: Duration) {
            let until = Instant::now() + limit;
            let left = || until.saturating_duration_since(Instant::now());
            while let Some(dying) = self.kill()
                && !left().is_zero()
            {
                for process in &dying {
                    let mut waited_for = [PollFd::new(process, PollFlags::IN)];
                    let _ = poll(&mut waited_for, left().try_into().ok().as_ref());
                }
            }
        }

        /// Waits until none lives any more.
        pub(in crate::target) async fn over(&mut self) {
            let mut silence = Silence::default();
            loop {
                let look = self.look();
                let living: Vec<OwnedFd> = look.members.iter().filter_map(handle).collect();
                if !living.is_empty() {
                    silence = Silence::default();
                    over(living).await;
                } else if silence.lasts(look.is_certain) {
                    return;
                }
            }
        }

        /// Sends SIGKILL to all who live and takes the orphans among the dead off the process table. Returns
        /// those that are yet to die, none if none was left. The root itself is its `Child`'s to reap.
        fn kill(&mut self) -> Option<Vec<OwnedFd>> {
            let mut silence = Silence::default();
            loop {
                let look = self.look();
                let dying = self.kill_these(look.members);
                if !dying.is_empty() {
                    return Some(dying);
                }
                if silence.lasts(look.is_certain) {
                    return None;
                }
            }
        }

        fn kill_these(&self, members: Vec<Process>) -> Vec<OwnedFd> {
            if let Some(group) = number(self.root)
                && members.iter().any(|p| p.living && p.group == self.root)
            {
                // At once, so that none of them forks meanwhile; whoever is left is killed singly.
                let _ = kill_process_group(group, Signal::KILL);
            }
            let mut dying = Vec::new();
            for member in members {
                if let Some(process) = handle(&member) {
                    let _ = pidfd_send_signal(&process, Signal::KILL);
                    dying.push(process);
                } else if member.pid != self.root && member.parent == Pid::own() {
                    let _ = waitpid(number(member.pid), WaitOptions::NOHANG);
                }
            }
            dying
        }
    }

    /// A handle on a living process that cannot come to mean another one.
    fn handle(process: &Process) -> Option<OwnedFd> {
        let handle = pidfd_open(number(process.pid)?, PidfdFlags::empty()).ok()?;
        let now = Process::find(process.pid)?;
        (now.living && now.started == process.started).then_some(handle)
    }

    /// Waits until these processes have ended.
    async fn over(processes: Vec<OwnedFd>) {
        for process in processes {
            #[expect(
                deprecated,
                reason = "its successor is unsafe, and asks for no more than OwnedFd guarantees"
            )]
            let process = AsyncFd::with_interest(process, Interest::READABLE);
            if let Ok(process) = process {
                let _ = process.readable().await;
            }
        }
    }

    fn number(pid: Pid) -> Option<Number> {
        Number::from_raw(i32::try_from(pid.0).ok()?)
    }
}

#[cfg(not(target_os = "linux"))]
mod ending {
    use std::time::Duration;

    use super::Family;

    /// Without `/proc` the family is the process group.
    impl Family {
        pub(in crate::target) async fn end(&mut self, limit: Duration) {
            self.end_now(limit);
        }

        pub(in crate::target) fn end_now(&mut self, _limit: Duration) {
            #[cfg(unix)]
            {
                use rustix::process::{Pid, Signal, kill_process_group};
                let group = i32::try_from(self.root.0).ok().and_then(Pid::from_raw);
                if let Some(group) = group {
                    let _ = kill_process_group(group, Signal::KILL);
                }
            }
        }

        pub(in crate::target) async fn over(&mut self) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, session: u32) -> Process {
        let [pid, session] = [pid, session].map(Pid);
        Process { pid, parent: Pid(1), group: pid, session, started: 7, living: true }
    }

    #[test]
    fn a_session_of_its_own_is_the_familys_and_no_other() {
        let mut family = Family::new(Pid(20), Mark::new());
        let runner = process(10, 10);
        // The runner's own, that of all who are in other namespaces, and one that the program has made.
        for session in [10, 0, 21] {
            family.remember(&process(20, session), &runner);
        }
        assert_eq!(family.sessions, BTreeSet::from([Pid(21)]));
    }

    #[test]
    #[should_panic(expected = "a launch has a root")]
    fn nobody_is_no_root() {
        let _ = Family::new(NOBODY, Mark::new());
    }
}
