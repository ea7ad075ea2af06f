//! The server's part: sockets at the port that the client wants, and one client at a time.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures_util::future::select_all;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use trueline_protocol::dialect::{First, Frame};

use crate::transport::Transport;
use crate::wire::Network;

/// Octets that are kept of what a client sends and nothing takes.
pub(super) const UNREAD_MAX: usize = 1 << 16;
/// The largest datagram.
const DATAGRAM_MAX: usize = 65_535;
/// How long a client may take to read what was sent, before the next piece is sent all the same.
const READ_MAX: Duration = Duration::from_secs(1);

/// Something that came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// A client has connected.
    Opened,
    /// Octets, or a datagram.
    Octets(Vec<u8>),
    /// The client has ended its half.
    Ended,
    /// The client has reset the connection.
    Reset,
}

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manners {
    /// It is served.
    Serve,
    /// The server ends it in order.
    Close,
    /// The server resets it.
    Reset,
}

/// A server that does what it is told.
#[derive(Debug)]
pub(super) struct Server {
    network: Network,
    listeners: Vec<TcpListener>,
    sockets: Vec<UdpSocket>,
    connection: Option<TcpStream>,
    /// The socket of the last datagram, and who sent it.
    peer: Option<(usize, SocketAddr)>,
    manners: Manners,
    /// Whether a client ends its half in order to be answered.
    keeps_half: bool,
    /// Whether it has.
    is_ended: bool,
    /// What a client says when it leaves, and what it is answered.
    farewells: Vec<Farewell>,
}

/// What a client says when it leaves, where it ends, and what it is answered before the connection is closed.
#[derive(Clone, Debug)]
pub(super) struct Farewell {
    pub(super) said: Vec<u8>,
    pub(super) frame: Frame,
    pub(super) answered: Vec<u8>,
}

impl Farewell {
    /// Whether it is the last of some messages.
    fn is_said(&self, mut messages: &[u8]) -> bool {
        loop {
            match self.frame.first(messages, false) {
                First::Whole(text, octets) if octets == messages.len() => return text == self.said,
                First::Whole(_, octets) => messages = &messages[octets..],
                // Only its end would end it.
                First::Part => return self.frame == Frame::End && messages == self.said,
            }
        }
    }
}

