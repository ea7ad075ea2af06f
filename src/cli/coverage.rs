//! `trueline list coverage`: the cases and the mutants of each requirement, as text and as conformance/COVERAGE.md.

use trueline_conformance::spec::{Requirement, Spec};

use super::list::{mutants_of, names_covering, on, untested};

/// A line for each requirement, and under it what covers it.
pub(super) fn plain() -> Vec<String> {
    let lines = |it: &Requirement| {
        let mut lines = vec![format!("{} ({}) {}", it.id, it.level, it.sentence)];
        match untested(it) {
            Some(why) => lines.push(format!("    {why}")),
            None => {
                lines.push(format!("    cases: {}", listed(&names_covering(it.id))));
                lines.push(format!("    mutants: {}", listed(&mutants_of(it.id))));
            }
        }
        lines
    };
    Spec::current().requirements().flat_map(lines).collect()
}

/// What stands above the rows.
const HEAD: &str = "\
# Coverage

What is asked about each requirement of [SPEC.md](../SPEC.md), and which wrong servers break it. `trueline explain NAME`
shows any of them. This file is written by `cargo run -- list coverage --markdown`.

| requirement | level | transport | cases | mutants |
| --- | --- | --- | --- | --- |";

/// The same as a table, which leaves the sentences where they are.
pub(super) fn markdown() -> Vec<String> {
    let row = |it: &Requirement| {
        let (cases, mutants) = match &it.untested {
            Some(why) => (format!("none: {}", why.trim_end_matches('.')), "none".to_owned()),
            None => (listed(&names_covering(it.id)), listed(&mutants_of(it.id))),
        };
        let (id, section) = (it.id, anchor(&it.section));
        let (level, on) = (it.level, on(it.transport));
        format!("| [{id}](../SPEC.md#{section}) | {level} | {on} | {cases} | {mutants} |")
    };
    let rows = Spec::current().requirements().map(row);
    HEAD.lines().map(str::to_owned).chain(rows).collect()
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// What a link to a heading ends with.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}
