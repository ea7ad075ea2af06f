//! For how long the target serves: found out when it first ends by itself. One that serves its first client and ends is
//! charged for that, once, and so is one that does after some more; from then on each dialogue meets a program of its own, and
//! the launches that a check may have are shared out.

use std::collections::{BTreeSet, VecDeque};

use trueline_protocol::service::Manner;

use super::attempt::Attempt;
use super::{Host, Revival, Run};
use crate::case::{Body, Case};
use crate::dialogue::Ending;
use crate::judge::Fault;
use crate::report::{Failure, Recurrence};
use crate::service::{asking, plain};
use crate::spec::Id;
use crate::target::Lifetime;
use crate::transcript::{Act, Client, Dialogue, Hole, Piece, Step};
use crate::transport::Transport;

/// How often a program ends for no reason that is known before one is looked for.
const ENDS_MAX: u32 = 2;
/// So many clients are tried, one after the other.
const CLIENTS_MAX: u32 = 32;
/// Most launches for the dialogues of one property.
const SHARE_MAX: u32 = 8;

impl<H: Host> Run<'_, H> {
    pub(super) fn serves_once(&self) -> bool {
        self.host.lifetime() == Some(Lifetime::Once)
    }

    /// Whether the target may end when it has served a client (CHAT-7, CONN-3).
    pub(super) fn may_end(&self) -> bool {
        !self.check.service.manner().answers()
    }

    /// Serves one client with a program that may end by that, and of which nobody has said whether it does.
    pub(super) async fn see_whether_it_ends(&self) {
        if !self.may_end() || !self.host.is_launched() || self.host.lifetime().is_some() {
            return;
        }
        let question = self.knows(|ledger| ledger.question());
        let _ = self.attempt(&[question]).await;
        if self.host.ending(true).await.is_some() {
            self.host.found(Lifetime::Once);
        }
        self.is_lifetime_sought.set(true);
    }

    /// A server whose operator goes on talking to a client that has left has nobody for the next one: each meets a launch of
    /// its own from then on.
    pub(super) fn see_whether_it_lets_go(&self) {
        let talks = self.check.service.manner() == Manner::Talk;
        let holds = || self.knows(|ledger| ledger.has_failed(ledger.landmarks().closes));
        if talks && !self.serves_once() && holds() {
            self.host.found(Lifetime::Once);
        }
    }

    /// Whether the target has ended, as it may, when it was last served: it was thought to go on.
    pub(super) fn ended_as_it_may(&self, ending: Option<&String>, fault: &Fault) -> bool {
        let ended = ending.is_some() && fault.kind.hangs_up();
        let surprises = ended && self.may_end() && !self.serves_once();
        if surprises {
            self.host.found(Lifetime::Once);
        }
        surprises
    }

    /// How dialogues are brought to their end.
    pub(super) fn dialogue_ending(&self) -> Ending {
        match self.check.transport {
            // It answers no question after the first.
            Transport::Udp if self.serves_once() => Ending::Close,
            _ => match (self.knows(|ledger| ledger.ending()), self.check.dialect) {
                (Ending::Ask(questions), Some(dialect)) => Ending::Ask(dialect.sayable(questions)),
                (ending, _) => ending,
            },
        }
    }

    /// How the program ended, if it did though it serves more than one client.
    pub(super) async fn died(&self, closed: bool) -> Option<String> {
        if self.serves_once() { None } else { self.host.ending(closed).await }
    }

    /// Finds out, when the program has ended for the first time, whether it serves one client and ends: the failure that this
    /// is. It is launched again for that.
    pub(super) async fn find_lifetime(&self) -> Option<Failure> {
        let is_stated = self.host.lifetime() == Some(Lifetime::Loops);
        if is_stated
            || self.may_end()
            || !self.must_go_on()
            || self.is_lifetime_sought.replace(true)
        {
            return None;
        }
        let found = self.serves_first_client().await;
        if found.is_none() {
            // Whoever is tried next is tried with a program that has served nobody.
            let _ = self.host.renew().await;
        }
        found
    }

    /// What shows that it serves its first client and ends.
    async fn serves_first_client(&self) -> Option<Failure> {
        let mut dialogue = self.two_clients();
        if self.ends_with_client(&dialogue).await.is_none() {
            // It may answer, if wrongly.
            leave_open(&mut dialogue);
            let _ = self.ends_with_client(&dialogue).await?;
        }
        let (attempt, ending) = self.ends_with_client(&dialogue).await?;
        self.host.found(Lifetime::Once);
        let goes_on = self.knows(|ledger| ledger.landmarks().goes_on);
        let fault = attempt.fault.clone()?;
        Some(attempt.failure(goes_on, &fault, Recurrence::Alone, Some(ending)))
    }

    /// Whether a program that has served nobody ends by what a case asks first, or as soon as another client comes.
    pub(super) async fn ends_again(&self, case: &Case) -> bool {
        let Some(dialogue) = case.dialogues(self.check.seed, 1).next() else { return false };
        if let Revival::Gone(_) = self.host.renew().await {
            return false;
        }
        let _ = self.attempt(&[dialogue]).await;
        if self.host.ending(true).await.is_none()
            && let Some(question) = self.knows(|ledger| ledger.answered_question())
        {
            let _ = self.attempt(&[question]).await;
        }
        self.host.ending(true).await.is_some()
    }

    /// The program ended, and nothing that it was asked is known to have ended it. When that happens again it is found out
    /// whether some clients with the plain question do: then each dialogue meets a program of its own from now on.
    pub(super) async fn ended_by_itself(&self) {
        self.ends.set(self.ends.get() + 1);
        if self.ends.get() != ENDS_MAX || self.host.lifetime().is_some() {
            return;
        }
        let Some(question) = self.knows(|ledger| ledger.known_question()) else { return };
        if let Revival::Gone(_) = self.host.renew().await {
            return;
        }
        for _ in 0..CLIENTS_MAX {
            let fault = self.attempt(std::slice::from_ref(&question)).await.fault;
            if self.host.ending(fault.is_some()).await.is_some() {
                return self.host.found(Lifetime::Once);
            }
            if fault.is_some() {
                return;
            }
        }
    }

    /// One client after the other, each with the plain question.
    fn two_clients(&self) -> Dialogue {
        let (service, transport) = (self.check.service, self.check.transport);
        let mut asked = asking(service, transport, &plain(service).0[0]);
        let next = asked.steps.clone();
        let ends: &[Act] = match (transport, service.manner()) {
            (Transport::Tcp, Manner::Conversation | Manner::Talk) => &[Act::End, Act::Closed],
            (Transport::Tcp, Manner::Announcement) => &[Act::Closed],
            (Transport::Tcp, Manner::Visit) => &[],
            (Transport::Udp, _) => &[],
        };
        let ends = ends.iter().map(|act| Step { client: Client::A, act: act.clone() });
        asked.steps.extend(ends);
        let second = next.into_iter().map(|step| Step { client: SECOND, ..step });
        asked.steps.extend(second);
        asked
    }

    /// What shows, on a fresh launch, that the program ends when its first client was served; and how it ends.
    async fn ends_with_client(&self, dialogue: &Dialogue) -> Option<(Attempt, String)> {
        if let Revival::Gone(_) = self.host.renew().await {
            return None;
        }
        let attempt = self.attempt(std::slice::from_ref(dialogue)).await;
        let fault = attempt.fault.as_ref()?;
        let is_second = fault.client == SECOND && fault.step < attempt.written;
        if !is_second || !(fault.kind.is_lost()) {
            return None;
        }
        let ending = self.host.ending(true).await?;
        Some((attempt, ending))
    }

    /// Why a program that serves once is not asked this.
    pub(super) fn asks_too_much(&self, case: &Case) -> Option<Id> {
        let Body::Written(dialogue) = &case.body else { return None };
        let goes_on = self.knows(|ledger| ledger.landmarks().goes_on);
        (self.serves_once() && self.needs_more(dialogue)).then_some(goes_on)
    }

    /// Whether a dialogue is with a program that serves more than one client, or more than one datagram.
    pub(super) fn needs_more(&self, dialogue: &Dialogue) -> bool {
        let acts = |step: &&Step| !matches!(step.act, Act::Note(_) | Act::Restart);
        let since = dialogue.steps.iter().rposition(|step| step.act == Act::Restart).unwrap_or(0);
        let several = |steps: &[Step]| {
            let clients: BTreeSet<Client> =
                steps.iter().filter(acts).map(|step| step.client).collect();
            let sends = steps.iter().filter(|step| matches!(step.act, Act::Send { .. })).count();
            clients.len() > 1 || self.check.transport == Transport::Udp && sends > 1
        };
        several(&dialogue.steps[..since]) || several(&dialogue.steps[since..])
    }

    /// How many launches the dialogues of a case may have.
    pub(super) fn share(&self) -> u32 {
        if self.serves_once() { self.launches_to_spare() } else { u32::MAX }
    }

    /// How many launches a case may have, so that some are left for the others.
    pub(super) fn launches_to_spare(&self) -> u32 {
        let taken = if self.serves_once() { self.cases_ahead.get() } else { 0 };
        let spare = self.host.launches_left().saturating_sub(taken);
        (spare / self.ahead.get().max(1)).clamp(1, SHARE_MAX)
    }
}

/// Lets any reply do.
fn leave_open(dialogue: &mut Dialogue) {
    for step in &mut dialogue.steps {
        if let Act::Expect { text, .. } = &mut step.act {
            *text = [Piece::Hole(Hole::Whatever)].into_iter().collect();
        }
    }
}

/// Puts the first case of each requirement before its others: the launches may not last for all.
pub(super) fn one_of_each_first(cases: VecDeque<(usize, &Case)>) -> VecDeque<(usize, &Case)> {
    let mut seen = BTreeSet::new();
    let (first, others): (Vec<_>, Vec<_>) = cases
        .into_iter()
        .partition(|(_, case)| case.covers.first().is_none_or(|id| seen.insert(*id)));
    first.into_iter().chain(others).collect()
}

/// The client that comes when the first was served.
const SECOND: Client = Client::B;
