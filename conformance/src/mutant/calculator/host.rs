//! Faults of the host that show in what calculators are asked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use trueline_protocol::calculator::parse;
use trueline_protocol::framing::{Line, LineDecoder};
use trueline_protocol::responder::{Action, Decoder, Event};
use trueline_protocol::service::Service;

use super::super::death::{Leaves, dying, leaving};
use super::super::seam::{decoding, hosting};
use super::super::{Mutant, of};
use crate::transport::Transport::{Tcp, Udp};

pub(super) fn mutants() -> Vec<Mutant> {
    let both = of(Service::Calculator, "host", None);
    let framing = of(Service::Calculator, "framing", Some(Tcp));
    let tcp = of(Service::Calculator, "host", Some(Tcp));
    let udp = of(Service::Calculator, "host", Some(Udp));
    vec![
        both(
            "dies-after-zero",
            "FRAME-17 FRAME-16 CALC-19",
            "answers a division by zero and ends",
            "No request ends the server: catch the exception where you compute.",
            |service| dying(service, |_, reply| reply.starts_with(b"ERR division")),
        ),
        both(
            "dies-on-range",
            "FRAME-17 FRAME-16 CALC-20",
            "ends when a quotient is too large",
            "No request ends the server: catch OverflowError where you compute.",
            |service| dying(service, |_, reply| reply.starts_with(b"ERR range")),
        ),
        tcp(
            "hangs-on-zero",
            "CALC-19 FRAME-17",
            "never answers a connection any more on which it was to divide by zero",
            "ZeroDivisionError ends the thread and nothing else: catch it, and answer with the error.",
            |service| leaving(service, Leaves::Hanging, |reply| reply.starts_with(b"ERR division")),
        ),
        tcp(
            "closes-on-zero",
            "CALC-19 FRAME-16 FRAME-17",
            "closes the connection on which it was to divide by zero",
            "Catch ZeroDivisionError where you compute, and answer with the error.",
            |service| leaving(service, Leaves::Closing, |reply| reply.starts_with(b"ERR division")),
        ),
        framing(
            "answers-early",
            "FRAME-5",
            "answers as soon as what it has makes a request, before the LF has come",
            "Wait for the LF: `5 + 6` may be the beginning of `5 + 61`.",
            |service| decoding(service, || Box::new(Early::default())),
        ),
        tcp(
            "shares-operand",
            "FRAME-18",
            "takes the first operand from another client's request while several are connected",
            "Keep the operands in variables of the thread, not in global ones.",
            |service| {
                let (mut here, mut last) = (BTreeSet::new(), None);
                hosting(service, move |inner, now, event, actions| {
                    match event {
                        Event::Accepted(connection) => drop(here.insert(connection)),
                        Event::Ended(connection) | Event::Gone(connection) => {
                            here.remove(&connection);
                        }
                        Event::Received(connection, octets) => {
                            if let Some(end) = octets.iter().position(|&octet| octet == b' ') {
                                let (own, rest) = octets.split_at(end);
                                let before = last.replace((connection, own.to_vec()));
                                if let Some((other, first)) = before
                                    && other != connection
                                    && here.len() > 1
                                {
                                    let mixed = [&first, rest].concat();
                                    return inner.on(
                                        now,
                                        Event::Received(connection, &mixed),
                                        actions,
                                    );
                                }
                            }
                        }
                        _ => {}
                    }
                    inner.on(now, event, actions);
                })
            },
        ),
        udp(
            "joins-datagrams",
            "FRAME-34 FRAME-17",
            "puts datagrams together until they make a request",
            "One datagram is one request, whatever is in it.",
            |service| {
                let mut held: BTreeMap<SocketAddr, Vec<u8>> = BTreeMap::new();
                hosting(service, move |inner, now, event, actions| {
                    let Event::Datagram(peer, octets) = event else { return };
                    let all = [held.remove(&peer).unwrap_or_default().as_slice(), octets].concat();
                    inner.on(now, Event::Datagram(peer, &all), actions);
                    let unfinished = matches!(actions.last(), Some(Action::Datagram(_, it)) if it.starts_with(b"ERR syntax"));
                    if unfinished && octets.len() < 8 {
                        held.insert(peer, all);
                    }
                })
            },
        ),
    ]
}

/// Hands on the octets that it has as soon as they are a request, and takes what follows for another.
#[derive(Default)]
struct Early(LineDecoder, Vec<u8>);

impl Decoder for Early {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        self.0.push(octets, each);
        self.1.extend_from_slice(octets);
        let begins = self.1.iter().rposition(|&octet| octet == b'\n').map_or(0, |at| at + 1);
        self.1.drain(..begins);
        if std::str::from_utf8(&self.1).is_ok_and(|text| parse(text).is_ok()) {
            self.0.push(b"\n", each);
            self.1.clear();
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        self.0.end(each);
    }
}
