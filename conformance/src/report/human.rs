//! A report for people: what holds at a glance, what does not with the exchange that shows it, and the conclusion.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::again::again;
use super::words::{
    Measured, cut_short, duration, grouped, in_words, listed, recurred, said, sentence,
    steps_in_words, wrapped,
};
use super::{
    Check, Conclusion, Failure, Finding, Outcome, Part, Recurrence, Report, Told, Unlaunched,
    Verdict,
};
use crate::blame::Blame;
use crate::diagnosis::Diagnosis;
use crate::judge::Kind;
use crate::spec::Id;
use crate::transcript::{Act, Step, Text};

/// Steps before the failing one that are shown.
const BEFORE: usize = 6;

/// How a report is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// With the escapes of a terminal.
    Ansi,
    /// Without.
    None,
}

impl Colours {
    pub(crate) fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::Ansi => format!("\x1b[{code}m{text}\x1b[0m"),
            Self::None => text.to_owned(),
        }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn verdict(self, verdict: Verdict) -> String {
        match verdict {
            Verdict::Pass => self.paint("32", "✓"),
            Verdict::Fail => self.paint("31", "✗"),
            Verdict::Blocked => self.paint("33", "·"),
            Verdict::Inconclusive => self.paint("33", "?"),
            Verdict::Skip => self.faint("–"),
        }
    }
}

/// A report for people.
pub fn human<'a>(told: impl Into<Told<'a>>, colours: Colours) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = match told.into() {
        Told::Checked(report) => write(report, colours, &mut out),
        Told::Unlaunched(unlaunched) => nothing(unlaunched, colours, &mut out),
    };
    out
}

fn write(report: &Report, colours: Colours, out: &mut String) -> std::fmt::Result {
    let check = &report.check;
    head(check, colours, out)?;
    match &check.command {
        Some(command) => writeln!(out, "{command} listens on {}", check.address)?,
        None => writeln!(out, "the server at {}", check.address)?,
    }
    for note in &check.notes {
        writeln!(out, "{note}")?;
    }
    if let Some(why) = check.apart.why() {
        writeln!(out, "it is not isolated: {why}")?;
    }
    let Part { own, unasked, .. } = &check.part;
    if check.part.is_whole() && !unasked.is_empty() {
        let (some, all) = (unasked.len(), own.len() + unasked.len());
        writeln!(out, "{some} of {all} cases of your own are about another service or transport")?;
    }
    if report.reached {
        glance(report, colours, out)?;
        broken(report, colours, out)?;
        others(report, colours, out)?;
    }
    writeln!(out, "\n{}", colours.bold(&conclusion(report)))
}

/// What was asked for, on a line.
fn head(check: &Check, colours: Colours, out: &mut String) -> std::fmt::Result {
    let Check { service, dialect, transport, seed, part, .. } = check;
    let transport = transport.acronym();
    let mut line = format!("{service}, {dialect} dialect, {transport}, seed {seed}");
    for (word, names) in [("only", &part.only), ("without", &part.skip)] {
        if !names.is_empty() {
            write!(line, ", {word} {}", names.join(" "))?;
        }
    }
    writeln!(out, "{}", colours.bold(&line))
}

/// Why nothing was checked.
fn nothing(unlaunched: &Unlaunched, colours: Colours, out: &mut String) -> std::fmt::Result {
    head(&unlaunched.check, colours, out)?;
    writeln!(out, "\n{}", unlaunched.error)?;
    writeln!(out, "{}.", sentence(&unlaunched.error.mend()))?;
    let conclusion = match unlaunched.error.blame() {
        Blame::User => "There was no program to check.",
        Blame::Target => "The program never came up, and was not checked.",
        Blame::Machine => "This machine could not run the program. Inconclusive.",
    };
    writeln!(out, "\n{}", colours.bold(conclusion))
}

/// A mark for each requirement, area by area; what no check can decide is left out.
fn glance(report: &Report, colours: Colours, out: &mut String) -> std::fmt::Result {
    let mut areas: Vec<(&str, String)> = Vec::new();
    for Finding { requirement, verdict, .. } in &report.requirements {
        if requirement.untested.is_some() {
            continue;
        }
        let area = requirement.id.area();
        if areas.last().is_none_or(|(last, _)| *last != area) {
            areas.push((area, String::new()));
        }
        if let Some((_, marks)) = areas.last_mut() {
            marks.push_str(&colours.verdict(*verdict));
        }
    }
    let areas: Vec<String> = areas.iter().map(|(area, marks)| format!("{area} {marks}")).collect();
    writeln!(out, "\n  {}", areas.join("   "))
}

