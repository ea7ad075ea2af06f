//! Every testable MUST has a case that asks about it and a mutant that fails it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use trueline_conformance::case::{self, Case};
use trueline_conformance::mutant;
use trueline_conformance::spec::{Id, Level, Spec};
use trueline_conformance::transcript::Act;
use trueline_conformance::transport::Transport;
use trueline_protocol::service::Service;

use crate::{TRANSPORTS, kinds};

/// The MUSTs that bind a server and that a check can decide.
fn testable(service: Service, transport: Transport) -> BTreeSet<Id> {
    let binding = Spec::current().binding(service, transport);
    let testable = binding.filter(|it| it.level == Level::Must && it.untested.is_none());
    testable.map(|it| it.id).collect()
}

#[test]
fn every_testable_must_has_a_case_on_each_transport() {
    for (service, transport) in kinds() {
        let cases = case::of(service).iter();
        let cases = cases.filter(|it| it.transport.is_none_or(|on| on == transport));
        // What a case covers first is what it is about; but for ERR-1, which a reply to any error tells.
        let about = |case: &'static Case| {
            let form = case.covers.iter().filter(|id| id.to_string() == "ERR-1");
            form.chain(case.covers.first()).copied()
        };
        let asked: BTreeSet<Id> = cases.flat_map(about).collect();
        let open: Vec<_> = testable(service, transport).difference(&asked).copied().collect();
        assert!(open.is_empty(), "no case of {service} over {transport} is about {open:?}");
    }
}

#[test]
fn cases_cover_what_is_testable_where_it_holds() {
    for case in case::all() {
        assert!(!case.covers.is_empty(), "{} covers nothing", case.name);
        for id in case.covers.iter().chain(&case.needs) {
            let known = Spec::current().get(*id);
            let known = known.unwrap_or_else(|| panic!("{}: {id} is not in SPEC.md", case.name));
            assert!(known.untested.is_none(), "{}: {id} is called untestable", case.name);
        }
        for transport in TRANSPORTS {
            if case.transport.is_none_or(|only| only == transport) {
                let binds = |id: &Id| {
                    Spec::current().get(*id).is_some_and(|it| it.binds(case.service, transport))
                };
                let strange = case.covers.iter().find(|id| !binds(id));
                assert_eq!(strange, None, "{} over {transport}", case.name);
            }
        }
    }
}

#[test]
fn names_are_unique_and_plain() {
    for service in Service::ALL {
        let mut seen = BTreeSet::new();
        for case in case::of(*service) {
            let first = seen.insert(case.name.as_str());
            assert!(first, "two cases of {service} are called {}", case.name);
        }
    }
    let mut seen: BTreeSet<&str> = case::all().map(|case| case.name.as_str()).collect();
    for case in case::all() {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        assert!(case.name.chars().all(plain) && case.name.contains('.'), "{}", case.name);
    }
    for mutant in mutant::all() {
        assert!(seen.insert(mutant.name), "the name {} is taken", mutant.name);
    }
}

/// A case that awaits nothing could not fail.
#[test]
fn every_dialogue_awaits_something() {
    for case in case::all() {
        for dialogue in case.dialogues(1, 4) {
            let awaits =
                |act: &Act| matches!(act, Act::Expect { .. } | Act::Closed | Act::WasReset);
            assert!(dialogue.steps.iter().any(|step| awaits(&step.act)), "{}", case.name);
        }
    }
}

/// Why no mutant is told by a requirement.
const WITHOUT_MUTANT: [(&str, &str); 3] = [
    ("FRAME-21", "only a kernel shows it: a responder has no socket whose buffer is full"),
    ("FRAME-25", "only a kernel shows it: who may bind a port again is not the responder's doing"),
    ("FRAME-33", "who replies to the wrong peer leaves the first one without, and is told by that"),
];

#[test]
fn every_testable_must_has_a_mutant_or_a_reason() {
    let told = |id| mutant::all().iter().any(|mutant| mutant.is_told_by(id));
    let excused: BTreeMap<Id, &str> =
        WITHOUT_MUTANT.iter().map(|(id, why)| (Id::parse(id).unwrap(), *why)).collect();
    let testable: BTreeSet<Id> =
        kinds().flat_map(|(service, transport)| testable(service, transport)).collect();
    for id in &testable {
        match excused.get(id) {
            None => assert!(told(*id), "no mutant is told by {id}"),
            Some(why) => assert!(!told(*id), "{id} has a mutant now, yet it says: {why}"),
        }
    }
    for id in excused.keys() {
        assert!(testable.contains(id), "{id} is excused from what is not asked of it");
    }
}

#[test]
fn mutants_break_what_binds_them() {
    for mutant in mutant::all() {
        assert!(mutant.services().next().is_some(), "{} is of no service", mutant.name);
        for (service, transport) in kinds().filter(|it| mutant.applies(it.0, it.1)) {
            let first = mutant.breaks(service)[0];
            let known = Spec::current().get(first).is_some_and(|it| it.untested.is_none());
            let binding = Spec::current().binding(service, transport);
            let binds = binding.map(|it| it.id).any(|id| id == first);
            assert!(known && binds, "{} of {service} over {transport}: {first}", mutant.name);
        }
        for id in mutant.broken().split(", ").filter(|it| *it != "those of the service itself") {
            assert!(Spec::current().find(id).is_some(), "{}: {id} is not in SPEC.md", mutant.name);
        }
        // Each is put after words of the reports.
        assert!(mutant.wrong.starts_with(|c: char| c.is_lowercase()), "{}", mutant.name);
        assert!(!mutant.wrong.ends_with('.') && !mutant.advice.is_empty(), "{}", mutant.name);
    }
}

#[test]
fn the_table_in_the_documentation_is_current() {
    const RENEW: &str = "cargo run -- list coverage --markdown > conformance/COVERAGE.md";
    let list = ["list", "coverage", "--markdown"];
    let shown = Command::new(env!("CARGO_BIN_EXE_trueline")).args(list).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/COVERAGE.md");
    let kept = fs::read_to_string(path).unwrap_or_default();
    let mut lines = shown.lines().zip(kept.lines().chain(std::iter::repeat("")));
    if let Some((due, is)) = lines.find(|(due, is)| due != is) {
        panic!("conformance/COVERAGE.md is not current; renew it: {RENEW}\n is {is}\n due {due}");
    }
    assert!(shown == kept, "conformance/COVERAGE.md says more; renew it: {RENEW}");
}
