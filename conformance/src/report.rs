//! What came of a check, as data. Whoever shows it shows this and nothing else.

mod again;
mod broken;
mod captures;
mod check;
mod conduct;
mod edition;
mod exchange;
mod github;
mod html;
mod human;
mod json;
mod junit;
mod kept;
mod script;
mod summary;
mod unlaunched;
pub(crate) mod words;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::baseline::Held;
use crate::capture::Frames;
use crate::diagnosis::Diagnosis;
use crate::exchange::Exchange;
use crate::judge::Fault;
use crate::spec::{Id, Level, Requirement};
use crate::target::Lifetime;
use crate::transcript::Dialogue;

pub use captures::captures;
pub use check::{Apart, Check, DEFAULT_CASES, DEFAULT_SEED, Part};
pub use conduct::{Conduct, Ended, Printed};
pub use exchange::replayed;
pub(crate) use exchange::{Extent, exchange};
pub use github::{SUMMARY_MAX, annotations, summary};
pub use html::html;
pub use human::{Colours, human};
pub use json::{SCHEMA, SCHEMA_VERSION, json};
pub use junit::junit;
pub use kept::{Kept, MARK, kept};
pub use unlaunched::Unlaunched;

/// What was found of a case or a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// Not applicable.
    Skip,
    /// Not performed, because something it needs has failed.
    Blocked,
    /// The runner or the machine is to blame.
    Inconclusive,
    /// It does not hold.
    Fail,
}

/// Whether the target conforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Everything that counts holds.
    Conforms,
    /// Something that counts does not.
    DoesNotConform,
    /// Nothing answers at the address.
    NothingAnswers,
    /// The machine or the runner is to blame.
    Inconclusive,
}

impl Conclusion {
    /// As reports say it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::DoesNotConform => "does-not-conform",
            Self::NothingAnswers => "nothing-answers",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// What there is to tell of a check.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// It took place.
    Checked(&'a Report),
    /// It did not: the program did not come up.
    Unlaunched(&'a Unlaunched),
}

impl<'a> From<&'a Report> for Told<'a> {
    fn from(report: &'a Report) -> Self {
        Self::Checked(report)
    }
}

impl<'a> From<&'a Unlaunched> for Told<'a> {
    fn from(unlaunched: &'a Unlaunched) -> Self {
        Self::Unlaunched(unlaunched)
    }
}

impl<'a> Told<'a> {
    /// What was asked for.
    pub fn check(self) -> &'a Check {
        match self {
            Self::Checked(report) => &report.check,
            Self::Unlaunched(unlaunched) => &unlaunched.check,
        }
    }

    /// How long it took.
    pub fn elapsed(self) -> Duration {
        match self {
            Self::Checked(report) => report.elapsed,
            Self::Unlaunched(unlaunched) => unlaunched.elapsed,
        }
    }

    /// The conclusion as a word: that of a check that took place, or that of none.
    pub fn conclusion(self) -> &'static str {
        match self {
            Self::Checked(report) => report.conclusion().word(),
            Self::Unlaunched(unlaunched) => unlaunched.conclusion(),
        }
    }
}

/// What came of a check.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was asked for.
    pub check: Check,
    /// For each requirement that was selected, in the order of SPEC.md.
    pub requirements: Vec<Finding>,
    /// Every case, in the order of the suite.
    pub cases: Vec<Outcome>,
    /// Wrong servers that would have answered the same, what explains most first.
    pub diagnoses: Vec<Diagnosis>,
    /// The report held against what is known to be broken, where that was asked for.
    pub baseline: Option<Held>,
    /// What a launched program did besides replying.
    pub program: Option<Conduct>,
    /// Replies that were awaited and came.
    pub exchanges: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// Whether the target answered at all.
    pub reached: bool,
    /// For how long the target serves, where that was stated or found out.
    pub lifetime: Option<Lifetime>,
}