/// What is broken: behind each advice what it explains, and at last what nothing explains.
fn broken(report: &Report, colours: Colours, out: &mut String) -> std::fmt::Result {
    let findings = report.requirements.iter().filter(|it| it.verdict == Verdict::Fail);
    let mut open: Vec<&Finding> = findings.collect();
    let all = report.all_failures().count();
    for diagnosis in &report.diagnoses {
        advice(diagnosis, all, colours, out)?;
        let failures: Vec<&Failure> = report.all_failures().map(|(_, failure)| failure).collect();
        let charged: Vec<Id> = diagnosis.explains.iter().map(|at| failures[*at].charged).collect();
        let (explained, others): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|it| charged.contains(&it.requirement.id));
        explained.into_iter().try_for_each(|finding| failed(report, finding, colours, out))?;
        open = others;
    }
    if !report.diagnoses.is_empty() && !open.is_empty() {
        writeln!(out, "\n  {}", colours.bold("Not explained by that:"))?;
    }
    open.into_iter().try_for_each(|finding| failed(report, finding, colours, out))
}

/// What the target behaves like, and what its author should do.
fn advice(
    Diagnosis { mutants, explains }: &Diagnosis,
    all: usize,
    colours: Colours,
    out: &mut String,
) -> std::fmt::Result {
    let like: Vec<String> =
        mutants.iter().map(|it| format!("a server that {}", it.wrong)).collect();
    let what = match (explains.len(), all) {
        (1, 1) => "the failure".to_owned(),
        (some, all) if some == all => format!("all {all} failures"),
        (some, all) => format!("{some} of {all} failures"),
    };
    let line = format!("It behaves like {}; that explains {what}.", like.join(", or like "));
    writeln!(out, "\n  {}", colours.bold(&wrapped(&line, 2)))?;
    for mutant in mutants {
        writeln!(out, "  {}", wrapped(mutant.advice, 2))?;
    }
    Ok(())
}

fn failed(
    report: &Report,
    finding: &Finding,
    colours: Colours,
    out: &mut String,
) -> std::fmt::Result {
    let requirement = &finding.requirement;
    let mut failures: Vec<(&Outcome, &Failure)> = report.failures(requirement.id).collect();
    failures.sort_by_key(|(_, failure)| {
        (failure.recurrence == Recurrence::Once, failure.dialogue.steps.len())
    });
    let Some((case, first)) = failures.first() else { return Ok(()) };
    let head =
        format!("{} {} ({})", colours.verdict(Verdict::Fail), requirement.id, requirement.level);
    writeln!(out, "\n{} {}", colours.bold(&head), wrapped(&requirement.sentence, 4))?;
    writeln!(out, "    {}\n", wrapped(&said(first, report.check.transport, Measured::Told), 4))?;
    shown(first, colours, out)?;
    writeln!(out)?;
    if let Some(ending) = &first.ending {
        writeln!(out, "    {}", wrapped(&sentence(ending), 4))?;
    }
    if let Some(recurrence) = recurred(first.recurrence) {
        writeln!(out, "    {}", wrapped(recurrence, 4))?;
    }
    let mut names: Vec<&str> = Vec::new();
    for (case, _) in &failures {
        if !names.contains(&case.name.as_str()) {
            names.push(&case.name);
        }
    }
    let others = match names.len() {
        1 => String::new(),
        2..=4 => format!(" (also {})", names[1..].join(", ")),
        more => format!(" (and {} other cases)", more - 1),
    };
    writeln!(out, "    {}", colours.faint(&format!("Shown by {}{others}.", case.name)))?;
    writeln!(
        out,
        "    {}",
        colours.faint(&format!("Only this: {}", again(&report.check, &case.name)))
    )?;
    writeln!(out, "    {}", colours.faint(&format!("More: trueline explain {}", requirement.id)))
}

