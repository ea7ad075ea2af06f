//! The reference servers: sockets around a [`Server`] that knows of none.
//!
//! ```text
//!   bind --> accept --> connection (a task each) --octets--> hub --Event--> Server
//!        \                  ^                                 |                |
//!         `-> udp           `--------- outlet <-------------- perform <--Action'
//! ```
//!
//! Everything runs on one thread, so that the one [`Server`] needs no lock; several servers share the thread and nothing
//! else. In reading order: `address` says where to listen, `bind` does it, `listening` is a server from then to its end,
//! `family` several at once, and `config` the file that says where. `hub` holds a server and what is to be sent, `tcp`
//! accepts, `connection` is the life of one connection, `udp` that of one datagram socket. `printer` prints on a `stream`
//! that nobody need read; `operator` types for those who ask for it; `limits` holds the numbers, `signal` the signals. What is answered is none of this module's
//! business.

mod address;
mod bind;
pub mod config;
mod connection;
mod error;
mod family;
mod hub;
mod limits;
mod listening;
mod operator;
pub(crate) mod printer;
mod signal;
mod stream;
mod tcp;
mod udp;

use std::time::Duration;

use trueline_protocol::responder::Server;

pub use address::{Bound, DEFAULT_PORT, Listen, NoListen, NoTransports, Transport, Transports};
pub use error::ServeError;
pub use family::{Member, MemberError, run_all};
pub use limits::{
    CHUNK, CONNECTIONS_MAX, DISCARD_MAX, DRAIN, IDLE, LINGER, QUIET, REPLIES_MAX,
    raise_open_files_limit,
};
pub use operator::Operator;
pub use printer::WAITING_MAX;
pub use signal::stop_signal;

use listening::Listening;

/// How to serve.
#[derive(Clone, Debug)]
pub struct Serve {
    /// Where to listen; one address at least.
    pub listen: Vec<Listen>,
    /// What to listen for.
    pub transports: Transports,
    /// For how long no octet moves on a connection, in either direction, before it is closed. FRAME-23 allows no less
    /// than a minute, and holding a user to it is the caller's part.
    pub idle: Duration,
    /// Connections that are open at the same time, at most; [`run`] serves fewer where the limit on open files wants it.
    pub connections: usize,
    /// Who types for a server that asks for it (chat).
    pub operator: Operator,
    /// For how long a server that stops goes on writing replies, at most.
    pub drain: Duration,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            listen: vec![Listen::default()],
            transports: Transports::Tcp,
            idle: IDLE,
            connections: CONNECTIONS_MAX,
            operator: Operator::default(),
            drain: DRAIN,
        }
    }
}

/// Serves until `stop` completes or the server asks for its own end, then drains.
///
/// `ready` is handed what was bound, in the order of [`Serve::listen`], before anything is accepted: clients may connect
/// from then on. Dropping the future ends the server at once.
///
/// Draining means: nothing more is accepted or read; replies that exist are written whole; a connection on which a reply
/// is still cut in two when [`Serve::drain`] has passed is reset, never ended, so that no client takes half a reply for a
/// whole one (FRAME-26).
///
/// # Errors
///
/// An address that could not be listened on. Nothing that a client does is an error.
///
/// # Panics
///
/// Outside a [`tokio::runtime::LocalRuntime`] or [`tokio::task::LocalSet`], with I/O and time enabled.
pub async fn run(
    options: Serve,
    server: Box<dyn Server>,
    ready: impl FnOnce(&[Bound]),
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let listening = Listening::open(options)?;
    let connections = limits::connections(listening.wanted(), 1, listening.bound().len());
    ready(listening.bound());
    listening.serve(server, connections, stop).await;
    Ok(())
}
