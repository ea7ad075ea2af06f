//! Generated cases of SPEC.md section 3. They speak with plain requests of any service.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use trueline_protocol::error::ErrorCode;
use trueline_protocol::service::{Manner, Service};

use super::{Case, Stage, generated};
use crate::delivery::Series;
use crate::dialogue::Question;
use crate::service::{ask, asking, due, error, filling, plain, request, requests};
use crate::spec::Id;
use crate::transcript::{Act, Client, Dialogue, Step, Text};
use crate::transport::Transport::{self, Tcp, Udp};

/// The cases.
pub(super) fn cases(service: Service) -> Vec<Case> {
    use Stage::{Clients, Deliveries, Errors, Many};
    let tcp = |name: &str, covers: &str, stage, series, dialogues| {
        generated(service, name, covers, Some(Tcp), stage, series, dialogues)
    };
    let udp = |name: &str, covers: &str, stage, dialogues| {
        generated(service, name, covers, Some(Udp), stage, false, dialogues)
    };
    let mut cases = vec![
        tcp("frame.crlf.any", "FRAME-4", Many, true, |service| {
            few(service, 1..2).prop_map(|(asked, due)| joined(&asked, &due, "\r\n")).boxed()
        }),
        tcp("frame.cut.any", "FRAME-5", Deliveries, true, |service| {
            (few(service, 1..3), vec(0usize..400, 1..6))
                .prop_map(|((asked, due), places)| Series::new(asked, &due, "\n").cut(&places))
                .boxed()
        }),
        tcp("frame.cut.octets", "FRAME-5", Deliveries, true, |service| {
            few(service, 1..2)
                .prop_map(|(asked, due)| {
                    Series::new(asked, &due, "\n").cut(&(0..64).collect::<Vec<_>>())
                })
                .boxed()
        }),
        tcp("frame.pipeline.any", "FRAME-6", Many, true, |service| {
            few(service, 2..12).prop_map(|(asked, due)| joined(&asked, &due, "\n")).boxed()
        }),
        tcp("frame.end.any", "FRAME-9", Deliveries, false, |service| {
            few(service, 1..20)
                .prop_map(|(asked, due)| Series::new(asked, &due, "\n").ended())
                .boxed()
        }),
        tcp("frame.end.rest.any", "FRAME-10", Deliveries, false, |service| {
            (few(service, 1..4), select(&["", "\r"][..]))
                .prop_filter_map("a rest", |((asked, due), left)| {
                    let series = Series::new(asked, &due, "\n").unterminated(left);
                    series.map(|series| series.ended())
                })
                .boxed()
        }),
        tcp("frame.long.any", "FRAME-14", Errors, true, |service| {
            (1024usize..9000, select(&["\n", "\r\n"][..]), few(service, 1..3))
                .prop_map(|(octets, end, (mut asked, mut due))| {
                    asked.insert(0, "7".repeat(octets));
                    due.insert(0, error(ErrorCode::TooLong));
                    joined(&asked, &due, end)
                })
                .boxed()
        }),
        tcp("frame.long.cut", "FRAME-14", Errors, true, |service| {
            (1024usize..4000, vec(0usize..4000, 1..5), few(service, 1..2))
                .prop_map(|(octets, places, (mut asked, mut due))| {
                    asked.insert(0, "7".repeat(octets));
                    due.insert(0, error(ErrorCode::TooLong));
                    Series::new(asked, &due, "\n").cut(&places)
                })
                .boxed()
        }),
        tcp("frame.four.any", "FRAME-19", Clients, false, |service| {
            (vec(requests(service), 2..5), any::<u64>())
                .prop_map(move |(asked, order)| peers(service, Tcp, &asked, order))
                .boxed()
        }),
        udp("frame.datagram.peers.any", "FRAME-33", Clients, |service| {
            (vec(requests(service), 2..5), any::<u64>())
                .prop_map(move |(asked, order)| peers(service, Udp, &asked, order))
                .boxed()
        }),
        udp("frame.datagram.terminator.any", "FRAME-30", Many, |service| {
            (few(service, 1..4), select(&["\n", "\r\n"][..]))
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
    if service.manner() == Manner::Announcement {
        // A connection is all there is to ask, so there is nothing to generate.
        cases.retain(|case| case.transport == Some(Udp));
        cases.push(hundred(service));
    }
    cases.extend([many(service), deep(service), resets(service)]);
    cases.extend([2048, 4096].map(|octets| full(service, octets)));
    cases
}

/// Some plain requests and their replies.
fn few(
    service: Service,
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = (Vec<String>, Vec<Text>)> {
    vec(requests(service), count).prop_map(move |asked| {
        let replies = asked.iter().map(|request| due(service, request)).collect();
        (asked, replies)
    })
}

/// Requests sent at once, with this terminator.
fn joined(requests: &[String], replies: &[Text], terminator: &str) -> Dialogue {
    Series::new(requests, replies, terminator).cut(&[])
}

/// Each request from a client of its own, all sent before the first reply is awaited, in some order.
fn peers(service: Service, transport: Transport, asked: &[String], order: u64) -> Dialogue {
    let clients = ('A'..='Z').filter_map(Client::new);
    let (mut sent, mut expected) = (Vec::new(), Vec::new());
    for (client, request) in clients.zip(asked) {
        let question =
            Question { request: Text::octets(request.as_str()), reply: due(service, request) };
        let mut steps = asking(service, transport, &question).steps.into_iter();
        sent.extend(steps.next().map(|step| Step { client, ..step }));
        expected.extend(steps.map(|step| Step { client, ..step }));
    }
    let first = order as usize % expected.len();
    expected.rotate_left(first);
    Dialogue::of(sent.into_iter().chain(expected))
}

/// A hundred and twenty connections, one after the other.
fn hundred(service: Service) -> Case {
    let reply = &plain(service).0[0].reply;
    let clients = ('A'..='Z').filter_map(Client::new).cycle();
    let connection = |client| {
        let expect = Act::Expect { text: reply.clone(), framed: true };
        [Act::Open, expect, Act::Close].map(|act| Step { client, act })
    };
    let steps = clients.take(120).flat_map(connection);
    written(service, "frame.announced.120", "FRAME-17", Dialogue::of(steps))
}

/// A hundred and fifty requests on one connection, one after the other.
fn many(service: Service) -> Case {
    let asked = (1..=150).map(|number| ask(service, &request(service, number)));
    let dialogue = Dialogue::joined(&asked.collect::<Vec<_>>());
    written(service, "frame.many.150", "FRAME-8", dialogue)
}

/// Requests of so many octets at once: as many as the buffer has that somebody reads into.
fn full(service: Service, octets: usize) -> Case {
    const LINE: usize = 256;
    let asked = vec![filling(service, LINE - 1); octets / LINE];
    let due: Vec<Text> = asked.iter().map(|request| due(service, request)).collect();
    let name = format!("frame.pipeline.{octets}");
    written(service, &name, "FRAME-6", joined(&asked, &due, "\n"))
}

/// Sixty connections that are reset, one after the other, and one that is not.
fn resets(service: Service) -> Case {
    let question = &plain(service).0[0];
    let clients = ('A'..='Y').filter_map(Client::new).cycle().take(60);
    let reset = |client| [Act::Open, Act::Reset].map(|act| Step { client, act });
    let last = asking(service, Tcp, question).steps.into_iter();
    let last = last.map(|step| Step { client: Client::new('Z').unwrap_or_default(), ..step });
    let steps = clients.flat_map(reset).chain(last);
    written(service, "frame.reset.60", "FRAME-22", Dialogue::of(steps))
}

/// A thousand requests at once.
fn deep(service: Service) -> Case {
    let asked: Vec<String> = (0..1000).map(|number| request(service, number)).collect();
    let due: Vec<Text> = asked.iter().map(|request| due(service, request)).collect();
    written(service, "frame.pipeline.deep", "FRAME-6", joined(&asked, &due, "\n"))
}

fn written(service: Service, name: &str, covers: &str, dialogue: Dialogue) -> Case {
    Case {
        name: name.to_owned(),
        covers: Id::parse(covers).into_iter().collect(),
        needs: vec![],
        service,
        transport: Some(Tcp),
        body: super::Body::Written(dialogue),
    }
}
