//! A dialogue with a server in simulation: what would come of it, without a socket and without waiting.

use std::rc::Rc;

use futures_util::FutureExt;
use trueline_protocol::service::{Manner, Service};

use crate::dialogue::{Ending, Question};
use crate::judge::{Fault, Kind, judge};
use crate::pace::Pace;
use crate::perform::perform;
use crate::service::{due, plain};
use crate::transcript::{Client, Dialogue, Text};
use crate::transport::Transport;
use crate::wire::{Simulated, Simulation};

/// The fault of a dialogue with a server, if there is one. A server that has ended is started anew before.
pub fn rehearsed(host: &Rc<Simulated>, dialogue: &Dialogue, transport: Transport) -> Option<Fault> {
    if !host.runs() {
        host.restart();
    }
    let mut wire = Simulation::new(Rc::clone(host), transport);
    let pace = Pace::new(Pace::LONGEST);
    match perform(&mut wire, dialogue, &pace, host).now_or_never() {
        Some(exchange) => judge(dialogue, &exchange, transport),
        // A simulation never waits.
        None => {
            let kind = Kind::Unable("the simulation waits for something".to_owned());
            Some(Fault { step: 0, client: Client::A, kind })
        }
    }
}

/// How dialogues end with a server that has done everything right so far.
pub fn ending(service: Service, transport: Transport) -> Ending {
    match (transport, service.manner()) {
        (Transport::Tcp, Manner::Conversation) => Ending::HalfClose,
        (Transport::Tcp, Manner::Announcement) => Ending::Await,
        (Transport::Udp, Manner::Announcement) => Ending::Ask(plain(service).0.to_vec()),
        (Transport::Udp, Manner::Conversation) => {
            let mut questions = plain(service).0[..2].to_vec();
            questions.push(Question { request: Text::default(), reply: due(service, "") });
            Ending::Ask(questions)
        }
    }
}
