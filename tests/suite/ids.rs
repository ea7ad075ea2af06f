//! Ids are permanent, and what a requirement needs is there and comes before it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use trueline_conformance::spec::{DECLARED, Id, Spec, TEXT};

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

/// Where requirements are cited.
const CITING: [&str; 8] = [
    "SPEC.md",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "protocol",
    "conformance",
    "src",
    "tests",
];

/// What tests cite because it is not there.
const UNKNOWN: [&str; 3] = ["CALC-99", "FRAME-99", "FRAME-999"];

/// Whatever is referred to is there, in SPEC.md, in documents and in comments.
#[test]
fn every_id_that_is_cited_is_a_requirement() {
    let mut cited = 0;
    for path in CITING.map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join(name)) {
        for (path, text) in texts(&path) {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            for id in words.filter_map(Id::parse) {
                // What a dialect declares has its id from that.
                let known = Spec::current().get(id).is_some() || id.area() == DECLARED;
                let excused = UNKNOWN.contains(&id.to_string().as_str());
                assert!(known || excused, "{} cites {id}, which is not there", path.display());
                cited += 1;
            }
        }
    }
    assert!(cited > 1000, "{cited}");
}

/// A text file, or those of a folder and the folders in it.
fn texts(path: &Path) -> Vec<(PathBuf, String)> {
    if !path.is_dir() {
        return fs::read_to_string(path).map(|text| (path.to_owned(), text)).into_iter().collect();
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|entry| texts(&entry)).collect()
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
