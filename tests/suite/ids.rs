//! Ids are permanent, and what a requirement needs is there and comes before it.

use std::collections::{BTreeMap, BTreeSet};

use trueline_conformance::spec::{Id, Spec, TEXT};

/// What was ever published, with its level and whether it is withdrawn.
fn published() -> BTreeMap<String, (String, bool)> {
    let lines = include_str!("ids.txt").lines().filter(|line| !line.starts_with('#'));
    let entries: Vec<_> = lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let withdrawn = match words[..] {
                [_, _] => false,
                [_, _, "withdrawn"] => true,
                _ => panic!("ids.txt: `{line}` is not an id, a level, and at most `withdrawn`"),
            };
            (words[0].to_owned(), (words[1].to_owned(), withdrawn))
        })
        .collect();
    let count = entries.len();
    let published: BTreeMap<_, _> = entries.into_iter().collect();
    assert_eq!(published.len(), count, "ids.txt has an id twice");
    published
}

#[test]
fn a_published_id_stays_what_it_was() {
    for (id, (level, withdrawn)) in published() {
        match Spec::current().find(&id) {
            Some(it) => {
                assert!(!withdrawn, "{id} was withdrawn; its number is not used again");
                assert_eq!(it.level.to_string(), level, "{id} has changed its level");
            }
            None => assert!(
                withdrawn,
                "{id} has vanished from SPEC.md; if it was withdrawn, ids.txt says so"
            ),
        }
    }
}

#[test]
fn every_id_is_published() {
    let published = published();
    for requirement in Spec::current().requirements() {
        let id = requirement.id.to_string();
        assert!(published.contains_key(&id), "put {id} into tests/suite/ids.txt");
    }
}

/// Whatever looks like a requirement to people is one to programs.
#[test]
fn every_id_in_bold_is_a_requirement() {
    let bold = TEXT.split("**").skip(1).step_by(2).filter_map(Id::parse);
    let bold: Vec<Id> = bold.collect();
    let known: Vec<Id> = Spec::current().requirements().map(|it| it.id).collect();
    assert_eq!(bold.iter().copied().collect::<BTreeSet<_>>(), known.iter().copied().collect());
    assert_eq!(bold.len(), known.len(), "an id stands in bold twice");
}

/// Whatever SPEC.md refers to is there.
#[test]
fn every_id_that_is_mentioned_is_a_requirement() {
    let words = TEXT.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let mut mentioned = words.filter_map(Id::parse).peekable();
    assert!(mentioned.peek().is_some());
    for id in mentioned {
        assert!(Spec::current().get(id).is_some(), "SPEC.md mentions {id}, which is not there");
    }
}

#[test]
fn what_is_needed_is_there() {
    for requirement in Spec::current().requirements() {
        for &need in &requirement.needs {
            let needed = Spec::current().get(need);
            let needed = needed.unwrap_or_else(|| panic!("{} needs {need}", requirement.id));
            // What nobody can test can never be known to be broken.
            assert!(
                needed.untested.is_none(),
                "{} needs {need}, which is not tested",
                requirement.id
            );
            assert_eq!(needed.party, requirement.party, "{} needs {need}", requirement.id);
        }
    }
}

#[test]
fn needs_form_no_cycle() {
    let mut settled = BTreeSet::new();
    for requirement in Spec::current().requirements() {
        follow(requirement.id, &mut Vec::new(), &mut settled);
    }
}

fn follow(id: Id, path: &mut Vec<Id>, settled: &mut BTreeSet<Id>) {
    if settled.contains(&id) {
        return;
    }
    assert!(!path.contains(&id), "{id} needs itself: {path:?}");
    path.push(id);
    for &need in Spec::current().get(id).into_iter().flat_map(|it| &it.needs) {
        follow(need, path, settled);
    }
    path.pop();
    settled.insert(id);
}