/// The exchange up to the fault, in the language of transcripts.
fn shown(failure: &Failure, colours: Colours, out: &mut String) -> std::fmt::Result {
    let fault = &failure.fault;
    let steps = &failure.dialogue.steps;
    if fault.kind == Kind::Ended {
        return Ok(());
    }
    let mut from = fault.step.saturating_sub(BEFORE);
    // The request whose reply failed is always shown, however many expectations lie between.
    let pending = steps[..fault.step]
        .iter()
        .rposition(|step| step.client == fault.client && matches!(step.act, Act::Send { .. }));
    if let Some(pending) = pending
        && pending < from
    {
        writeln!(out, "      {}", cut_short(&steps[pending].to_string()))?;
        from = from.max(pending + 1);
        if from > pending + 1 {
            writeln!(
                out,
                "      {}",
                colours.faint(&format!("({})", steps_in_words(from - pending - 1)))
            )?;
        }
    } else if from > 0 {
        writeln!(out, "      {}", colours.faint(&format!("({} before)", steps_in_words(from))))?;
    }
    for step in &steps[from..fault.step.min(steps.len())] {
        writeln!(out, "      {}", cut_short(&step.to_string()))?;
    }
    let client =
        if fault.client.letter() == 'A' { String::new() } else { fault.client.to_string() };
    let came = fault.kind.octets();
    if !came.is_empty() {
        let line = cut_short(&format!("{client}< {}", Text::octets(&came[..came.len().min(4096)])));
        writeln!(out, "      {}", colours.paint("31", &line))?;
    }
    if let Some(Step { act, .. }) = steps.get(fault.step) {
        let due = match act {
            Act::Expect { text, .. } => format!("{client}< {}", in_words(text)),
            act => Step { client: fault.client, act: act.clone() }.to_string(),
        };
        writeln!(
            out,
            "      {}   {}",
            colours.paint("32", &cut_short(&due)),
            colours.faint("was due")
        )?;
    }
    Ok(())
}

/// What was not decided, reason by reason, and what went wrong once.
fn others(report: &Report, colours: Colours, out: &mut String) -> std::fmt::Result {
    let mut reasons: BTreeMap<(Verdict, String), Vec<String>> = BTreeMap::new();
    for Finding { requirement, verdict, why } in &report.requirements {
        let undecided = matches!(verdict, Verdict::Blocked | Verdict::Inconclusive | Verdict::Skip);
        if undecided && requirement.untested.is_none() {
            let why = why.clone().unwrap_or_default();
            reasons.entry((*verdict, why)).or_default().push(requirement.id.to_string());
        }
    }
    if !reasons.is_empty() {
        writeln!(out)?;
    }
    for ((verdict, why), ids) in &reasons {
        let what = match verdict {
            Verdict::Blocked => "not reached",
            Verdict::Inconclusive => "not decided",
            _ => "not applicable",
        };
        let line = format!("{} {what}: {why}", listed(ids));
        writeln!(out, "{} {}", colours.verdict(*verdict), wrapped(&line, 2))?;
    }
    let mut notes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in &report.cases {
        for note in &case.notes {
            notes.entry(note).or_default().push(&case.name);
        }
    }
    for (note, cases) in notes {
        let times =
            if cases.len() == 1 { "Once".to_owned() } else { format!("{} times", cases.len()) };
        let line = format!("{times} {note}, first in {}; tried again, it went well.", cases[0]);
        writeln!(out, "{} {}", colours.faint("–"), wrapped(&line, 2))?;
    }
    let short: Vec<&Outcome> = report.cases.iter().filter(|case| case.hurried).collect();
    if let Some(least) = short.iter().map(|case| case.held).min() {
        let line = format!(
            "The time of a check was up: {} properties were tried on fewer cases than the {} asked for, \
             {least} at least.",
            short.len(),
            report.check.cases,
        );
        writeln!(out, "{} {}", colours.faint("–"), wrapped(&line, 2))?;
    }
    Ok(())
}

fn conclusion(report: &Report) -> String {
    let count = |verdict| {
        let tested = report.requirements.iter().filter(|it| it.requirement.untested.is_none());
        tested.filter(|it| it.verdict == verdict).count()
    };
    let (kept, broken) = (count(Verdict::Pass), count(Verdict::Fail));
    let all = kept
        + broken
        + count(Verdict::Blocked)
        + count(Verdict::Inconclusive)
        + count(Verdict::Skip);
    let mut parts = vec![format!("{kept} of {all} requirements kept")];
    for (verdict, what) in [
        (Verdict::Fail, "broken"),
        (Verdict::Blocked, "not reached"),
        (Verdict::Inconclusive, "not decided"),
        (Verdict::Skip, "not applicable"),
    ] {
        match count(verdict) {
            0 => {}
            some => parts.push(format!("{some} {what}")),
        }
    }
    let summary = parts.join(", ");
    let spent = format!("{} exchanges in {}", grouped(report.exchanges), duration(report.elapsed));
    match report.conclusion() {
        Conclusion::Conforms if !report.check.part.is_whole() => {
            format!("{summary} ({spent}). Conforming, in the part that was checked.")
        }
        Conclusion::Conforms => format!("{summary} ({spent}). Conforming."),
        Conclusion::DoesNotConform => format!("{summary} ({spent}). Not conforming."),
        Conclusion::Inconclusive => format!("{summary} ({spent}). Inconclusive."),
        Conclusion::NothingAnswers => {
            "Nothing answers there. Start the server first, or check the port.".to_owned()
        }
    }
}
