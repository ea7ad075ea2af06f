//! A dialogue with a server in simulation: what would come of it, without a socket and without waiting.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use futures_util::FutureExt;

use trueline_protocol::responder::Responder;
use trueline_protocol::service::Service;

use crate::dialogue::Ending;
use crate::exchange::Exchange;
use crate::judge::{Fault, Kind, judge};
use crate::pace::Pace;
use crate::perform::perform;
use crate::relies::asked;
use crate::report::Counterexample;
use crate::service::{due_to, ending};
use crate::transcript::{Act, Client, Dialogue, Step, Text};
use crate::transport::Transport;
use crate::wire::{Simulated, Simulation};

/// The fault of a dialogue with a server, if there is one. A server that has ended is started anew before.
pub fn rehearsed(host: &Rc<Simulated>, dialogue: &Dialogue, transport: Transport) -> Option<Fault> {
    held(host, dialogue, transport).map(|(_, fault)| fault)
}

/// A dialogue with a server that does not keep to it, brought to its end like this, and what is wrong.
pub(crate) fn counterexample(
    host: &Rc<Simulated>,
    dialogue: &Dialogue,
    ending: &Ending,
    transport: Transport,
) -> Option<Counterexample> {
    let written = dialogue.steps.len();
    let dialogue = dialogue.completed(transport, ending);
    let (exchange, fault) = held(host, &dialogue, transport)?;
    Some(Counterexample { dialogue, written, exchange, fault, frames: None, spoken: None })
}

/// What was observed of a dialogue that has a fault.
fn held(
    host: &Rc<Simulated>,
    dialogue: &Dialogue,
    transport: Transport,
) -> Option<(Exchange, Fault)> {
    if !host.runs() {
        host.restart();
    }
    let mut wire = Simulation::new(Rc::clone(host), transport);
    let pace = Pace::new(Pace::LONGEST);
    match perform(&mut wire, dialogue, &pace, host).now_or_never() {
        Some(exchange) => judge(dialogue, &exchange, transport).map(|fault| (exchange, fault)),
        // A simulation never waits.
        None => {
            let kind = Kind::Unable("the simulation waits for something".to_owned());
            Some((Exchange::default(), Fault { step: 0, client: Client::A, kind }))
        }
    }
}

/// The same dialogue with the replies that a server which keeps SPEC.md gives; `None` where it would not go that way.
pub fn answered(dialogue: &Dialogue, service: Service, transport: Transport) -> Option<Dialogue> {
    let mut answered = dialogue.clone();
    // What an operator types is replied as it is.
    let replies = service.manner().answers();
    let mut due: BTreeMap<Client, VecDeque<Text>> = BTreeMap::new();
    for client in dialogue.steps.iter().map(|step| step.client) {
        let replies = || asked(dialogue, client, transport).into_iter();
        due.entry(client)
            .or_insert_with(|| replies().map(|(request, _)| due_to(service, &request)).collect());
    }
    for Step { client, act } in &mut answered.steps {
        if let Act::Expect { text, framed: true } = act
            && replies
            && let Some(reply) = due.get_mut(client).and_then(VecDeque::pop_front)
        {
            *text = reply;
        }
    }
    let host = Simulated::new(transport, move || Box::new(Responder::of(service)));
    let whole = answered.completed(transport, &ending(service, transport));
    rehearsed(&host, &whole, transport).is_none().then_some(answered)
}
