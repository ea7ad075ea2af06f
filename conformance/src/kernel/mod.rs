//! What the kernel's tables tell of sockets and processes; nothing else in the suite reads them.
//!
//! - [`SocketTable`] asks for one socket at a time, in microseconds: how much waits unread at the
//!   server's end, and whose socket answers at an address.
//! - [`listeners`] and [`udp_drops`] read the socket tables of `/proc`.
//! - [`processes`], [`descendants`], [`tree`] and [`has_in_environment`] read its processes.
//!
//! `None` always means that it cannot be told: another system than Linux, `/proc` not mounted, or a
//! kernel that does not answer. Nothing here changes anything: no signal is sent, no process reaped.

use std::fmt;
use std::net::SocketAddr;

use crate::transport::Transport;

#[cfg(target_os = "linux")]
mod diag;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod socket;
#[cfg(target_os = "linux")]
pub use self::{
    diag::SocketTable,
    process::{asleep, has_in_environment, processes, tree, variable},
    socket::{
        ephemeral_ports, ipv6_only_by_default, listeners, udp_drops, udp_drops_beside,
        unprivileged_ports,
    },
};

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(not(target_os = "linux"))]
pub use self::elsewhere::{
    SocketTable, asleep, ephemeral_ports, has_in_environment, ipv6_only_by_default, listeners,
    processes, tree, udp_drops, udp_drops_beside, unprivileged_ports, variable,
};

/// A process by its number, as this process sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(pub u32);

impl Pid {
    /// This process.
    pub fn own() -> Self {
        Self(std::process::id())
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A socket that waits for whoever comes: a listening TCP socket, or a UDP socket that is bound and not
/// connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The first of the processes asked for that holds it.
    pub pid: Pid,
    /// What it speaks.
    pub transport: Transport,
    /// Where it is bound. `[::]` may take IPv4 too; [`SocketTable::answered_by`] tells.
    pub addr: SocketAddr,
    /// Its number in the socket file system: the same socket in two processes has one number.
    pub inode: u64,
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.transport.acronym(), self.addr)
    }
}

/// A process and its place among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    /// Its number.
    pub pid: Pid,
    /// Whose child it is: the parent's number.
    pub parent: Pid,
    /// Its process group: the number of the group's leader.
    pub group: Pid,
    /// Its session: the number of the session's leader.
    pub session: Pid,
    /// When it started, in clock ticks since boot; with `pid` it names the process for good.
    pub started: u64,
    /// False for a zombie.
    pub living: bool,
}

/// `root`, its descendants, and all who are in its process group or session, with their descendants.
pub fn descendants(root: Pid) -> Option<Vec<Pid>> {
    let kin = kin(&processes()?, |p| p.pid == root || p.group == root || p.session == root);
    Some(kin.into_iter().map(|p| p.pid).collect())
}

/// Those of `all` that `belongs` names, and all their descendants, by number.
pub fn kin(all: &[Process], belongs: impl Fn(&Process) -> bool) -> Vec<Process> {
    let (mut kin, mut rest): (Vec<_>, Vec<_>) = all.iter().partition(|p| belongs(p));
    let mut looked_at = 0;
    while let Some(parent) = kin.get(looked_at).map(|p: &Process| p.pid) {
        let (children, others) = rest.into_iter().partition(|p| p.parent == parent);
        kin.extend::<Vec<_>>(children);
        rest = others;
        looked_at += 1;
    }
    kin.sort_unstable();
    kin
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, parent: u32, group: u32, session: u32) -> Process {
        Process {
            pid: Pid(pid),
            parent: Pid(parent),
            group: Pid(group),
            session: Pid(session),
            started: 0,
            living: true,
        }
    }

    #[test]
    fn kin_are_found_whatever_the_order() {
        let all = [
            process(9, 7, 5, 1),
            process(7, 5, 5, 1),
            process(5, 1, 5, 1),
            process(6, 1, 6, 1),
            process(8, 1, 8, 8),
            process(4, 8, 8, 8),
        ];
        let pids = |kin: Vec<Process>| kin.iter().map(|p| p.pid.0).collect::<Vec<_>>();
        assert_eq!(pids(kin(&all, |p| p.pid == Pid(5))), [5, 7, 9]);
        assert_eq!(pids(kin(&all, |p| p.session == Pid(8))), [4, 8]);
        assert_eq!(pids(kin(&all, |p| p.pid == Pid(3))), Vec::<u32>::new());
    }
}
