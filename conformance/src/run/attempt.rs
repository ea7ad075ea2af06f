//! One case: its dialogues, one after the other or side by side.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use trueline_protocol::limits::CLIENTS_MIN;

use super::inquiry::{Inquiry, opened};
use super::{Host, Revival, Run};
use crate::capture::Frames;
use crate::case::{Body, Case, Stage};
use crate::exchange::Exchange;
use crate::judge::{Fault, Kind, judge};
use crate::perform::perform;
use crate::relies::relies_on;
use crate::report::{Counterexample, Failure, Outcome, Recurrence, Spoken, Verdict};
use crate::spec::{DECLARED, Id, Spec};
use crate::transcript::{Act, Client, Dialogue, Step};

/// Dialogues that follow each other on a connection.
const SERIES: usize = 32;
/// How long they take at most.
const SERIES_MAX: Duration = Duration::from_secs(1);
/// Dialogues of a property that are performed however slow the target is.
const PREFIX_MIN: u32 = 4;
/// Why no more of a case is performed that meets nothing but what is known.
const KNOWN: &str = "what it delivers is answered wrongly without that, too";
/// Why nothing of a case is performed in a dialect.
const UNSAID: &str = "the dialect has no words for it, or does not say what comes of it";
/// Why a program is not asked what takes more than one client.
pub(super) const ENDS: &str = "each client meets a launch of its own: it may serve one and end";
/// How many shares of the time that is left a case may take.
const SHARES: u32 = 2;
/// Dialogues that show nothing but what is known to be broken, after which no more are delivered.
const KNOWN_MAX: u32 = 3;
/// Failures of a case that are charged to requirements it does not cover, before it is given up.
const STRANGE_MAX: usize = 2;

/// A dialogue that was performed, with its end written out.
pub(super) struct Attempt {
    pub(super) dialogue: Dialogue,
    /// How many steps it had before its end was written out.
    pub(super) written: usize,
    pub(super) exchange: Exchange,
    pub(super) fault: Option<Fault>,
    pub(super) frames: Option<Arc<Frames>>,
    /// As it was performed, where that was in the words of a dialect; all else is in those of `line`.
    pub(super) spoken: Option<Spoken>,
    /// The requirement that the dialect has declared itself, where the fault is about that.
    pub(super) declared: Option<Id>,
}

impl Attempt {
    /// A dialogue that the dialect has no words for.
    fn unsaid(dialogue: Dialogue, written: usize) -> Self {
        let kind = Kind::Unable("the dialect has no words for what is to be asked".to_owned());
        let fault = Some(Fault { step: 0, client: Client::A, kind });
        Self {
            dialogue,
            written,
            exchange: Exchange::new(),
            fault,
            frames: None,
            spoken: None,
            declared: None,
        }
    }

    /// What shows a fault.
    pub(super) fn shows(&self, fault: &Fault) -> Counterexample {
        Counterexample {
            dialogue: self.dialogue.clone(),
            written: self.written,
            exchange: self.exchange.clone(),
            fault: fault.clone(),
            frames: self.frames.clone(),
            spoken: self.spoken.clone(),
        }
    }
}

impl Attempt {
    /// The failure that a fault is.
    pub(super) fn failure(
        &self,
        charged: Id,
        fault: &Fault,
        recurrence: Recurrence,
        ending: Option<String>,
    ) -> Failure {
        Failure { charged, seen: self.shows(fault), smallest: None, recurrence, ending }
    }
}

