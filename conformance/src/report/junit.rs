//! A report as JUnit's XML, which most CI systems read: a test for each requirement.
//!
//! A failure is a requirement that is broken and counts; an error is what could not be found out. What does not count, does
//! not apply, is known to be broken, or was not reached for something else is broken, is skipped with its reason. There is a
//! failure or an error just when the check does not end with 0.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::again::{again, replay};
use super::broken::{Broken, advice, chapters};
use super::captures::captured;
use super::exchange::{Extent, exchange};
use super::summary::{against, asked};
use super::words::{Measured, recurred, said, sentence};
use super::{Check, Colours, Finding, Printed, Report, Told, Unlaunched, Verdict};
use crate::blame::Blame;
use crate::dialect::name_of;
use crate::spec::Level;

/// A report as JUnit's XML.
pub fn junit<'a>(told: impl Into<Told<'a>>) -> String {
    let told = told.into();
    let mut suite = TestSuite::new(asked(told.check()));
    suite.set_time(told.elapsed());
    properties(told, &mut suite);
    let tests = match told {
        Told::Checked(report) if report.reached => tests(report),
        Told::Checked(report) => vec![whole(told, NonSuccessKind::Error, report.why())],
        Told::Unlaunched(unlaunched) => vec![not_launched(told, unlaunched)],
    };
    suite.add_test_cases(tests);
    if let Told::Checked(Report { program: Some(program), .. }) = told {
        let text = |printed: &Printed| Some(printed.text.clone()).filter(|it| !it.is_empty());
        suite.system_out = text(&program.stdout).map(Into::into);
        suite.system_err = text(&program.stderr).map(Into::into);
    }
    let mut document = Document::new("trueline");
    document.set_time(told.elapsed());
    document.add_test_suite(suite);
    // It is written to memory, and holds no characters that XML has not.
    document.to_string().expect("a document that can be written")
}

/// What a reader may want to know of how the check was made.
fn properties(told: Told<'_>, suite: &mut TestSuite) {
    let check = told.check();
    let Check { service, dialect, transport, seed, command, address, began, .. } = check;
    suite.extra.extend(began.map(|began| ("timestamp".into(), began.to_string().into())));
    let all = [
        ("service", service.to_string()),
        ("dialect", name_of(*dialect).to_owned()),
        ("transport", transport.to_string()),
        ("seed", seed.to_string()),
        ("command", command.clone().unwrap_or_default()),
        ("address", address.clone()),
        ("conclusion", told.conclusion().to_owned()),
    ];
    for (name, value) in all.iter().filter(|(_, value)| !value.is_empty()) {
        suite.add_property((*name, value.as_str()));
    }
}

fn tests(report: &Report) -> Vec<TestCase> {
    let broken: Vec<(Broken<'_>, Option<String>)> = chapters(report)
        .into_iter()
        .flat_map(|chapter| {
            let like = chapter.diagnosis.map(|diagnosis| advice(report, diagnosis).join("\n"));
            chapter.broken.into_iter().map(move |it| (it, like.clone()))
        })
        .collect();
    let tested = report.requirements.iter().filter(|it| it.requirement.untested.is_none());
    let mut tests: Vec<TestCase> = Vec::new();
    for finding in tested {
        let id = finding.requirement.id;
        let shown = broken.iter().find(|(broken, _)| broken.requirement.id == id);
        let status = status(report, finding, shown);
        let mut test = TestCase::new(format!("{id} {}", finding.requirement.sentence), status);
        test.set_classname(class(&report.check)).set_time(time(report, finding));
        tests.push(test);
    }
    let failed = |test: &TestCase| {
        matches!(test.status, TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. })
    };
    // What is otherwise than the baseline says makes a check fail, though it be kept or none of its requirements.
    for (id, compared) in report.baseline.iter().flat_map(|held| &held.compared) {
        let told =
            tests.iter().any(|test| failed(test) && test.name.starts_with(&format!("{id} ")));
        if !compared.is_expected() && !told {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(compared.word()).set_message(against(id, compared));
            let mut test = TestCase::new(format!("{id} and the baseline"), status);
            test.set_classname(class(&report.check)).set_time(Duration::ZERO);
            tests.push(test);
        }
    }
    let error = |test: &TestCase| {
        matches!(test.status, TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. })
    };
    // Nobody may take for passed what was not asked.
    if report.why().is_some() && !tests.iter().any(error) {
        tests.push(whole(report.into(), NonSuccessKind::Error, report.why()));
    }
    tests
}

