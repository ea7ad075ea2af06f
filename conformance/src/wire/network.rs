//! The network that a target is in: this machine's, or one of its own that only sockets from there reach.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};

use crate::capture::Tap;
use crate::isolation::Sockets;
use crate::kernel::SocketTable;

/// The network that a target is in. Clones are the same network, also after the target was launched again.
#[derive(Clone, Debug, Default)]
pub struct Network(Rc<RefCell<Access>>);

/// The ways to a network.
#[derive(Clone, Debug, Default)]
struct Access {
    apart: Option<Rc<Sockets>>,
    table: Option<Rc<SocketTable>>,
    /// The clients that were connected to the target and not yet asked about.
    clients: BTreeSet<SocketAddr>,
}

impl Network {
    /// This machine's.
    pub fn here(table: Option<SocketTable>) -> Self {
        Self::by(Access { table: table.map(Rc::new), ..Access::default() })
    }

    /// The network of an isolated program.
    pub(crate) fn apart(sockets: Rc<Sockets>, table: Option<Rc<SocketTable>>) -> Self {
        Self::by(Access { apart: Some(sockets), table, ..Access::default() })
    }

    fn by(access: Access) -> Self {
        Self(Rc::new(RefCell::new(access)))
    }

    /// Takes the ways to another network: the target was launched again.
    pub(crate) fn follow(&self, other: &Self) {
        let access = other.0.borrow().clone();
        self.0.replace(access);
    }

    /// Whether it is not this machine's.
    pub(crate) fn is_apart(&self) -> bool {
        self.0.borrow().apart.is_some()
    }

    /// The kernel's table of its sockets, where there is one.
    pub fn table(&self) -> Option<Rc<SocketTable>> {
        self.0.borrow().table.clone()
    }

    /// Takes note of a client that is connected.
    pub(super) fn met(&self, client: SocketAddr) {
        self.0.borrow_mut().clients.insert(client);
    }

    /// The clients that were connected since the target was launched, or since this was asked last.
    pub(crate) fn take_clients(&self) -> BTreeSet<SocketAddr> {
        std::mem::take(&mut self.0.borrow_mut().clients)
    }

    /// Where all its frames are seen, if it is one of its own.
    pub(crate) async fn tap(&self) -> io::Result<Option<Tap>> {
        let apart = self.0.borrow().apart.clone();
        match apart {
            Some(apart) => apart.tap().await.map(Some),
            None => Ok(None),
        }
    }

    /// A socket that can be connected to `target`.
    pub(super) async fn stream(&self, target: SocketAddr) -> io::Result<TcpSocket> {
        let apart = self.0.borrow().apart.clone();
        match (apart, target) {
            (Some(apart), _) => Ok(TcpSocket::from_std_stream(apart.stream(target).await?)),
            (None, SocketAddr::V4(_)) => TcpSocket::new_v4(),
            (None, SocketAddr::V6(_)) => TcpSocket::new_v6(),
        }
    }

    /// A connection to an address of it.
    pub(crate) async fn connected(&self, target: SocketAddr) -> io::Result<TcpStream> {
        self.stream(target).await?.connect(target).await
    }

    /// A socket that takes the connections to an address of it.
    pub(crate) async fn listener(&self, local: SocketAddr) -> io::Result<TcpListener> {
        let apart = self.0.borrow().apart.clone();
        match apart {
            Some(apart) => TcpListener::from_std(apart.listener(local).await?),
            None => TcpListener::bind(local).await,
        }
    }

    /// A socket for the datagrams to an address of it.
    pub(crate) async fn datagrams_at(&self, local: SocketAddr) -> io::Result<UdpSocket> {
        let apart = self.0.borrow().apart.clone();
        match apart {
            Some(apart) => UdpSocket::from_std(apart.datagrams_at(local).await?),
            None => UdpSocket::bind(local).await,
        }
    }

    /// A socket that can send datagrams to `target`.
    pub(crate) async fn datagrams(&self, target: SocketAddr) -> io::Result<UdpSocket> {
        let local: IpAddr = match target {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        let apart = self.0.borrow().apart.clone();
        match apart {
            Some(apart) => UdpSocket::from_std(apart.datagrams(local).await?),
            None => UdpSocket::bind((local, 0)).await,
        }
    }
}
