//! Sockets of a program's own network, which the helper opens and hands over.
//!
//! A socket stays in the network in which it was opened: the runner binds and connects it itself, so that what is
//! observed is the kernel's word and not the helper's. Of what comes from the helper nothing is taken for granted.

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::Duration;

use rustix::net::sockopt::{socket_domain, socket_protocol, socket_type};
use rustix::net::{AddressFamily, Protocol, RecvFlags, SocketType, netlink};
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::message::{Ask, take};
use crate::capture::Tap;
use crate::kernel::SocketTable;

/// How long the helper may take to answer; it takes a tenth of a millisecond.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// Connections that may wait to be taken.
const BACKLOG: i32 = 64;

/// A way to sockets of the network that a program is in.
#[derive(Debug)]
pub(crate) struct Sockets {
    control: UnixStream,
    /// Held by whoever waits for an answer.
    turn: Mutex<()>,
    /// Answers that are still to come, of which the last is to the last question: who asked before may have given up.
    owed: Cell<u32>,
}

impl Sockets {
    pub(super) fn new(control: std::os::unix::net::UnixStream) -> io::Result<Self> {
        control.set_nonblocking(true)?;
        let control = UnixStream::from_std(control)?;
        Ok(Self { control, turn: Mutex::new(()), owed: Cell::new(0) })
    }

    /// A socket for a connection to `target`, neither bound nor connected.
    pub(crate) async fn stream(&self, target: SocketAddr) -> io::Result<TcpStream> {
        let ask = if target.is_ipv4() { Ask::Tcp4 } else { Ask::Tcp6 };
        let socket = TcpStream::from(self.checked(ask).await?);
        socket.set_nonblocking(true)?;
        Ok(socket)
    }

    /// A socket for datagrams to and from `target`'s host, bound to any port.
    pub(crate) async fn datagrams(&self, local: IpAddr) -> io::Result<UdpSocket> {
        self.datagrams_at((local, 0).into()).await
    }

    /// A socket that takes the connections to an address.
    pub(crate) async fn listener(&self, local: SocketAddr) -> io::Result<TcpListener> {
        let ask = if local.is_ipv4() { Ask::Tcp4 } else { Ask::Tcp6 };
        let socket = TcpListener::from(self.checked(ask).await?);
        socket.set_nonblocking(true)?;
        serve(&SockRef::from(&socket), local)?;
        SockRef::from(&socket).listen(BACKLOG)?;
        Ok(socket)
    }

    /// A socket for the datagrams to an address.
    pub(crate) async fn datagrams_at(&self, local: SocketAddr) -> io::Result<UdpSocket> {
        let ask = if local.is_ipv4() { Ask::Udp4 } else { Ask::Udp6 };
        let socket = UdpSocket::from(self.checked(ask).await?);
        socket.set_nonblocking(true)?;
        serve(&SockRef::from(&socket), local)?;
        Ok(socket)
    }

    /// The network's socket table.
    pub(super) async fn table(&self) -> io::Result<Rc<SocketTable>> {
        self.checked(Ask::Table).await.map(SocketTable::from).map(Rc::new)
    }

    /// Where every frame of the network is seen.
    pub(crate) async fn tap(&self) -> io::Result<Tap> {
        Tap::of(self.checked(Ask::Frames).await?)
    }

    /// Tells something that is not answered.
    pub(super) fn tell(&self, ask: Ask) -> io::Result<()> {
        match self.control.try_write(&[ask as u8])? {
            1 => Ok(()),
            _ => Err(ErrorKind::WriteZero.into()),
        }
    }

    async fn checked(&self, ask: Ask) -> io::Result<OwnedFd> {
        let answer = timeout(ANSWER_MAX, self.ask(ask)).await;
        let socket = answer.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()));
        let socket = socket.and_then(|socket| {
            if fits(&socket, ask) {
                Ok(socket)
            } else {
                Err(io::Error::other("it is not what was asked for"))
            }
        });
        // Whoever is gone is gone with all the program: its end is known by other ways, and so is a helper's failure.
        let is_gone = |error: &io::Error| {
            use ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
            matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
        };
        if socket.as_ref().is_err_and(is_gone) {
            return Err(ErrorKind::ConnectionRefused.into());
        }
        // Not to be taken for what happened to a connection.
        socket.map_err(|error| io::Error::other(format!("no socket came from the helper: {error}")))
    }

    async fn ask(&self, ask: Ask) -> io::Result<OwnedFd> {
        let _turn = self.turn.lock().await;
        self.tell(ask)?;
        self.owed.set(self.owed.get() + 1);
        loop {
            let mut answer = [0; 4];
            let receive = || take(&self.control, &mut answer, RecvFlags::DONTWAIT);
            let (count, mut beside) = self.control.async_io(Interest::READABLE, receive).await?;
            if count != 4 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.owed.set(self.owed.get() - 1);
            if self.owed.get() > 0 {
                continue;
            }
            return match (i32::from_ne_bytes(answer), beside.pop()) {
                (0, Some(socket)) if beside.is_empty() => Ok(socket),
                (0, _) => Err(ErrorKind::InvalidData.into()),
                (error, _) => Err(io::Error::from_raw_os_error(error)),
            };
        }
    }
}

/// Binds a socket of this network. What a client before has left there does not keep it from that.
fn serve(socket: &SockRef<'_>, local: SocketAddr) -> io::Result<()> {
    if local.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if socket.r#type()? == socket2::Type::STREAM {
        socket.set_reuse_address(true)?;
    }
    socket.bind(&local.into())
}

/// Whether a descriptor is the socket that was asked for, and fresh.
fn fits(socket: &OwnedFd, ask: Ask) -> bool {
    let (family, kind, protocol) = match ask {
        Ask::Tcp4 => (AddressFamily::INET, SocketType::STREAM, rustix::net::ipproto::TCP),
        Ask::Tcp6 => (AddressFamily::INET6, SocketType::STREAM, rustix::net::ipproto::TCP),
        Ask::Udp4 => (AddressFamily::INET, SocketType::DGRAM, rustix::net::ipproto::UDP),
        Ask::Udp6 => (AddressFamily::INET6, SocketType::DGRAM, rustix::net::ipproto::UDP),
        Ask::Table => (AddressFamily::NETLINK, SocketType::RAW, netlink::SOCK_DIAG),
        // The kernel does not tell which frames such a socket sees.
        Ask::Frames => return is_of(socket, AddressFamily::PACKET, SocketType::RAW),
        Ask::Go | Ask::End => return false,
    };
    let is = |found: Option<Protocol>| found == Some(protocol);
    let fresh = |socket: &OwnedFd| {
        let local = SockRef::from(socket).local_addr().ok().and_then(|address| address.as_socket());
        local.is_some_and(|local| local.port() == 0) && SockRef::from(socket).peer_addr().is_err()
    };
    is_of(socket, family, kind)
        && socket_protocol(socket).is_ok_and(is)
        && (ask == Ask::Table || fresh(socket))
}

fn is_of(socket: &OwnedFd, family: AddressFamily, kind: SocketType) -> bool {
    socket_domain(socket).is_ok_and(|it| it == family)
        && socket_type(socket).is_ok_and(|it| it == kind)
}