fn status(
    report: &Report,
    Finding { requirement, verdict, why }: &Finding,
    shown: Option<&(Broken<'_>, Option<String>)>,
) -> TestCaseStatus {
    let counts = report.counts(requirement.level);
    let known = report.baseline.as_ref().and_then(|held| held.known(requirement.id));
    let why = known.or(why.as_deref()).unwrap_or_default();
    let mut status = match verdict {
        Verdict::Pass => return TestCaseStatus::success(),
        Verdict::Fail if counts && known.is_none() => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        Verdict::Inconclusive if counts => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Fail | Verdict::Inconclusive | Verdict::Blocked | Verdict::Skip => {
            TestCaseStatus::skipped()
        }
    };
    status.set_type(verdict.said());
    let Some((broken, like)) = shown else {
        status.set_message(format!("{}: {why}", verdict.said()));
        return status;
    };
    let said = said(broken.failure.shown(), report.check.transport, Measured::Told);
    if counts {
        status.set_message(said);
    } else {
        let weight = report.check.weight(requirement.level);
        let strict = if requirement.level == Level::May { "" } else { " without --strict" };
        status.set_message(format!("broken, but {weight} does not count{strict}: {said}"));
    }
    status.set_description(description(report, broken, like.as_deref()));
    status
}

/// What a person reads who opens a failed test.
fn description(report: &Report, broken: &Broken<'_>, like: Option<&str>) -> String {
    let Broken { requirement, case, failure } = broken;
    let mut lines = vec![format!(
        "\n{} ({}) {}\n\n{}",
        requirement.id,
        report.check.weight(requirement.level),
        requirement.sentence,
        exchange(failure.shown(), Extent::Ending, Colours::None)
    )];
    lines.extend(failure.ending.as_deref().map(sentence));
    lines.extend(recurred(failure.recurrence).map(str::to_owned));
    lines.extend(like.map(str::to_owned));
    lines.push(broken.shown_by(report));
    lines.push(format!("Only this: {}", again(&report.check, &case.name)));
    let replay = replay(&report.check, &requirement.id.to_string());
    lines.extend(replay.map(|command| format!("Replay it: {command}")));
    let capture = captured(&report.check, case);
    lines.extend(capture.map(|file| format!("Captured: {file}")));
    lines.push(format!("More: trueline explain {}\n", requirement.id));
    lines.join("\n")
}

/// The time of the cases that are about a requirement before all: together it is that of all cases.
fn time(report: &Report, Finding { requirement, .. }: &Finding) -> Duration {
    let own = report.cases.iter().filter(|case| case.covers.first() == Some(&requirement.id));
    own.map(|case| case.elapsed).sum()
}

fn not_launched(told: Told<'_>, unlaunched: &Unlaunched) -> TestCase {
    let kind = match unlaunched.error.blame() {
        Blame::Target => NonSuccessKind::Failure,
        Blame::User | Blame::Machine => NonSuccessKind::Error,
    };
    let mut test = whole(told, kind, Some(unlaunched.why()));
    test.status.set_description(format!("{}\n{}.", unlaunched.error, unlaunched.error.mend()));
    test
}

/// The check as one test, where no requirement tells how it ended.
fn whole(told: Told<'_>, kind: NonSuccessKind, why: Option<String>) -> TestCase {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(told.conclusion()).set_message(why.unwrap_or_default());
    let mut test = TestCase::new("the check", status);
    test.set_classname(class(told.check())).set_time(told.elapsed());
    test
}

fn class(check: &Check) -> String {
    format!("trueline.{}.{}", check.service, check.transport)
}
