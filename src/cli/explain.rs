//! `trueline explain`: a requirement, an area, a case or a mutant in full.

use std::io::{IsTerminal, Write};

use clap::Args;
use terminal_size::Width;
use trueline_conformance::case::{self, Body, Case};
use trueline_conformance::client;
use trueline_conformance::dialect::DECLARES;
use trueline_conformance::mutant::{self, Mutant};
use trueline_conformance::page;
use trueline_conformance::report::{Colours, DEFAULT_SEED};
use trueline_conformance::spec::{DECLARED, Id, Spec};
use trueline_conformance::transport::Transport;
use trueline_protocol::service::Service;

use super::exit::{Exit, Failure};
use super::list::{ids, names_covering};
use super::output::colours;

/// Generated dialogues that are shown.
const SHOWN: u32 = 3;

/// Columns of a line where nobody says how many there are, and at most.
const COLUMNS: (usize, usize) = (80, 100);

/// Explain a requirement, an area, a case or a mutant
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A requirement such as FRAME-5, an area such as FRAME, a case such as frame.cut, or a mutant such as recv-is-message
    #[arg(required_unless_present_any = ["all", "markdown"])]
    id: Option<String>,

    /// Explain every requirement
    #[arg(long, conflicts_with = "id")]
    all: bool,

    /// Write Markdown, as conformance/REQUIREMENTS.md is
    #[arg(long, requires = "all")]
    markdown: bool,
}

impl Explain {
    pub(super) fn perform(self) -> Result<Exit, Failure> {
        let text = match &self.id {
            Some(id) => explained(id)?,
            None if self.markdown => page::markdown(),
            None => {
                let pages = page::areas().iter().flat_map(|area| &area.pages);
                pages.filter_map(|page| requirement(page.id)).collect::<Vec<_>>().join("\n\n")
            }
        };
        // Whoever stops reading has read enough.
        let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
        Ok(Exit::Conforms)
    }
}

fn explained(name: &str) -> Result<String, Failure> {
    let upper = name.to_uppercase();
    let requirement = || Id::parse(&upper).and_then(requirement);
    let area = || page::area(&upper).map(|area| page::area_in_text(area, columns(), drawn()));
    let case = || case::all().find(|case| case.name == name).map(case).or_else(|| of_client(name));
    let mutant = || mutant::find(name).map(mutant);
    requirement()
        .or_else(area)
        .or_else(|| declared(&upper))
        .or_else(case)
        .or_else(mutant)
        .ok_or_else(|| {
            Failure::misused(
                format!("nothing is called `{name}`"),
                "`trueline list requirements`, `list cases` and `list mutants` show what there is",
            )
        })
}

/// What a dialect file declares, whose sentence depends on the file.
fn declared(name: &str) -> Option<String> {
    let declared = |&(number, key, asks): &(u32, &str, &str)| {
        let id = format!("{DECLARED}-{number}");
        (name == DECLARED || name == id).then(|| format!("{id}  `{key}`: {asks}."))
    };
    let mut lines: Vec<String> = DECLARES.iter().filter_map(declared).collect();
    if lines.is_empty() {
        return None;
    }
    let how = "A dialect file declares this by that key; the words are those of the file. `trueline list requirements \
               --dialect FILE` shows what it asks there, and `trueline init dialect` writes a file that explains every key.";
    lines.push(format!("\n{}", page::wrapped(how, "", columns())));
    Some(lines.join("\n"))
}

/// How many columns a line has.
fn columns() -> usize {
    let (usual, most) = COLUMNS;
    let terminal = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    terminal.map_or(usual, |(Width(columns), _)| usize::from(columns).min(most))
}

/// In colours, where a terminal takes them.
fn drawn() -> Colours {
    colours(std::io::stdout().is_terminal())
}

/// A requirement's page, and what is asked and wrong about it.
fn requirement(id: Id) -> Option<String> {
    let it = Spec::current().get(id)?;
    let columns = columns();
    let mut text = page::page_in_text(page::of(id)?, columns, drawn());
    let mut say = |line: &str| text += &format!("\n{}\n", page::wrapped(line, "", columns));
    if !it.needs.is_empty() {
        say(&format!("Needs {}.", ids(&it.needs)));
    }
    let cases = names_covering(id);
    if !cases.is_empty() {
        say(&format!("Cases: {}", cases.join(", ")));
    }
    let mutants: Vec<&Mutant> =
        mutant::all().iter().filter(|mutant| mutant.is_told_by(id)).collect();
    if !mutants.is_empty() {
        text += "\nServers that break it:\n";
        for Mutant { name, wrong, advice, .. } in mutants {
            let (wrong, advice) = (format!("{name}: one that {wrong}."), (*advice).to_owned());
            text += &format!("{}\n", page::wrapped(&wrong, "  ", columns));
            text += &format!("{}\n", page::wrapped(&advice, "      ", columns));
        }
    }
    Some(text)
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

/// A case for a client, in the words of the first service that has it.
fn of_client(name: &str) -> Option<String> {
    let transports = [Transport::Tcp, Transport::Udp];
    let kinds = Service::ALL.iter().flat_map(|it| transports.map(|on| client::of(*it, on, None)));
    let case = kinds.flatten().find(|case| case.name == name)?;
    let dialogue = indented(&case.dialogue.to_string());
    Some(format!("{}, for a client, covers {}\n\n{dialogue}", case.name, ids(&case.covers)))
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
