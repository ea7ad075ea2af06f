//! What a fault is worth: it is tried again alone, on a fresh connection or launch, and charged to a requirement, or not
//! at all.

use super::attempt::Attempt;
use super::ledger::Ledger;
use super::{Host, Revival, Run};
use crate::case::{Case, Stage};
use crate::exchange::{Exchange, What};
use crate::judge::{Fault, Kind};
use crate::report::{Failure, Recurrence};
use crate::spec::Id;
use crate::transcript::{Client, Dialogue, Step};
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

/// What is said of a target that answers nothing any more, and of one that answers nothing rightly.
const NOTHING: &str = "The server answers nothing any more, on a fresh connection either.";
const WRONG: &str =
    "The server answers wrongly what it answered rightly before, on a fresh connection either.";
/// How often such a target is launched again.
const DEATHS_MAX: u32 = 3;

impl<H: Host> Run<'_, H> {
    /// Tries a fault again: the dialogue alone, then after the same ones, each on a fresh connection, nothing else
    /// going on.
    pub(super) async fn look_into(
        &self,
        case: &Case,
        series: &[Dialogue],
        failing: usize,
        first: &Attempt,
        fault: &Fault,
    ) -> Inquiry {
        match &fault.kind {
            Kind::Unable(why) => return Inquiry::Unable(why.clone()),
            Kind::Elsewhere(_) => {
                return Inquiry::Moot("the program listens on another port each time".to_owned());
            }
            _ => {}
        }
        if !self.knows(|ledger| ledger.reached) {
            return self.gone("nothing answers there");
        }
        let charged = |attempt: &Attempt, fault: &Fault| {
            self.knows(|ledger| ledger.charge(case, &attempt.dialogue, attempt.written, fault))
        };
        let ending = self.host.ending(hangs_up(&fault.kind)).await;
        let drops = self.host.drops();
        let trials = [
            (&series[failing..=failing], Recurrence::Alone),
            (&series[..=failing], Recurrence::AfterTheSame),
        ];
        let trials = &trials[..if failing > 0 { 2 } else { 1 }];
        for (trial, recurrence) in trials {
            if let Revival::Gone(why) = self.host.revive().await {
                let _ = self.gone(&why);
                return broken(charged(first, fault), first, fault, Recurrence::Untried, ending);
            }
            let again = self.attempt(trial).await;
            let Some(fault_again) = &again.fault else { continue };
            if let Kind::Unable(why) = &fault_again.kind {
                return Inquiry::Unable(why.clone());
            }
            if matches!(fault_again.kind, Kind::Silence(..)) && self.host.drops() > drops {
                return Inquiry::Unable("the kernel dropped datagrams of the target".to_owned());
            }
            let ending = self.host.ending(hangs_up(&fault_again.kind)).await.or(ending);
            let refused = fault_again.kind == Kind::Refused;
            let lost = fault_again.kind.is_lost() && ending.is_none();
            if lost && (refused || self.is_dead().await) {
                return self.dead(&again, fault_again, NOTHING).await;
            }
            let behind = self.is_behind(trial, fault_again).await;
            if !behind && self.is_worn(fault_again).await {
                return self.dead(&again, fault_again, WRONG).await;
            }
            let whole: Vec<Dialogue> = trial.iter().filter_map(|it| case.undelivered(it)).collect();
            if !whole.is_empty() {
                let again = Recurring {
                    attempt: &again,
                    fault: fault_again,
                    recurrence: *recurrence,
                    ending,
                };
                return self.without_delivery(case, trial, &whole, again).await;
            }
            let charged = match (&fault_again.kind, recurrence, &ending) {
                // By itself it is answered: what went before has closed the connection.
                (Kind::Closed(_) | Kind::Reset(_), Recurrence::AfterTheSame, None) => {
                    self.closing(case)
                }
                _ if behind => self.knows(|ledger| ledger.landmarks().first_datagram),
                // What went before has ended the program.
                (kind, Recurrence::AfterTheSame, Some(_)) if kind.is_lost() => {
                    self.knows(|ledger| ledger.landmarks().goes_on)
                }
                // What went before has changed the reply, and is not merely told once more.
                (_, Recurrence::AfterTheSame, None) if self.is_wrong_datagram(fault_again) => {
                    let charged = charged(&again, fault_again);
                    self.knows(|ledger| {
                        let at = ledger.landmarks();
                        if charged == at.one_reply { charged } else { at.first_datagram }
                    })
                }
                _ => charged(&again, fault_again),
            };
            let (errors, goes_on) =
                self.knows(|it| (it.landmarks().errors, it.landmarks().goes_on));
            // A server that ended did not close the connection because of an error: it is no more.
            let charged = if charged == errors && ending.is_some() { goes_on } else { charged };
            return broken(charged, &again, fault_again, *recurrence, ending);
        }
        let goes_on = self.knows(|ledger| ledger.landmarks().goes_on);
        match ending {
            // A program that ends without being asked to is never the machine's fault.
            Some(ending) => broken(goes_on, first, fault, Recurrence::Once, Some(ending)),
            None if fault.kind.is_timing() => Inquiry::Cleared(describe(&fault.kind).to_owned()),
            None if case.is_delivered() && self.knows(Ledger::has_failures) => Inquiry::Known,
            None if self.is_wrong_datagram(fault) => {
                // The same datagram was answered otherwise.
                let charged = self.knows(|ledger| ledger.landmarks().first_datagram);
                broken(charged, first, fault, Recurrence::Once, None)
            }
            None => broken(charged(first, fault), first, fault, Recurrence::Once, None),
        }
    }

    /// A fault of delivered dialogues is one of their delivery when the same requests, sent whole, are answered rightly, and
    /// the server goes on. When they are not, it is known already, but where nothing is.
    async fn without_delivery(
        &self,
        case: &Case,
        trial: &[Dialogue],
        whole: &[Dialogue],
        delivered: Recurring<'_>,
    ) -> Inquiry {
        let whole = self.attempt_anew(whole).await;
        let dies = self.host.ending(true).await.is_some();
        let recurs =
            whole.fault.is_none() && !dies && self.attempt_anew(trial).await.fault.is_some();
        let Recurring { attempt, fault, recurrence, ending } = delivered;
        let charged = |attempt: &Attempt, fault: &Fault| {
            self.knows(|ledger| ledger.charge(case, &attempt.dialogue, attempt.written, fault))
        };
        match &whole.fault {
            Some(Fault { kind: Kind::Unable(why), .. }) => Inquiry::Unable(why.clone()),
            None if recurs => {
                let about = case.covers.first().copied();
                let about = about.unwrap_or_else(|| charged(attempt, fault));
                broken(about, attempt, fault, recurrence, ending)
            }
            _ if self.knows(Ledger::has_failures) => Inquiry::Known,
            None if dies => {
                let goes_on = self.knows(|ledger| ledger.landmarks().goes_on);
                broken(goes_on, attempt, fault, recurrence, ending)
            }
            None => broken(charged(attempt, fault), attempt, fault, recurrence, ending),
            Some(fault) => broken(charged(&whole, fault), &whole, fault, recurrence, ending),
        }
    }

    /// Performs dialogues of a target that runs, and that was asked something else last, whatever it remembers.
    async fn attempt_anew(&self, series: &[Dialogue]) -> Attempt {
        // Where it cannot be revived the attempt itself shows that.
        let _ = self.host.revive().await;
        if let Some(question) = self.knows(|ledger| ledger.answered_question()) {
            let _ = self.attempt(std::slice::from_ref(&question)).await;
        }
        self.attempt(series).await
    }

    /// The requirement that a connection closed between two dialogues of a case breaks.
    fn closing(&self, case: &Case) -> Id {
        self.knows(|ledger| {
            let at = ledger.landmarks();
            if case.stage() >= Stage::Errors { at.errors } else { at.series }
        })
    }

    /// Whether the target runs and yet does not answer even the plain question any more, on a fresh connection.
    async fn is_dead(&self) -> bool {
        let Some(mut asked) = self.knows(|ledger| ledger.answered_question()) else { return false };
        if self.check.transport == Transport::Udp {
            // The reply to the first may have gone to somebody else.
            asked.steps.insert(0, asked.steps[0].clone());
        }
        let lost = |fault: Fault| fault.step < asked.steps.len() && fault.kind.is_lost();
        self.attempt(std::slice::from_ref(&asked)).await.fault.is_some_and(lost)
    }

    /// Whether a datagram holds a wrong reply, and is not that of a server which knows nothing.
    fn is_wrong_datagram(&self, fault: &Fault) -> bool {
        self.check.transport == Transport::Udp
            && matches!(fault.kind, Kind::Wrong(_))
            && self.knows(|ledger| ledger.known_question().is_some())
    }

    /// Whether a wrong reply to a datagram depends on what was asked before: the same datagrams draw another.
    async fn is_behind(&self, trial: &[Dialogue], fault: &Fault) -> bool {
        self.is_wrong_datagram(fault) && self.attempt(trial).await.fault.as_ref() != Some(fault)
    }

    /// Whether even the plain question, which was answered rightly, is answered wrongly now.
    async fn is_worn(&self, fault: &Fault) -> bool {
        if !matches!(fault.kind, Kind::Wrong(_)) {
            return false;
        }
        let Some(asked) = self.knows(Ledger::known_question) else { return false };
        let wrong =
            |fault: Fault| fault.step < asked.steps.len() && matches!(fault.kind, Kind::Wrong(_));
        self.attempt(std::slice::from_ref(&asked)).await.fault.is_some_and(wrong)
    }

    /// The target answers nothing any more, or nothing rightly, to nobody: that is one fault, whatever was asked last.
    async fn dead(&self, attempt: &Attempt, fault: &Fault, what: &str) -> Inquiry {
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

    fn gone(&self, why: &str) -> Inquiry {
        let last = self.last.borrow();
        let after = last.as_ref().map(|name| format!(" since {name}")).unwrap_or_default();
        let why = format!("{why}{after}");
        self.ledger.borrow_mut().gone = Some(why.clone());
        Inquiry::Gone(why)
    }

    /// The program ended by itself after a case in which nothing else was wrong.
    pub(super) fn ended(&self, ending: String) -> Failure {
        let charged = self.knows(|ledger| ledger.landmarks().goes_on);
        let fault = Fault { step: 0, client: Client::A, kind: Kind::Ended };
        Failure {
            charged,
            fault,
            dialogue: Dialogue { steps: vec![Step::note("the program ended by itself")] },
            exchange: Exchange::new(),
            recurrence: Recurrence::Once,
            ending: Some(ending),
        }
    }
}

