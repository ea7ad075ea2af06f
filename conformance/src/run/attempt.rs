//! One case: its dialogues one after the other, and what fails once more by itself.

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::{CLIENTS, Host, Run};
use crate::case::{Body, Case, Stage};
use crate::exchange::{Exchange, What};
use crate::judge::{Fault, Kind, judge};
use crate::perform::perform;
use crate::relies::relies_on;
use crate::report::{Failure, Outcome, Recurrence, Verdict};
use crate::run::Revival;
use crate::spec::Spec;
use crate::transcript::{Act, Dialogue};

/// Dialogues that follow each other on a connection.
const SERIES: usize = 32;
/// Dialogues of a property that are performed however slow the target is.
const PREFIX_MIN: u32 = 16;
/// Failures of a case that are charged to requirements it does not cover, before it is given up.
const STRANGE_MAX: usize = 2;

/// A dialogue that was performed, with its end written out.
struct Attempt {
    dialogue: Dialogue,
    written: usize,
    exchange: Exchange,
    fault: Option<Fault>,
}

/// What came of looking into a fault.
enum Finding {
    /// It counts.
    Broken(Box<Failure>),
    /// It does not: it did not recur, and may have been the machine, or another case's doing.
    Cleared(String),
    /// Nobody can tell; why.
    Unable(String),
    /// The case has nothing to say about this target; why.
    Moot(String),
    /// The target is not there any more, by no fault of this case; why.
    Gone(String),
}

