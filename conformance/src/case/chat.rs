//! Generated cases of SPEC.md section 10.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use trueline_protocol::service::Service;

use super::{Case, Stage, generated};
use crate::service::texts;
use crate::transcript::{Act, Client, Dialogue, Hole, Piece, Step, Text};
use crate::transport::Transport;

/// The cases.
pub(super) fn cases() -> Vec<Case> {
    let of = |name: &str, covers: &str, stage, dialogues| {
        let tcp = Some(Transport::Tcp);
        generated(Service::Chat, name, covers, tcp, stage, false, dialogues)
    };
    vec![
        of("chat.any", "CHAT-1", Stage::One, |_| {
            let turn = (said(), said()).prop_map(|(request, reply)| turn(&request, &reply, false));
            prop::collection::vec(turn, 1..4).prop_map(|turns| Dialogue::joined(&turns)).boxed()
        }),
        of("chat.printed.any", "CHAT-2", Stage::One, |_| {
            (said(), said()).prop_map(|(request, reply)| turn(&request, &reply, true)).boxed()
        }),
        of("chat.cut.any", "CHAT-8", Stage::Deliveries, |_| {
            let lines = (said(), said(), any::<prop::sample::Index>());
            lines.prop_map(|(request, reply, place)| cut(&request, &reply, place)).boxed()
        }),
    ]
}

/// Something to say. What a line begins or ends with is not blank: who reads a line as people type it may strip it.
fn said() -> BoxedStrategy<String> {
    texts("%x21-7E *40(letter / SP) %x21-7E")
}

/// What a client says, and what the operator replies.
fn turn(request: &str, reply: &str, prints: bool) -> Dialogue {
    let printed = Act::Printed(printed(request));
    let acts = [Act::Send { text: Text::octets(request), framed: true }];
    let acts = acts.into_iter().chain(prints.then_some(printed)).chain(replied(reply));
    Dialogue::of(acts.map(|act| Step { client: Client::A, act }))
}

/// The same, where what the client says is sent in two pieces, and printed whole.
fn cut(request: &str, reply: &str, place: prop::sample::Index) -> Dialogue {
    let line = format!("{request}\n");
    let (head, tail) = line.as_bytes().split_at(1 + place.index(line.len() - 1));
    let sends = [head, tail].map(|piece| Act::Send { text: Text::octets(piece), framed: false });
    let acts = sends.into_iter().chain([Act::Printed(printed(request))]).chain(replied(reply));
    Dialogue::of(acts.map(|act| Step { client: Client::A, act }))
}

fn printed(said: &str) -> Text {
    let any = Piece::Hole(Hole::Any);
    [any.clone(), Piece::Octets(said.into()), any].into_iter().collect()
}

fn replied(reply: &str) -> [Act; 2] {
    let text = Text::octets(reply);
    [Act::Type(text.clone()), Act::Expect { text, framed: true }]
}
