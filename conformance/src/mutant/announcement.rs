//! Wrong announcements, and wrong greetings.

use std::collections::BTreeMap;

use trueline_protocol::error::ErrorCode;
use trueline_protocol::framing;
use trueline_protocol::responder::{Action, Event};
use trueline_protocol::service::Manner::Announcement;
use trueline_protocol::service::{Reply, Service};

use super::queue::Slow;
use super::seam::{hosting, meaning, wording};
use super::{Mutant, of, spoken};
use crate::transport::Transport::{Tcp, Udp};

pub(super) fn mutants() -> Vec<Mutant> {
    let tcp = spoken(Announcement, "host", Some(Tcp));
    let udp = spoken(Announcement, "meaning", Some(Udp));
    let spelling = of(Service::Greeting, "spelling", None);
    let whatever = "Whatever is in a datagram, and however long it is: answer.";
    vec![
        tcp(
            "waits-for-request",
            "FRAME-7",
            "waits for something to be sent before it announces",
            "Send as soon as the connection is accepted; do not recv.",
            |service| {
                let mut held: BTreeMap<_, Vec<Action>> = BTreeMap::new();
                hosting(service, move |inner, now, event, actions| match event {
                    Event::Accepted(connection) => {
                        let mut due = Vec::new();
                        inner.on(now, event, &mut due);
                        held.insert(connection, due);
                    }
                    Event::Received(connection, _) | Event::Ended(connection) => {
                        actions.extend(held.remove(&connection).into_iter().flatten());
                    }
                    event => inner.on(now, event, actions),
                })
            },
        ),
        tcp(
            "leaves-with-client",
            "FRAME-7",
            "does not announce to a client that has ended its half",
            "The end of what a client sends is not the end of what it reads.",
            |service| Box::new(Slow::new(service)),
        ),
        tcp(
            "stays-open",
            "FRAME-37",
            "keeps the connection open when it has announced",
            "Close the socket when the reply is sent.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    actions.retain(|action| !matches!(action, Action::Close(_)));
                })
            },
        ),
        tcp(
            "announces-once",
            "FRAME-17 FRAME-18 FRAME-22",
            "ends when it has served one client",
            "Loop: accept the next client.",
            |service| {
                hosting(service, |inner, now, event, actions| {
                    inner.on(now, event, actions);
                    if matches!(event, Event::Accepted(_)) {
                        actions.push(Action::Stop);
                    }
                })
            },
        ),
        udp("refuses-long", "FRAME-38", "refuses long datagrams", whatever, |service| {
            meaning(service, move |line, now| match line {
                Ok(_) => service.answer("", now).into_owned(),
                Err(_) => Reply::Error(ErrorCode::TooLong),
            })
        }),
        udp("refuses-junk", "FRAME-38", "refuses what is not text", whatever, |service| {
            meaning(service, move |line, now| match line.map(|octets| framing::text(Ok(octets))) {
                Ok(Err(code)) => Reply::Error(code),
                _ => service.answer("", now).into_owned(),
            })
        }),
        spelling(
            "welcomes",
            "GREET-1",
            "greets in words of its own",
            "The greeting is `Thank you for connecting`.",
            |service| wording(service, |_| "Welcome".to_owned()),
        ),
        spelling(
            "greets-with-stop",
            "GREET-1",
            "ends the greeting with a full stop",
            "The greeting is `Thank you for connecting`, and nothing behind it.",
            |service| wording(service, |reply| format!("{reply}.")),
        ),
        spelling(
            "greets-in-small-letters",
            "GREET-1",
            "greets in small letters",
            "The greeting is `Thank you for connecting`.",
            |service| wording(service, |reply| reply.to_string().to_lowercase()),
        ),
    ]
}
