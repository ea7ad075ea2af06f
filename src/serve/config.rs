//! The file that says where each service listens. A service that it does not name is not served.
//!
//! This module reads; it listens nowhere.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use toml::Spanned;
use trueline_conformance::settings::{self, SettingsError, Wrong};
use trueline_protocol::service::Service;

use super::{Bound, Listen, NoListen, Transports};

/// A file as it may be. `transport` is `tcp`, `udp` or `both`, and `tcp` where it is left out; port 0 takes a free one.
pub const EXAMPLE: &str = "\
[calculator]
listen = [\"127.0.0.1:8040\", \"[::1]:8040\"]
transport = \"both\"

[message]
listen = \"127.0.0.1:8042\"
";

/// Where one service listens, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What is spoken there.
    pub service: Service,
    /// One address at least.
    pub listen: Vec<Listen>,
    /// TCP where the file does not say.
    pub transports: Transports,
}

/// Reads a file: the services in the order of [`Service::ALL`], one at least.
///
/// # Errors
///
/// It cannot be read, or does not say where services listen, or has two of them listen at the same place.
pub fn read(path: &Path) -> Result<Vec<Place>, SettingsError> {
    settings::read(path, "name a file that says where each service listens", places)
}

fn places(text: &str) -> Result<Vec<Place>, Wrong> {
    let example = EXAMPLE.trim_end();
    let mend = format!("name each service that is to be served, and say where:\n\n{example}");
    let tables: BTreeMap<Name, Table> = settings::from_toml(text, &mend)?;
    if tables.is_empty() {
        return Err(Wrong::new("no service is named", mend, None));
    }
    let mut taken = Vec::new();
    let mut places = Vec::new();
    for (Name(service), table) in tables {
        let mut place = Place { service, listen: Vec::new(), transports: table.transport };
        if table.transport.of(service) != Some(table.transport) {
            return Err(Wrong::new(
                format!("{service} is spoken over TCP only"),
                format!("leave `transport` out of [{service}]"),
                Some(table.listen.span()),
            ));
        }
        for (text, span) in table.addresses() {
            let wrong = |error: NoListen| Wrong::new(error.to_string(), &mend, Some(span.clone()));
            let listen = text.parse().map_err(wrong)?;
            take(&mut taken, listen, table.transport, service, span)?;
            place.listen.push(listen);
        }
        places.push(place);
    }
    Ok(places)
}

/// Something that a service has to itself, and where that is said.
struct Taken {
    bound: Bound,
    service: Service,
    span: Range<usize>,
}

/// Notes where a service listens, unless another one, or the same, does so already.
fn take(
    taken: &mut Vec<Taken>,
    listen: Listen,
    transports: Transports,
    service: Service,
    span: Range<usize>,
) -> Result<(), Wrong> {
    let addresses = listen.addresses().into_iter();
    let wanted: Vec<Bound> = addresses
        .flat_map(|address| {
            transports.each().iter().map(move |&transport| Bound { address, transport })
        })
        .collect();
    let twice = taken.iter().find(|it| wanted.iter().any(|bound| is_same(it.bound, *bound)));
    if let Some(first) = twice {
        let who = if first.service == service {
            format!("{service} listens twice")
        } else {
            format!("{} and {service} both listen", first.service)
        };
        let what =
            format!("{who} on port {} ({})", first.bound.address.port(), first.bound.transport);
        let (here, again) = if span.start < first.span.start {
            (span, first.span.clone())
        } else {
            (first.span.clone(), span)
        };
        let mend = "choose another port; port 0 takes a free one";
        return Err(Wrong { again: Some(again), ..Wrong::new(what, mend, Some(here)) });
    }
    taken.extend(wanted.into_iter().map(|bound| Taken { bound, service, span: span.clone() }));
    Ok(())
}

/// Whether one of two sockets would keep the other from being bound.
fn is_same(one: Bound, other: Bound) -> bool {
    // A wildcard address is every address, and that of IPv6 takes IPv4 in.
    let holds = |wide: IpAddr, narrow: IpAddr| {
        wide == narrow || wide.is_unspecified() && (wide.is_ipv6() || narrow.is_ipv4())
    };
    let (here, there) = (one.address, other.address);
    one.transport == other.transport
        && here.port() == there.port()
        && here.port() != 0
        && (holds(here.ip(), there.ip()) || holds(there.ip(), here.ip()))
}

#[derive(PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(transparent)]
struct Name(#[serde(deserialize_with = "parsed")] Service);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `listen`, and `transport` if need be")]
struct Table {
    listen: Spanned<Addresses>,
    #[serde(default, deserialize_with = "parsed")]
    transport: Transports,
}

impl Table {
    /// What is to be an address, and where it stands.
    fn addresses(&self) -> Vec<(&str, Range<usize>)> {
        match self.listen.get_ref() {
            Addresses::One(text) => vec![(text, self.listen.span())],
            Addresses::Several(all) => {
                all.iter().map(|text| (text.get_ref().as_str(), text.span())).collect()
            }
        }
    }
}

enum Addresses {
    One(String),
    Several(Vec<Spanned<String>>),
}

impl<'de> Deserialize<'de> for Addresses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrSeveral;

        impl<'de> Visitor<'de> for OneOrSeveral {
            type Value = Addresses;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an address such as \"127.0.0.1:8040\", or several in brackets")
            }

            fn visit_str<E>(self, text: &str) -> Result<Addresses, E> {
                Ok(Addresses::One(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Addresses, A::Error> {
                let mut several = Vec::new();
                while let Some(address) = all.next_element()? {
                    several.push(address);
                }
                if several.is_empty() {
                    return Err(A::Error::custom("no address to listen on"));
                }
                Ok(Addresses::Several(several))
            }
        }

        deserializer.deserialize_any(OneOrSeveral)
    }
}

/// What a string stands for.
fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}

#[cfg(test)]
mod tests;
