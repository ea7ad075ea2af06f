//! Annotations and summaries for GitHub Actions, within what GitHub takes.

use trueline_conformance::judge::Kind;
use trueline_conformance::report::{
    Check, Finding, Report, SUMMARY_MAX, Verdict, annotations, summary,
};
use trueline_conformance::spec::{Level, Spec};
use trueline_conformance::target::LaunchError;
use trueline_conformance::transport::Transport::Tcp;
use trueline_protocol::service::Service;

use super::made::{check, failing, found, unlaunched};
use super::simulated::simulated;

#[test]
fn an_error_for_each_requirement_that_is_broken() {
    let report = simulated(Service::Calculator, Tcp, Some("floor-division"));
    let told = annotations(&report);
    let broken = report.requirements.iter().filter(|it| it.verdict == Verdict::Fail);
    for (finding, line) in broken.clone().zip(told.lines()) {
        let head = format!("::error title={} (MUST) is broken::", finding.requirement.id);
        assert!(line.starts_with(&head), "{line}");
        assert!(line.contains("%0A") && line.contains("was due"), "{line}");
    }
    assert_eq!(told.lines().count(), broken.count());
    assert!(told.contains("It behaves like a server that"), "{told}");
}

/// A reply cannot give commands of its own, nor end one.
#[test]
fn what_a_command_is_made_of_is_escaped() {
    let check = Check { command: Some("a,b:c".to_owned()), ..check() };
    let reply = b"50%,\r\n::error title=no::\n".to_vec();
    let told = annotations(&failing(check, vec![Kind::NotText(reply)]));
    assert_eq!(told.lines().count(), 1);
    assert!(told.contains(r"50%25,\r\n::error title=no::\n"), "{told}");
    let program = "x\n::error::y".to_owned();
    let told = annotations(&unlaunched(LaunchError::NotOnPath { name: program }));
    assert_eq!(told.lines().count(), 1);
    assert!(told.contains("x%0A::error::y"), "{told}");
}

#[test]
fn no_more_errors_than_are_shown() {
    let told = annotations(&many());
    let lines: Vec<&str> = told.lines().collect();
    let errors = lines.iter().filter(|line| line.starts_with("::error ")).count();
    assert_eq!((errors, lines.len()), (10, 10));
    let last = lines[9];
    let all = many().requirements.len();
    assert!(last.contains(&format!("title={} more things are wrong", all - 9)), "{last}");
}

#[test]
fn what_does_not_count_is_a_warning() {
    let mut report = failing(check(), vec![Kind::Refused]);
    let should = Spec::current().requirements().find(|it| it.level == Level::Should).unwrap();
    report.cases[0].failures[0].charged = should.id;
    report.requirements[0].requirement = should.clone();
    report.requirements.extend(found(check(), Level::Must, Verdict::Pass, None).requirements);
    let told = annotations(&report);
    assert!(told.starts_with("::warning title="), "{told}");
    assert!(told.contains("\n::notice title=calculator%3A Conforming.::"), "{told}");
}

#[test]
fn what_nobody_could_find_out_is_one_error() {
    let told =
        annotations(&found(check(), Level::Must, Verdict::Inconclusive, Some("of the moon")));
    assert_eq!(told.lines().count(), 1);
    assert!(told.starts_with("::error title=calculator%3A Inconclusive.::"), "{told}");
    assert!(told.contains("of the moon"), "{told}");
}

#[test]
fn a_summary_tells_all_that_there_is_room_for() {
    let report = many();
    let all = summary(&report, SUMMARY_MAX);
    for Finding { requirement, .. } in &report.requirements {
        assert!(all.contains(&format!("<b>{}</b>", requirement.id)), "{}", requirement.id);
    }
    let room = all.len() - 1;
    let some = summary(&report, room);
    assert!(some.len() <= room, "{}", some.len());
    assert!(some.contains("There is more, for which a summary has no room."), "{some}");
    assert!(summary(&report, 0).is_empty());
}

#[test]
fn a_hostile_reply_stays_text() {
    let reply = b"```\n</details><script>|[x](y)".to_vec();
    let told = summary(&failing(check(), vec![Kind::Wrong(reply)]), SUMMARY_MAX);
    let fence = told.lines().skip_while(|line| !line.contains("</details><script>"));
    assert!(fence.skip(1).any(|line| line == "````"), "{told}");
    assert_eq!(told.lines().filter(|line| *line == "</details>").count(), 1);
}

/// A report in which everything is broken.
fn many() -> Report {
    let mut report = failing(check(), vec![Kind::Refused]);
    let (finding, failure) = (report.requirements[0].clone(), report.cases[0].failures[0].clone());
    let of = |level| Spec::current().requirements().filter(move |it| it.level == level);
    (report.requirements, report.cases[0].failures) = of(Level::Must)
        .map(|it| {
            let mut failure = failure.clone();
            failure.charged = it.id;
            (Finding { requirement: it.clone(), ..finding.clone() }, failure)
        })
        .unzip();
    report
}
