//! One datagram socket: a datagram is read, answered, and the reply sent before the next is read.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::ReadBuf;
use tokio::time::Instant;
use tracing::{debug, trace};
use trueline_protocol::responder::Event;

use super::hub::{Hub, Origin, Port};

/// More than the longest datagram.
const DATAGRAM_MAX: usize = 65_536;

/// For how long nothing is read from a socket that fails again and again.
const PAUSE: Duration = Duration::from_millis(10);

/// Answers datagrams until the server stops.
pub(super) async fn serve(hub: Rc<Hub>, port: usize) {
    let mut datagram = vec![0; DATAGRAM_MAX];
    loop {
        match poll_fn(|cx| poll(&hub, port, &mut datagram, cx)).await {
            Ok(()) => return,
            // Where the system tells of a peer that is not there, or runs short, the next datagram is another matter.
            Err(error) => {
                debug!(%error, "no datagram received");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn poll(
    hub: &Hub,
    index: usize,
    datagram: &mut [u8],
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    let port = hub.port(index);
    port.listen(cx.waker());
    loop {
        ready!(send(port, cx));
        if hub.stopping().is_some() {
            return Poll::Ready(Ok(()));
        }
        let mut datagram = ReadBuf::new(datagram);
        let peer = ready!(port.socket.poll_recv_from(cx, &mut datagram))?;
        let octets = datagram.filled();
        trace!(%peer, octets = %octets.escape_ascii(), "received");
        if is_own(port.address, peer) {
            debug!(%peer, "a datagram from this very socket, or from one who says so");
        } else {
            hub.on(Instant::now(), Event::Datagram(peer, octets), Origin::Port(index));
        }
    }
}

/// Sends what is to be sent, all of it. What cannot be sent is lost, as datagrams are.
fn send(port: &Port, cx: &mut Context<'_>) -> Poll<()> {
    let mut queue = port.queue.borrow_mut();
    while let Some((peer, octets)) = queue.front() {
        if let Err(error) = ready!(port.socket.poll_send_to(cx, octets, *peer)) {
            debug!(%peer, %error, "datagram not sent");
        }
        queue.pop_front();
    }
    Poll::Ready(())
}

/// Whether a datagram names the socket it came to as its sender (FRAME-36).
fn is_own(own: SocketAddr, peer: SocketAddr) -> bool {
    if peer.port() != own.port() {
        return false;
    }
    let (own, peer) = (own.ip().to_canonical(), peer.ip().to_canonical());
    // On a wildcard address, each address of this machine is the socket's own; one is told by binding to it.
    own == peer || own.is_unspecified() && std::net::UdpSocket::bind((peer, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_own_by_address_and_port() {
        let own = |own: &str, peer: &str| {
            is_own(own.parse().expect("an address"), peer.parse().expect("an address"))
        };
        assert!(own("127.0.0.1:8040", "127.0.0.1:8040"));
        assert!(!own("127.0.0.1:8040", "127.0.0.1:8041"));
        assert!(!own("127.0.0.1:8040", "127.0.0.2:8040"));
        assert!(own("0.0.0.0:8040", "127.0.0.2:8040"));
        assert!(own("[::]:8040", "[::ffff:127.0.0.1]:8040"));
        assert!(!own("0.0.0.0:8040", "192.0.2.1:8040"));
    }
}
