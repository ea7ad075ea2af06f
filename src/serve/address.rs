//! Where a server listens, and where it came to listen.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

pub use trueline_conformance::transport::Transport;
use trueline_protocol::service::Service;

/// The port that the classroom's programs use. None is assigned (SPEC.md section 2).
pub const DEFAULT_PORT: u16 = 8040;

/// The transports of one server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Transports {
    /// TCP alone.
    #[default]
    Tcp,
    /// UDP alone.
    Udp,
    /// Both, on the same port.
    Both,
}

impl Transports {
    /// Those of them that a service is spoken over, if there is one.
    pub fn of(self, service: Service) -> Option<Self> {
        let of = |transport| Transport::of(service).contains(&transport);
        match (self.each().iter().all(|it| of(*it)), self) {
            (true, all) => Some(all),
            (false, Self::Both) => Some(Self::Tcp),
            (false, _) => None,
        }
    }

    /// Each of them; TCP stands first, since its ports are the scarcer ones.
    pub const fn each(self) -> &'static [Transport] {
        match self {
            Self::Tcp => &[Transport::Tcp],
            Self::Udp => &[Transport::Udp],
            Self::Both => &[Transport::Tcp, Transport::Udp],
        }
    }
}

impl FromStr for Transports {
    type Err = NoTransports;

    fn from_str(text: &str) -> Result<Self, NoTransports> {
        match text {
            "tcp" => Ok(Self::Tcp),
            "udp" => Ok(Self::Udp),
            "both" => Ok(Self::Both),
            _ => Err(NoTransports),
        }
    }
}

/// A text that says no transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a transport; write tcp, udp or both")]
pub struct NoTransports;

/// Where to listen: `127.0.0.1:8040`, `[::1]:8040`, or `localhost:8040`, which is both. Port 0 takes a free one.
///
/// No name but `localhost` is looked up: a server listens where its operator says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Listen {
    /// This address.
    At(SocketAddr),
    /// The loopback addresses that this machine has.
    Localhost(u16),
}

impl Listen {
    /// The addresses, all with the port that was asked for.
    pub(super) fn addresses(self) -> Vec<SocketAddr> {
        match self {
            Self::At(address) => vec![address],
            Self::Localhost(port) => {
                let loopback: [IpAddr; 2] =
                    [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
                loopback.map(|ip| SocketAddr::new(ip, port)).to_vec()
            }
        }
    }

    pub(super) const fn port(self) -> u16 {
        match self {
            Self::At(address) => address.port(),
            Self::Localhost(port) => port,
        }
    }

    /// The place that is this many ports further on; `None` where there are no more ports. A free port is followed by
    /// another free one.
    pub fn further(self, ports: usize) -> Option<Self> {
        let port = match self.port() {
            0 => 0,
            port => u16::try_from(usize::from(port) + ports).ok()?,
        };
        Some(match self {
            Self::At(address) => Self::At(SocketAddr::new(address.ip(), port)),
            Self::Localhost(_) => Self::Localhost(port),
        })
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self::At(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), DEFAULT_PORT))
    }
}

impl FromStr for Listen {
    type Err = NoListen;

    fn from_str(text: &str) -> Result<Self, NoListen> {
        match text.rsplit_once(':') {
            Some((host, port)) if host.eq_ignore_ascii_case("localhost") => {
                port.parse().map(Self::Localhost).map_err(|_| NoListen)
            }
            _ => text.parse().map(Self::At).map_err(|_| NoListen),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(address) => address.fmt(f),
            Self::Localhost(port) => write!(f, "localhost:{port}"),
        }
    }
}

/// A text that says no place to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address to listen on; write 127.0.0.1:8040, [::1]:8040 or localhost:8040")]
pub struct NoListen;

/// Where a server listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bound {
    /// With the port that the system chose, where 0 was asked for.
    pub address: SocketAddr,
    /// For what.
    pub transport: Transport,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.address, self.transport)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_each_other_to_the_last_port() {
        let further = |text: &str, ports| {
            let listen: Listen = text.parse().expect("an address");
            listen.further(ports).map(|it| it.to_string())
        };
        assert_eq!(further("127.0.0.1:8040", 0).as_deref(), Some("127.0.0.1:8040"));
        assert_eq!(further("[::1]:8040", 2).as_deref(), Some("[::1]:8042"));
        assert_eq!(further("localhost:65534", 1).as_deref(), Some("localhost:65535"));
        assert_eq!(further("localhost:65534", 2), None);
        assert_eq!(further("127.0.0.1:0", 3).as_deref(), Some("127.0.0.1:0"));
    }

    #[test]
    fn addresses_are_read_and_printed_alike() {
        for text in ["127.0.0.1:8040", "[::1]:0", "localhost:80", "[::]:8040"] {
            assert_eq!(text.parse::<Listen>().map(|listen| listen.to_string()), Ok(text.into()));
        }
        for text in
            ["", "8040", "127.0.0.1", "::1:8040", "localhost", "localhost:", "example.org:1"]
        {
            assert_eq!(text.parse::<Listen>(), Err(NoListen), "{text}");
        }
    }
}