/// What was found of a requirement.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The requirement.
    pub requirement: Requirement,
    /// What was found.
    pub verdict: Verdict,
    /// Why, where the verdict needs a reason.
    pub why: Option<String>,
}

impl Finding {
    /// Whether it is broken and that is no fault, but only good to know.
    pub fn is_informational(&self) -> bool {
        self.verdict == Verdict::Fail && self.requirement.level == Level::May
    }
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// What it covers.
    pub covers: Vec<Id>,
    /// What was found.
    pub verdict: Verdict,
    /// Why, where the verdict needs a reason.
    pub why: Option<String>,
    /// What was wrong.
    pub failures: Vec<Failure>,
    /// What was seen once and did not recur, in words.
    pub notes: Vec<String>,
    /// Dialogues that were performed and held.
    pub held: u32,
    /// The first of them.
    pub went_well: Vec<Dialogue>,
    /// Dialogues that showed nothing but what is known to be broken.
    pub known: u32,
    /// Dialogues that were to be performed.
    pub planned: u32,
    /// Whether the target was too slow for all of them.
    pub hurried: bool,
    /// Replies that were awaited and came.
    pub exchanges: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// A dialogue that did not go as it should.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The requirement that it breaks.
    pub charged: Id,
    /// How it was seen.
    pub seen: Counterexample,
    /// The smallest dialogue that was found to show it, where one smaller was.
    pub smallest: Option<Counterexample>,
    /// Whether it was seen again.
    pub recurrence: Recurrence,
    /// How the target ended, if it did.
    pub ending: Option<String>,
}

/// A dialogue that a target does not keep to.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// What was performed, its end written out.
    pub dialogue: Dialogue,
    /// How many steps it had before that.
    pub written: usize,
    /// What was observed.
    pub exchange: Exchange,
    /// What is wrong.
    pub fault: Fault,
    /// What went over the network, where that was captured.
    pub frames: Option<Arc<Frames>>,
    /// The same in the words in which it was performed, where these are a dialect's.
    pub spoken: Option<Spoken>,
}

/// A dialogue that a target does not keep to, as it was performed in a dialect.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// What was performed.
    pub dialogue: Dialogue,
    /// How many steps it had before its end was written out.
    pub written: usize,
    /// What is wrong.
    pub fault: Fault,
}

impl Counterexample {
    /// The same, in the words in which it was performed.
    pub(crate) fn in_its_words(self) -> Self {
        match self.spoken {
            Some(Spoken { dialogue, written, fault }) => {
                Self { dialogue, written, fault, spoken: None, ..self }
            }
            None => self,
        }
    }
}

impl Failure {
    /// Shows it in the words in which it was performed.
    pub(crate) fn tell_in_its_words(&mut self) {
        self.seen = self.seen.clone().in_its_words();
        self.smallest = self.smallest.take().map(Counterexample::in_its_words);
    }

    /// What tells most: the smallest counterexample, or else the first.
    pub fn shown(&self) -> &Counterexample {
        self.smallest.as_ref().unwrap_or(&self.seen)
    }

    /// Orders the failures of a requirement: the first is the one to show.
    pub(crate) fn rank(&self) -> impl Ord + use<> {
        (self.recurrence == Recurrence::Once, self.seen.dialogue.steps.len())
    }
}

/// Whether a failure was seen again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recurrence {
    /// Alone, on a fresh connection or launch.
    Alone,
    /// On a fresh connection, after the same exchanges.
    AfterTheSame,
    /// It was not.
    Once,
    /// It could not be tried again: the target no longer answers.
    Untried,
}

/// Dialogues of a case that went well which are kept.
const WENT_WELL_MAX: usize = 24;

impl Outcome {
    /// That of a case of which nothing was performed yet.
    pub(crate) fn of(name: String, covers: Vec<Id>) -> Self {
        Self {
            name,
            covers,
            verdict: Verdict::Pass,
            why: None,
            failures: Vec::new(),
            notes: Vec::new(),
            held: 0,
            went_well: Vec::new(),
            known: 0,
            planned: 0,
            hurried: false,
            exchanges: 0,
            elapsed: Duration::ZERO,
        }
    }

