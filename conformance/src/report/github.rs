//! A report for a step of GitHub Actions: annotations, and a summary in Markdown.
//!
//! Source of the notation and of its limits: "Workflow commands for GitHub Actions" in GitHub's documentation.

use super::again::{again, replay};
use super::broken::{Broken, advice, chapters};
use super::exchange::{Extent, exchange};
use super::summary::{
    against, asked, compared, concluded, found, not_concluded, remarks, target, undecided,
};
use super::words::{Measured, recurred, said, sentence};
use super::{Check, Colours, Conclusion, Report, Told, Unlaunched};
use crate::baseline::Compared;

/// Annotations of one kind that a step may have; GitHub shows no more.
const ANNOTATIONS_MAX: usize = 10;

/// Octets of a step's summary; GitHub shows none that is longer.
pub const SUMMARY_MAX: usize = 1 << 20;

/// The annotations of a check, a workflow command on each line: an error for what makes the check fail, a warning for what
/// is broken and does not count, a notice when all is well.
pub fn annotations<'a>(told: impl Into<Told<'a>>) -> String {
    let lines = match told.into() {
        Told::Checked(report) => checked(report),
        Told::Unlaunched(unlaunched) => {
            let text = format!("{}\n{}.", unlaunched.why(), unlaunched.error.mend());
            vec![annotation("error", not_concluded(unlaunched), &text)]
        }
    };
    lines.concat()
}

fn checked(report: &Report) -> Vec<String> {
    let service = &report.check.service;
    let concluded = concluded(report);
    match report.conclusion() {
        Conclusion::Conforms | Conclusion::DoesNotConform => {}
        Conclusion::Inconclusive | Conclusion::NothingAnswers => {
            let why = report.why().unwrap_or_default();
            return vec![annotation("error", &format!("{service}: {concluded}"), &sentence(&why))];
        }
    }
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for chapter in chapters(report) {
        let advice = chapter.diagnosis.map(|it| advice(report, it).join("\n"));
        for broken in chapter.broken {
            let counts = report.counts(broken.requirement.level);
            let (kind, kept) =
                if counts { ("error", &mut errors) } else { ("warning", &mut warnings) };
            kept.push(annotation(
                kind,
                &title(report, &broken),
                &message(report, &broken, advice.as_deref()),
            ));
        }
    }
    let unexpected = report.baseline.iter().flat_map(|held| &held.compared);
    for (id, compared) in unexpected.filter(|(_, compared)| !compared.is_expected()) {
        if *compared != Compared::New {
            errors.push(annotation("error", id, &against(id, compared)));
        }
    }
    let well = errors.is_empty();
    let mut lines = limited("error", errors);
    lines.extend(limited("warning", warnings));
    if well {
        lines.push(annotation("notice", &format!("{service}: {concluded}"), &found(report)));
    }
    lines
}

/// No more than a step may have; the last one tells how many there are besides.
fn limited(kind: &str, mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > ANNOTATIONS_MAX {
        let more = lines.split_off(ANNOTATIONS_MAX - 1).len();
        let text = "The summary of this step shows them all.";
        lines.push(annotation(kind, &format!("{more} more things are wrong"), text));
    }
    lines
}

fn title(report: &Report, Broken { requirement, .. }: &Broken<'_>) -> String {
    format!("{} ({}) is broken", requirement.id, report.check.weight(requirement.level))
}

fn message(report: &Report, broken: &Broken<'_>, advice: Option<&str>) -> String {
    let Broken { requirement, failure, .. } = broken;
    let said = said(failure.shown(), report.check.transport, Measured::Told);
    let exchange = exchange(failure.shown(), Extent::Ending, Colours::None);
    let advice = advice.map(|advice| format!("\n{advice}")).unwrap_or_default();
    format!("{}\n{said}\n{exchange}{advice}", requirement.sentence)
}

fn annotation(kind: &str, title: &str, message: &str) -> String {
    let title = data(title).replace(':', "%3A").replace(',', "%2C");
    format!("::{kind} title={title}::{}\n", data(message.trim_end()))
}

