//! JUnit's XML, read by another library than wrote it.

use roxmltree::{Document, Node};
use trueline_conformance::judge::Kind;
use trueline_conformance::report::{Report, Verdict, junit};
use trueline_conformance::spec::Level;
use trueline_conformance::target::LaunchError;
use trueline_conformance::transport::Transport::Tcp;
use trueline_protocol::service::Service;

use super::made::{check, conduct, failing, found, unlaunched};
use super::simulated::simulated;

#[test]
fn a_test_for_each_requirement() {
    let report = simulated(Service::Calculator, Tcp, Some("floor-division"));
    let text = junit(&report);
    let document = Document::parse(&text).unwrap();
    let suite = suite(&document);
    let tests: Vec<Node<'_, '_>> = children(suite, "testcase").collect();
    let tested = report.requirements.iter().filter(|it| it.requirement.untested.is_none());
    for (finding, test) in tested.clone().zip(&tests) {
        let name = format!("{} {}", finding.requirement.id, finding.requirement.sentence);
        assert_eq!(test.attribute("name"), Some(name.as_str()));
        assert_eq!(test.attribute("classname"), Some("trueline.calculator.tcp"));
        let broken = finding.verdict == Verdict::Fail;
        assert_eq!(children(*test, "failure").count(), usize::from(broken), "{name}");
    }
    assert_eq!(tests.len(), tested.count());
    assert_eq!(suite.attribute("tests"), Some(tests.len().to_string().as_str()));
    let all: f64 = tests.iter().map(|test| seconds(*test)).sum();
    // Each time is written to the millisecond.
    assert!(all <= seconds(suite) + 0.001 * tests.len() as f64, "{all}");
    let failure = text_of(&document, "failure");
    assert!(
        failure.contains("was due") && failure.contains("Only this: trueline check"),
        "{failure}"
    );
    assert!(failure.contains("It behaves like a server that"), "{failure}");
}

/// CI fails just when the check does.
#[test]
fn what_the_program_printed_is_its_suites() {
    let report = Report { program: Some(conduct()), ..failing(check(), vec![Kind::Ended]) };
    let text = junit(&report);
    let document = Document::parse(&text).unwrap();
    let printed = ["system-out", "system-err"].map(|name| {
        children(suite(&document), name).next().unwrap().text().unwrap_or_default().to_owned()
    });
    assert_eq!(printed, ["ready <b>&\n", "what a day\n"]);
    let silent = junit(&failing(check(), vec![]));
    assert!(!silent.contains("system-"), "{silent}");
}

#[test]
fn what_does_not_make_a_check_fail_is_no_failure() {
    for (level, verdict, element) in [
        (Level::Must, Verdict::Pass, None),
        (Level::Must, Verdict::Skip, Some("skipped")),
        (Level::Must, Verdict::Blocked, Some("skipped")),
        (Level::Must, Verdict::Inconclusive, Some("error")),
        (Level::Should, Verdict::Inconclusive, Some("skipped")),
        (Level::Should, Verdict::Fail, Some("skipped")),
    ] {
        let mut report = found(check(), level, verdict, Some("of the moon"));
        report.requirements[0].requirement.untested = None;
        let text = junit(&report);
        let document = Document::parse(&text).unwrap();
        let first = children(suite(&document), "testcase").next().unwrap();
        let told = first.children().find(Node::is_element);
        assert_eq!(told.map(|it| it.tag_name().name()), element, "{level} {verdict:?}");
        if let Some(told) = told {
            assert!(told.attribute("message").unwrap().contains("of the moon"));
        }
        let fails = ["failure", "error"].iter().any(|it| text.contains(&format!("<{it}")));
        assert_eq!(fails, report.conclusion().word() != "conforms", "{text}");
    }
}

#[test]
fn a_hostile_reply_stays_text() {
    let reply = b"]]><failure/>&\x00\x1b[31m\xff\n".to_vec();
    let text = junit(&failing(check(), vec![Kind::NotText(reply)]));
    let document = Document::parse(&text).unwrap();
    assert_eq!(document.descendants().filter(|it| it.has_tag_name("failure")).count(), 1);
    assert!(
        text_of(&document, "failure").contains(r"< ]]><failure/>&\x00\x1b[31m\xff\n"),
        "{text}"
    );
}

#[test]
fn a_program_that_never_came_up() {
    let error = LaunchError::NotOnPath { name: "python9".to_owned() };
    let text = junit(&unlaunched(error));
    let document = Document::parse(&text).unwrap();
    assert_eq!(children(suite(&document), "testcase").count(), 1);
    assert!(!text_of(&document, "error").is_empty(), "{text}");
}

fn suite<'a, 'i>(document: &'a Document<'i>) -> Node<'a, 'i> {
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let suites: Vec<Node<'_, '_>> = children(root, "testsuite").collect();
    assert_eq!(suites.len(), 1);
    suites[0]
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |it| it.has_tag_name(name))
}

fn seconds(node: Node<'_, '_>) -> f64 {
    node.attribute("time").unwrap().parse().unwrap()
}

fn text_of<'a>(document: &'a Document<'_>, name: &str) -> &'a str {
    document.descendants().find(|it| it.has_tag_name(name)).unwrap().text().unwrap_or_default()
}
