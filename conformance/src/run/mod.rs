//! Performs a suite against a target.
//!
//! ```text
//! selection -> in order (stage by stage, needs first) -> each case: dialogues -> exchange -> judge
//!                                                          | fault: alone, on a fresh connection, again
//!                                                          v
//!                              ledger (what failed blocks what needs it) -> report
//! ```

mod attempt;
mod condition;
mod conduct;
mod counterexample;
mod host;
mod inquiry;
mod ledger;
mod lifetime;
mod live;
mod order;
mod select;
mod simulated;
mod unanswered;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};

pub use host::{Host, Revival};
pub use live::Live;
pub use select::{Selection, SelectionError};

use crate::capture::Frames;
use crate::case::{Body, Case};
use crate::diagnosis::diagnosed;
use crate::dialect::spec_of;
use crate::pace::Pace;
use crate::report::{Check, Conduct, Finding, Outcome, Report, Verdict};
use crate::spec::{Id, Level, Spec};
use crate::target::Lifetime;
use crate::transcript::Act;
use ledger::Ledger;
pub(crate) use ledger::findings;
use lifetime::one_of_each_first;
use order::in_order;

/// Matters of time that do not recur, after which they are no accident.
const DOUBTFUL: usize = 3;
/// Longest time that the requests of one written dialogue may be expected to take.
const DIALOGUE_MAX: Duration = Duration::from_secs(10);

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
    /// Whether the smallest counterexample of what is broken is looked for.
    pub shrinks: bool,
}

impl Patience {
    /// The time for generated dialogues when nobody says otherwise.
    const BUDGET: Duration = Duration::from_secs(15);

    /// Deadlines that are never longer than this. Where that is longer than usual, there is more time for dialogues, too.
    pub fn of(longest: Duration) -> Self {
        let scale = longest.div_duration_f64(Pace::LONGEST).max(1.0);
        Self { longest, budget: Self::BUDGET.mul_f64(scale), shrinks: true }
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self::of(Pace::LONGEST)
    }
}

/// What all cases of a run share.
struct Run<'a, H> {
    host: &'a H,
    check: &'a Check,
    pace: Pace,
    ledger: RefCell<Ledger>,
    began: Instant,
    budget: Duration,
    /// The requirements that are asked about.
    asked: &'a BTreeSet<Id>,
    /// How many cases of many dialogues are still to be performed.
    ahead: Cell<u32>,
    /// How many cases are still to be performed.
    cases_ahead: Cell<u32>,
    /// Whether it was tried to find out for how long the target serves.
    is_lifetime_sought: Cell<bool>,
    /// How often the program ended for no reason that was found.
    ends: Cell<u32>,
    /// The case that was performed last.
    last: RefCell<Option<String>>,
    /// The frames of the last attempt that had any, where they are captured.
    frames: RefCell<Option<Arc<Frames>>>,
    /// Whether the program may have been typed something that it has not read.
    typed_in_vain: Cell<bool>,
}

