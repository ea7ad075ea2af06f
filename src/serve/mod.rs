//! The reference servers: sockets around a [`Server`] that knows of none.
//!
//! ```text
//!   bind --> accept --> connection (a task each) --octets--> hub --Event--> Server
//!        \                  ^                                 |                |
//!         `-> udp           `--------- outlet <-------------- perform <--Action'
//! ```
//!
//! Everything runs on one thread, so that the one [`Server`] needs no lock. In reading order: `address` says where to
//! listen, `bind` does it, `hub` holds the server and what is to be sent, `tcp` accepts, `connection` is the
//! life of one connection `udp` that of one datagram socket, and `printer` the standard output; `limits` holds the numbers, `signal` the signals.
//! What is answered is none of this module's business.

mod address;
mod bind;
mod connection;
mod error;
mod hub;
mod limits;
pub(crate) mod printer;
mod signal;
mod stream;
mod tcp;
mod udp;

use std::rc::Rc;
use std::time::Duration;

use tokio::task::spawn_local;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::{debug, info};
use trueline_protocol::responder::{Event, Server};

pub use address::{Bound, DEFAULT_PORT, Listen, NoListen, Transport, Transports};
pub use error::ServeError;
pub use limits::{
    CHUNK, CONNECTIONS_MAX, DISCARD_MAX, DRAIN, IDLE, LINGER, QUIET, REPLIES_MAX,
    raise_open_files_limit,
};
pub use printer::WAITING_MAX;
pub use signal::stop_signal;

use hub::{Hub, Origin};

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
    let sockets = bind::all(&options)?;
    let connections = limits::connections(options.connections, sockets.bound.len());
    for bound in &sockets.bound {
        info!(%bound, connections, "listening");
    }
    let hub = Rc::new(Hub::new(server, sockets.datagrams, options.idle));
    let _ended = EndsWithMe(&hub);
    let ports: Vec<_> =
        (0..hub.ports()).map(|port| spawn_local(udp::serve(Rc::clone(&hub), port))).collect();
    ready(&sockets.bound);

    // The listeners are closed when this statement ends, before anything is drained.
    tokio::select! {
        biased;
        () = hub.ended() => {}
        () = stop => hub.stop(Instant::now() + options.drain),
        () = tcp::accept(&hub, sockets.listeners, connections) => {}
        () = timer(&hub) => {}
    }

    info!(connections = hub.live(), "stopping");
    let left = async {
        hub.deserted().await;
        for port in ports {
            // A task that panicked has ended, too.
            let _ = port.await;
        }
    };
    // Each task keeps the deadline itself; this is for a datagram that the system does not take.
    let deadline = hub.stopping().unwrap_or_else(Instant::now);
    tokio::select! {
        _ = timeout_at(deadline + limits::GRACE, left) => {}
        () = hub.ended() => {}
    }
    debug!("stopped");
    Ok(())
}

/// Delivers [`Event::Due`].
async fn timer(hub: &Hub) {
    loop {
        match hub.due() {
            None => hub.rearmed().await,
            Some(due) => tokio::select! {
                () = hub.rearmed() => {}
                () = sleep_until(due) => {
                    hub.on(Instant::now(), Event::Due, Origin::Elsewhere);
                    // A server that is always due must not keep others from being served.
                    tokio::task::yield_now().await;
                }
            },
        }
    }
}

struct EndsWithMe<'a>(&'a Hub);

impl Drop for EndsWithMe<'_> {
    fn drop(&mut self) {
        self.0.stop(Instant::now());
    }
}
