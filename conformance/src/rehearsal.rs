//! A dialogue with a server in simulation: what would come of it, without a socket and without waiting.

use std::rc::Rc;

use futures_util::FutureExt;

use crate::judge::{Fault, Kind, judge};
use crate::pace::Pace;
use crate::perform::perform;
use crate::transcript::{Client, Dialogue};
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
