//! Generated cases of SPEC.md section 7.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use trueline_protocol::grammar::is_blank;
use trueline_protocol::service::Service;

use super::{Case, Stage, generated};
use crate::service::word_length::spaced;
use crate::service::{ask, blanks, texts};
use crate::spec::Spec;
use crate::transcript::{Act, Client, Dialogue, Hole, Piece, Step, Transcript};

/// The cases.
pub(super) fn cases() -> Vec<Case> {
    let of = |name: &str, covers: &str, dialogues| {
        generated(Service::Message, name, covers, None, Stage::One, true, dialogues)
    };
    vec![
        of("message.any", "MSG-1", |_| {
            asked(spaced().prop_filter("not blank", |text| !text.chars().all(is_blank)))
        }),
        of("message.printed.any", "MSG-3", |_| {
            let message = texts("%x21-7E *40%x20-7E %x21-7E");
            message.prop_map(|message| printed(&message)).boxed()
        }),
        of("message.octets", "MSG-1", |_| asked(texts("1*40%x21-7E *4(SP 1*40%x21-7E)"))),
        of("message.blanks.any", "MSG-2", |_| asked(blanks())),
        unread(),
    ]
}

/// A message, which is printed when its reply comes.
fn printed(message: &str) -> Dialogue {
    let mut dialogue = ask(Service::Message, message);
    let any = Piece::Hole(Hole::Any);
    let line = [any.clone(), Piece::Octets(message.into()), any].into_iter().collect();
    dialogue.steps.push(Step { client: Client::A, act: Act::Printed(line) });
    dialogue
}

/// More messages than a pipe that nobody reads has room for.
fn unread() -> Case {
    let unread = Dialogue::of(vec![Step { client: Client::A, act: Act::Unread }]);
    let asked = (0..200).map(|number| ask(Service::Message, &format!("{number:0>1000}")));
    let all: Vec<Dialogue> = std::iter::once(unread).chain(asked).collect();
    let transcript = Transcript {
        name: "message.unread".to_owned(),
        covers: vec!["MSG-4".to_owned()],
        dialogue: Dialogue::joined(&all),
        ..Transcript::default()
    };
    super::known(&transcript, Spec::current(), Service::Message)
}

fn asked(requests: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Dialogue> {
    requests.prop_map(|request| ask(Service::Message, &request)).boxed()
}
