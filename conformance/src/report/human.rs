//! A report for people: what holds at a glance, what does not with the exchange that shows it, and the conclusion.

use std::fmt::Write;

use super::again::{again, replay};
use super::broken::{Broken, Chapter, advice, chapters};
use super::captures::captured;
use super::exchange::{Extent, exchange};
use super::summary::{
    areas, asked, compared, concluded, found, not_concluded, remarks, target, undecided, unisolated,
};
use super::words::{Measured, recurred, said, sentence, wrapped};
use super::{Finding, Report, Told, Unlaunched, Verdict};
use crate::spec::Level;

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
        let mark = verdict.mark();
        match verdict {
            Verdict::Pass => self.paint("32", mark),
            Verdict::Fail => self.paint("31", mark),
            Verdict::Blocked | Verdict::Inconclusive => self.paint("33", mark),
            Verdict::Skip => self.faint(mark),
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
    writeln!(out, "{}", colours.bold(&asked(&report.check)))?;
    target(&report.check).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    if !report.reached {
        return writeln!(out, "\n{}", colours.bold(concluded(report)));
    }
    glance(report, colours, out)?;
    for chapter in chapters(report) {
        broken(report, &chapter, colours, out)?;
    }
    others(report, colours, out)?;
    if let Some(held) = &report.baseline {
        writeln!(out, "\n{}", colours.bold(&format!("Against {}:", held.file)))?;
        for (verdict, line) in compared(held) {
            writeln!(out, "{} {}", colours.verdict(verdict), wrapped(&line, 2))?;
        }
    }
    writeln!(out, "\n{}", colours.bold(&format!("{} {}", found(report), concluded(report))))
}

/// Why nothing was checked.
fn nothing(unlaunched: &Unlaunched, colours: Colours, out: &mut String) -> std::fmt::Result {
    writeln!(out, "{}", colours.bold(&asked(&unlaunched.check)))?;
    if let Some(why) = unisolated(&unlaunched.check) {
        writeln!(out, "{}", sentence(&why))?;
    }
    writeln!(out, "\n{}", unlaunched.error)?;
    writeln!(out, "{}.", sentence(&unlaunched.error.mend()))?;
    writeln!(out, "\n{}", colours.bold(not_concluded(unlaunched)))
}

/// The mark of what is broken and no fault.
const INFORMATIONAL: &str = "○";

/// A mark for each requirement, area by area; what no check can decide is left out.
fn glance(report: &Report, colours: Colours, out: &mut String) -> std::fmt::Result {
    let marks = |findings: &[&Finding]| -> String {
        let mark = |finding: &&&Finding| match finding.is_informational() {
            true => colours.faint(INFORMATIONAL),
            false => colours.verdict(finding.verdict),
        };
        findings.iter().map(|finding| mark(&finding)).collect()
    };
    let areas = areas(report);
    let areas: Vec<String> =
        areas.iter().map(|(area, findings)| format!("{area} {}", marks(findings))).collect();
    writeln!(out, "\n  {}", areas.join("   "))
}

/// An advice, and what it explains.
fn broken(
    report: &Report,
    Chapter { diagnosis, broken }: &Chapter<'_>,
    colours: Colours,
    out: &mut String,
) -> std::fmt::Result {
    if let Some(diagnosis) = diagnosis {
        let advice = advice(report, diagnosis);
        writeln!(out, "\n  {}", colours.bold(&wrapped(&advice[0], 2)))?;
        for line in &advice[1..] {
            writeln!(out, "  {}", wrapped(line, 2))?;
        }
    } else if !report.diagnoses.is_empty() {
        writeln!(out, "\n  {}", colours.bold("Not explained by that:"))?;
    }
    broken.iter().try_for_each(|it| failed(report, it, colours, out))
}

fn failed(
    report: &Report,
    broken: &Broken<'_>,
    colours: Colours,
    out: &mut String,
) -> std::fmt::Result {
    let Broken { requirement, case, failure } = broken;
    let mark = match requirement.level {
        Level::May => colours.faint(INFORMATIONAL),
        _ => colours.verdict(Verdict::Fail),
    };
    let weight = report.check.weight(requirement.level);
    let head = format!("{mark} {} ({weight})", requirement.id);
    writeln!(out, "\n{} {}", colours.bold(&head), wrapped(&requirement.sentence, 4))?;
    writeln!(
        out,
        "    {}\n",
        wrapped(&said(failure.shown(), report.check.transport, Measured::Told), 4)
    )?;
    out.push_str(&exchange(failure.shown(), Extent::Ending, colours));
    writeln!(out)?;
    if let Some(ending) = &failure.ending {
        writeln!(out, "    {}", wrapped(&sentence(ending), 4))?;
    }
    if let Some(recurrence) = recurred(failure.recurrence) {
        writeln!(out, "    {}", wrapped(recurrence, 4))?;
    }
    writeln!(out, "    {}", colours.faint(&broken.shown_by(report)))?;
    writeln!(
        out,
        "    {}",
        colours.faint(&format!("Only this: {}", again(&report.check, &case.name)))
    )?;
    if let Some(command) = replay(&report.check, &requirement.id.to_string()) {
        writeln!(out, "    {}", colours.faint(&format!("Replay it: {command}")))?;
    }
    if let Some(file) = captured(&report.check, case) {
        writeln!(out, "    {}", colours.faint(&format!("Captured: {file}")))?;
    }
    writeln!(out, "    {}", colours.faint(&format!("More: trueline explain {}", requirement.id)))
}

/// What was not decided, reason by reason, and what went wrong once.
fn others(report: &Report, colours: Colours, out: &mut String) -> std::fmt::Result {
    let undecided = undecided(report);
    if !undecided.is_empty() {
        writeln!(out)?;
    }
    for (verdict, line) in undecided {
        writeln!(out, "{} {}", colours.verdict(verdict), wrapped(&line, 2))?;
    }
    for line in remarks(report) {
        writeln!(out, "{} {}", colours.faint("–"), wrapped(&line, 2))?;
    }
    Ok(())
}
