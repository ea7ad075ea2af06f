//! A check in a few sentences: what was asked for, what was found, what was not.

use std::collections::BTreeMap;

use super::captures::gaps;
use super::conduct::conducted;
use super::words::{duration, grouped, listed};
use super::{Check, Conclusion, Finding, Outcome, Part, Report, Unlaunched, Verdict};
use crate::baseline::{Compared, Held};
use crate::blame::Blame;
use crate::dialect::name_of;
use crate::spec::Party;
use crate::target::Lifetime;

/// What was asked for.
pub(super) fn asked(check: &Check) -> String {
    let Check { service, dialect, transport, seed, part, .. } = check;
    let dialect = name_of(*dialect);
    let mut line = format!("{service}, {dialect} dialect, {}, seed {seed}", transport.acronym());
    if check.role == Party::Client {
        line = format!("{service} client, {dialect} dialect, {}", transport.acronym());
    }
    for (word, names) in [("only", &part.only), ("without", &part.skip)] {
        if !names.is_empty() {
            line += &format!(", {word} {}", names.join(" "));
        }
    }
    line
}

/// Who was asked, and what its user should know of that.
pub(super) fn target(check: &Check) -> Vec<String> {
    let Part { own, unasked, .. } = &check.part;
    let first = match check.path.as_ref().or(check.command.as_ref()) {
        Some(name) if check.role == Party::Client => {
            format!("{name} connects to port {}", check.address)
        }
        Some(name) => format!("{name} listens on {}", check.address),
        None => format!("the server at {}", check.address),
    };
    let unasked = (check.part.is_whole() && !unasked.is_empty()).then(|| {
        let (some, all) = (unasked.len(), own.len() + unasked.len());
        format!("{some} of {all} cases of your own are about another service or transport")
    });
    let apart = unisolated(check);
    let notes = check.notes.iter().cloned().chain(apart).chain(unasked);
    std::iter::once(first).chain(found_by(check)).chain(notes).collect()
}

/// Why a program is not isolated that should be.
pub(super) fn unisolated(check: &Check) -> Option<String> {
    check.apart.why().map(|why| format!("it is not isolated: {why}"))
}

/// How what was found at a path is launched.
pub(super) fn found_by(check: &Check) -> Option<String> {
    check.path.as_ref().and(check.command.as_ref()).map(|command| format!("found: {command}"))
}

impl Verdict {
    /// The mark that stands for it.
    pub(super) const fn mark(self) -> &'static str {
        match self {
            Self::Pass => "✓",
            Self::Fail => "✗",
            Self::Blocked => "·",
            Self::Inconclusive => "?",
            Self::Skip => "–",
        }
    }

    /// What it says of a requirement.
    pub(super) const fn said(self) -> &'static str {
        match self {
            Self::Pass => "kept",
            Self::Fail => "broken",
            Self::Blocked => "not reached",
            Self::Inconclusive => "not decided",
            Self::Skip => "not applicable",
        }
    }
}

/// The requirements that a check can decide, area by area.
pub(super) fn areas(report: &Report) -> Vec<(&'static str, Vec<&Finding>)> {
    let mut areas: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in report.requirements.iter().filter(|it| it.requirement.untested.is_none()) {
        let area = finding.requirement.id.area();
        match areas.last_mut() {
            Some((last, findings)) if *last == area => findings.push(finding),
            _ => areas.push((area, vec![finding])),
        }
    }
    areas
}

/// How many of some requirements are kept, and how many are not.
pub(super) fn tally<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    let findings: Vec<&Finding> = findings.collect();
    let informational = findings.iter().filter(|it| it.is_informational()).count();
    let counted: Vec<&&Finding> = findings.iter().filter(|it| !it.is_informational()).collect();
    let count = |verdict| counted.iter().filter(|it| it.verdict == verdict).count();
    let kept = format!("{} of {} requirements kept", count(Verdict::Pass), counted.len());
    let rest = [Verdict::Fail, Verdict::Blocked, Verdict::Inconclusive, Verdict::Skip];
    let rest = rest.into_iter().filter(|verdict| count(*verdict) > 0);
    let rest = rest.map(|verdict| format!("{} {}", count(verdict), verdict.said()));
    let rest = rest.chain((informational > 0).then(|| format!("{informational} for information")));
    std::iter::once(kept).chain(rest).collect::<Vec<_>>().join(", ")
}

