//! Every testable MUST has a case that asks about it and a mutant that fails it.

use std::collections::{BTreeMap, BTreeSet};

use trueline_conformance::case;
use trueline_conformance::mutant;
use trueline_conformance::spec::{Id, Level, Spec};
use trueline_conformance::transcript::Act;
use trueline_conformance::transport::Transport;
use trueline_protocol::service::Service;

use crate::TRANSPORTS;

/// The MUSTs that bind a server and that a check can decide.
fn testable(transport: Transport) -> BTreeSet<Id> {
    let binding = Spec::current().binding(Service::Calculator, transport);
    let testable = binding.filter(|it| it.level == Level::Must && it.untested.is_none());
    testable.map(|it| it.id).collect()
}

#[test]
fn every_testable_must_has_a_case_on_each_transport() {
    for transport in TRANSPORTS {
        let cases = case::all().iter().filter(|it| it.transport.is_none_or(|on| on == transport));
        // What a case covers first is what it is about.
        let asked: BTreeSet<Id> = cases.map(|case| case.covers[0]).collect();
        let open: Vec<_> = testable(transport).difference(&asked).copied().collect();
        assert!(open.is_empty(), "no case over {transport} is about {open:?}");
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
                let binding = testable(transport);
                let strange = case.covers.iter().find(|id| !binding.contains(id));
                assert_eq!(strange, None, "{} over {transport}", case.name);
            }
        }
    }
}

#[test]
fn names_are_unique_and_plain() {
    let mut seen = BTreeSet::new();
    for case in case::all() {
        assert!(seen.insert(case.name.as_str()), "two cases are called {}", case.name);
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
    let told: BTreeSet<Id> = mutant::all().iter().map(|mutant| mutant.breaks()[0]).collect();
    let excused: BTreeMap<Id, &str> =
        WITHOUT_MUTANT.iter().map(|(id, why)| (Id::parse(id).unwrap(), *why)).collect();
    let testable: BTreeSet<Id> = TRANSPORTS.into_iter().flat_map(testable).collect();
    for id in &testable {
        match excused.get(id) {
            None => assert!(told.contains(id), "no mutant is told by {id}"),
            Some(why) => assert!(!told.contains(id), "{id} has a mutant now, yet it says: {why}"),
        }
    }
    for id in excused.keys() {
        assert!(testable.contains(id), "{id} is excused from what is not asked of it");
    }
}

#[test]
fn mutants_break_what_binds_them() {
    for mutant in mutant::all() {
        for transport in TRANSPORTS {
            if mutant.transport.is_none_or(|only| only == transport) {
                let first = mutant.breaks()[0];
                assert!(
                    testable(transport).contains(&first),
                    "{} over {transport}: {first}",
                    mutant.name
                );
            }
        }
        for id in mutant.breaks() {
            let known = Spec::current().get(id);
            assert!(known.is_some_and(|it| it.untested.is_none()), "{}: {id}", mutant.name);
        }
        // Each is put after words of the reports.
        assert!(mutant.wrong.starts_with(|c: char| c.is_lowercase()), "{}", mutant.name);
        assert!(!mutant.wrong.ends_with('.') && !mutant.advice.is_empty(), "{}", mutant.name);
    }
}
