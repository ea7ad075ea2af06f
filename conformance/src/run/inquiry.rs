//! What a fault is worth: it is tried again alone, on a fresh connection or launch, and charged to a requirement, or not
//! at all.

use super::attempt::Attempt;
use super::condition::{NOTHING, WRONG};
use super::{Host, Revival, Run};
use crate::case::{Case, Stage};
use crate::delivery::{alone, undelivered};
use crate::exchange::{Exchange, What};
use crate::judge::{Fault, Kind};
use crate::relies::asked;
use crate::report::{Counterexample, Failure, Recurrence};
use crate::service::exercises;
use crate::spec::Id;
use crate::transcript::{Act, Client, Dialogue, Step};
use crate::transport::Transport;

/// What came of looking into a fault.
pub(super) enum Inquiry {
    /// It counts.
    Broken(Box<Failure>),
    /// It did not recur, and may have been the machine: a matter of time.
    Cleared(String),
    /// Nobody can tell; why.
    Unable(String),
    /// It is no fault of what the case is about, and was met before.
    Known,
    /// The case has nothing to say about this target; why.
    Moot(String),
    /// The target was not there, by no fault of this case; why.
    Gone(String),
}

impl<H: Host> Run<'_, H> {
    /// Tries a fault again: the dialogue alone, then after the same ones, each on a fresh connection, nothing else
    /// going on. `ending` is how the program ended when the fault was seen first.
    pub(super) async fn look_into(
        &self,
        case: &Case,
        series: &[Dialogue],
        failing: usize,
        first: &Attempt,
        fault: &Fault,
        ending: Option<String>,
    ) -> Inquiry {
        match &fault.kind {
            Kind::Unable(why) => return Inquiry::Unable(why.clone()),
            Kind::Elsewhere(_) => {
                return Inquiry::Moot("the program listens on another port each time".to_owned());
            }
            _ => {}
        }
        if let Some(why) = self.host.lost() {
            return Inquiry::Unable(why);
        }
        if !self.knows(|ledger| ledger.reached) {
            return self.gone("nothing answers there");
        }
        let drops = self.host.drops();
        let trials = [
            (&series[failing..=failing], Recurrence::Alone),
            (&series[..=failing], Recurrence::AfterTheSame),
        ];
        let trials = &trials[..if failing > 0 { 2 } else { 1 }];
        for (trial, recurrence) in trials {
            if let Revival::Gone(why) = self.host.revive().await {
                let _ = self.gone(&why);
                let goes_on = self.knows(|ledger| ledger.landmarks().goes_on);
                // It was no more: what it was asked last may have nothing to do with that.
                let died = ending.is_some() && fault.kind.is_lost() && !self.serves_once();
                let charged = if died { goes_on } else { self.charged(case, first, fault) };
                return broken(charged, first, fault, Recurrence::Untried, ending);
            }
            let again = self.attempt(trial).await;
            let Some(fault_again) = &again.fault else { continue };
            if let Kind::Unable(why) = &fault_again.kind {
                return Inquiry::Unable(why.clone());
            }
            if let Some(why) = self.host.lost() {
                return Inquiry::Unable(why);
            }
            if matches!(fault_again.kind, Kind::Silence(..)) && self.host.drops() > drops {
                return Inquiry::Unable("the kernel dropped datagrams of the target".to_owned());
            }
            let ending = self.host.ending(fault_again.kind.hangs_up()).await.or(ending);
            let recurring = Recurring {
                trial,
                attempt: &again,
                fault: fault_again,
                recurrence: *recurrence,
                ending,
            };
            return self.recurring(case, recurring).await;
        }
        let goes_on = self.knows(|ledger| ledger.landmarks().goes_on);
        match ending.filter(|_| !self.serves_once()) {
            // A program that ends without being asked to is never the machine's fault.
            Some(ending) => {
                self.ended_by_itself().await;
                broken(goes_on, first, fault, Recurrence::Once, Some(ending))
            }
            // Whoever ends now and then loses a reply now and then.
            None if fault.kind.hangs_up() && self.knows(|ledger| ledger.has_failed(goes_on)) => {
                Inquiry::Known
            }
            None if fault.kind.is_timing() => Inquiry::Cleared(describe(&fault.kind).to_owned()),
            None if case.is_delivered() => self.remembers(Recurring {
                trial: &[],
                attempt: first,
                fault,
                recurrence: Recurrence::Once,
                ending: None,
            }),
            None if self.is_wrong_datagram(fault) => {
                // The same datagram was answered otherwise.
                let charged = self.knows(|ledger| ledger.landmarks().first_datagram);
                broken(charged, first, fault, Recurrence::Once, None)
            }
            None => broken(self.charged(case, first, fault), first, fault, Recurrence::Once, None),
        }
    }

    /// What a fault that has recurred is worth.
    async fn recurring(&self, case: &Case, recurring: Recurring<'_>) -> Inquiry {
        let Recurring { trial, attempt, fault, recurrence, ending } = &recurring;
        // Whoever serves once ends in any case.
        let ending = ending.as_ref().filter(|_| !self.serves_once());
        let lost = self.is_left_alone(&fault.kind) && ending.is_none();
        if lost && (fault.kind == Kind::Refused || self.is_dead().await) {
            return self.dead(attempt, fault, NOTHING).await;
        }
        let behind = self.is_behind(trial, fault).await;
        if !behind && self.is_worn(fault).await {
            return self.dead(attempt, fault, WRONG).await;
        }
        if case.is_delivered() || self.is_ambiguous(case, trial, fault) {
            return self.without_delivery(case, recurring).await.unwrap_or_else(Inquiry::Unable);
        }
        let charged = self.charged(case, attempt, fault);
        let charged = self.knows(|ledger| {
            let at = ledger.landmarks();
            match (&fault.kind, recurrence, ending) {
                // By itself it is answered: what went before has closed the connection.
                (Kind::Closed(_) | Kind::Reset(_), Recurrence::AfterTheSame, None) => {
                    if case.stage() >= Stage::Errors { at.errors } else { at.series }
                }
                _ if behind => at.first_datagram,
                // What went before has ended the program.
                (kind, Recurrence::AfterTheSame, Some(_)) if kind.is_lost() => at.goes_on,
                // What went before has changed the reply, and is not merely told once more.
                (_, Recurrence::AfterTheSame, None)
                    if self.is_wrong_datagram(fault) && charged != at.one_reply =>
                {
                    at.first_datagram
                }
                // A server that ended did not close the connection because of an error: it is no more.
                (_, _, Some(_)) if charged == at.errors => at.goes_on,
                _ => charged,
            }
        });
        recurring.broken(charged)
    }

    /// Whether a wrong reply may be the right one to a part of a request: in a dialect it need not repeat what was asked.
    fn is_ambiguous(&self, case: &Case, trial: &[Dialogue], fault: &Fault) -> bool {
        let cuts = |step: &Step| matches!(step.act, Act::Send { framed: false, .. });
        self.check.dialect.is_some()
            && self.check.transport == Transport::Tcp
            && matches!(fault.kind, Kind::Wrong(_))
            && case.covers.first().is_some_and(|id| id.area() == "FRAME")
            && trial.last().is_some_and(|dialogue| dialogue.steps.iter().any(cuts))
    }

    fn charged(&self, case: &Case, attempt: &Attempt, fault: &Fault) -> Id {
        self.charge(case.covers.first().copied(), attempt, fault)
    }

    /// A fault of delivered dialogues is one of their delivery when the same requests, delivered otherwise, are answered
    /// rightly: whole on TCP, each by itself on UDP. An error says why nobody can tell.
    async fn without_delivery(
        &self,
        case: &Case,
        recurring: Recurring<'_>,
    ) -> Result<Inquiry, String> {
        let (trial, transport) = (recurring.trial, self.check.transport);
        let died = recurring.ending.is_some() && !self.serves_once();
        if recurring.recurrence == Recurrence::AfterTheSame && died {
            // What went before has ended the program.
            return Ok(self.dies(recurring));
        }
        if transport == Transport::Tcp {
            let whole: Vec<Dialogue> = trial.iter().map(|it| undelivered(it, transport)).collect();
            match self.answers(&whole).await? {
                Answers::Rightly if self.answers(trial).await? == Answers::Wrongly => {
                    return Ok(recurring.broken(self.about(case)));
                }
                // It depends on what was asked before, and that was something else this time.
                Answers::Rightly => return Ok(self.remembers(recurring)),
                Answers::Dies => return Ok(self.dies(recurring)),
                Answers::Wrongly => {}
            }
        }
        let messages = trial.last().map(|it| alone(it, transport)).unwrap_or_default();
        for message in messages {
            let attempt = self.attempt_anew(std::slice::from_ref(&message)).await;
            if let Some(fault) = &attempt.fault {
                return Ok(self.wrong_alone(&message, &attempt, fault));
            }
            if self.died(false).await.is_some() {
                return Ok(self.dies(recurring));
            }
        }
        if self.died(true).await.is_some() {
            return Ok(self.dies(recurring));
        }
        Ok(match transport {
            Transport::Udp if self.answers(trial).await? == Answers::Wrongly => {
                recurring.broken(self.about(case))
            }
            _ => self.remembers(recurring),
        })
    }

    /// A request that is answered wrongly by itself: found by the case that asks it so, unless that was not asked for.
    fn wrong_alone(&self, message: &Dialogue, attempt: &Attempt, fault: &Fault) -> Inquiry {
        if let Kind::Unable(why) = &fault.kind {
            return Inquiry::Unable(why.clone());
        }
        let asked = asked(message, Client::A, self.check.transport);
        let shown = asked.first().map(|(text, _)| exercises(self.check.service, text));
        let about = shown.and_then(|ids| ids.last().copied());
        let charged = self.charge(about, attempt, fault);
        let recurring =
            Recurring { trial: &[], attempt, fault, recurrence: Recurrence::Alone, ending: None };
        self.known_or(charged, recurring)
    }

    /// The program ends, however it is asked.
    fn dies(&self, recurring: Recurring<'_>) -> Inquiry {
        self.known_or(self.knows(|ledger| ledger.landmarks().goes_on), recurring)
    }

    /// The reply depends on what was asked before.
    fn remembers(&self, recurring: Recurring<'_>) -> Inquiry {
        let dialogue = &recurring.attempt.dialogue;
        let charged = self.knows(|ledger| ledger.charge_memory(dialogue, recurring.fault));
        self.known_or(charged, recurring)
    }

    fn known_or(&self, charged: Id, recurring: Recurring<'_>) -> Inquiry {
        if self.asked.contains(&charged) && !self.knows(|ledger| ledger.has_failed(charged)) {
            recurring.broken(charged)
        } else {
            Inquiry::Known
        }
    }

    fn about(&self, case: &Case) -> Id {
        let series = || self.knows(|ledger| ledger.landmarks().series);
        case.covers.first().copied().unwrap_or_else(series)
    }

    async fn answers(&self, series: &[Dialogue]) -> Result<Answers, String> {
        match self.attempt_anew(series).await.fault.map(|fault| fault.kind) {
            Some(Kind::Unable(why)) => return Err(why),
            Some(_) => return Ok(Answers::Wrongly),
            None => {}
        }
        Ok(match self.died(true).await {
            Some(_) => Answers::Dies,
            None => Answers::Rightly,
        })
    }

    /// The program ended by itself after a case in which nothing else was wrong: because of that case, or by the way.
    pub(super) async fn ended(&self, case: &Case, ending: String) -> Failure {
        let mut charged = self.knows(|ledger| ledger.charge_end(&case.covers));
        let goes_on = self.knows(|ledger| ledger.landmarks().goes_on);
        if charged != goes_on && !self.ends_again(case).await {
            charged = goes_on;
        }
        if charged == goes_on {
            self.ended_by_itself().await;
        }
        let fault = Fault { step: 0, client: Client::A, kind: Kind::Ended };
        let dialogue = Dialogue::of(vec![Step::note("the program ended by itself")]);
        Failure {
            charged,
            seen: Counterexample {
                dialogue,
                written: 1,
                exchange: Exchange::new(),
                fault,
                frames: self.frames.borrow().clone(),
                spoken: None,
            },
            smallest: None,
            recurrence: Recurrence::Once,
            ending: Some(ending),
        }
    }
}