impl<H: Host> Run<'_, H> {
    /// The requirement that the fault of an attempt breaks; `about` is what its case covers first.
    pub(super) fn charge(&self, about: Option<Id>, attempt: &Attempt, fault: &Fault) -> Id {
        let Attempt { dialogue, written, declared, .. } = attempt;
        let terminator = matches!(fault.kind, Kind::Unterminated(_) | Kind::Terminator(_));
        // A case of what the dialect declares is about nothing else.
        let own = about.filter(|id| id.area() == DECLARED && !terminator);
        let charged = || self.knows(|ledger| ledger.charge(about, dialogue, *written, fault));
        // A reply came where the dialect has none: nothing is wrong with how many there are.
        let none_due = || {
            let due = dialogue.steps.get(fault.step).map(|step| &step.act);
            let extra = matches!(fault.kind, Kind::Extra(_) | Kind::NotQuiet(_));
            about.filter(|_| extra && matches!(due, Some(Act::Expect { .. })))
        };
        declared.or(own).or_else(none_due).unwrap_or_else(charged)
    }

    /// Performs a case.
    pub(super) async fn case(&self, spec: &Spec, case: &Case) -> Outcome {
        let began = Instant::now();
        let mut outcome = Outcome::of(case.name.clone(), case.covers.clone());
        let until = self.until(case);
        match self.obstacle(spec, case) {
            Some((verdict, why)) => (outcome.verdict, outcome.why) = (verdict, Some(why)),
            None => {
                self.perform_case(spec, case, until, &mut outcome).await;
                self.last.replace(Some(case.name.clone()));
            }
        }
        outcome.elapsed = began.elapsed();
        outcome
    }

    async fn perform_case(&self, spec: &Spec, case: &Case, until: Duration, outcome: &mut Outcome) {
        outcome.planned = match case.body {
            Body::Generated(_) => self.check.cases,
            Body::Written(_) | Body::Delivered(..) => {
                case.dialogues(self.check.seed, self.check.cases).count() as u32
            }
        };
        let broken = Cell::new(None);
        let stops = Cell::new(self.launches_to_spare());
        let about = case.covers.first().copied();
        let sayable = |dialogue: &Dialogue| match self.check.dialect {
            Some(dialect) => {
                dialect.speak_of(about, dialogue, self.check.transport).is_some_and(|it| {
                    // Each of these ends the program, and costs a launch.
                    !it.stops || stops.replace(stops.get().saturating_sub(1)) > 0
                })
            }
            None => true,
        };
        let said = Cell::new(0);
        let dialogues = case.dialogues(self.check.seed, self.check.cases).filter(sayable);
        let dialogues = dialogues.inspect(|_| said.set(said.get() + 1)).filter(|dialogue| {
            let relied = relies_on(dialogue, case.service, self.check.transport);
            let here = |id| self.check.dialect.map_or(id, |dialect| dialect.stands_for(id));
            let relied: BTreeSet<Id> = relied.into_iter().map(here).collect();
            // What needs something broken was not asked about, and is no better.
            let needed = |id| {
                spec.needs(id, self.check.service, self.check.transport).into_iter().chain([id])
            };
            let others = relied.into_iter().flat_map(needed).filter(|id| !case.covers.contains(id));
            let hindrance = self.knows(|ledger| {
                let too_much = self.serves_once() && self.needs_more(dialogue);
                let goes_on = too_much.then_some(ledger.landmarks().goes_on);
                ledger.broken(others).or(goes_on)
            });
            broken.set(broken.get().or(hindrance));
            hindrance.is_none()
        });
        let mut dialogues = dialogues.peekable();
        let most = if self.may_follow(case) { SERIES } else { 1 };
        let beside = if self.may_go_beside(case) { CLIENTS_MIN } else { 1 };
        let mut done = 0;
        let mut share = self.share();
        while dialogues.peek().is_some() {
            if share == 0 {
                outcome.hurried = true;
                break;
            }
            share -= 1;
            let least =
                if self.began.elapsed() > self.budget.saturating_mul(2) { 1 } else { PREFIX_MIN };
            if done >= least && self.began.elapsed() > until {
                outcome.hurried = true;
                break;
            }
            let most = if self.began.elapsed() > self.budget { 1 } else { most };
            let all: Vec<Vec<Dialogue>> = (0..beside)
                .map(|_| self.series(&mut dialogues, most))
                .filter(|series: &Vec<Dialogue>| !series.is_empty())
                .collect();
            done += all.iter().map(|series| series.len() as u32).sum::<u32>();
            let attempts = join_all(all.iter().map(|series| self.attempt(series))).await;
            for (series, attempt) in all.iter().zip(attempts) {
                if !self.take_in(case, series, attempt, outcome).await {
                    return;
                }
            }
        }
        match (outcome.held, broken.get()) {
            (0, Some(id)) => outcome.stop(Verdict::Blocked, format!("{id} is broken")),
            (0, None) if outcome.known > 0 => outcome.stop(Verdict::Blocked, KNOWN.to_owned()),
            (0, None) if said.get() == 0 && self.check.dialect.is_some() => {
                outcome.stop(Verdict::Skip, UNSAID.to_owned());
            }
            // To have asked nothing is no success.
            (0, None) => outcome.stop(Verdict::Inconclusive, "nothing of it was asked".to_owned()),
            _ => {}
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
            if (self.serves_once() || self.check.dialect.is_some())
                && let Some(why) = self.knows(|ledger| ledger.gone.clone())
            {
                outcome.cut_short(format!("the target is gone: {why}"));
                return false;
            }
            outcome.exchanges += replies(&attempt);
            let Some(fault) = attempt.fault.clone() else {
                outcome.hold(series, series.len());
                return true;
            };
            let ending = self.host.ending(fault.kind.hangs_up()).await;
            if self.ended_as_it_may(ending.as_ref(), &fault) {
                if series.iter().any(|dialogue| self.needs_more(dialogue)) {
                    outcome.stop(Verdict::Skip, ENDS.to_owned());
                    return false;
                }
                attempt = self.attempt(series).await;
                continue;
            }
            if ending.is_some()
                && fault.kind.is_lost()
                && let Some(serves_once) = self.find_lifetime().await
            {
                outcome.failures.push(serves_once);
                attempt = self.attempt(series).await;
                continue;
            }
            let failing = part_of(series, fault.step);
            // What shows in one dialogue may be what the one before has left behind.
            outcome.hold(&series[..failing], failing.saturating_sub(1));
            match self.look_into(case, series, failing, &attempt, &fault, ending).await {
                Inquiry::Broken(failure) => {
                    let covered = case.covers.contains(&failure.charged);
                    outcome.failures.push(*failure);
                    outcome.verdict = Verdict::Fail;
                    if covered || outcome.failures.len() >= STRANGE_MAX {
                        return false;
                    }
                }
                Inquiry::Known => {
                    outcome.known += 1;
                    if outcome.known >= KNOWN_MAX {
                        outcome.stop(Verdict::Blocked, KNOWN.to_owned());
                        return false;
                    }
                }
                Inquiry::Cleared(note) => {
                    outcome.held += 1;
                    outcome.notes.push(note);
                }
                Inquiry::Unable(why) => {
                    outcome.stop(Verdict::Inconclusive, why);
                    return false;
                }
                Inquiry::Moot(why) => {
                    outcome.stop(Verdict::Skip, why);
                    return false;
                }
                Inquiry::Gone(why) => {
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

    /// Until when, since the check began, a case has time: one of many dialogues has twice its share of what is left, for few
    /// need as much, and what it does not need is left to the others.
    fn until(&self, case: &Case) -> Duration {
        if !case.is_many() {
            return Duration::MAX;
        }
        let now = self.began.elapsed();
        let share = self.budget.saturating_sub(now) / self.ahead.get().max(1);
        self.ahead.set(self.ahead.get().saturating_sub(1));
        now.saturating_add(share.saturating_mul(SHARES)).min(self.budget)
    }

    /// Whether dialogues of the case may be performed at the same time: one client each, on a target that has shown
    /// that it serves several.
    fn may_go_beside(&self, case: &Case) -> bool {
        case.is_series() && self.knows(|ledger| ledger.has_passed(ledger.landmarks().clients))
    }

    /// The next dialogues that follow each other on a connection: so many at most, and no more than take a second.
    fn series(&self, dialogues: &mut impl Iterator<Item = Dialogue>, most: usize) -> Vec<Dialogue> {
        let (mut series, mut time) = (Vec::new(), Duration::ZERO);
        while series.len() < most && time < SERIES_MAX {
            let Some(dialogue) = dialogues.next() else { break };
            let expects = |step: &&Step| matches!(step.act, Act::Expect { .. });
            let replies = dialogue.steps.iter().filter(expects).count() as u32;
            time += self.pace.usual().saturating_mul(replies);
            series.push(dialogue);
        }
        series
    }

    /// Whether dialogues of the case may follow each other on a connection.
    fn may_follow(&self, case: &Case) -> bool {
        use crate::transport::Transport::{Tcp, Udp};
        match self.check.transport {
            Udp => case.is_series() && !self.serves_once(),
            Tcp => {
                let proven = |stage| {
                    self.knows(|ledger| match stage {
                        Stage::Errors | Stage::Junk => {
                            let at = ledger.landmarks();
                            ledger.has_passed(at.errors) && !ledger.has_failed(at.goes_on)
                        }
                        _ => ledger.has_passed(ledger.landmarks().series),
                    })
                };
                case.is_series() && proven(case.stage())
            }
        }
    }

    /// Performs dialogues one after the other, as one.
    pub(super) async fn attempt(&self, series: &[Dialogue]) -> Attempt {
        let joined = match series {
            [single] => single.clone(),
            several => Dialogue::joined(several),
        };
        let (transport, dialect) = (self.check.transport, self.check.dialect);
        let dialogue = joined.completed(transport, &self.dialogue_ending());
        let speech = dialect.map(|dialect| dialect.speak(&dialogue, transport));
        if let Some(None) = speech {
            return Attempt::unsaid(dialogue, joined.steps.len());
        }
        let speech = speech.flatten();
        let performed = speech.as_ref().map_or(&dialogue, |speech| &speech.dialogue);
        self.see_whether_it_lets_go();
        if self.serves_once()
            && let Revival::Gone(why) = self.host.revive().await
        {
            self.ledger.borrow_mut().gone.get_or_insert(why);
        }
        if dialogue.is_typed_to()
            && self.typed_in_vain.take()
            && let Revival::Gone(why) = self.host.renew().await
        {
            self.ledger.borrow_mut().gone.get_or_insert(why);
        }
        let recording = self.host.recording();
        let mut wire = self.host.wire();
        let exchange = perform(&mut wire, performed, &self.pace, self.host).await;
        // That the clients are closed is part of it.
        drop(wire);
        let frames = recording.map(|it| Arc::new(it.frames()));
        if frames.as_ref().is_some_and(|it| !it.is_empty()) {
            self.frames.replace(frames.clone());
        }
        let found = judge(performed, &exchange, transport);
        self.typed_in_vain.set(dialogue.is_typed_to() && found.is_some());
        if speech.as_ref().is_some_and(|speech| speech.stops)
            && !self.serves_once()
            && self.host.ending(true).await.is_some()
            && let Revival::Gone(why) = self.host.revive().await
        {
            self.ledger.borrow_mut().gone.get_or_insert(why);
        }
        if dialogue.takes_output_away()
            && let Revival::Gone(why) = self.host.renew().await
        {
            self.ledger.borrow_mut().gone.get_or_insert(why);
        }
        let mut ledger = self.ledger.borrow_mut();
        if !std::mem::replace(&mut ledger.spoken_to, true) {
            ledger.reached = opened(&exchange) && !self.host.is_absent();
        }
        ledger.hear(&dialogue, &exchange, dialect);
        drop(ledger);
        let written = joined.steps.len();
        let at = found.as_ref().map(|fault| fault.step);
        let declared = speech.as_ref().and_then(|it| it.declared.get(&at?).copied());
        let (fault, spoken) = match (dialect, speech) {
            (Some(dialect), Some(speech)) => {
                let heard =
                    found.as_ref().map(|it| dialect.heard(&dialogue, &speech, it, transport));
                let written = speech.origin.iter().filter(|origin| **origin < written).count();
                let dialogue = speech.dialogue;
                (heard, found.map(|fault| Spoken { dialogue, written, fault }))
            }
            _ => (found, None),
        };
        Attempt { dialogue, written, exchange, fault, frames, spoken, declared }
    }
}

/// Expectations that were met.
fn replies(attempt: &Attempt) -> u64 {
    let until = attempt.fault.as_ref().map_or(usize::MAX, |fault| fault.step);
    // Where nothing is replied that is all there is.
    let visits = !attempt.dialogue.steps.iter().any(|step| matches!(step.act, Act::Expect { .. }));
    let expects =
        |act: &Act| matches!(act, Act::Expect { .. }) || visits && matches!(act, Act::Closed);
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
