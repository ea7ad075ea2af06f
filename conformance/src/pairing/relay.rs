//! Passing on what is said where a client wants another port than its server has: octets and ends, nothing else.

use std::collections::BTreeMap;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

use futures_util::StreamExt;
use futures_util::future::select_all;
use futures_util::stream::FuturesUnordered;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use crate::transport::Transport;
use crate::wire::Network;

/// The largest datagram.
const DATAGRAM_MAX: usize = 65_535;

/// Sockets at the port that a client wants.
pub(super) struct Relay {
    network: Network,
    server: SocketAddr,
    listeners: Vec<TcpListener>,
    sockets: Vec<UdpSocket>,
}

impl Relay {
    /// Listens at a port of the server's network.
    ///
    /// # Errors
    ///
    /// The port is somebody's.
    pub(super) async fn at(
        port: u16,
        network: &Network,
        server: SocketAddr,
        transport: Transport,
    ) -> io::Result<Self> {
        let [four, six]: [SocketAddr; 2] =
            [(Ipv4Addr::UNSPECIFIED, port).into(), (Ipv6Addr::UNSPECIFIED, port).into()];
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
        Ok(Self { network: network.clone(), server, listeners, sockets })
    }

    /// Passes on what comes, until it is dropped.
    pub(super) async fn pass(&self) -> io::Result<std::convert::Infallible> {
        if self.sockets.is_empty() { self.connections().await } else { self.datagrams().await }
    }

    async fn connections(&self) -> io::Result<std::convert::Infallible> {
        let mut passing = FuturesUnordered::new();
        loop {
            let accepting = self.listeners.iter().map(|listener| Box::pin(listener.accept()));
            tokio::select! {
                (accepted, ..) = select_all(accepting) => passing.push(self.connection(accepted?.0)),
                Some(()) = passing.next() => {}
            }
        }
    }

    /// What one end does is the other's to see.
    async fn connection(&self, mut client: TcpStream) {
        let Ok(mut server) = self.network.connected(self.server).await else { return };
        // A send is a segment of its own, as it was.
        for end in [&client, &server] {
            let _ = end.set_nodelay(true);
        }
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }

    async fn datagrams(&self) -> io::Result<std::convert::Infallible> {
        // A socket for each client and each of the addresses at which it asks.
        let mut ways: BTreeMap<(usize, SocketAddr), Rc<UdpSocket>> = BTreeMap::new();
        let mut octets = vec![0; DATAGRAM_MAX];
        loop {
            let asking = self.sockets.iter().map(|socket| Box::pin(socket.readable()));
            let answering = ways.iter().map(|(way, socket)| {
                Box::pin(async move { socket.readable().await.map(|()| *way) })
            });
            let answered = async {
                if ways.is_empty() { pending().await } else { select_all(answering).await.0 }
            };
            tokio::select! {
                (ready, at, _) = select_all(asking) => {
                    ready?;
                    let Ok((length, from)) = self.sockets[at].try_recv_from(&mut octets) else { continue };
                    let way = match ways.get(&(at, from)) {
                        Some(way) => Rc::clone(way),
                        None => {
                            let way = Rc::new(self.network.datagrams(self.server).await?);
                            way.connect(self.server).await?;
                            ways.insert((at, from), Rc::clone(&way));
                            way
                        }
                    };
                    // Who is not there does not get it.
                    let _ = way.send(&octets[..length]).await;
                }
                way = answered => {
                    let (at, client) = way?;
                    if let Some(socket) = ways.get(&(at, client))
                        && let Ok(length) = socket.try_recv(&mut octets)
                    {
                        let _ = self.sockets[at].send_to(&octets[..length], client).await;
                    }
                }
            }
        }
    }
}