/// Performs the selected cases and says what came of it.
pub async fn run<H: Host>(
    host: &H,
    check: Check,
    patience: Patience,
    selection: &Selection<'_>,
    on: &mut dyn FnMut(Event<'_>),
) -> Report {
    let spec = spec_of(check.dialect);
    on(Event::Began(&check, selection.cases.len()));
    let run = Run {
        host,
        check: &check,
        pace: Pace::new(patience.longest),
        ledger: RefCell::new(Ledger::new(check.service, check.transport)),
        began: Instant::now(),
        budget: patience.budget,
        asked: &selection.requirements,
        ahead: Cell::new(selection.cases.iter().filter(|case| case.is_many()).count() as u32),
        cases_ahead: Cell::new(0),
        // Where a dialect says it, there is nothing to find out.
        is_lifetime_sought: Cell::new(
            check.dialect.is_some_and(|it| it.lifetime() == Some(Lifetime::Once)),
        ),
        ends: Cell::new(0),
        last: RefCell::new(None),
        frames: RefCell::new(None),
        typed_in_vain: Cell::new(false),
    };
    let (mut cases, program) = {
        let performed = pin!(run.all(spec, selection, patience, on));
        match select(performed, pin!(host.launch_ahead())).await {
            Either::Left((found, _)) => found,
            Either::Right((never, _)) => match never {},
        }
    };
    for failure in cases.iter_mut().flat_map(|case| &mut case.failures) {
        failure.tell_in_its_words();
    }
    let found = findings(spec, check.service, &selection.requirements, &cases);
    let requirements = found.into_iter().filter_map(|(id, (verdict, why))| {
        Some(Finding { requirement: spec.get(id)?.clone(), verdict, why })
    });
    let report = Report {
        requirements: requirements.collect(),
        diagnoses: diagnosed(&check, &cases),
        baseline: None,
        program,
        exchanges: cases.iter().map(|case| case.exchanges).sum(),
        cases,
        elapsed: run.began.elapsed(),
        reached: run.knows(|ledger| ledger.reached),
        lifetime: host.lifetime(),
        check: check.clone(),
    };
    on(Event::Done(&report));
    report
}

/// What is seen once may be the machine. What is seen again and again is not, or the machine is no place to check.
fn doubt(cases: &mut [Outcome]) {
    let seen: usize = cases.iter().map(|case| case.notes.len()).sum();
    if seen >= DOUBTFUL {
        for case in cases.iter_mut().filter(|case| !case.notes.is_empty()) {
            let why = format!(
                "{seen} times in this check something took too long, and went well when it was tried again"
            );
            case.stop(Verdict::Inconclusive, why);
        }
    }
}

impl<H: Host> Run<'_, H> {
    /// Performs all cases; what came of them, in the order of the suite, and what the program did besides.
    async fn all(
        &self,
        spec: &Spec,
        selection: &Selection<'_>,
        patience: Patience,
        on: &mut dyn FnMut(Event<'_>),
    ) -> (Vec<Outcome>, Option<Conduct>) {
        self.see_whether_it_ends().await;
        let mut cases = VecDeque::from(in_order(spec, self.check, &selection.cases));
        if self.serves_once() {
            cases = one_of_each_first(cases);
        }
        let mut outcomes: Vec<(usize, Outcome)> = Vec::new();
        while let Some((index, case)) = cases.pop_front() {
            self.cases_ahead.set(cases.len() as u32);
            let served_once = self.serves_once();
            let mut outcome = self.case(spec, case).await;
            // What died is there again for the next.
            // Of one that is said to end it is waited for, once.
            let is_stated = served_once && !self.is_lifetime_sought.get();
            let ending = self.host.ending(is_stated).await;
            if is_stated && ending.is_none() {
                self.is_lifetime_sought.set(true);
                // That was said of it, and it goes on.
                self.host.found(Lifetime::Loops);
            }
            if ending.is_some() && self.may_end() {
                // What a talk or a visit leaves behind may end.
                self.host.found(Lifetime::Once);
            } else if let Some(ending) = ending.filter(|_| self.must_go_on()) {
                if let Some(serves_once) = self.find_lifetime().await {
                    outcome.failures.push(serves_once);
                } else if outcome.failures.is_empty() && !self.serves_once() {
                    outcome.failures.push(self.ended(case, ending).await);
                }
            }
            if self.serves_once() && !served_once {
                cases = one_of_each_first(cases);
            }
            if let Revival::Gone(why) = self.host.revive().await {
                self.ledger.borrow_mut().gone.get_or_insert(why);
            }
            self.charge_what_holds(spec, &mut outcome);
            self.host.case_over(&outcome);
            on(Event::Case(&outcome));
            self.ledger.borrow_mut().record(&outcome);
            outcomes.push((index, outcome));
        }
        outcomes.sort_by_key(|(index, _)| *index);
        let mut cases: Vec<Outcome> = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
        doubt(&mut cases);
        let program = self.host.conduct();
        if patience.shrinks && !self.serves_once() {
            self.counterexamples(&mut cases).await;
        }
        (cases, program)
    }

    /// Whether the target may not end by itself.
    pub(super) fn must_go_on(&self) -> bool {
        let goes_on = self.knows(|ledger| ledger.landmarks().goes_on);
        self.check.dialect.is_none_or(|dialect| dialect.spec().get(goes_on).is_some())
    }

    /// What breaks a requirement that does not hold in the dialect breaks the one that its case is about.
    fn charge_what_holds(&self, spec: &Spec, outcome: &mut Outcome) {
        let Some(&about) = outcome.covers.first() else { return };
        for failure in &mut outcome.failures {
            let Some(dialect) = self.check.dialect else { return };
            failure.charged = dialect.stands_for(failure.charged);
            // What is for information only shows nothing else.
            let informs = spec.get(about).is_some_and(|it| it.level == Level::May);
            if informs || spec.get(failure.charged).is_none() {
                failure.charged = about;
                outcome.verdict = Verdict::Fail;
            }
        }
    }

    fn knows<T>(&self, ask: impl FnOnce(&Ledger) -> T) -> T {
        ask(&self.ledger.borrow())
    }

    /// Why a case is not performed.
    fn obstacle(&self, spec: &Spec, case: &Case) -> Option<(Verdict, String)> {
        let ledger = self.ledger.borrow();
        if self.began.elapsed() > self.budget.saturating_mul(3) {
            return Some((
                Verdict::Inconclusive,
                "the time of a check was up before; a longer `--timeout` gives it more".to_owned(),
            ));
        }
        if let Some(why) = &ledger.gone {
            return Some((Verdict::Blocked, format!("the target is gone: {why}")));
        }
        if let Some(&first) = case.covers.first().filter(|&&first| ledger.is_settled(first)) {
            return Some((Verdict::Blocked, format!("{first} is broken")));
        }
        let needs = case.needs(spec, self.check.transport);
        if let Some(need) = needs.into_iter().find(|&need| ledger.has_failed(need)) {
            return Some((Verdict::Blocked, format!("{need} is broken")));
        }
        if let Some(broken) = self.asks_too_much(case) {
            return Some(if self.may_end() {
                (Verdict::Skip, attempt::ENDS.to_owned())
            } else {
                (Verdict::Blocked, format!("{broken} is broken"))
            });
        }
        if !self.host.is_launched() && case.watches_output() {
            return Some((
                Verdict::Skip,
                "only of a program that trueline launches it is known what it prints".to_owned(),
            ));
        }
        if !self.host.is_launched() && case.is_typed_to() {
            return Some((
                Verdict::Skip,
                "only a program that trueline launches has an operator who can be played"
                    .to_owned(),
            ));
        }
        let Body::Written(dialogue) = &case.body else { return None };
        let requests =
            dialogue.steps.iter().filter(|step| matches!(step.act, Act::Expect { .. })).count();
        if !case.comes_apart() && self.pace.usual().saturating_mul(requests as u32) > DIALOGUE_MAX {
            let why = format!("the server is too slow for its {requests} requests");
            return Some((Verdict::Skip, why));
        }
        dialogue.steps.iter().find_map(|step| match step.act {
            Act::Restart if !self.host.is_launched() => Some((
                Verdict::Skip,
                "only a program that trueline launches can be started again".to_owned(),
            )),
            Act::Exited => Some((
                Verdict::Skip,
                "this version does not watch a server's program end".to_owned(),
            )),
            _ => None,
        })
    }
}
