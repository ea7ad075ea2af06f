//! The condition of a target: whether it still answers as it did.

use super::attempt::Attempt;
use super::inquiry::{Inquiry, broken};
use super::ledger::Ledger;
use super::{Host, Revival, Run};
use crate::judge::{Fault, Kind};
use crate::report::Recurrence;
use crate::transcript::Dialogue;
use crate::transport::Transport;

/// What is said of a target that answers nothing any more, and of one that answers nothing rightly.
pub(super) const NOTHING: &str =
    "The server answers nothing any more, on a fresh connection either.";
pub(super) const WRONG: &str =
    "The server answers wrongly what it answered rightly before, on a fresh connection either.";
/// How often such a target is launched again.
const DEATHS_MAX: u32 = 3;

impl<H: Host> Run<'_, H> {
    /// Whether the target runs and yet does not answer even the plain question any more, on a fresh connection.
    pub(super) async fn is_dead(&self) -> bool {
        if self.serves_once() {
            return false;
        }
        let Some(mut asked) = self.knows(|ledger| ledger.answered_question()) else { return false };
        if self.check.transport == Transport::Udp {
            // The reply to the first may have gone to somebody else.
            asked.steps.insert(0, asked.steps[0].clone());
        }
        let lost = |fault: Fault| fault.step < asked.steps.len() && self.is_left_alone(&fault.kind);
        self.attempt(std::slice::from_ref(&asked)).await.fault.is_some_and(lost)
    }

    /// Whether a client was left without what is due to it: of a visit that is its end.
    pub(super) fn is_left_alone(&self, kind: &Kind) -> bool {
        kind.is_lost() || self.may_end() && matches!(kind, Kind::StaysOpen(_))
    }

    /// Whether a datagram holds a wrong reply, and is not that of a server which knows nothing.
    pub(super) fn is_wrong_datagram(&self, fault: &Fault) -> bool {
        self.check.transport == Transport::Udp
            && matches!(fault.kind, Kind::Wrong(_))
            && self.knows(|ledger| ledger.known_question().is_some())
    }

    /// Whether a wrong reply to a datagram depends on what was asked before: the same datagrams draw another.
    pub(super) async fn is_behind(&self, trial: &[Dialogue], fault: &Fault) -> bool {
        if !self.is_wrong_datagram(fault) {
            return false;
        }
        let again = self.attempt(trial).await.fault;
        !again.is_some_and(|again| again.is_alike(fault, self.check.service))
    }

    /// Whether even the plain question, which was answered rightly, is answered wrongly now.
    pub(super) async fn is_worn(&self, fault: &Fault) -> bool {
        if !matches!(fault.kind, Kind::Wrong(_)) || self.serves_once() {
            return false;
        }
        let Some(asked) = self.knows(Ledger::known_question) else { return false };
        let wrong =
            |fault: Fault| fault.step < asked.steps.len() && matches!(fault.kind, Kind::Wrong(_));
        self.attempt(std::slice::from_ref(&asked)).await.fault.is_some_and(wrong)
    }

    /// The target answers nothing any more, or nothing rightly, to nobody: that is one fault, whatever was asked last.
    pub(super) async fn dead(&self, attempt: &Attempt, fault: &Fault, what: &str) -> Inquiry {
        let goes_on = self.knows(|ledger| ledger.landmarks().goes_on);
        let deaths = {
            let mut ledger = self.ledger.borrow_mut();
            ledger.deaths += 1;
            ledger.deaths
        };
        if deaths >= DEATHS_MAX {
            let _ = self.gone("it stops answering again and again");
        } else if let Revival::Gone(why) = self.host.renew().await {
            let _ = self.gone(&why);
        }
        broken(goes_on, attempt, fault, Recurrence::Alone, Some(what.to_owned()))
    }

    pub(super) fn gone(&self, why: &str) -> Inquiry {
        let last = self.last.borrow();
        let after = last.as_ref().map(|name| format!(" since {name}")).unwrap_or_default();
        let why = format!("{why}{after}");
        self.ledger.borrow_mut().gone = Some(why.clone());
        Inquiry::Gone(why)
    }

    /// Performs dialogues of a target that runs, and that was asked something else last, whatever it remembers.
    pub(super) async fn attempt_anew(&self, series: &[Dialogue]) -> Attempt {
        // Where it cannot be revived the attempt itself shows that.
        let _ = self.host.revive().await;
        if let Some(question) = self.knows(|ledger| ledger.answered_question())
            && !self.serves_once()
        {
            let _ = self.attempt(std::slice::from_ref(&question)).await;
        }
        self.attempt(series).await
    }
}
