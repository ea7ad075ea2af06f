//! What was observed while a dialogue was performed.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::civil::DateTime;

use crate::transcript::Client;

/// Observations in the order in which they were made.
pub type Exchange = Vec<Observation>;

/// One thing that was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// When, since the dialogue began.
    pub at: Duration,
    /// During which step of the dialogue, counted from zero.
    pub step: usize,
    /// By which client.
    pub client: Client,
    /// What.
    pub what: What,
}

/// What can be observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A connection was made (TCP), or a socket readied (UDP).
    Opened,
    /// Nothing listens there.
    Refused,
    /// Octets were handed to the transport.
    Sent(Vec<u8>),
    /// The target took no more octets within the deadline; so many were sent.
    Stuck(usize),
    /// The client ended its half.
    Ended,
    /// Octets, or one datagram, arrived.
    Received(Vec<u8>),
    /// A datagram arrived from an address that is not the target's.
    Stray(SocketAddr, Vec<u8>),
    /// The target ended its half.
    Closed,
    /// The target reset the connection.
    Reset,
    /// Nothing came within the deadline, which was so long.
    Silence(Duration),
    /// The target was stopped and started again, and listens where it did.
    Restarted,
    /// It was, and listens elsewhere: it takes any free port, so that nothing can be learnt.
    Elsewhere(SocketAddr),
    /// The target did not start again; why.
    NotRestarted(String),
    /// The program printed a line on its standard output.
    Printed(Vec<u8>),
    /// What the runner's clock on the wall shows.
    Clock {
        /// Its local time.
        local: DateTime,
        /// Whether the target's local time is known to be the same.
        shared: bool,
    },
    /// The machine or the runner failed; how.
    Unable(String),
}
