//! What a difference is worth: it has to recur on fresh connections. And the smallest dialogue that shows it.

use std::time::Duration;

use super::trial::{Stage, Trial};
use super::{Difference, Stop, Which};
use crate::shrink::{Budget, smallest};
use crate::transcript::{Act, Dialogue};

/// How often a dialogue is performed to see whether a difference recurs, the first time included.
const TRIALS: usize = 3;
/// What the smallest dialogue may cost.
const SHRINKING: Budget = Budget { tries: 2000, time: Duration::from_secs(10) };

impl Stage<'_> {
    /// Performs a dialogue again that was not answered alike, nothing else going on. `None` when the difference does not
    /// recur, and may have been the machine: a matter of time.
    pub(super) async fn look_into(
        &self,
        case: &str,
        written: &Dialogue,
        first: Trial,
        watched: bool,
    ) -> Result<Option<Difference>, Stop> {
        let difference = |trial: Trial, unsteady| Difference {
            case: case.to_owned(),
            dialogue: trial.dialogue,
            heard: trial.heard,
            unsteady,
            written: written.clone(),
            watched,
            tongue: self.tongue,
        };
        let drops = self.drops();
        let (mut before, mut unsteady) = (first, None);
        for _ in 1..TRIALS {
            let again = self.trial(written, watched).await?;
            if again.waited() && self.drops() > drops {
                return Err(Stop::Unable("the kernel dropped datagrams of a target".to_owned()));
            }
            let differs = again.differs_at().is_some();
            if differs && before.recurs_in(&again) {
                return Ok(Some(difference(again, None)));
            }
            if let Some(which) = before.unsteady_in(&again) {
                let at = which as usize;
                let heard = [before.heard[at].clone(), again.heard[at].clone()];
                unsteady = Some(difference(Trial { heard, ..again.clone() }, Some(which)));
            }
            if !differs {
                break;
            }
            before = again;
        }
        Ok(unsteady)
    }

    /// The smallest of some differences, made as small as can be, and whether everything smaller was tried.
    pub(super) async fn smallest(&self, differences: &[Difference]) -> Option<(Difference, bool)> {
        let found =
            differences.iter().min_by_key(|it| (it.unsteady.is_some(), size(&it.written)))?;
        if found.unsteady.is_some() {
            return Some((found.clone(), true));
        }
        let mut shown = found.clone();
        let waits = found.heard.iter().any(|heard| heard.waited);
        let smallest = smallest(found.written.clone(), SHRINKING, async |candidate| {
            let first = self.trial(candidate, found.watched).await.ok()?;
            // Something else that is wrong may well be smaller, and would hide this.
            if !first.differs_like(found) {
                return Some(false);
            }
            // Where each takes its time, only the last is tried again.
            let trial = if waits {
                first
            } else {
                let again = self.trial(candidate, found.watched).await.ok()?;
                if !first.recurs_in(&again) {
                    return Some(false);
                }
                again
            };
            let Trial { dialogue, heard, .. } = trial;
            shown = Difference { dialogue, heard, written: candidate.clone(), ..shown.clone() };
            Some(true)
        });
        let exhausted = smallest.await.exhausted;
        if waits && shown.written != found.written {
            let again = self.trial(&shown.written, shown.watched).await;
            if !again.is_ok_and(|again| again.differs_at().is_some()) {
                return Some((found.clone(), false));
            }
        }
        Some((shown, exhausted))
    }
}

/// How much there is to read in a dialogue: its steps, and the octets that are sent.
fn size(dialogue: &Dialogue) -> (usize, usize) {
    let octets = dialogue.steps.iter().map(|step| match &step.act {
        Act::Send { text, .. } => text.literal().map_or(0, <[u8]>::len),
        _ => 0,
    });
    (dialogue.steps.len(), octets.sum())
}

const _: () = assert!(Which::Left as usize == 0 && Which::Right as usize == 1);
