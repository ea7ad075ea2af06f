//! Addresses as they are typed: `127.0.0.1:8040`, `[::1]:8040`, `localhost:8040`, `8040`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use miette::Diagnostic;
use thiserror::Error;

use crate::blame::Blame;

/// Why a text is not an address to check. `text` is what was typed.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the messages say what the fields are")]
pub enum AddressError {
    /// No colon and no number.
    #[error("`{text}` has no port")]
    #[diagnostic(help("write host:port, such as {text}:8040"))]
    NoPort { text: String },
    /// What stands for the port is no number from 1 to 65535.
    #[error("`{port}` is no port")]
    #[diagnostic(help(
        "a port is a number from 1 to 65535; write host:port, such as 127.0.0.1:8040"
    ))]
    BadPort { port: String },
    /// An IPv6 address without brackets.
    #[error("`{text}` is ambiguous: where does the address end and the port begin?")]
    #[diagnostic(help("write an IPv6 address in brackets, such as [::1]:8040"))]
    NoBrackets { text: String },
    /// Not an address at all.
    #[error("`{text}` is not an address")]
    #[diagnostic(help("write host:port, such as 127.0.0.1:8040, without http:// or a path"))]
    Junk { text: String },
    /// Another machine's address, without leave.
    #[error("{host} is not this machine's loopback: checking it may harm what runs there")]
    #[diagnostic(help(
        "if it is yours to check, say so with `--allow-remote`; else use 127.0.0.1"
    ))]
    Remote { host: String },
    /// The name has no address.
    #[error("no address is known for {host}")]
    #[diagnostic(help("check how it is spelled, or write the address itself"))]
    Unknown {
        host: String,
        #[source]
        source: Option<io::Error>,
    },
}

impl AddressError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        Blame::User
    }
}

/// Reads an address. A port alone, with or without a colon, is one of 127.0.0.1; a wildcard stands for the
/// loopback address of its family. Without `allow_remote` all but loopback is refused, and no name
/// but `localhost` is looked up. Of several addresses of a name the first loopback one is taken, IPv4
/// before IPv6, else the first one.
pub fn parse_address(text: &str, allow_remote: bool) -> Result<SocketAddr, AddressError> {
    let (host, port) = split(text)?;
    let is_number = port.bytes().all(|octet| octet.is_ascii_digit());
    let port = match port.parse() {
        Ok(number @ 1..) if is_number => number,
        _ if port.contains('/') => {
            return Err(AddressError::Junk { text: text.to_owned() });
        }
        _ => return Err(AddressError::BadPort { port: port.to_owned() }),
    };
    let ip = match host.parse::<IpAddr>() {
        Ok(ip) => ip.to_canonical(),
        Err(_) if host.is_empty() => Ipv4Addr::LOCALHOST.into(),
        Err(_) if !is_name(host) => return Err(AddressError::Junk { text: text.to_owned() }),
        Err(_) if allow_remote || host.eq_ignore_ascii_case("localhost") => look_up(host)?,
        Err(_) => return Err(AddressError::Remote { host: host.to_owned() }),
    };
    let ip = match ip {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    if !allow_remote && !ip.is_loopback() {
        return Err(AddressError::Remote { host: host.to_owned() });
    }
    Ok((ip, port).into())
}

fn split(text: &str) -> Result<(&str, &str), AddressError> {
    if let Some(rest) = text.strip_prefix('[') {
        return match rest.split_once(']') {
            Some((host, port)) if host.parse::<Ipv6Addr>().is_ok() => {
                match port.strip_prefix(':') {
                    Some(port) => Ok((host, port)),
                    None if port.is_empty() => Err(AddressError::NoPort { text: text.to_owned() }),
                    None => Err(AddressError::Junk { text: text.to_owned() }),
                }
            }
            _ => Err(AddressError::Junk { text: text.to_owned() }),
        };
    }
    match text.rsplit_once(':') {
        Some((host, _)) if text.contains("://") || host.contains('/') => {
            Err(AddressError::Junk { text: text.to_owned() })
        }
        Some((host, _)) if host.contains(':') => {
            Err(AddressError::NoBrackets { text: text.to_owned() })
        }
        Some(both) => Ok(both),
        None if !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit()) => {
            Ok(("", text))
        }
        None if is_name(text) => Err(AddressError::NoPort { text: text.to_owned() }),
        None => Err(AddressError::Junk { text: text.to_owned() }),
    }
}

fn is_name(host: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    !host.is_empty() && host.chars().all(letter)
}

fn look_up(host: &str) -> Result<IpAddr, AddressError> {
    let unknown = |source| AddressError::Unknown { host: host.to_owned(), source };
    let addresses = (host, 0).to_socket_addrs();
    let addresses: Vec<IpAddr> = addresses
        .map_err(|source| unknown(Some(source)))?
        .map(|address| address.ip().to_canonical())
        .collect();
    let loopback = addresses.iter().filter(|ip| ip.is_loopback());
    loopback
        .min_by_key(|ip| ip.is_ipv6())
        .or_else(|| addresses.first())
        .copied()
        .ok_or_else(|| unknown(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        parse_address(text, false)
            .map(|address| address.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn loopback_is_read_however_it_is_written() {
        for (text, address) in [
            ("127.0.0.1:8040", "127.0.0.1:8040"),
            ("127.0.1.1:1", "127.0.1.1:1"),
            ("[::1]:65535", "[::1]:65535"),
            ("[::ffff:127.0.0.1]:80", "127.0.0.1:80"),
            ("localhost:8040", "127.0.0.1:8040"),
            ("LocalHost:8040", "127.0.0.1:8040"),
            ("8040", "127.0.0.1:8040"),
            (":8040", "127.0.0.1:8040"),
            ("0.0.0.0:8040", "127.0.0.1:8040"),
            ("[::]:8040", "[::1]:8040"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(address), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, message) in [
            ("localhost", "`localhost` has no port"),
            ("[::1]", "`[::1]` has no port"),
            ("127.0.0.1:0", "`0` is no port"),
            ("127.0.0.1:65536", "`65536` is no port"),
            ("127.0.0.1:+80", "`+80` is no port"),
            ("127.0.0.1:", "`` is no port"),
            ("127.0.0.1:http", "`http` is no port"),
            ("0", "`0` is no port"),
            ("::1:80", "`::1:80` is ambiguous: where does the address end and the port begin?"),
            ("http://localhost:80", "`http://localhost:80` is not an address"),
            ("localhost:80/", "`localhost:80/` is not an address"),
            ("./server.py", "`./server.py` is not an address"),
            ("my server:80", "`my server:80` is not an address"),
            ("[::1:80", "`[::1:80` is not an address"),
            ("[localhost]:80", "`[localhost]:80` is not an address"),
            ("[::1]80", "`[::1]80` is not an address"),
            ("", "`` is not an address"),
        ] {
            assert_eq!(read(text).unwrap_err(), message, "{text}");
        }
    }

    #[test]
    fn another_machine_needs_leave() {
        for text in ["192.0.2.1:80", "[2001:db8::1]:80", "example.com:80"] {
            let error = parse_address(text, false).unwrap_err();
            assert!(matches!(error, AddressError::Remote { .. }), "{text}");
            let help = error.help().unwrap().to_string();
            assert!(help.contains("--allow-remote"), "{help}");
        }
        let address = parse_address("192.0.2.1:80", true).unwrap();
        assert_eq!(address.to_string(), "192.0.2.1:80");
    }
}
