//! `trueline explain`: a requirement, a case or a mutant in full.

use std::io::Write;

use clap::Args;
use trueline_conformance::case::{self, Body, Case};
use trueline_conformance::mutant::{self, Mutant};
use trueline_conformance::report::DEFAULT_SEED;
use trueline_conformance::spec::{Requirement, Spec};
use trueline_protocol::service::Service;

use super::exit::{Exit, Failure};
use super::list::{ids, names_covering};

/// Generated dialogues that are shown.
const SHOWN: u32 = 3;

/// Explain a requirement, a case or a mutant
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A requirement such as FRAME-5, a case such as frame.cut, or a mutant such as recv-is-message
    id: String,
}

impl Explain {
    pub(super) fn perform(self) -> Result<Exit, Failure> {
        let requirement = Spec::current().find(&self.id.to_uppercase()).map(requirement);
        let case = || case::all().find(|case| case.name == self.id).map(case);
        let mutant = || mutant::find(&self.id).map(mutant);
        let text = requirement.or_else(case).or_else(mutant).ok_or_else(|| {
            Failure::misused(
                format!("nothing is called `{}`", self.id),
                "`trueline list requirements`, `list cases` and `list mutants` show what there is",
            )
        })?;
        let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
        Ok(Exit::Conforms)
    }
}

fn requirement(it: &Requirement) -> String {
    let spec = Spec::current();
    let transport =
        it.transport.map_or_else(|| "TCP and UDP".to_owned(), |it| it.acronym().to_owned());
    let mut text = format!(
        "{} ({}, {transport}), SPEC.md {}\n\n  {}\n",
        it.id, it.level, it.section, it.sentence
    );
    if !it.needs.is_empty() {
        text += &format!("\nNeeds {}.\n", ids(&it.needs));
    }
    if let Some(reason) = &it.untested {
        text += &format!("\nNo case: {reason}\n");
    }
    let examples =
        spec.examples().iter().filter(|example| example.covers.first() == Some(&it.id.to_string()));
    for example in examples {
        text += &format!("\nExample:\n\n{}", indented(&example.dialogue.to_string()));
    }
    let cases = names_covering(it.id);
    if !cases.is_empty() {
        text += &format!("\nCases: {}\n", cases.join(", "));
    }
    let mutants: Vec<&Mutant> =
        mutant::all().iter().filter(|mutant| mutant.is_told_by(it.id)).collect();
    if !mutants.is_empty() {
        text += "\nServers that break it:\n";
        for mutant in mutants {
            text += &format!("  one that {}.\n      {}\n", mutant.wrong, mutant.advice);
        }
    }
    text
}

fn case(case: &Case) -> String {
    let mut text = format!("{}, covers {}\n", case.name, ids(&case.covers));
    match &case.body {
        Body::Written(dialogue) => text += &format!("\n{}", indented(&dialogue.to_string())),
        Body::Generated(_) | Body::Delivered(..) => {
            let what = if case.is_delivered() { "Delivered" } else { "Generated" };
            text += &format!("\n{what}; with seed {DEFAULT_SEED} the first are:\n");
            for dialogue in case.dialogues(DEFAULT_SEED, SHOWN).take(SHOWN as usize) {
                text += &format!("\n{}", indented(&dialogue.to_string()));
            }
        }
    }
    text
}

fn mutant(mutant: &Mutant) -> String {
    let service = mutant.services().next().map_or("SERVICE", Service::as_str);
    format!(
        "{}: a server that {}.\n\nIt breaks {}; the fault is one of {}.\n\nAdvice to its author: {}\n\nTry it: trueline serve {service} --mutant {}\n",
        mutant.name,
        mutant.wrong,
        mutant.broken(),
        mutant.seam,
        mutant.advice,
        mutant.name
    )
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