impl<H: Host> Run<'_, H> {
    /// Performs a case.
    pub(super) async fn case(&self, spec: &Spec, case: &Case) -> Outcome {
        let began = Instant::now();
        let mut outcome = Outcome {
            name: case.name.clone(),
            covers: case.covers.clone(),
            verdict: Verdict::Pass,
            why: None,
            failures: Vec::new(),
            notes: Vec::new(),
            held: 0,
            planned: 0,
            hurried: false,
            exchanges: 0,
            elapsed: Duration::ZERO,
        };
        match self.obstacle(spec, case) {
            Some((verdict, why)) => (outcome.verdict, outcome.why) = (verdict, Some(why)),
            None => {
                self.perform_case(spec, case, &mut outcome).await;
                self.last.replace(Some(case.name.clone()));
            }
        }
        outcome.elapsed = began.elapsed();
        outcome
    }

    async fn perform_case(&self, spec: &Spec, case: &Case, outcome: &mut Outcome) {
        let generated = matches!(case.body, Body::Generated(_));
        outcome.planned = match case.body {
            Body::Generated(_) => self.check.cases,
            Body::Written(_) => case.dialogues(0, 0).count() as u32,
        };
        let broken = Cell::new(None);
        let mut dialogues = case.dialogues(self.check.seed, self.check.cases).filter(|dialogue| {
            let relied = relies_on(dialogue, case.service, self.check.transport);
            // What needs something broken was not asked about, and is no better.
            let needed = |id| spec.needs(id, self.check.transport).into_iter().chain([id]);
            let others = relied.into_iter().flat_map(needed).filter(|id| !case.covers.contains(id));
            let hindrance = self.knows(|ledger| ledger.broken(others));
            broken.set(broken.get().or(hindrance));
            hindrance.is_none()
        });
        let most = if self.may_follow(case) { SERIES } else { 1 };
        let beside = if self.may_go_beside(case) { CLIENTS } else { 1 };
        let mut done = 0;
        loop {
            if generated && done >= PREFIX_MIN && self.began.elapsed() > self.budget {
                outcome.hurried = true;
                break;
            }
            let all: Vec<Vec<Dialogue>> = (0..beside)
                .map(|_| dialogues.by_ref().take(most).collect())
                .filter(|series: &Vec<Dialogue>| !series.is_empty())
                .collect();
            if all.is_empty() {
                break;
            }
            done += all.iter().map(|series| series.len() as u32).sum::<u32>();
            let attempts = join_all(all.iter().map(|series| self.attempt(series))).await;
            for (series, attempt) in all.iter().zip(attempts) {
                if !self.take_in(case, series, attempt, outcome).await {
                    return;
                }
            }
        }
        if let (0, Some(id)) = (outcome.held, broken.get()) {
            outcome.stop(Verdict::Blocked, format!("it relies on {id}, which is broken"));
        }
    }

    /// Looks into what came of a series, and performs what a fault has kept it from. Whether the case goes on.
    async fn take_in(
        &self,
        case: &Case,
        mut series: &[Dialogue],
        mut attempt: Attempt,
        outcome: &mut Outcome,
    ) -> bool {
        loop {
            outcome.exchanges += replies(&attempt);
            let Some(fault) = attempt.fault.clone() else {
                outcome.held += series.len() as u32;
                return true;
            };
            let failing = part_of(series, fault.step);
            outcome.held += failing as u32;
            match self.look_into(case, series, failing, &attempt, &fault).await {
                Finding::Broken(failure) => {
                    let covered = case.covers.contains(&failure.charged);
                    outcome.failures.push(*failure);
                    outcome.verdict = Verdict::Fail;
                    if covered || outcome.failures.len() >= STRANGE_MAX {
                        return false;
                    }
                }
                Finding::Cleared(note) => outcome.notes.push(note),
                Finding::Unable(why) => {
                    outcome.stop(Verdict::Inconclusive, why);
                    return false;
                }
                Finding::Moot(why) => {
                    outcome.stop(Verdict::Skip, why);
                    return false;
                }
                Finding::Gone(why) => {
                    outcome.stop(Verdict::Blocked, why);
                    return false;
                }
            }
            series = &series[failing + 1..];
            if series.is_empty() {
                return true;
            }
            attempt = self.attempt(series).await;
        }
    }

    /// Whether dialogues of the case may be performed at the same time: one client each, on a target that has shown
    /// that it serves several.
    fn may_go_beside(&self, case: &Case) -> bool {
        case.is_series() && self.knows(|ledger| ledger.has_passed(ledger.landmarks().clients))
    }

    /// Whether dialogues of the case may follow each other on a connection.
    fn may_follow(&self, case: &Case) -> bool {
        use crate::transport::Transport::{Tcp, Udp};
        match self.check.transport {
            Udp => case.is_series(),
            Tcp => {
                let proven = |stage| {
                    self.knows(|ledger| match stage {
                        Stage::Errors | Stage::Junk => ledger.has_passed(ledger.landmarks().errors),
                        _ => ledger.has_passed(ledger.landmarks().series),
                    })
                };
                case.is_series() && proven(case.stage())
            }
        }
    }

    /// Performs dialogues one after the other, as one.
    async fn attempt(&self, series: &[Dialogue]) -> Attempt {
        let joined = match series {
            [single] => single.clone(),
            several => Dialogue::joined(several),
        };
        let ending = self.knows(|ledger| ledger.ending());
        let dialogue = joined.completed(self.check.transport, &ending);
        let mut wire = self.host.wire();
        let exchange = perform(&mut wire, &dialogue, &self.pace, self.host).await;
        let fault = judge(&dialogue, &exchange, self.check.transport);
        if opened(&exchange) && !self.host.is_absent() {
            self.ledger.borrow_mut().reached = true;
        }
        Attempt { dialogue, written: joined.steps.len(), exchange, fault }
    }

    /// Tries a fault again: the dialogue alone, then after the same ones, each on a fresh connection, nothing else
    /// going on.
    async fn look_into(
        &self,
        case: &Case,
        series: &[Dialogue],
        failing: usize,
        first: &Attempt,
        fault: &Fault,
    ) -> Finding {
        match &fault.kind {
            Kind::Unable(why) => return Finding::Unable(why.clone()),
            Kind::Elsewhere(_) => {
                return Finding::Moot("the program listens on another port each time".to_owned());
            }
            _ => {}
        }
        if !self.knows(|ledger| ledger.reached) && self.host.is_absent() {
            let why = "nothing is bound to its UDP port".to_owned();
            self.ledger.borrow_mut().gone = Some(why.clone());
            return Finding::Gone(why);
        }
        let closed = matches!(fault.kind, Kind::Closed(_) | Kind::Reset(_) | Kind::Refused);
        let ending = self.host.ending(closed).await;
        let drops = self.host.drops();
        let failure = |attempt: &Attempt, fault: &Fault, recurrence, ending: Option<String>| {
            let charged =
                self.knows(|ledger| ledger.charge(case, &attempt.dialogue, attempt.written, fault));
            Finding::Broken(Box::new(Failure {
                charged,
                fault: fault.clone(),
                dialogue: attempt.dialogue.clone(),
                exchange: attempt.exchange.clone(),
                recurrence,
                ending,
            }))
        };
        let died = ending.is_some();
        let trials = [
            (&series[failing..=failing], Recurrence::Alone),
            (&series[..=failing], Recurrence::AfterTheSame),
        ];
        let trials = &trials[..if failing > 0 { 2 } else { 1 }];
        for (trial, recurrence) in trials {
            if let Revival::Gone(why) = self.host.revive().await {
                self.ledger.borrow_mut().gone = Some(why);
                return failure(first, fault, Recurrence::Untried, ending);
            }
            let again = self.attempt(trial).await;
            let Some(fault_again) = &again.fault else { continue };
            if let Kind::Unable(why) = &fault_again.kind {
                return Finding::Unable(why.clone());
            }
            if fault_again.kind == Kind::Refused && !opened(&again.exchange) {
                let began = opened(&first.exchange);
                return self.refused(
                    failure(first, fault, Recurrence::Untried, ending),
                    fault,
                    began,
                );
            }
            if matches!(fault_again.kind, Kind::Silence(..)) && self.host.drops() > drops {
                return Finding::Unable("the kernel dropped datagrams of the target".to_owned());
            }
            let closed = matches!(fault_again.kind, Kind::Closed(_) | Kind::Reset(_));
            let ending = self.host.ending(closed).await.or(ending);
            return failure(&again, fault_again, *recurrence, ending);
        }
        if fault.kind.is_timing() || died && closed {
            let what = describe(&fault.kind);
            return Finding::Cleared(format!("once, {what}; it did not recur"));
        }
        failure(first, fault, Recurrence::Once, ending)
    }

    /// Nothing answers at the address any more. Who was refused at once has no part in it.
    fn refused(&self, failure: Finding, fault: &Fault, began: bool) -> Finding {
        let last = self.last.borrow();
        let after = last.as_ref().map(|name| format!(" since {name}")).unwrap_or_default();
        let why = format!("nothing answers there{after}");
        self.ledger.borrow_mut().gone = Some(why.clone());
        if fault.kind == Kind::Refused && !began { Finding::Gone(why) } else { failure }
    }
}

/// Whether a client was connected: the target was there.
fn opened(exchange: &Exchange) -> bool {
    exchange.iter().any(|observation| observation.what == What::Opened)
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

/// Expectations that were met.
fn replies(attempt: &Attempt) -> u64 {
    let until = attempt.fault.as_ref().map_or(usize::MAX, |fault| fault.step);
    let expects = |act: &Act| matches!(act, Act::Expect { .. });
    attempt.dialogue.steps.iter().take(until).filter(|step| expects(&step.act)).count() as u64
}

/// Which of some dialogues, performed as one, a step belongs to; the last, when it belongs to their end.
fn part_of(series: &[Dialogue], step: usize) -> usize {
    let mut past = 0;
    let ends = series.iter().map(|part| {
        past += part.steps.len();
        past
    });
    ends.take(series.len() - 1).filter(|end| *end <= step).count()
}
