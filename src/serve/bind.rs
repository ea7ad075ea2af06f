//! Listening sockets.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, UdpSocket};
use tracing::{debug, warn};

use super::{Bound, Listen, Serve, ServeError, Transport, Transports};

/// Connections that wait to be accepted, at most; the system may allow fewer.
const BACKLOG: i32 = 4096;

/// How often a free port is asked for before one is found that is free on every address and transport.
const ATTEMPTS: usize = 16;

/// What a server listens on.
#[derive(Default)]
pub(super) struct Sockets {
    pub(super) bound: Vec<Bound>,
    pub(super) listeners: Vec<TcpListener>,
    pub(super) datagrams: Vec<UdpSocket>,
}

/// Listens everywhere, or nowhere.
pub(super) fn all(options: &Serve) -> Result<Sockets, ServeError> {
    let mut sockets = Sockets::default();
    for &listen in &options.listen {
        for (bound, socket) in place(listen, options.transports)? {
            let opened = match bound.transport {
                Transport::Tcp => TcpListener::from_std(socket.into())
                    .map(|listener| sockets.listeners.push(listener)),
                Transport::Udp => {
                    warn_of_many_addresses(bound.address);
                    UdpSocket::from_std(socket.into()).map(|socket| sockets.datagrams.push(socket))
                }
            };
            opened.map_err(|source| ServeError::new(bound, source))?;
            sockets.bound.push(bound);
        }
    }
    if sockets.bound.is_empty() { Err(ServeError::Nowhere) } else { Ok(sockets) }
}

/// The sockets of one place: all of its addresses and transports share one port.
fn place(listen: Listen, transports: Transports) -> Result<Vec<(Bound, Socket)>, ServeError> {
    let mut attempt = 1;
    loop {
        match with_one_port(listen, transports) {
            // The port that the system gave to the first socket is another program's on the second.
            Err(ServeError::InUse { bound })
                if listen.port() == 0 && bound.address.port() != 0 && attempt < ATTEMPTS =>
            {
                debug!(%bound, attempt, "in use, trying another port");
                attempt += 1;
            }
            done => return done,
        }
    }
}

fn with_one_port(
    listen: Listen,
    transports: Transports,
) -> Result<Vec<(Bound, Socket)>, ServeError> {
    let mut port = listen.port();
    let mut sockets = Vec::new();
    for mut address in listen.addresses() {
        for &transport in transports.each() {
            address.set_port(port);
            let wanted = Bound { address, transport };
            let bound = socket(wanted).and_then(|socket| {
                let address = socket.local_addr()?.as_socket().unwrap_or(address);
                Ok((Bound { address, transport }, socket))
            });
            match bound {
                Ok(found) => {
                    port = found.0.address.port();
                    sockets.push(found);
                }
                // `localhost` is what there is of it; machines without IPv6 are common.
                Err(error) if !sockets.is_empty() && address.is_ipv6() && is_absent(&error) => {
                    debug!(bound = %wanted, %error, "left out");
                }
                Err(error) => return Err(ServeError::new(wanted, error)),
            }
        }
    }
    Ok(sockets)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
        || socket_family_is_unknown(error)
}

/// The system was built without this family.
#[cfg(unix)]
fn socket_family_is_unknown(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::AFNOSUPPORT)
}

#[cfg(not(unix))]
fn socket_family_is_unknown(_error: &io::Error) -> bool {
    false
}

fn socket(wanted: Bound) -> io::Result<Socket> {
    let domain = Domain::for_address(wanted.address);
    let socket = match wanted.transport {
        Transport::Tcp => Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?,
        Transport::Udp => Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?,
    };
    socket.set_nonblocking(true)?;
    if wanted.transport == Transport::Tcp {
        // Connections of a server that stopped linger in the system and must not keep the port from the next one
        // (FRAME-25). On Windows they do not, and the option would share the port with a stranger.
        #[cfg(not(windows))]
        socket.set_reuse_address(true)?;
    }
    socket.bind(&wanted.address.into())?;
    if wanted.transport == Transport::Tcp {
        socket.listen(BACKLOG)?;
    }
    Ok(socket)
}

/// On a wildcard address the system picks the address that a datagram leaves from, and FRAME-32 wants the one that the
/// request went to.
fn warn_of_many_addresses(address: SocketAddr) {
    if address.ip().is_unspecified() {
        warn!(
            %address,
            "udp replies leave from the address that the system routes them by, which need not be the one that was \
             asked; listen on one address to be sure"
        );
    }
}
