//! What is concluded, why, and what of the suite it is about.

use serde_json::{Value, json};
use trueline_conformance::report::Verdict::{Blocked, Fail, Inconclusive, Pass, Skip};
use trueline_conformance::report::{Check, Colours, Conclusion, Part, Report, Verdict, human};
use trueline_conformance::spec::Level::{self, Must, Should};
use trueline_conformance::target::{Ending, LastWords, LaunchError};

use super::made::{check, failing, found, kinds, unlaunched};
use super::schema::words;
use super::valid::valid;

/// The conclusion of a report of one requirement, and why.
fn concluded(strict: bool, level: Level, verdict: Verdict) -> (Value, Value) {
    let why = (verdict != Pass).then_some("it went so");
    let report = valid(&found(Check { strict, ..check() }, level, verdict, why));
    assert_eq!(report["requirements"][0]["counted"], level == Must || strict);
    (report["conclusion"].clone(), report["why"].clone())
}

fn open(id: &str) -> Value {
    json!(format!("{id} is open: it went so"))
}

#[test]
fn what_holds_conforms() {
    assert_eq!(concluded(false, Must, Pass), (json!("conforms"), Value::Null));
    assert_eq!(concluded(true, Should, Pass), (json!("conforms"), Value::Null));
}

#[test]
fn what_fails_does_not_where_it_counts() {
    let report = valid(&failing(check(), kinds(7)));
    assert_eq!(report["conclusion"], "does-not-conform");
    let mut report = failing(check(), kinds(7));
    report.requirements[0].requirement.level = Should;
    assert_eq!(valid(&report)["conclusion"], "inconclusive");
    report.check.strict = true;
    assert_eq!(valid(&report)["conclusion"], "does-not-conform");
    assert_eq!(
        (report.requirements[0].verdict, report.conclusion()),
        (Fail, Conclusion::DoesNotConform)
    );
}

#[test]
fn what_could_not_be_asked_about_is_inconclusive() {
    assert_eq!(concluded(false, Must, Inconclusive), (json!("inconclusive"), open("FRAME-1")));
    assert_eq!(concluded(false, Must, Blocked), (json!("inconclusive"), open("FRAME-1")));
    let nothing = json!("no requirement that counts was asked about");
    assert_eq!(concluded(false, Must, Skip), (json!("inconclusive"), nothing.clone()));
    assert_eq!(concluded(false, Should, Pass), (json!("inconclusive"), nothing));
}

#[test]
fn nothing_may_answer() {
    let mut report = found(check(), Must, Blocked, Some("nothing answers there"));
    report.reached = false;
    let told = valid(&report);
    assert_eq!(told["conclusion"], "nothing-answers");
    assert_eq!(told["why"], "nothing answers at 127.0.0.1:8040");
    assert_eq!(told["launch_failure"], Value::Null);
}

#[test]
fn a_program_may_never_come_up() {
    let of = |error| valid(&unlaunched(error));
    let command = || "./server".to_owned();
    let report = of(LaunchError::EndedEarly {
        command: command(),
        ending: Ending::Exited(7),
        last_words: LastWords::default(),
    });
    assert_eq!(report["conclusion"], "never-came-up");
    assert_eq!(report["why"], "./server ended with exit code 7 before it listened.");
    let failure = &report["launch_failure"];
    assert_eq!(failure["blame"], "target");
    assert_eq!(failure["ending"], "the program ended with exit code 7");
    assert_eq!(failure["last_words"], json!([]));
    assert_eq!(
        (&report["target"]["command"], &report["target"]["address"]),
        (&json!("./server"), &Value::Null)
    );
    assert_eq!((&report["requirements"], &report["cases"]), (&json!([]), &json!({})));
    assert!(report["timing"]["elapsed_ms"].as_f64() > Some(0.0));

    // Nothing is charged to a program that the machine could not run.
    let report = of(LaunchError::NotOnPath { name: "python9".to_owned() });
    assert_eq!(
        (&report["conclusion"], &report["launch_failure"]["blame"]),
        (&json!("inconclusive"), &json!("machine"))
    );
    assert_eq!(report["launch_failure"]["ending"], Value::Null);

    let report = of(LaunchError::NoSuchFile { path: "./server".into() });
    assert_eq!(
        (&report["conclusion"], &report["launch_failure"]["blame"]),
        (&json!("not-launched"), &json!("user"))
    );
    assert_eq!(report["why"], "./server does not exist");
}

#[test]
fn people_are_told_that_nothing_was_checked() {
    let error = LaunchError::NoSuchFile { path: "./server".into() };
    assert_eq!(
        human(&unlaunched(error), Colours::None),
        "calculator, line dialect, TCP, seed 1\n\n./server does not exist\nCheck how it is spelled, and from which \
         folder it is reached.\n\nThere was no program to check.\n"
    );
}

#[test]
fn every_conclusion_stands_in_the_schema() {
    use Conclusion::{Conforms, DoesNotConform, NothingAnswers};
    let of_checks = [Conforms, DoesNotConform, NothingAnswers, Conclusion::Inconclusive];
    let name = || "python9".to_owned();
    let of_none = [
        LaunchError::NoCommand,
        LaunchError::CarriageReturn { path: "./server".into() },
        LaunchError::NotOnPath { name: name() },
    ];
    let of_none = of_none.map(|error| unlaunched(error).conclusion());
    let mut all: Vec<&str> = of_checks.map(Conclusion::word).into_iter().chain(of_none).collect();
    let listed = words("/properties/conclusion");
    let mut listed: Vec<&str> =
        listed.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    all.sort_unstable();
    all.dedup();
    listed.sort_unstable();
    assert_eq!(all, listed);
}

/// The report of a part says so, to scripts and to people.
#[test]
fn a_part_is_told_from_the_whole() {
    let of = |part: Part| found(Check { part, ..check() }, Must, Pass, None);
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let whole =
        of(Part { own: names(&["my.sum"]), unasked: names(&["my.udp"]), ..Part::default() });
    let told = valid(&whole)["selection"].clone();
    let own = json!({ "asked": ["my.sum"], "unasked": ["my.udp"] });
    assert_eq!(told, json!({ "whole": true, "only": [], "skip": [], "own_cases": own }));
    let shown = human(&whole, Colours::None);
    assert!(shown.contains("1 of 2 cases of your own are about another"), "{shown}");
    assert!(shown.ends_with("Conforming.\n"), "{shown}");

    let part = of(Part {
        only: names(&["FRAME", "CALC-1"]),
        skip: names(&["frame.cut"]),
        ..Part::default()
    });
    let told = valid(&part)["selection"].clone();
    let none = json!({ "asked": [], "unasked": [] });
    assert_eq!(
        told,
        json!({ "whole": false, "only": ["FRAME", "CALC-1"], "skip": ["frame.cut"], "own_cases": none })
    );
    let shown = human(&part, Colours::None);
    let head = "calculator, line dialect, TCP, seed 1, only FRAME CALC-1, without frame.cut\n";
    assert!(shown.starts_with(head), "{shown}");
    assert!(shown.ends_with("Conforming, in the part that was checked.\n"), "{shown}");
}

/// A target that is too slow for the whole suite does not pass for one that was asked everything.
#[test]
fn a_hurried_case_says_so() {
    let hurried = |hurried| -> Report {
        let mut report = found(check(), Must, Pass, None);
        report.cases[0].hurried = hurried;
        report
    };
    for it in [false, true] {
        assert_eq!(valid(&hurried(it))["cases"]["made.up"]["hurried"], it);
    }
}
