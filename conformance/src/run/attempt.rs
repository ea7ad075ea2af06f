//! One case: its dialogues one after the other, and what fails once more by itself.

use std::time::{Duration, Instant};

use super::{CLIENTS, Host, Run};
use crate::case::{Body, Case, Stage};
use crate::exchange::{Exchange, What};
use crate::judge::{Fault, Kind, judge};
use crate::perform::perform;
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
            exchanges: 0,
            elapsed: Duration::ZERO,
        };
        match self.obstacle(spec, case) {
            Some((verdict, why)) => (outcome.verdict, outcome.why) = (verdict, Some(why)),
            None => {
                self.perform_case(case, &mut outcome).await;
                self.last.replace(Some(case.name.clone()));
            }
        }
        outcome.elapsed = began.elapsed();
        outcome
    }

    async fn perform_case(&self, case: &Case, outcome: &mut Outcome) {
        let mut dialogues = case.dialogues(self.check.seed, self.check.cases);
        let generated = matches!(case.body, Body::Generated(_));
        outcome.planned = match case.body {
            Body::Generated(_) => self.check.cases,
            Body::Written(_) => case.dialogues(0, 0).count() as u32,
        };
        let most = if self.may_follow(case) { SERIES } else { 1 };
        let mut done = 0;
        loop {
            if generated && done >= PREFIX_MIN && self.began.elapsed() > self.budget {
                break;
            }
            let series: Vec<Dialogue> = dialogues.by_ref().take(most).collect();
            if series.is_empty() {
                break;
            }
            done += series.len() as u32;
            let mut rest = series.as_slice();
            while !rest.is_empty() {
                let attempt = self.attempt(rest).await;
                outcome.exchanges += replies(&attempt);
                let Some(fault) = &attempt.fault else {
                    outcome.held += rest.len() as u32;
                    break;
                };
                let failing = part_of(rest, fault.step);
                outcome.held += failing as u32;
                match self.look_into(case, rest, failing, &attempt, fault).await {
                    Finding::Broken(failure) => {
                        let covered = case.covers.contains(&failure.charged);
                        outcome.failures.push(*failure);
                        outcome.verdict = Verdict::Fail;
                        if covered || outcome.failures.len() >= STRANGE_MAX {
                            return;
                        }
                    }
                    Finding::Cleared(note) => outcome.notes.push(note),
                    Finding::Unable(why) => {
                        (outcome.verdict, outcome.why) = (Verdict::Inconclusive, Some(why));
                        return;
                    }
                    Finding::Gone(why) => {
                        (outcome.verdict, outcome.why) = (Verdict::Blocked, Some(why));
                        return;
                    }
                }
                rest = &rest[failing + 1..];
            }
        }
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
        let clients = clients(series) as u32;
        let _permits = self.permits.acquire_many(clients).await;
        self.attempt_now(series).await
    }

    async fn attempt_now(&self, series: &[Dialogue]) -> Attempt {
        let joined = match series {
            [single] => single.clone(),
            several => Dialogue::joined(several),
        };
        let ending = self.knows(|ledger| ledger.ending());
        let dialogue = joined.completed(self.check.transport, &ending);
        let mut wire = self.host.wire();
        let exchange = perform(&mut wire, &dialogue, &self.pace, self.host).await;
        let fault = judge(&dialogue, &exchange, self.check.transport);
        let spoke = |what: &What| {
            matches!(what, What::Received(_) | What::Stray(..))
                || self.check.transport == crate::transport::Transport::Tcp && *what == What::Opened
        };
        if exchange.iter().any(|observation| spoke(&observation.what)) {
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
        let _alone = self.permits.acquire_many(CLIENTS as u32).await;
        if self.check.transport == crate::transport::Transport::Udp
            && !self.knows(|ledger| ledger.reached)
        {
            // Nothing bound there: the kernel knows, or nobody does.
            if self.host.drops().is_none() && cfg!(target_os = "linux") {
                let why = "nothing is bound to its UDP port".to_owned();
                self.ledger.borrow_mut().gone = Some(why.clone());
                return Finding::Gone(why);
            }
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
            let again = self.attempt_now(trial).await;
            let Some(fault_again) = &again.fault else { continue };
            if let Kind::Unable(why) = &fault_again.kind {
                return Finding::Unable(why.clone());
            }
            if fault_again.kind == Kind::Refused {
                return self
                    .refused(failure(first, fault, Recurrence::Untried, ending.clone()), fault);
            }
            if matches!(fault_again.kind, Kind::Silence(..)) && self.host.drops() > drops {
                return Finding::Unable("the kernel dropped datagrams of the target".to_owned());
            }
            let closed = matches!(fault_again.kind, Kind::Closed(_) | Kind::Reset(_));
            let ending = self.host.ending(closed).await.or(ending);
            return failure(&again, fault_again, *recurrence, ending);
        }
        if let Kind::Unable(why) = &fault.kind {
            return Finding::Unable(why.clone());
        }
        if fault.kind.is_timing() || died && closed {
            let what = describe(&fault.kind);
            return Finding::Cleared(format!("once, {what}; it did not recur"));
        }
        failure(first, fault, Recurrence::Once, ending)
    }

    /// Nothing answers at the address any more. Who was refused at once has no part in it.
    fn refused(&self, failure: Finding, fault: &Fault) -> Finding {
        let last = self.last.borrow();
        let after = last.as_ref().map(|name| format!(" since {name}")).unwrap_or_default();
        let why = format!("nothing answers there{after}");
        self.ledger.borrow_mut().gone = Some(why.clone());
        if fault.kind == Kind::Refused { Finding::Gone(why) } else { failure }
    }
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

/// How many clients some dialogues need at the same time.
fn clients(series: &[Dialogue]) -> usize {
    let count = |dialogue: &Dialogue| {
        let clients: std::collections::BTreeSet<_> =
            dialogue.steps.iter().map(|it| it.client).collect();
        clients.len().clamp(1, CLIENTS)
    };
    series.iter().map(count).max().unwrap_or(1)
}