/// A fault that has recurred.
struct Recurring<'a> {
    attempt: &'a Attempt,
    fault: &'a Fault,
    recurrence: Recurrence,
    ending: Option<String>,
}

fn broken(
    charged: Id,
    attempt: &Attempt,
    fault: &Fault,
    recurrence: Recurrence,
    ending: Option<String>,
) -> Inquiry {
    Inquiry::Broken(Box::new(Failure {
        charged,
        fault: fault.clone(),
        dialogue: attempt.dialogue.clone(),
        exchange: attempt.exchange.clone(),
        recurrence,
        ending,
    }))
}

/// Whether a client was connected: the target was there.
pub(super) fn opened(exchange: &Exchange) -> bool {
    exchange.iter().any(|observation| observation.what == What::Opened)
}

/// Whether the target ended the connection, as one that ends does.
fn hangs_up(kind: &Kind) -> bool {
    matches!(kind, Kind::Closed(_) | Kind::Reset(_) | Kind::Refused)
}

fn describe(kind: &Kind) -> &'static str {
    match kind {
        Kind::Silence(..) | Kind::Late(_) => "no reply came in time",
        Kind::StaysOpen(_) => "the connection was not closed in time",
        Kind::Stuck(_) => "the target took no more octets in time",
        Kind::Refused => "a connection was refused",
        _ => "the connection was closed",
    }
}
