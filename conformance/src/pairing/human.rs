//! A table of meetings for people: a row for each client, a column for each server, and what is to be said of whom.

use std::fmt::{Result, Write};

use super::Asked;
use super::grid::grid;
use super::outcome::Outcome;
use super::table::{Conclusion, Table};
use crate::dialect::name_of;
use crate::report::Colours;
use crate::report::words::{duration, wrapped};
use crate::target::harmless;

/// Sentences of a kind that are told before the others are counted.
const TOLD_MAX: usize = 20;
/// What stands above a table, and below it.
#[derive(Clone, Debug)]
pub struct Head {
    /// Why those that were launched are not isolated, where they should be.
    pub unisolated: Option<String>,
    /// What was left out of the folders, and why.
    pub notes: Vec<String>,
}

/// A table for people.
pub fn human(head: &Head, asked: &Asked, table: &Table, colours: Colours) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(head, asked, table, colours, &mut out);
    out
}

fn write(head: &Head, asked: &Asked, table: &Table, colours: Colours, out: &mut String) -> Result {
    let Asked { service, dialect, transport, .. } = asked;
    let dialect = name_of(*dialect);
    let line = format!("{service}, {dialect} dialect, {}", transport.acronym());
    writeln!(out, "{}", colours.bold(&line))?;
    if let Some(why) = &head.unisolated {
        writeln!(out, "{}", wrapped(&format!("What is launched is not isolated: {why}."), 0))?;
    }
    write!(out, "{}", grid(table, colours))?;
    faults(table, colours, out)?;
    for note in &head.notes {
        writeln!(out, "\n{} {}", colours.faint("–"), wrapped(&harmless(note), 2))?;
    }
    writeln!(out, "\n{}", colours.bold(&wrapped(&conclusion(table), 0)))
}

/// Who fails with whom: those first where nobody else can be blamed, and then who fails with the references.
fn faults(table: &Table, colours: Colours, out: &mut String) -> Result {
    let named = |client: usize, server: usize| {
        harmless(&format!("{} with {}", table.clients[client], table.servers[server]))
    };
    let fails = |(_, outcome): &(String, &Outcome)| matches!(outcome, Outcome::Fails(_));
    let all = table.outcomes.iter().map(|((client, server), it)| (named(*client, *server), it));
    let undecided = all.filter(|(_, outcome)| matches!(outcome, Outcome::Undecided(_)));
    let estranged = table.estranged().into_iter();
    let estranged = estranged
        .map(|(client, server)| (named(client, server), &table.outcomes[&(client, server)]));
    let clients = table.clients.iter().enumerate().rev().skip(1).rev();
    let clients = clients.map(|(client, name)| (harmless(name), table.of_client(client)));
    let servers = table.servers.iter().enumerate().rev().skip(1).rev();
    let servers = servers.map(|(server, name)| (harmless(name), table.of_server(server)));
    for (mark, what, all) in [
        ("✗", "These fail though each is right with the reference:", estranged.collect::<Vec<_>>()),
        ("✗", "Clients that fail with the reference server:", clients.filter(fails).collect()),
        ("✗", "Servers that fail with the reference client:", servers.filter(fails).collect()),
        ("?", "Nobody can tell:", undecided.collect()),
    ] {
        if all.is_empty() {
            continue;
        }
        let code = if mark == "✗" { "31" } else { "33" };
        writeln!(out, "\n{} {}", colours.paint(code, mark), colours.bold(what))?;
        for (name, outcome) in all.iter().take(TOLD_MAX) {
            writeln!(out, "    {}", wrapped(&said(name, outcome), 6))?;
        }
        if let Some(more @ 1..) = all.len().checked_sub(TOLD_MAX) {
            writeln!(out, "    and {more} more")?;
        }
    }
    Ok(())
}

fn said(name: &str, outcome: &Outcome) -> String {
    let sentence = format!("{name}: {outcome}");
    if sentence.ends_with('.') { sentence } else { sentence + "." }
}

fn conclusion(table: &Table) -> String {
    let all = table.of_submissions().count();
    let works = table.of_submissions().filter(|outcome| outcome.works()).count();
    let time = duration(table.elapsed);
    let pairs = if all == 1 { "pair" } else { "pairs" };
    let work = if all == 1 || works == 1 { "works" } else { "work" };
    let sentence = format!("{works} of {all} {pairs} {work} ({time}).");
    match table.conclusion() {
        Conclusion::AllWork | Conclusion::SomeFail => sentence,
        Conclusion::Inconclusive => format!("{sentence} Inconclusive."),
    }
}