impl Server {
    /// Listens on every address of the network that a client may mean.
    ///
    /// # Errors
    ///
    /// The port is somebody else's.
    pub(super) async fn listen(
        network: &Network,
        transport: Transport,
        port: u16,
    ) -> io::Result<Self> {
        let [four, six] = if network.is_apart() {
            [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()]
        } else {
            [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
        };
        let [four, six] = [four, six].map(|ip| SocketAddr::new(ip, port));
        let (mut listeners, mut sockets) = (Vec::new(), Vec::new());
        // Not every network has IPv6.
        match transport {
            Transport::Tcp => {
                listeners.push(network.listener(four).await?);
                listeners.extend(network.listener(six).await.ok());
            }
            Transport::Udp => {
                sockets.push(network.datagrams_at(four).await?);
                sockets.extend(network.datagrams_at(six).await.ok());
            }
        }
        Ok(Self {
            network: network.clone(),
            listeners,
            sockets,
            connection: None,
            peer: None,
            manners: Manners::Serve,
            keeps_half: false,
            is_ended: false,
            farewells: Vec::new(),
        })
    }

    /// Answers a client that has ended its half: that is how its requests end.
    pub(super) fn answering_the_end(self) -> Self {
        Self { keeps_half: true, ..self }
    }

    /// Lets clients take their leave.
    pub(super) fn parting(self, farewells: Vec<Farewell>) -> Self {
        Self { farewells, ..self }
    }

    /// Serves whoever comes from now on.
    pub(super) fn serve(&mut self) {
        self.manners = Manners::Serve;
    }

    /// Waits for what comes next. May be dropped and called again.
    pub(super) async fn take(&mut self) -> io::Result<Came> {
        if !self.sockets.is_empty() {
            return self.datagram().await.map(Came::Octets);
        }
        let Some(connection) = &mut self.connection else {
            self.accept().await?;
            return Ok(Came::Opened);
        };
        let mut octets = vec![0; 4096];
        match connection.read(&mut octets).await {
            Ok(0) if self.is_ended => std::future::pending().await,
            Ok(0) => {
                // A right server closes, too, when it has answered all.
                self.is_ended = self.keeps_half;
                self.connection = self.connection.take().filter(|_| self.keeps_half);
                Ok(Came::Ended)
            }
            Ok(length) => {
                octets.truncate(length);
                Ok(Came::Octets(octets))
            }
            Err(_) => {
                self.connection = None;
                Ok(Came::Reset)
            }
        }
    }

    async fn accept(&mut self) -> io::Result<()> {
        let accepting = self.listeners.iter().map(|listener| Box::pin(listener.accept()));
        let (accepted, ..) = select_all(accepting).await;
        self.connection = Some(accepted?.0);
        self.is_ended = false;
        Ok(())
    }

    async fn datagram(&mut self) -> io::Result<Vec<u8>> {
        let ready = self.sockets.iter().map(|socket| Box::pin(socket.readable()));
        let (ready, at, _) = select_all(ready).await;
        ready?;
        let mut octets = vec![0; DATAGRAM_MAX];
        match self.sockets[at].try_recv_from(&mut octets) {
            Ok((length, from)) => {
                octets.truncate(length);
                self.peer = Some((at, from));
                Ok(octets)
            }
            // Somebody to whom a reply was sent has gone, or there was nothing after all.
            Err(_) => Box::pin(self.datagram()).await,
        }
    }

    /// Sends octets, or a datagram. Who is gone does not get them.
    pub(super) async fn send(&mut self, octets: &[u8]) {
        if let Some(connection) = &mut self.connection {
            // One segment of its own for each send.
            let _ = connection.set_nodelay(true);
            let _ = connection.write_all(octets).await;
        } else if let Some((at, peer)) = self.peer {
            let _ = self.sockets[at].send_to(octets, peer).await;
        }
    }

    /// Waits until the client has read what was sent. False where nobody can tell.
    pub(super) async fn is_read(&self) -> bool {
        let ends = self.connection.as_ref().and_then(|connection| {
            Some((connection.peer_addr().ok()?, connection.local_addr().ok()?))
        });
        let (Some((client, own)), Some(table)) = (ends, self.network.table()) else { return false };
        let read = async {
            while let Some(unread) = table.unread(client, own) {
                if unread == 0 {
                    return true;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            false
        };
        tokio::time::timeout(READ_MAX, read).await.unwrap_or(true)
    }

    /// Treats the connection in this way from now on, and any that comes after it.
    pub(super) async fn treat(&mut self, manners: Manners) {
        self.manners = manners;
        self.behave().await;
    }

    async fn hang_up(&mut self) {
        if let Some(connection) = &mut self.connection {
            let _ = connection.shutdown().await;
        }
        if std::mem::take(&mut self.is_ended) {
            self.connection = None;
        }
    }

    async fn behave(&mut self) {
        match self.manners {
            Manners::Serve => {}
            // What the client still sends is read, so that nothing that was sent to it is lost.
            Manners::Close => self.hang_up().await,
            Manners::Reset => {
                if let Some(connection) = self.connection.take() {
                    let _ = SockRef::from(&connection).set_linger(Some(Duration::ZERO));
                }
            }
        }
    }

    /// Goes on as a server does while nothing is awaited of the client. What it sends meanwhile is put behind `ahead`.
    pub(super) async fn attend(
        &mut self,
        ahead: &mut Vec<u8>,
    ) -> io::Result<std::convert::Infallible> {
        loop {
            match self.take().await? {
                Came::Opened => self.behave().await,
                Came::Octets(octets) => {
                    ahead.extend(octets);
                    // Whoever sends without end is not listened to without end.
                    let surplus = ahead.len().saturating_sub(UNREAD_MAX);
                    ahead.drain(..surplus);
                    let leaves = |it: &&Farewell| it.is_said(ahead);
                    let Some(farewell) = self.farewells.iter().find(leaves).cloned() else {
                        continue;
                    };
                    ahead.clear();
                    self.send(&farewell.answered).await;
                    self.hang_up().await;
                }
                Came::Ended | Came::Reset => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_farewell_is_a_message_however_it_ends() {
        let farewell = |frame| Farewell { said: b"quit".into(), frame, answered: Vec::new() };
        for (messages, is_said) in [
            (&b"quit\n"[..], true),
            (b"quit\r\n", true),
            (b"1 + 2\nquit\n", true),
            (b"do not quit\n", false),
            (b"quit", false),
            (b"quit\n1 + 2\n", false),
        ] {
            assert_eq!(farewell(Frame::line()).is_said(messages), is_said, "{messages:?}");
        }
        assert!(farewell(Frame::Segment).is_said(b"quit"));
        assert!(farewell(Frame::Length(1)).is_said(b"\x04quit"));
        assert!(farewell(Frame::End).is_said(b"quit"));
    }
}