    /// Takes note of why the target cannot be asked any more. What was asked was asked.
    pub(crate) fn cut_short(&mut self, why: String) {
        if self.held == 0 {
            self.stop(Verdict::Blocked, why);
        } else {
            self.hurried = true;
        }
    }

    /// Takes note of dialogues that held, so many of them beyond doubt.
    pub(crate) fn hold(&mut self, dialogues: &[Dialogue], certain: usize) {
        self.held += dialogues.len() as u32;
        let left = WENT_WELL_MAX.saturating_sub(self.went_well.len());
        self.went_well.extend(dialogues.iter().take(certain.min(left)).cloned());
    }

    /// Takes note of why no more of the case is performed. What has failed has failed.
    pub(crate) fn stop(&mut self, verdict: Verdict, why: String) {
        if self.verdict == Verdict::Pass {
            (self.verdict, self.why) = (verdict, Some(why));
        }
    }
}

impl Report {
    /// Every failure with its case, in the order in which diagnoses count them.
    pub fn all_failures(&self) -> impl Iterator<Item = (&Outcome, &Failure)> {
        self.cases.iter().flat_map(|case| case.failures.iter().map(move |it| (case, it)))
    }

    /// The diagnoses of a failure of this number.
    pub fn diagnoses_of(&self, failure: usize) -> impl Iterator<Item = &Diagnosis> {
        self.diagnoses.iter().filter(move |it| it.explains.contains(&failure))
    }

    /// The failures that a requirement is charged with, each with its case.
    pub fn failures(&self, id: Id) -> impl Iterator<Item = (&Outcome, &Failure)> {
        self.all_failures().filter(move |(_, failure)| failure.charged == id)
    }

    /// The failure of a requirement that tells most, with its case.
    pub fn to_show(&self, id: Id) -> Option<(&Outcome, &Failure)> {
        self.failures(id).min_by_key(|(_, failure)| failure.rank())
    }

    /// Whether a requirement counts.
    pub fn counts(&self, level: Level) -> bool {
        level == Level::Must || self.check.strict && level == Level::Should
    }

    /// Whether the target conforms.
    pub fn conclusion(&self) -> Conclusion {
        let counted = self.requirements.iter().filter(|it| self.counts(it.requirement.level));
        let worst = counted.clone().map(|finding| finding.verdict).max().unwrap_or(Verdict::Skip);
        match worst {
            _ if !self.reached => Conclusion::NothingAnswers,
            Verdict::Fail => Conclusion::DoesNotConform,
            Verdict::Inconclusive | Verdict::Blocked => Conclusion::Inconclusive,
            // To have asked nothing is no success.
            _ if !counted.clone().any(|finding| finding.verdict == Verdict::Pass) => {
                Conclusion::Inconclusive
            }
            Verdict::Pass | Verdict::Skip => Conclusion::Conforms,
        }
    }

    /// Why the conclusion is what it is, where no failure tells.
    pub fn why(&self) -> Option<String> {
        match self.conclusion() {
            Conclusion::Conforms | Conclusion::DoesNotConform => None,
            Conclusion::NothingAnswers => {
                Some(format!("nothing answers at {}", self.check.address))
            }
            Conclusion::Inconclusive => {
                let open = |it: &&Finding| {
                    matches!(it.verdict, Verdict::Inconclusive | Verdict::Blocked)
                        && self.counts(it.requirement.level)
                };
                // What is inconclusive comes before what that has blocked.
                let open = self.requirements.iter().filter(open).rev();
                Some(match open.max_by_key(|finding| finding.verdict) {
                    Some(Finding { requirement, why: Some(why), .. }) => {
                        format!("{} is open: {why}", requirement.id)
                    }
                    Some(Finding { requirement, .. }) => format!("{} is open", requirement.id),
                    None => "no requirement that counts was asked about".to_owned(),
                })
            }
        }
    }
}
