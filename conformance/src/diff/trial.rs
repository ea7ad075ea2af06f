//! A dialogue performed with both, and whether they answered alike.

use futures_util::future::join;

use super::heard::{Answer, Heard, Tongue};
use super::{Difference, Side, Stop, Which};
use crate::dialogue::Ending;
use crate::judge::Kind;
use crate::transcript::{Act, Dialogue, Hole, Piece, Step};
use crate::transport::Transport;

/// What came of a dialogue.
#[derive(Clone)]
pub(super) struct Trial {
    /// The dialogue as it was performed: its end written out, its replies left open.
    pub(super) dialogue: Dialogue,
    pub(super) heard: [Heard; 2],
    /// Whether each had ended, unnoticed, after the dialogue before this one.
    pub(super) had_ended: [bool; 2],
    pub(super) tongue: Tongue,
}

/// How dialogues are performed with both.
pub(super) struct Stage<'a> {
    pub(super) sides: [&'a Side; 2],
    pub(super) tongue: Tongue,
    pub(super) transport: Transport,
    pub(super) ending: Ending,
}

impl Stage<'_> {
    /// Performs a dialogue with both at the same time, each on fresh connections. `watch` says that a target that ends when
    /// the dialogue is over has not answered like one that goes on.
    pub(super) async fn trial(&self, written: &Dialogue, watch: bool) -> Result<Trial, Stop> {
        let dialogue = match self.ending {
            // Nothing closes a connection here but a client.
            Ending::Close if self.transport == Transport::Tcp => without_closes(written),
            _ => written.clone(),
        };
        let dialogue = dialogue.completed(self.transport, &self.ending);
        let dialogue = match self.tongue.dialect {
            Some(dialect) => match dialect.speak(&dialogue, self.transport) {
                Some(speech) => speech.dialogue,
                // What nobody has words for nobody answers.
                None => {
                    let heard = [Heard::default(), Heard::default()];
                    let (tongue, had_ended) = (self.tongue, [false; 2]);
                    return Ok(Trial { dialogue, heard, had_ended, tongue });
                }
            },
            None => dialogue,
        };
        let dialogue = open(dialogue);
        let [left, right] = self.sides.map(|side| side.perform(&dialogue, watch));
        let (left, right) = join(left, right).await;
        let left = left.map_err(|why| Stop::Gone(Which::Left, why))?;
        let right = right.map_err(|why| Stop::Gone(Which::Right, why))?;
        if let Some(why) = self.sides.iter().find_map(|side| side.lost()) {
            return Err(Stop::Unable(why));
        }
        let had_ended = [left.had_ended, right.had_ended];
        let mut heard = [left.heard, right.heard];
        for heard in &mut heard {
            if let Some((_, Kind::Unable(why))) = heard.fault() {
                return Err(Stop::Unable(why.clone()));
            }
            if watch && heard.ending.is_some() {
                heard.answers.insert(dialogue.steps.len(), Answer::Not(Kind::Ended));
            }
        }
        Ok(Trial { dialogue, heard, had_ended, tongue: self.tongue })
    }

    /// How many datagrams the sockets of both have dropped, as far as the kernel tells.
    pub(super) fn drops(&self) -> [Option<u64>; 2] {
        self.sides.map(Side::drops)
    }
}

impl Trial {
    /// The first step at which the answers differ.
    pub(super) fn differs_at(&self) -> Option<usize> {
        let [left, right] = &self.heard;
        let mut steps = 0..=self.dialogue.steps.len();
        steps.find(|&step| left.differs_at(right, step, self.tongue))
    }

    /// Whether both differ again, at the same step and in the same way.
    pub(super) fn recurs_in(&self, again: &Self) -> bool {
        let at = self.differs_at();
        let same = |(before, now): (&Heard, &Heard)| {
            match at.map(|at| (before.answers.get(&at), now.answers.get(&at))) {
                Some((Some(before), Some(now))) => {
                    // Which of the two it is may depend on what was on its way.
                    before.is_like(now, self.tongue)
                        || [before, now].into_iter().all(Answer::is_hang_up)
                }
                Some((before, now)) => before.is_none() && now.is_none(),
                None => false,
            }
        };
        at == again.differs_at() && self.heard.iter().zip(&again.heard).all(same)
    }

    /// Whether both differ in the way of another difference: replies that are not the same, or a reply and none, be they
    /// those or others.
    pub(super) fn differs_like(&self, other: &Difference) -> bool {
        let kinds = |heard: &[Heard; 2], at: usize| {
            [0, 1].map(|side| heard[side].answers.get(&at).map(Answer::kind))
        };
        self.differs_at()
            .is_some_and(|at| kinds(&self.heard, at) == kinds(&other.heard, other.step()))
    }

    /// The target that says something else in another trial of the same dialogue.
    pub(super) fn unsteady_in(&self, again: &Self) -> Option<Which> {
        let otherwise = |at: usize| self.heard[at].says_otherwise(&again.heard[at], self.tongue);
        [Which::Left, Which::Right].into_iter().find(|which| otherwise(*which as usize))
    }

    /// Whether either has kept its client waiting in vain.
    pub(super) fn waited(&self) -> bool {
        self.heard.iter().any(|heard| heard.waited)
    }

    /// Whether both have.
    pub(super) fn both_waited(&self) -> bool {
        self.heard.iter().all(|heard| heard.waited)
    }

    /// Whether both have done all that was written, and do not close the connection at its end.
    pub(super) fn stays_open(&self, written: &Dialogue) -> bool {
        let open = |heard: &Heard| matches!(heard.fault(), Some((at, Kind::StaysOpen(_))) if at >= written.steps.len());
        self.heard.iter().all(open)
    }
}

/// The same dialogue without waiting for the target to close.
fn without_closes(dialogue: &Dialogue) -> Dialogue {
    let steps = dialogue.steps.iter().filter(|step| step.act != Act::Closed);
    Dialogue::of(steps.cloned())
}

/// The same dialogue with nothing said of its replies.
fn open(dialogue: Dialogue) -> Dialogue {
    let whatever = || [Piece::Hole(Hole::Whatever)].into_iter().collect();
    let framing = dialogue.framing;
    let steps = dialogue.steps.into_iter().map(|step| match step.act {
        Act::Expect { .. } => Step { act: Act::Expect { text: whatever(), framed: true }, ..step },
        _ => step,
    });
    Dialogue { steps: steps.collect(), framing }
}
