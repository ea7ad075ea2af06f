//! The numbers of the reference servers.

use std::time::Duration;

use tracing::warn;
use trueline_protocol::limits::{IDLE_MIN, REPLY_TEXT_MAX};

/// Octets that are read from a connection before the replies to them are written.
pub const CHUNK: usize = 16 * 1024;

/// Octets of the longest replies that [`CHUNK`] octets can draw from a right server, and so what is kept, at most, for a
/// client that does not read.
///
/// The reply that grows most over its request is `ERR empty` to an empty line, ten octets for one; the first LF of a
/// chunk may end a line that is held from before, and draw the longest reply that there is. What holds the replies may
/// have room for twice as many.
pub const REPLIES_MAX: usize = (CHUNK - 1) * "ERR empty\n".len() + REPLY_TEXT_MAX + 1;

/// For how long no octet moves before a connection is closed, unless told otherwise: as short as FRAME-23 allows.
pub const IDLE: Duration = IDLE_MIN;

/// Connections at the same time, unless told otherwise.
pub const CONNECTIONS_MAX: usize = 10_000;

/// For how long a server that stops goes on writing replies, unless told otherwise.
pub const DRAIN: Duration = Duration::from_secs(5);

/// For how long a connection that the server ended is read, at most, while its client goes on sending: octets that are
/// not read when a socket is closed make the system reset it, and the client loses the replies on their way.
pub const LINGER: Duration = Duration::from_secs(2);

/// How many octets are read and discarded in [`LINGER`], at most.
pub const DISCARD_MAX: usize = 1024 * 1024;

/// For how long a client must be silent, when the server stops, before its connection is closed though it has not ended
/// its half.
pub const QUIET: Duration = Duration::from_millis(200);

/// What is left to tasks, past the drain limit, to notice it.
pub(super) const GRACE: Duration = Duration::from_millis(500);

/// For how long, at most, a program that ends goes on printing lines that wait.
pub(super) const PRINTING: Duration = Duration::from_millis(200);

/// For how long nothing is accepted after the system had no resources for it, unless a connection ends before.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

/// Unsent octets in the system's hands at which it takes no more of a connection, so that a slow reader's progress shows,
/// and thousands of deaf ones do not hold the system's memory.
#[cfg(any(target_os = "android", target_os = "linux"))]
pub(super) const UNSENT: u32 = 64 * 1024;

/// Files that a server has open besides its listening sockets and its connections: standard streams, the event queue,
/// signals, and some to spare.
#[cfg(unix)]
const OTHER_FILES: usize = 16;

/// Raises this process's limit on open files as far as the system lets it. [`run`](super::run) does not: what a process
/// may do is its owner's to say.
pub fn raise_open_files_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        if limit.current != limit.maximum {
            let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
            if let Err(error) = setrlimit(Resource::Nofile, raised) {
                tracing::debug!(%error, "the limit on open files stays");
            }
        }
    }
}

/// How many connections each of some servers can have when it is to have `wanted`, next to this many listening sockets
/// of them all.
pub(super) fn connections(wanted: usize, servers: usize, sockets: usize) -> usize {
    let possible = open_files().map_or(usize::MAX, |files| {
        files.saturating_sub(sockets).saturating_sub(other_files()) / servers.max(1)
    });
    if possible < wanted {
        warn!(wanted, possible, "the limit on open files allows fewer connections");
    }
    wanted.min(possible).max(1)
}

#[cfg(unix)]
fn open_files() -> Option<usize> {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok())
}

#[cfg(unix)]
const fn other_files() -> usize {
    OTHER_FILES
}

#[cfg(not(unix))]
const fn open_files() -> Option<usize> {
    None
}

#[cfg(not(unix))]
const fn other_files() -> usize {
    0
}
