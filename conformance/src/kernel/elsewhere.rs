//! Other systems than Linux: nothing can be told.

use std::net::SocketAddr;

use super::{Listener, Pid, Process};
use crate::transport::Transport;

/// Never open on this system.
#[derive(Debug)]
pub struct SocketTable(std::convert::Infallible);

impl SocketTable {
    /// Cannot be opened on this system.
    pub fn open() -> Option<Self> {
        None
    }

    /// Whether something listens at a TCP address.
    pub fn listens(&self, _server: SocketAddr) -> bool {
        match self.0 {}
    }

    /// How many octets wait unread at the server's end of a connection.
    pub fn unread(&self, _server: SocketAddr, _client: SocketAddr) -> Option<u32> {
        match self.0 {}
    }

    /// The server's end of a connection that its client has closed and its server has not.
    pub fn left_open(&self, _server: SocketAddr, _client: SocketAddr) -> Option<u32> {
        match self.0 {}
    }

    /// How many octets of our own end the other has not yet acknowledged.
    pub fn unsent(&self, _client: SocketAddr, _server: SocketAddr) -> Option<u32> {
        match self.0 {}
    }

    /// Whether what is sent to `address` comes to one of these sockets.
    pub fn answered_by(
        &self,
        _transport: Transport,
        _address: SocketAddr,
        _inodes: &[u64],
    ) -> Option<bool> {
        match self.0 {}
    }
}

/// The sockets on which these processes wait.
pub fn listeners(_pids: &[Pid]) -> Option<Vec<Listener>> {
    None
}

/// Datagrams dropped by this machine's sockets at `address`.
pub fn udp_drops(_address: SocketAddr) -> Option<u64> {
    None
}

/// Datagrams dropped by the sockets at `address` in the network namespace of `pid`.
pub fn udp_drops_beside(_pid: Pid, _address: SocketAddr) -> Option<u64> {
    None
}

/// Whether `[::]` leaves IPv4 alone unless a program asks otherwise.
pub fn ipv6_only_by_default() -> Option<bool> {
    None
}

/// The ports that the system hands out to whoever asks for any.
pub fn ephemeral_ports() -> Option<std::ops::RangeInclusive<u16>> {
    None
}

/// The first port that needs no privilege.
pub fn unprivileged_ports() -> Option<u16> {
    None
}

/// All processes.
pub fn processes() -> Option<Vec<Process>> {
    None
}

/// `root` and its descendants.
pub fn tree(_root: Pid) -> Option<Vec<Pid>> {
    None
}

/// Whether a process was started with this variable.
pub fn has_in_environment(_pid: Pid, _name: &str, _value: &str) -> Option<bool> {
    None
}

/// A variable of a process's environment.
pub fn variable(_pid: Pid, _name: &str) -> Option<std::ffi::OsString> {
    None
}

/// Whether all threads of a process sleep.
pub fn asleep(_pid: Pid) -> Option<u64> {
    None
}
