//! The transports that a service is spoken over.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use trueline_protocol::service::Service;

/// TCP or UDP. Spelled `tcp` and `udp` in options, files and reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// A stream of octets for each client.
    Tcp,
    /// Datagrams on one socket.
    Udp,
}

impl Transport {
    /// What a service is spoken over (SPEC.md section 2).
    pub fn of(service: Service) -> &'static [Self] {
        if service.manner().answers() { &[Self::Tcp, Self::Udp] } else { &[Self::Tcp] }
    }

    /// What a service is spoken over, if there is one transport only.
    pub fn only(service: Service) -> Option<Self> {
        match Self::of(service) {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// Every service on every transport that it is spoken over.
    pub fn kinds() -> impl Iterator<Item = (Service, Self)> {
        let on = |&service| Self::of(service).iter().map(move |&transport| (service, transport));
        Service::ALL.iter().flat_map(on)
    }

    /// As it is written in a sentence: `TCP`, `UDP`.
    pub fn acronym(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        })
    }
}

/// A word that is neither `tcp` nor `udp`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a transport: write tcp or udp")]
pub struct UnknownTransport(String);

impl FromStr for Transport {
    type Err = UnknownTransport;

    fn from_str(text: &str) -> Result<Self, UnknownTransport> {
        match text {
            "tcp" => Ok(Self::Tcp),
            "udp" => Ok(Self::Udp),
            _ => Err(UnknownTransport(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_back() {
        for transport in [Transport::Tcp, Transport::Udp] {
            assert_eq!(transport.to_string().parse(), Ok(transport));
        }
        assert_eq!(
            "TCP ".parse::<Transport>().unwrap_err().to_string(),
            "`TCP ` is not a transport: write tcp or udp"
        );
    }
}