/// As a command carries it: what would end it, or is the sign of what is escaped, is escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The summary of a check in Markdown, in no more than so many octets.
pub fn summary<'a>(told: impl Into<Told<'a>>, room: usize) -> String {
    match told.into() {
        Told::Checked(report) => summarised(report, room),
        Told::Unlaunched(unlaunched) => cut(nothing(unlaunched), room),
    }
}

fn nothing(unlaunched: &Unlaunched) -> String {
    let check = &unlaunched.check;
    let head = head(check, not_concluded(unlaunched), check.command.as_deref().unwrap_or_default());
    let error = fenced(&unlaunched.error.to_string());
    format!("{head}\n{error}\n{}.\n\n", sentence(&unlaunched.error.mend()))
}

fn summarised(report: &Report, room: usize) -> String {
    let mut text = head(&report.check, concluded(report), &target(&report.check).join("\n"));
    if !report.reached {
        return cut(text + "\n", room);
    }
    text += &format!("\n{}\n", found(report));
    let held = report.baseline.iter().flat_map(compared);
    let rest = undecided(report).into_iter().chain(held);
    let rest = rest.map(|(verdict, line)| format!("- {} {}\n", verdict.mark(), plain(&line)));
    let remarks = remarks(report).into_iter().map(|line| format!("- {}\n", plain(&line)));
    let rest: String = std::iter::once("\n".to_owned()).chain(rest).chain(remarks).collect();
    let parts = chapters(report).into_iter().flat_map(|chapter| {
        let advice = chapter.diagnosis.map(|it| {
            let lines = advice(report, it);
            format!("\n### {}\n\n{}\n", plain(&lines[0]), plain(&lines[1..].join("\n")))
        });
        let unexplained = chapter.diagnosis.is_none() && !report.diagnoses.is_empty();
        let unexplained = unexplained.then(|| "\n### Not explained by that\n".to_owned());
        let broken = chapter.broken.into_iter().map(|it| failed(report, &it));
        advice.into_iter().chain(unexplained).chain(broken).collect::<Vec<_>>()
    });
    for part in parts {
        if text.len() + part.len() + rest.len() + LEFT_OUT.len() > room {
            text += LEFT_OUT;
            break;
        }
        text += &part;
    }
    cut(text + &rest + "\n", room)
}

const LEFT_OUT: &str = "\nThere is more, for which a summary has no room.\n";

fn failed(report: &Report, broken: &Broken<'_>) -> String {
    let Broken { requirement, case, failure } = broken;
    let shown = failure.shown();
    let mut text = format!(
        "\n<details><summary>✗ <b>{}</b> ({}) {}</summary>\n\n{}\n\n{}\n",
        requirement.id,
        report.check.weight(requirement.level),
        html(&requirement.sentence),
        plain(&said(shown, report.check.transport, Measured::Told)),
        fenced(&exchange(shown, Extent::Ending, Colours::None)),
    );
    let ending = failure.ending.as_deref().map(sentence);
    let recurred = recurred(failure.recurrence).map(str::to_owned);
    for line in ending.into_iter().chain(recurred).chain([broken.shown_by(report)]) {
        text += &format!("{}\n", plain(&line));
    }
    let id = requirement.id.to_string();
    let commands = [
        Some(again(&report.check, &case.name)),
        replay(&report.check, &id),
        Some(format!("trueline explain {id}")),
    ];
    let commands: Vec<String> = commands.into_iter().flatten().collect();
    text + &format!("\n{}\n</details>\n", fenced(&commands.join("\n")))
}

fn head(check: &Check, concluded: &str, target: &str) -> String {
    format!("## {}\n\n**{concluded}**\n\n{}", plain(&asked(check)), fenced(target))
}

/// Text that no octet of which is Markdown or markup.
fn fenced(text: &str) -> String {
    let text = text.trim_end();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{text}\n{fence}\n")
}

/// Text among Markdown, of which nothing is Markdown or markup.
fn plain(text: &str) -> String {
    let escaped = |c: char| match c {
        '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' => format!("\\{c}"),
        c => c.to_string(),
    };
    html(text).chars().map(escaped).collect()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A text whose end is left out where there is no room for it.
fn cut(mut text: String, room: usize) -> String {
    text.truncate(text.floor_char_boundary(room));
    text
}
