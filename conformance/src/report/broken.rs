//! What is broken, in the order in which a report tells it.

use super::{Failure, Finding, Outcome, Report, Verdict};
use crate::diagnosis::Diagnosis;
use crate::mutant::Mutant;
use crate::spec::{Id, Level, Requirement};

/// An advice with what it explains, or what nothing explains.
pub(super) struct Chapter<'a> {
    pub(super) diagnosis: Option<&'a Diagnosis>,
    pub(super) broken: Vec<Broken<'a>>,
}

/// A requirement that is broken, with the failure that tells most and its case.
#[derive(Clone, Copy)]
pub(super) struct Broken<'a> {
    pub(super) requirement: &'a Requirement,
    pub(super) case: &'a Outcome,
    pub(super) failure: &'a Failure,
}

/// Behind each advice what it explains, and at last what nothing explains; what is known to be broken is left out.
pub(super) fn chapters(report: &Report) -> Vec<Chapter<'_>> {
    let failures: Vec<&Failure> = report.all_failures().map(|(_, failure)| failure).collect();
    let mut open = broken(report);
    let mut chapters = Vec::new();
    for diagnosis in &report.diagnoses {
        let charged: Vec<Id> = diagnosis.explains.iter().map(|at| failures[*at].charged).collect();
        let explained = |it: &Broken<'_>| charged.contains(&it.requirement.id);
        let (broken, others) = open.into_iter().partition(explained);
        chapters.push(Chapter { diagnosis: Some(diagnosis), broken });
        open = others;
    }
    if !open.is_empty() {
        chapters.push(Chapter { diagnosis: None, broken: open });
    }
    chapters
}

fn broken(report: &Report) -> Vec<Broken<'_>> {
    let known = |id| report.baseline.as_ref().is_some_and(|held| held.known(id).is_some());
    let failed = report.requirements.iter().filter(|it| it.verdict == Verdict::Fail);
    let failed = failed.filter(|it| !known(it.requirement.id));
    let shown = failed.filter_map(|Finding { requirement, .. }| {
        let (case, failure) = report.to_show(requirement.id)?;
        Some(Broken { requirement, case, failure })
    });
    let mut shown: Vec<Broken<'_>> = shown.collect();
    // What is no fault comes last.
    shown.sort_by_key(|it| it.requirement.level == Level::May);
    shown
}

/// What a target behaves like, and what its author should do.
pub(super) fn advice(report: &Report, diagnosis: &Diagnosis) -> Vec<String> {
    let advice = diagnosis.mutants.iter().map(|mutant| advised(report, mutant));
    std::iter::once(behaviour(report, diagnosis)).chain(advice).collect()
}

/// What a wrong server does, after "a server that".
pub(super) fn wrong(report: &Report, mutant: &Mutant) -> String {
    let told = report.check.dialect.and_then(|dialect| dialect.retold(mutant.wrong));
    told.unwrap_or_else(|| mutant.wrong.to_owned())
}

/// What its author should do. Where a dialect has no words for that, what came tells more.
pub(super) fn advised(report: &Report, mutant: &Mutant) -> String {
    let told = match report.check.dialect {
        Some(dialect) => dialect.retold(mutant.advice),
        None => Some(mutant.advice.to_owned()),
    };
    told.unwrap_or_else(|| "Compare what came with what was due.".to_owned())
}

/// What a target behaves like, in a sentence.
fn behaviour(report: &Report, Diagnosis { mutants, explains }: &Diagnosis) -> String {
    let like: Vec<String> =
        mutants.iter().map(|it| format!("a server that {}", wrong(report, it))).collect();
    let what = match (explains.len(), report.all_failures().count()) {
        (1, 1) => "the failure".to_owned(),
        (some, all) if some == all => format!("all {all} failures"),
        (some, all) => format!("{some} of {all} failures"),
    };
    format!("It behaves like {}; that explains {what}.", like.join(", or like "))
}

impl Broken<'_> {
    /// The cases that show it, in a sentence.
    pub(super) fn shown_by(&self, report: &Report) -> String {
        let mut names: Vec<&str> = vec![&self.case.name];
        for (case, _) in report.failures(self.requirement.id) {
            if !names.contains(&case.name.as_str()) {
                names.push(&case.name);
            }
        }
        let others = match names.len() {
            1 => String::new(),
            2..=4 => format!(" (also {})", names[1..].join(", ")),
            more => format!(" (and {} other cases)", more - 1),
        };
        format!("Shown by {}{others}.", self.case.name)
    }
}
