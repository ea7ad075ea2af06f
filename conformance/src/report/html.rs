//! A report as a page: one file, which asks for nothing else and runs no script.
//!
//! The page is made by a template that escapes whatever it is given, and forbids its reader's browser to load or to run
//! anything: what a target replies may be markup.

mod diagram;

use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;

use self::diagram::{Diagram, diagram};
use super::again::{again, replay};
use super::broken::{Broken, Chapter, advice, chapters};
use super::captures::captured;
use super::summary::{
    areas, asked, compared, concluded, found, not_concluded, remarks, tally, target, undecided,
};
use super::words::{Measured, recurred, said, sentence};
use super::{Conduct, Finding, Report, Told, Unlaunched, Verdict};

/// A report as a page of HTML.
pub fn html<'a>(told: impl Into<Told<'a>>) -> String {
    let told = told.into();
    let page = match told {
        Told::Checked(report) => Page::of(report),
        Told::Unlaunched(unlaunched) => Page::of_none(unlaunched),
    };
    let mut pages = Environment::new();
    // They are the same in every report: that they are right is shown by the test of any.
    pages.add_template("diagram.html", include_str!("html/diagram.html")).expect("a template");
    pages.add_template("page.html", include_str!("html/page.html")).expect("a template");
    let style = Value::from_safe_string(include_str!("html/page.css").to_owned());
    let context = minijinja::context! { page => Value::from(Serde(&page)), style };
    pages.get_template("page.html").and_then(|page| page.render(context)).expect("a page")
}

/// What a page shows, in its order.
#[derive(Debug, Serialize)]
struct Page {
    version: &'static str,
    conclusion: &'static str,
    concluded: &'static str,
    asked: String,
    target: Vec<String>,
    began: Option<String>,
    /// In numbers, or why there are none.
    found: Option<String>,
    last_words: Option<String>,
    chapters: Vec<Shown>,
    undecided: Vec<Open>,
    remarks: Vec<String>,
    /// What the program printed, under the name of the stream.
    printed: Vec<(&'static str, String)>,
    areas: Vec<Area>,
}

/// An advice and what it explains.
#[derive(Debug, Serialize)]
struct Shown {
    advice: Vec<String>,
    failures: Vec<Failed>,
}

/// A requirement that is broken.
#[derive(Debug, Serialize)]
struct Failed {
    id: String,
    level: String,
    counts: bool,
    sentence: String,
    said: String,
    diagram: Option<Diagram>,
    /// What else there is to know.
    more: Vec<String>,
    commands: Vec<Command>,
}

/// What to type.
#[derive(Debug, Serialize)]
struct Command {
    to: &'static str,
    line: String,
}

/// What was not decided and why, and what a baseline says.
#[derive(Debug, Serialize)]
struct Open {
    verdict: Mark,
    line: String,
}

/// The requirements of an area.
#[derive(Debug, Serialize)]
struct Area {
    name: &'static str,
    tally: String,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    level: String,
    sentence: String,
    verdict: Mark,
    why: Option<String>,
}

/// A verdict: the class of its colour, its mark and its words.
#[derive(Debug, Serialize)]
struct Mark {
    class: Verdict,
    mark: &'static str,
    said: &'static str,
}

impl From<Verdict> for Mark {
    fn from(verdict: Verdict) -> Self {
        Self { class: verdict, mark: verdict.mark(), said: verdict.said() }
    }
}

impl Page {
    fn of(report: &Report) -> Self {
        let open = |(verdict, line): (Verdict, String)| Open { verdict: verdict.into(), line };
        let held = report.baseline.iter().flat_map(compared);
        let page =
            Self { target: target(&report.check), ..Self::bare(report.into(), concluded(report)) };
        if !report.reached {
            return page;
        }
        Self {
            found: Some(found(report)),
            chapters: chapters(report).into_iter().map(|it| Shown::of(report, it)).collect(),
            undecided: undecided(report).into_iter().chain(held).map(open).collect(),
            remarks: remarks(report),
            printed: report.program.as_ref().map(printed).unwrap_or_default(),
            areas: areas(report).into_iter().map(Area::of).collect(),
            ..page
        }
    }

    fn of_none(unlaunched: &Unlaunched) -> Self {
        let error = &unlaunched.error;
        let words = unlaunched.last_words().join("\n");
        Self {
            target: unlaunched.check.command.iter().cloned().collect(),
            found: Some(unlaunched.why()),
            last_words: (!words.is_empty()).then_some(words),
            remarks: vec![format!("{}.", sentence(&error.mend()))],
            ..Self::bare(unlaunched.into(), not_concluded(unlaunched))
        }
    }

    /// What a page says of any check.
    fn bare(told: Told<'_>, concluded: &'static str) -> Self {
        let check = told.check();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            conclusion: told.conclusion(),
            concluded,
            asked: asked(check),
            target: Vec::new(),
            began: check.began.map(|began| began.to_string()),
            found: None,
            last_words: None,
            chapters: Vec::new(),
            undecided: Vec::new(),
            remarks: Vec::new(),
            printed: Vec::new(),
            areas: Vec::new(),
        }
    }
}

/// What a program has printed last, stream by stream.
fn printed(conduct: &Conduct) -> Vec<(&'static str, String)> {
    let streams =
        [("Standard output", &conduct.stdout), ("Standard error", &conduct.stderr)].into_iter();
    let streams = streams.filter(|(_, printed)| printed.octets > 0);
    streams.map(|(name, printed)| (name, printed.text.clone())).collect()
}

impl Shown {
    fn of(report: &Report, Chapter { diagnosis, broken }: Chapter<'_>) -> Self {
        Self {
            advice: diagnosis.map(|it| advice(report, it)).unwrap_or_default(),
            failures: broken.iter().map(|it| Failed::of(report, it)).collect(),
        }
    }
}

impl Failed {
    fn of(report: &Report, broken: &Broken<'_>) -> Self {
        let Broken { requirement, case, failure } = broken;
        let transport = report.check.transport;
        let id = requirement.id.to_string();
        let ending = failure.ending.as_deref().map(sentence);
        let recurred = recurred(failure.recurrence).map(str::to_owned);
        let more = ending.into_iter().chain(recurred).chain([broken.shown_by(report)]);
        let commands = [
            ("Only this", Some(again(&report.check, &case.name))),
            ("Replay it", replay(&report.check, &id)),
            ("Captured", captured(&report.check, case)),
            ("More", Some(format!("trueline explain {id}"))),
        ];
        let commands =
            commands.into_iter().filter_map(|(to, line)| Some(Command { to, line: line? }));
        Self {
            level: report.check.weight(requirement.level).to_owned(),
            counts: report.counts(requirement.level),
            sentence: requirement.sentence.clone(),
            said: said(failure.shown(), transport, Measured::Told),
            diagram: diagram(failure.shown(), transport),
            more: more.collect(),
            commands: commands.collect(),
            id,
        }
    }
}

impl Area {
    fn of((name, findings): (&'static str, Vec<&Finding>)) -> Self {
        let row = |Finding { requirement, verdict, why }: &Finding| Row {
            id: requirement.id.to_string(),
            level: requirement.level.to_string(),
            sentence: requirement.sentence.clone(),
            verdict: (*verdict).into(),
            why: why.clone(),
        };
        Self {
            name,
            tally: tally(findings.iter().copied()),
            rows: findings.into_iter().map(row).collect(),
        }
    }
}
