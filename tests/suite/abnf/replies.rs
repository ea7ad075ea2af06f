//! What is asked and what is replied are as the rules of SPEC.md say. The suite's numbers and letters, its written
//! transcripts and the reference's replies come from elsewhere: here the rules alone tell what is due.

use jiff::civil::DateTime;
use proptest::prelude::*;
use trueline_conformance::case::{self, Body};
use trueline_conformance::relies::asked;
use trueline_conformance::transcript::{Act, Client, Dialogue, Hole, Piece, Text};
use trueline_conformance::transport::Transport;
use trueline_protocol::calculator::parse;
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::service::{Manner, Service};

use super::{LENIENTLY, for_each, held, made, spec};
use crate::kinds;

/// Generated dialogues of each property.
const DIALOGUES: u32 = 64;

/// What the reply to a request matches.
fn due(service: Service, request: &[u8]) -> &'static str {
    match service {
        Service::Greeting => return "greeting",
        Service::Time => return "time",
        Service::Connect => return "*0blank",
        _ => {}
    }
    let text = match str::from_utf8(request) {
        _ if request.len() > REQUEST_TEXT_MAX => return r#"%s"ERR too-long""#,
        Ok(text) if matches("text", text) => text,
        _ => return r#"%s"ERR encoding""#,
    };
    let leniently = || LENIENTLY.matches(&LENIENTLY.expression("request").unwrap(), text);
    match service {
        Service::Calculator if matches("*blank postfix *blank", text) => {
            r#"postfix-reply / %s"ERR division-by-zero" / %s"ERR range""#
        }
        Service::Calculator if matches("request", text) => {
            r#"infix-reply / %s"ERR division-by-zero" / %s"ERR range""#
        }
        Service::Calculator if leniently() => r#"%s"ERR operator""#,
        Service::WordLength if matches("words", text) => "lengths",
        Service::Message if matches("message", text) => "thanks",
        // The operator may say anything; what a line says is all of it.
        Service::Chat if matches("said", text) => "said",
        _ if matches("*blank", text) => r#"%s"ERR empty""#,
        _ => r#"%s"ERR syntax""#,
    }
}

fn matches(expression: &str, text: &str) -> bool {
    spec().matches(&spec().expression(expression).unwrap(), text)
}

/// That the reply to a request is what the rules say.
fn is_due(service: Service, request: &[u8], reply: &str) -> Result<(), String> {
    let due = due(service, request);
    matches(due, reply).then_some(()).ok_or_else(|| {
        let request = Text::octets(request);
        format!("{service}: by SPEC.md the reply to `{request}` matches {due}, and it is {reply:?}")
    })
}

#[test]
fn the_suite_asks_and_awaits_what_the_rules_say() {
    for (service, transport) in kinds() {
        let cases = case::of(service).iter();
        let cases = cases.filter(|it| it.transport.is_none_or(|only| only == transport));
        for case in cases.filter(|it| matches!(it.body, Body::Generated(_))) {
            for dialogue in case.dialogues(1, DIALOGUES) {
                for (request, reply) in exchanged(&dialogue, service, transport) {
                    let is_due = is_due(service, &request, &filled(reply));
                    is_due.unwrap_or_else(|why| panic!("{}: {why}", case.name));
                }
            }
        }
    }
}

/// Each request of a dialogue with the reply that it awaits; an announcement replies whatever the request.
fn exchanged(dialogue: &Dialogue, of: Service, on: Transport) -> Vec<(Vec<u8>, &Text)> {
    if matches!(of.manner(), Manner::Conversation | Manner::Talk) {
        return ('A'..='Z')
            .filter_map(Client::new)
            .flat_map(|client| asked(dialogue, client, on))
            .collect();
    }
    let awaited = dialogue.steps.iter().filter_map(|step| match &step.act {
        Act::Expect { text, .. } => Some((Vec::new(), text)),
        _ => None,
    });
    awaited.collect()
}

/// A reply as it may be, where its form is left open.
fn filled(reply: &Text) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Octets(octets) => String::from_utf8(octets.clone()).unwrap(),
        Piece::Hole(Hole::Detail) => String::new(),
        Piece::Hole(Hole::Time | Hole::Now) => "2026-01-02 03:04:05".to_owned(),
        Piece::Hole(hole) => panic!("{hole:?} says nothing of a reply"),
    };
    reply.pieces.iter().map(piece).collect()
}

#[test]
fn the_reference_replies_what_the_rules_say() {
    let rules = [
        (Service::Calculator, "request"),
        (Service::WordLength, "words"),
        (Service::Message, "message"),
        (Service::Greeting, "text"),
        (Service::Time, "text"),
        (Service::Chat, "said"),
        (Service::Connect, "text"),
    ];
    assert!(Service::ALL.iter().all(|service| rules.iter().any(|it| it.0 == *service)));
    for (service, rule) in rules {
        for held in held().iter().filter(|it| it.name == rule) {
            let replies = for_each(&(made(held), now()), |((text, near), now)| {
                near.iter().chain([&text]).try_for_each(|text| {
                    let reply = service.answer_line(Ok(text.as_bytes()), now);
                    is_due(service, text.as_bytes(), &reply.to_string())
                })
            });
            replies.unwrap_or_else(|why| panic!("{why}"));
        }
    }
}

fn now() -> impl Strategy<Value = DateTime> {
    let time = (0i8..24, 0i8..60, 0i8..60, prop_oneof![Just(0), 0i32..1_000_000_000]);
    (0i16..=9999, 1i8..=12, 1i8..=28, time).prop_map(|(year, month, day, time)| {
        let (hour, minute, second, nanosecond) = time;
        DateTime::new(year, month, day, hour, minute, second, nanosecond).unwrap()
    })
}

#[test]
fn a_printed_request_matches_its_rule() {
    for held in held().iter().filter(|it| it.name == "request") {
        let printed = for_each(&made(held), |(text, _)| match parse(&text) {
            Ok(request) if !matches("postfix / infix / tuple", &request.to_string()) => {
                Err(format!("{text:?} is printed as `{request}`"))
            }
            _ => Ok(()),
        });
        printed.unwrap_or_else(|why| panic!("{why}"));
    }
}
