//! A server from the moment it listens to its end.

use std::rc::Rc;

use tokio::task::spawn_local;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::{debug, info};
use trueline_protocol::responder::{Event, Server};

use super::bind::{self, Sockets};
use super::hub::{Hub, Origin};
use super::{Bound, Serve, ServeError, limits, operator, tcp, udp};

/// Sockets that clients can turn to. They wait there until they are served.
pub(super) struct Listening {
    options: Serve,
    sockets: Sockets,
}

impl Listening {
    /// Listens everywhere, or nowhere.
    pub(super) fn open(options: Serve) -> Result<Self, ServeError> {
        let sockets = bind::all(&options)?;
        Ok(Self { options, sockets })
    }

    /// Where it listens, in the order of [`Serve::listen`].
    pub(super) fn bound(&self) -> &[Bound] {
        &self.sockets.bound
    }

    /// How many connections it is to have at the same time, at most.
    pub(super) fn wanted(&self) -> usize {
        self.options.connections
    }

    /// Serves, no more than so many connections at a time, until `stop` completes or the server asks for its own end;
    /// then drains.
    pub(super) async fn serve(
        self,
        server: Box<dyn Server>,
        connections: usize,
        stop: impl Future<Output = ()>,
    ) {
        let Self { options, sockets } = self;
        for bound in &sockets.bound {
            info!(%bound, connections, "listening");
        }
        let hub = Rc::new(Hub::new(server, sockets.datagrams, options.idle));
        let _ended = EndsWithMe(&hub);
        let ports: Vec<_> =
            (0..hub.ports()).map(|port| spawn_local(udp::serve(Rc::clone(&hub), port))).collect();

        // The listeners are closed when this statement ends, before anything is drained.
        tokio::select! {
            biased;
            () = hub.ended() => {}
            () = stop => hub.stop(Instant::now() + options.drain),
            () = tcp::accept(&hub, sockets.listeners, connections) => {}
            () = timer(&hub) => {}
            () = operator::attend(&hub, options.operator) => {}
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
    }
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
