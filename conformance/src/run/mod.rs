//! Performs a suite against a target.
//!
//! ```text
//! selection -> waves (stage by stage, needs first) -> each case: dialogues -> exchange -> judge
//!                                                          | fault: alone, on a fresh connection, again
//!                                                          v
//!                              ledger (what failed blocks what needs it) -> report
//! ```

mod attempt;
mod host;
mod ledger;
mod select;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use tokio::sync::Semaphore;

pub use host::{Host, Live, Revival};
pub use select::{Selection, SelectionError};

use crate::case::{Body, Case, Stage};
use crate::pace::Pace;
use crate::report::{Check, Finding, Outcome, Report, Verdict};
use crate::spec::{Id, Spec};
use crate::transcript::Act;
use ledger::{Ledger, findings};

/// Clients that may be connected at the same time: what FRAME-18 asks of every server.
const CLIENTS: usize = 4;

/// Something that happened during a check. Reporters see this and nothing else.
#[derive(Debug)]
pub enum Event<'a> {
    /// A check begins; so many cases are to be performed.
    Began(&'a Check, usize),
    /// A case is over.
    Case(&'a Outcome),
    /// The check is over.
    Done(&'a Report),
}

/// How patient a check is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The longest deadline; the others follow from it.
    pub longest: Duration,
    /// For how long dialogues are generated, all properties together, once the target turns out to be slow.
    pub budget: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { longest: Pace::LONGEST, budget: Duration::from_secs(20) }
    }
}

/// What all cases of a run share.
struct Run<'a, H> {
    host: &'a H,
    check: &'a Check,
    pace: Pace,
    ledger: RefCell<Ledger>,
    permits: Semaphore,
    began: Instant,
    budget: Duration,
    /// The case that was performed last.
    last: RefCell<Option<String>>,
}

/// Performs the selected cases and says what came of it.
pub async fn run<H: Host>(
    host: &H,
    check: Check,
    patience: Patience,
    selection: &Selection<'_>,
    on: &mut dyn FnMut(Event<'_>),
) -> Report {
    let spec = Spec::current();
    on(Event::Began(&check, selection.cases.len()));
    let run = Run {
        host,
        check: &check,
        pace: Pace::new(patience.longest),
        ledger: RefCell::new(Ledger::new(check.service, check.transport)),
        permits: Semaphore::new(CLIENTS),
        began: Instant::now(),
        budget: patience.budget,
        last: RefCell::new(None),
    };
    let mut outcomes: Vec<(usize, Outcome)> = Vec::new();
    for wave in run.waves(spec, &selection.cases) {
        let parallel = run.knows(|ledger| ledger.has_passed(ledger.landmarks().clients));
        let done: Vec<(usize, Outcome)> = stream::iter(wave)
            .map(|(index, case)| {
                let case = run.case(spec, case);
                async move { (index, case.await) }
            })
            .buffered(if parallel { CLIENTS } else { 1 })
            .inspect(|(_, outcome)| on(Event::Case(outcome)))
            .collect()
            .await;
        done.iter().for_each(|(_, outcome)| run.ledger.borrow_mut().record(outcome));
        outcomes.extend(done);
        // What died during a stage is there again for the next.
        if let Revival::Gone(why) = host.revive().await {
            run.ledger.borrow_mut().gone.get_or_insert(why);
        }
    }
    outcomes.sort_by_key(|(index, _)| *index);
    let cases: Vec<Outcome> = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
    let found = findings(spec, &selection.requirements, &cases);
    let requirements = found.into_iter().filter_map(|(id, (verdict, why))| {
        Some(Finding { requirement: spec.get(id)?.clone(), verdict, why })
    });
    let report = Report {
        requirements: requirements.collect(),
        exchanges: cases.iter().map(|case| case.exchanges).sum(),
        cases,
        elapsed: run.began.elapsed(),
        reached: run.knows(|ledger| ledger.reached),
        check: check.clone(),
    };
    on(Event::Done(&report));
    report
}

impl<H: Host> Run<'_, H> {
    fn knows<T>(&self, ask: impl FnOnce(&Ledger) -> T) -> T {
        ask(&self.ledger.borrow())
    }

    /// The cases in the order in which they are performed. Nothing in a wave needs anything in it or after it, but for
    /// what belongs to a later stage; the verdicts of a wave are known before the next begins.
    fn waves<'c>(&self, spec: &Spec, cases: &[&'c Case]) -> Vec<Vec<(usize, &'c Case)>> {
        let transport = self.check.transport;
        let depth = |case: &Case| {
            let wanted = self.wanted(spec, case);
            let longest = |id: Id| chain(spec, id, transport);
            wanted.into_iter().map(|id| longest(id) + 1).max().unwrap_or(0)
        };
        let stage = |case: &Case| {
            // A requirement is first asked about in the earliest stage of its cases.
            let first = |id: Id| {
                let about = cases.iter().filter(|other| other.covers.first() == Some(&id));
                about.map(|other| other.stage()).min()
            };
            let wanted = self.wanted(spec, case);
            wanted.into_iter().filter_map(first).fold(case.stage(), Stage::max)
        };
        let mut keyed: Vec<_> = cases
            .iter()
            .enumerate()
            .map(|(index, case)| ((stage(case), depth(case)), (index, *case)))
            .collect();
        keyed.sort_by_key(|(key, (index, _))| (*key, *index));
        keyed
            .chunk_by(|left, right| left.0 == right.0)
            .map(|wave| wave.iter().map(|(_, case)| *case).collect())
            .collect()
    }

    /// What is asked about before a case: what it needs, and what tells how it may be performed.
    fn wanted(&self, spec: &Spec, case: &Case) -> BTreeSet<Id> {
        let mut wanted = case.needs(spec, self.check.transport);
        if case.is_series() && case.stage() >= Stage::Errors {
            let errors = self.knows(|ledger| ledger.landmarks().errors);
            if spec
                .get(errors)
                .is_some_and(|it| it.transport.is_none_or(|it| it == self.check.transport))
            {
                wanted.extend(spec.needs(errors, self.check.transport));
                wanted.insert(errors);
            }
            wanted.retain(|id| !case.covers.contains(id));
        }
        wanted
    }

    /// Why a case is not performed.
    fn obstacle(&self, spec: &Spec, case: &Case) -> Option<(Verdict, String)> {
        let ledger = self.ledger.borrow();
        if let Some(why) = &ledger.gone {
            return Some((Verdict::Blocked, format!("the target is gone: {why}")));
        }
        let needs = case.needs(spec, self.check.transport);
        if let Some(need) = needs.into_iter().find(|&need| ledger.has_failed(need)) {
            return Some((Verdict::Blocked, format!("it needs {need}, which is broken")));
        }
        let Body::Written(dialogue) = &case.body else { return None };
        dialogue.steps.iter().find_map(|step| match step.act {
            Act::Restart if !self.host.restarts() => Some((
                Verdict::Skip,
                "only a program that trueline launches can be started again".to_owned(),
            )),
            Act::Exited | Act::Type(_) | Act::Printed(_) => Some((
                Verdict::Skip,
                "this version does not watch what a program prints or how it ends".to_owned(),
            )),
            _ => None,
        })
    }
}

/// How many requirements, one needing the next, lie behind one.
fn chain(spec: &Spec, id: Id, transport: crate::transport::Transport) -> usize {
    spec.needs(id, transport).len()
}
