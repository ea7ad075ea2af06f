//! Accepting connections.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;
use tracing::{debug, warn};

use super::connection;
use super::hub::Hub;
use super::limits::PAUSE;

/// Accepts connections for as long as it is polled, and starts a task for each. No more than `most` are open at a time:
/// those beyond wait in the system's queue (FRAME-24).
pub(super) async fn accept(hub: &Rc<Hub>, listeners: Vec<TcpListener>, most: usize) {
    let mut warned = false;
    let mut turn = 0;
    loop {
        if hub.live() >= most {
            debug!(connections = most, "full");
            while hub.live() >= most {
                hub.left().await;
            }
        }
        match std::future::poll_fn(|cx| next(&listeners, &mut turn, cx)).await {
            Ok((stream, peer)) => {
                let seat = hub.seat();
                debug!(connection = seat.outlet.connection.0, %peer, open = hub.live(), "accepted");
                spawn_local(connection::serve(stream, seat));
            }
            Err(error) if is_over(&error) => debug!(%error, "a connection ended before it began"),
            Err(error) => {
                // Once is enough: where it happens, it happens with every client.
                if std::mem::replace(&mut warned, true) {
                    debug!(%error, open = hub.live(), "cannot accept for now");
                } else {
                    warn!(%error, open = hub.live(), "cannot accept for now");
                }
                // What is missing comes back with a connection that ends, or without our doing.
                tokio::select! {
                    () = hub.left() => {}
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    }
}

/// The next connection of any listener; each of them is first in turn.
fn next(
    listeners: &[TcpListener],
    turn: &mut usize,
    cx: &mut Context<'_>,
) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
    for _ in listeners {
        *turn = (*turn + 1) % listeners.len();
        if let Poll::Ready(accepted) = listeners[*turn].poll_accept(cx) {
            return Poll::Ready(accepted);
        }
    }
    Poll::Pending
}

/// An error of the connection that was to be accepted, rather than of the listener: the next one may be had at once.
fn is_over(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionReset, HostUnreachable, Interrupted, NetworkDown,
        NetworkUnreachable, TimedOut,
    };
    matches!(
        error.kind(),
        ConnectionAborted
            | ConnectionReset
            | HostUnreachable
            | Interrupted
            | NetworkDown
            | NetworkUnreachable
            | TimedOut
    )
}
