//! A written dialogue performed once, as it stands: nothing is tried again, and nothing is charged to a requirement.

use trueline_protocol::service::Service;

use crate::judge::{Kind, judge};
use crate::pace::Pace;
use crate::perform::perform;
use crate::report::{Conclusion, Counterexample};
use crate::run::Host;
use crate::service::ending;
use crate::transcript::Dialogue;
use crate::transport::Transport;

/// What came of it.
#[derive(Clone, Debug)]
pub enum Replayed {
    /// All of it came as it was due.
    Kept(Dialogue),
    /// It did not; how the target ended, if it did.
    Broken(Box<Counterexample>, Option<String>),
}

impl Replayed {
    /// Whether the target kept to the dialogue.
    pub fn conclusion(&self) -> Conclusion {
        match self {
            Self::Kept(_) => Conclusion::Conforms,
            Self::Broken(seen, _) => match seen.fault.kind {
                Kind::Unable(_) => Conclusion::Inconclusive,
                Kind::Refused => Conclusion::NothingAnswers,
                _ => Conclusion::DoesNotConform,
            },
        }
    }
}

/// Performs a dialogue, its end written out.
pub async fn replay<H: Host>(
    host: &H,
    dialogue: &Dialogue,
    service: Service,
    transport: Transport,
    pace: &Pace,
) -> Replayed {
    let written = dialogue.steps.len();
    let dialogue = dialogue.completed(transport, &ending(service, transport));
    let exchange = perform(&mut host.wire(), &dialogue, pace, host).await;
    match judge(&dialogue, &exchange, transport) {
        None => Replayed::Kept(dialogue),
        Some(fault) => {
            let seen =
                Counterexample { dialogue, written, exchange, fault, frames: None, spoken: None };
            Replayed::Broken(Box::new(seen), host.ending(true).await)
        }
    }
}