/// What comes of dialogues that are tried with another request before them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    Rightly,
    Wrongly,
    /// Rightly, and then the program ends.
    Dies,
}

/// A fault that has recurred.
struct Recurring<'a> {
    /// The dialogues that were tried.
    trial: &'a [Dialogue],
    attempt: &'a Attempt,
    fault: &'a Fault,
    recurrence: Recurrence,
    /// How the program ended meanwhile.
    ending: Option<String>,
}

impl Recurring<'_> {
    fn broken(self, charged: Id) -> Inquiry {
        broken(charged, self.attempt, self.fault, self.recurrence, self.ending)
    }
}

pub(super) fn broken(
    charged: Id,
    attempt: &Attempt,
    fault: &Fault,
    recurrence: Recurrence,
    ending: Option<String>,
) -> Inquiry {
    Inquiry::Broken(Box::new(attempt.failure(charged, fault, recurrence, ending)))
}

/// Whether a client was connected: the target was there.
pub(super) fn opened(exchange: &Exchange) -> bool {
    exchange.iter().any(|observation| observation.what == What::Opened)
}

fn describe(kind: &Kind) -> &'static str {
    match kind {
        Kind::Silence(..) | Kind::Late(_) => "no reply came in time",
        Kind::StaysOpen(_) => "the connection was not closed in time",
        Kind::Stuck(_) => "the target took no more octets in time",
        Kind::Refused => "a connection was refused",
        Kind::Unprinted(_) => "a line was not printed in time",
        Kind::Clock(..) => "the time was not right",
        _ => "it took too long",
    }
}
