//! Generated cases of SPEC.md section 3. They speak with requests of the calculator.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use trueline_protocol::calculator::Notation;
use trueline_protocol::error::ErrorCode;
use trueline_protocol::service::Service;

use super::error::error;
use super::{Case, Stage, generated};
use crate::delivery::{coalesced, cut};
use crate::service::calculator::requests;
use crate::service::{ask, due};
use crate::spec::Id;
use crate::transcript::{Act, Client, Dialogue, Step, Text};
use crate::transport::Transport::{Tcp, Udp};

/// The cases.
pub(super) fn cases() -> Vec<Case> {
    use Stage::{Clients, Deliveries, Errors, Many};
    let tcp = |name: &str, covers: &str, stage, series, dialogues| {
        generated(name, covers, Some(Tcp), stage, series, dialogues)
    };
    let udp = |name: &str, covers: &str, stage, dialogues| {
        generated(name, covers, Some(Udp), stage, false, dialogues)
    };
    let mut cases = vec![
        tcp("frame.crlf.any", "FRAME-4", Many, true, || {
            few(1..2).prop_map(|(asked, due)| coalesced(&asked, &due, "\r\n")).boxed()
        }),
        tcp("frame.cut.any", "FRAME-5", Deliveries, true, || {
            (few(1..3), vec(0usize..400, 1..6))
                .prop_map(|((asked, due), places)| cut(&asked, &due, &places))
                .boxed()
        }),
        tcp("frame.cut.octets", "FRAME-5", Deliveries, true, || {
            few(1..2)
                .prop_map(|(asked, due)| cut(&asked, &due, &(0..64).collect::<Vec<_>>()))
                .boxed()
        }),
        tcp("frame.pipeline.any", "FRAME-6", Many, true, || {
            few(2..40).prop_map(|(asked, due)| coalesced(&asked, &due, "\n")).boxed()
        }),
        tcp("frame.end.any", "FRAME-9", Deliveries, false, || {
            few(1..6)
                .prop_map(|(asked, due)| ended(coalesced(&asked, &due, "\n"), due.len()))
                .boxed()
        }),
        tcp("frame.end.rest.any", "FRAME-10", Deliveries, false, || {
            (few(1..4), select(&["", "\r"][..]))
                .prop_map(|((asked, due), cr)| {
                    let rest = [&asked.join("\n"), cr].concat();
                    ended(coalesced(&[rest], &due, ""), due.len())
                })
                .boxed()
        }),
        tcp("frame.long.any", "FRAME-14", Errors, true, || {
            (1024usize..9000, select(&["\n", "\r\n"][..]), few(1..3))
                .prop_map(|(octets, end, (mut asked, mut due))| {
                    asked.insert(0, "7".repeat(octets));
                    due.insert(0, error(ErrorCode::TooLong));
                    coalesced(&asked, &due, end)
                })
                .boxed()
        }),
        tcp("frame.long.cut", "FRAME-14", Errors, true, || {
            (1024usize..4000, vec(0usize..4000, 1..5), few(1..2))
                .prop_map(|(octets, places, (mut asked, mut due))| {
                    asked.insert(0, "7".repeat(octets));
                    due.insert(0, error(ErrorCode::TooLong));
                    cut(&asked, &due, &places)
                })
                .boxed()
        }),
        udp("frame.datagram.peers.any", "FRAME-33", Clients, || {
            (few(2..5), any::<u64>())
                .prop_map(|((asked, due), order)| peers(&asked, &due, order))
                .boxed()
        }),
        udp("frame.datagram.terminator.any", "FRAME-30", Many, || {
            (few(1..4), select(&["\n", "\r\n"][..]))
                .prop_map(|((asked, due), end)| {
                    let asked = asked.iter().map(|request| format!("{request}{end}"));
                    Dialogue::joined(
                        &asked
                            .zip(due)
                            .map(|(asked, due)| Dialogue::pair(asked, due))
                            .collect::<Vec<_>>(),
                    )
                })
                .boxed()
        }),
    ];
    cases.extend([many(), deep()]);
    cases
}

/// Some requests in postfix, none of which gets an error, and their replies.
fn few(count: std::ops::Range<usize>) -> impl Strategy<Value = (Vec<String>, Vec<Text>)> {
    use trueline_protocol::calculator::Operator::{Add, Multiply};
    vec(requests(Just(Notation::Postfix), &[Add, Multiply], "[1-9][0-9]{0,3}"), count).prop_map(
        |asked| {
            let replies = asked.iter().map(|request| due(Service::Calculator, request)).collect();
            (asked, replies)
        },
    )
}

/// The client ends its half before the replies are read, and the target closes after them.
fn ended(mut dialogue: Dialogue, replies: usize) -> Dialogue {
    let step = |act| Step { client: Client::A, act };
    dialogue.steps.insert(dialogue.steps.len() - replies, step(Act::End));
    dialogue.steps.push(step(Act::Closed));
    dialogue
}

/// Each request from a client of its own, all sent before the first reply is awaited, in some order.
fn peers(asked: &[String], due: &[Text], order: u64) -> Dialogue {
    let clients = ('A'..='Z').filter_map(Client::new);
    let sends = clients.clone().zip(asked).map(|(client, request)| Step {
        client,
        act: Act::Send { text: Text::octets(request.as_bytes()), framed: true },
    });
    let mut expected: Vec<Step> = clients
        .zip(due)
        .map(|(client, text)| Step {
            client,
            act: Act::Expect { text: text.clone(), framed: true },
        })
        .collect();
    let first = order as usize % expected.len();
    expected.rotate_left(first);
    Dialogue { steps: sends.chain(expected).collect() }
}

/// A hundred and fifty requests on one connection, one after the other.
fn many() -> Case {
    let asked = (1..=150).map(|n| ask(Service::Calculator, &format!("{n} {} *", n + 7)));
    written("frame.many.150", "FRAME-8", Dialogue::joined(&asked.collect::<Vec<_>>()))
}

/// A thousand requests at once.
fn deep() -> Case {
    let asked: Vec<String> = (0..1000).map(|n| format!("{n} 1 +")).collect();
    let due: Vec<Text> = asked.iter().map(|request| due(Service::Calculator, request)).collect();
    written("frame.pipeline.deep", "FRAME-6", coalesced(&asked, &due, "\n"))
}

fn written(name: &str, covers: &str, dialogue: Dialogue) -> Case {
    Case {
        name: name.to_owned(),
        covers: Id::parse(covers).into_iter().collect(),
        needs: vec![],
        service: Service::Calculator,
        transport: Some(Tcp),
        body: super::Body::Written(dialogue),
    }
}
