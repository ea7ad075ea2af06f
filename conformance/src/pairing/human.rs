//! A table of meetings for people: a row for each client, a column for each server, and what is to be said of whom.

use std::fmt::{Result, Write};

use textwrap::core::display_width;

use super::Asked;
use super::outcome::Outcome;
use super::table::{Conclusion, Table};
use crate::report::Colours;
use crate::report::words::{duration, wrapped};
use crate::target::harmless;

/// Columns of a line.
const WIDTH: usize = 100;
/// The longest name that stands above a column; where there are longer ones, numbers do.
const NAME_MAX: usize = 14;
/// Sentences of a kind that are told before the others are counted.
const TOLD_MAX: usize = 20;
/// What stands above the names of the clients.
const CORNER: &str = "clients \\ servers";

/// What stands above a table, and below it.
#[derive(Clone, Debug)]
pub struct Head {
    /// The dialect.
    pub dialect: String,
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
    let Asked { service, transport, .. } = asked;
    let line = format!("{service}, {} dialect, {}", head.dialect, transport.acronym());
    writeln!(out, "{}", colours.bold(&line))?;
    if let Some(why) = &head.unisolated {
        writeln!(out, "{}", wrapped(&format!("What is launched is not isolated: {why}."), 0))?;
    }
    writeln!(out)?;
    cells(table, colours, out)?;
    faults(table, colours, out)?;
    for note in &head.notes {
        writeln!(out, "\n{} {}", colours.faint("–"), wrapped(&harmless(note), 2))?;
    }
    writeln!(out, "\n{}", colours.bold(&wrapped(&conclusion(table), 0)))
}

/// The table, in as many parts as its columns need.
fn cells(table: &Table, colours: Colours, out: &mut String) -> Result {
    let clients: Vec<String> = table.clients.iter().map(|name| harmless(name)).collect();
    let servers: Vec<String> = table.servers.iter().map(|name| harmless(name)).collect();
    let is_numbered = servers.iter().any(|name| display_width(name) > NAME_MAX);
    let heads: Vec<String> = if is_numbered {
        (1..=servers.len()).map(|number| number.to_string()).collect()
    } else {
        servers.clone()
    };
    let names = clients.iter().map(|name| display_width(name)).chain([display_width(CORNER)]).max();
    let names = names.unwrap_or_default();
    let widths: Vec<usize> = heads
        .iter()
        .enumerate()
        .map(|(server, head)| {
            let words = (0..clients.len())
                .map(|client| display_width(table.outcomes[&(client, server)].word()));
            words.chain([display_width(head)]).max().unwrap_or_default()
        })
        .collect();
    let mut from = 0;
    while from < heads.len() {
        let mut room = WIDTH.saturating_sub(names);
        let fits = widths[from..].iter().take_while(|width| {
            let fits = room >= **width + 2;
            room = room.saturating_sub(**width + 2);
            fits
        });
        let to = from + fits.count().max(1);
        let columns = from..to;
        let row = |name: &str, cells: Vec<(String, &str)>| {
            let cells = cells.into_iter().zip(&widths[columns.clone()]);
            let cells = cells.map(|((word, code), width)| {
                let space = " ".repeat(width - display_width(&word));
                let word = if code.is_empty() { word } else { colours.paint(code, &word) };
                format!("  {word}{space}")
            });
            let space = " ".repeat(names - display_width(name));
            format!("{name}{space}{}", cells.collect::<String>()).trim_end().to_owned()
        };
        let head = heads[columns.clone()].iter().map(|head| (head.clone(), "")).collect();
        writeln!(out, "{}", row(CORNER, head))?;
        for (client, name) in clients.iter().enumerate() {
            let outcomes = columns.clone().map(|server| &table.outcomes[&(client, server)]);
            let cells = outcomes.map(|it| (it.word().to_owned(), code(it))).collect();
            writeln!(out, "{}", row(name, cells))?;
        }
        writeln!(out)?;
        from = to;
    }
    if is_numbered {
        writeln!(out, "Servers:")?;
        for (number, name) in servers.iter().enumerate() {
            writeln!(out, "{:>4}  {name}", number + 1)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The colour of a cell.
fn code(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Works(_) => "32",
        Outcome::Fails(_) => "31",
        Outcome::Undecided(_) => "33",
    }
}

/// Who fails with whom: those first where nobody else can be blamed, and then who fails with the references.
fn faults(table: &Table, colours: Colours, out: &mut String) -> Result {
    let clients = 0..table.clients.len() - 1;
    let servers = 0..table.servers.len() - 1;
    let named = |client: usize, server: usize| {
        let [client, server] = [&table.clients[client], &table.servers[server]];
        (harmless(&format!("{client} with {server}")), client, server)
    };
    let estranged = table
        .estranged()
        .into_iter()
        .map(|(client, server)| (named(client, server).0, &table.outcomes[&(client, server)]));
    let of_clients =
        clients.map(|client| (harmless(&table.clients[client]), table.of_client(client)));
    let of_servers =
        servers.map(|server| (harmless(&table.servers[server]), table.of_server(server)));
    let fails = |(_, outcome): &(String, &Outcome)| matches!(outcome, Outcome::Fails(_));
    let undecided = table.outcomes.iter().filter(|(_, it)| matches!(it, Outcome::Undecided(_)));
    let undecided = undecided.map(|((client, server), it)| (named(*client, *server).0, it));
    for (mark, what, all) in [
        ("✗", "These fail though each is right with the reference:", estranged.collect::<Vec<_>>()),
        ("✗", "Clients that fail with the reference server:", of_clients.filter(fails).collect()),
        ("✗", "Servers that fail with the reference client:", of_servers.filter(fails).collect()),
        ("?", "Nobody can tell:", undecided.collect()),
    ] {
        if all.is_empty() {
            continue;
        }
        let code = if mark == "✗" { "31" } else { "33" };
        writeln!(out, "{} {}", colours.paint(code, mark), colours.bold(what))?;
        for (name, outcome) in all.iter().take(TOLD_MAX) {
            writeln!(out, "    {}", wrapped(&format!("{name}: {outcome}."), 6))?;
        }
        if let Some(more @ 1..) = all.len().checked_sub(TOLD_MAX) {
            writeln!(out, "    and {more} more")?;
        }
    }
    Ok(())
}

fn conclusion(table: &Table) -> String {
    let all = table.of_submissions().count();
    let works = table.of_submissions().filter(|outcome| outcome.works()).count();
    let time = duration(table.elapsed);
    let pairs = if all == 1 { "pair works" } else { "pairs work" };
    let sentence = format!("{works} of {all} {pairs} ({time}).");
    match table.conclusion() {
        Conclusion::AllWork | Conclusion::SomeFail => sentence,
        Conclusion::Inconclusive => format!("{sentence} Inconclusive."),
    }
}
