//! Where to connect to a socket that is bound somewhere.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use crate::kernel::{self, Listener, SocketTable};
use crate::transport::Transport;

/// Where a target is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// What it is spoken to over.
    pub transport: Transport,
    /// The address to connect or to send to; never a wildcard.
    pub address: SocketAddr,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.transport.acronym(), self.address)
    }
}

impl Endpoint {
    /// Where to speak to `listener`: on a wildcard at 127.0.0.1, or, if it leaves IPv4 alone, at ::1. The
    /// socket table tells which; without one the system's default is taken for the program's choice.
    pub(super) fn of(listener: &Listener, all: &[Listener], table: Option<&SocketTable>) -> Self {
        let port = listener.addr.port();
        let ip = match listener.addr.ip().to_canonical() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => {
                let ipv4 = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                // Workers that share a port take turns: any of the program's own sockets will do.
                let own: Vec<u64> = all.iter().map(|listener| listener.inode).collect();
                let takes_ipv4 = table
                    .and_then(|table| table.answered_by(listener.transport, ipv4, &own))
                    .or_else(|| kernel::ipv6_only_by_default().map(|only| !only));
                match takes_ipv4 {
                    Some(false) => Ipv6Addr::LOCALHOST.into(),
                    _ => Ipv4Addr::LOCALHOST.into(),
                }
            }
            ip => ip,
        };
        Self { transport: listener.transport, address: (ip, port).into() }
    }
}

/// Whether an address is this machine's own, so that what is sent to it goes nowhere else. The kernel lets
/// a socket be bound to such an address only; nothing is sent.
pub(super) fn is_own(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    ip.is_loopback()
        || ip.is_unspecified()
        || (!ip.is_multicast() && !is_broadcast(ip) && UdpSocket::bind((ip, 0)).is_ok())
}

fn is_broadcast(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(ip) if ip.is_broadcast())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_this_machines_and_documentation_is_not() {
        let own = |text: &str| is_own(text.parse().unwrap());
        assert!(own("127.0.1.1") && own("::1") && own("0.0.0.0") && own("::ffff:127.0.0.1"));
        assert!(!own("192.0.2.1") && !own("2001:db8::1"));
        assert!(!own("224.0.0.1") && !own("255.255.255.255"));
    }
}
