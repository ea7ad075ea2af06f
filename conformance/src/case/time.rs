//! Cases of SPEC.md section 9 that are too long to be written by hand.

use trueline_protocol::service::Service;

use super::{Body, Case};
use crate::dialogue::Question;
use crate::service::asking;
use crate::spec::Id;
use crate::transcript::{Act, Dialogue, Hole, Piece, Step, Text};
use crate::transport::Transport;

/// How often the time is asked for, one time after the other.
const TIMES: usize = 200;

/// The cases.
pub(super) fn cases() -> Vec<Case> {
    [Transport::Tcp, Transport::Udp].map(forward).into()
}

/// Each time that is told is compared with the one before.
fn forward(transport: Transport) -> Case {
    let now: Text = [Piece::Hole(Hole::Now)].into_iter().collect();
    let asked = (0..TIMES).flat_map(|number| {
        let request = Text::octets(format!("time {number}"));
        let question = Question { request, reply: now.clone() };
        let mut steps = asking(Service::Time, transport, &question).steps;
        if transport == Transport::Tcp {
            steps.extend(steps.last().map(|last| Step { client: last.client, act: Act::Close }));
        }
        steps
    });
    Case {
        name: format!("time.forward.{TIMES}.{transport}"),
        covers: Id::parse("TIME-3").into_iter().collect(),
        needs: Vec::new(),
        service: Service::Time,
        transport: Some(transport),
        body: Body::Written(Dialogue::of(asked)),
    }
}