/// What was found, in numbers.
pub(super) fn found(report: &Report) -> String {
    let areas = areas(report);
    let tally = tally(areas.iter().flat_map(|(_, findings)| findings.iter().copied()));
    let exchanges = grouped(report.exchanges);
    format!("{tally} ({exchanges} exchanges in {}).", duration(report.elapsed))
}

/// What is concluded.
pub(super) fn concluded(report: &Report) -> &'static str {
    match report.conclusion() {
        Conclusion::Conforms if !report.check.part.is_whole() => {
            "Conforming, in the part that was checked."
        }
        Conclusion::Conforms => "Conforming.",
        Conclusion::DoesNotConform if report.baseline.as_ref().is_some_and(Held::is_expected) => {
            "Not conforming, as the baseline says."
        }
        Conclusion::DoesNotConform => "Not conforming.",
        Conclusion::Inconclusive => "Inconclusive.",
        Conclusion::NothingAnswers => {
            "Nothing answers there. Start the server first, or check the port."
        }
    }
}

/// What is concluded where there was no check.
pub(super) fn not_concluded(unlaunched: &Unlaunched) -> &'static str {
    match unlaunched.error.blame() {
        Blame::User => "There was no program to check.",
        Blame::Target => "The program never came up, and was not checked.",
        Blame::Machine => "This machine could not run the program. Inconclusive.",
    }
}

/// What was not decided, reason by reason.
pub(super) fn undecided(report: &Report) -> Vec<(Verdict, String)> {
    let mut reasons: BTreeMap<(Verdict, String), Vec<String>> = BTreeMap::new();
    for Finding { requirement, verdict, why } in &report.requirements {
        let undecided = matches!(verdict, Verdict::Blocked | Verdict::Inconclusive | Verdict::Skip);
        if undecided && requirement.untested.is_none() {
            let why = why.clone().unwrap_or_default();
            reasons.entry((*verdict, why)).or_default().push(requirement.id.to_string());
        }
    }
    let told = reasons.into_iter().map(|((verdict, why), ids)| {
        (verdict, format!("{} {}: {why}", listed(&ids), verdict.said()))
    });
    told.collect()
}

/// What went wrong once, what there was no time for, what the program did besides replying, and
/// what captures lack.
pub(super) fn remarks(report: &Report) -> Vec<String> {
    let mut notes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in &report.cases {
        for note in &case.notes {
            notes.entry(note).or_default().push(&case.name);
        }
    }
    let noted = notes.into_iter().map(|(note, cases)| {
        let times =
            if cases.len() == 1 { "Once".to_owned() } else { format!("{} times", cases.len()) };
        format!("{times} {note}, first in {}; tried again, it went well.", cases[0])
    });
    let short: Vec<&Outcome> = report.cases.iter().filter(|case| case.hurried).collect();
    let least = short.iter().map(|case| case.held).min();
    let hurried = least.map(|least| {
        let why = match report.lifetime {
            Some(Lifetime::Once) => "Each exchange with a program that serves once is a launch",
            _ => "The time of a check was up",
        };
        format!(
            "{why}: {} properties were tried on fewer cases than the {} asked for, {least} at least.",
            short.len(),
            report.check.cases,
        )
    });
    noted.chain(hurried).chain(conducted(report)).chain(gaps(report)).collect()
}

/// What is otherwise than a baseline says, and what is as it says.
pub(super) fn compared(held: &Held) -> Vec<(Verdict, String)> {
    let lines = held.compared.iter().map(|(id, compared)| {
        let verdict = if compared.is_expected() { Verdict::Skip } else { Verdict::Fail };
        (verdict, against(id, compared))
    });
    lines.collect()
}

/// What a baseline says of a requirement, held against what was found, in a sentence.
pub(super) fn against(id: &str, compared: &Compared) -> String {
    match compared {
        Compared::Known(reason) => format!("{id} is broken as known: {reason}"),
        Compared::New => format!("{id} is broken, and the baseline does not know"),
        Compared::Changed(was, is) => {
            format!("{id} is broken otherwise than the baseline says: it was `{was}`, it is `{is}`")
        }
        Compared::Mended => {
            format!("{id} is kept now: take it out of the baseline, so that it stays kept")
        }
        Compared::Stale => format!(
            "{id} is no requirement of this service on this transport: take it out of the baseline"
        ),
    }
}
