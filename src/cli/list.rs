//! `trueline list`: requirements, cases, mutants and dialects, as tables.

use std::io::Write;

use clap::{Args, ValueEnum};
use trueline_conformance::case;
use trueline_conformance::mutant;
use trueline_conformance::spec::{Id, Party, Spec};

use super::exit::{Exit, Failure};

/// List requirements, cases, mutants or dialects
#[derive(Debug, Args)]
pub(super) struct List {
    /// What to list
    #[arg(value_enum, default_value = "requirements")]
    what: What,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// What SPEC.md requires, with the number of cases and mutants for each
    Requirements,
    /// What is asked of a server
    Cases,
    /// Wrong servers, for `trueline serve --mutant`
    Mutants,
    /// Ways to speak
    Dialects,
}

impl List {
    pub(super) fn perform(self) -> Result<Exit, Failure> {
        let lines = match self.what {
            What::Requirements => requirements(),
            What::Cases => cases(),
            What::Mutants => mutants(),
            What::Dialects => vec!["line  the protocol of SPEC.md sections 3 to 12: framed lines, every error answered".to_owned()],
        };
        // Whoever stops reading has read enough.
        let _ = writeln!(std::io::stdout(), "{}", lines.join("\n"));
        Ok(Exit::Conforms)
    }
}

fn requirements() -> Vec<String> {
    let spec = Spec::current();
    let line = |it: &trueline_conformance::spec::Requirement| {
        let transport = it.transport.map_or_else(|| "both".to_owned(), |it| it.to_string());
        let cases = case::all().iter().filter(|case| case.covers.contains(&it.id)).count();
        let mutants =
            mutant::all().iter().filter(|mutant| mutant.breaks().contains(&it.id)).count();
        let tested = match (&it.untested, it.party) {
            (Some(_), Party::Client) => "binds clients".to_owned(),
            (Some(_), _) => "not testable".to_owned(),
            (None, _) => format!("{cases} cases, {mutants} mutants"),
        };
        format!(
            "{:<9} {:<6} {transport:<4}  {tested:<22}  {}",
            it.id.to_string(),
            it.level.to_string(),
            it.sentence
        )
    };
    spec.requirements().map(line).collect()
}

fn cases() -> Vec<String> {
    let line = |case: &case::Case| {
        let transport = case.transport.map_or_else(|| "both".to_owned(), |it| it.to_string());
        let kind = match case.body {
            case::Body::Written(_) => "written",
            case::Body::Generated(_) => "generated",
        };
        format!("{:<34} {transport:<4}  {kind:<9}  {}", case.name, ids(&case.covers))
    };
    case::all().iter().map(line).collect()
}

fn mutants() -> Vec<String> {
    let line = |mutant: &mutant::Mutant| {
        let transport = mutant.transport.map_or_else(|| "both".to_owned(), |it| it.to_string());
        format!(
            "{:<24} {transport:<4}  {:<8}  {:<8}  {}",
            mutant.name,
            mutant.seam,
            mutant.breaks()[0].to_string(),
            mutant.wrong
        )
    };
    mutant::all().iter().map(line).collect()
}

/// Ids separated by blanks.
pub(super) fn ids(ids: &[Id]) -> String {
    ids.iter().map(Id::to_string).collect::<Vec<_>>().join(" ")
}
