//! The table itself: a row for each client, a column for each server, and below each other as many parts as a line needs.

use std::ops::Range;

use textwrap::core::display_width;

use super::outcome::Outcome;
use super::table::Table;
use crate::report::Colours;
use crate::target::harmless;

/// Columns of a line.
const WIDTH: usize = 100;
/// The longest name that stands above a column; where there are longer ones, numbers do.
const NAME_MAX: usize = 14;
/// What stands above the names of the clients.
const CORNER: &str = "clients \\ servers";
/// What is between two columns.
const GAP: &str = "  ";

/// The table, each part with a blank line before it.
pub(super) fn grid(table: &Table, colours: Colours) -> String {
    let names = |all: &[String]| all.iter().map(|name| harmless(name)).collect::<Vec<_>>();
    let (clients, servers) = (names(&table.clients), names(&table.servers));
    let is_numbered = servers.iter().any(|name| display_width(name) > NAME_MAX);
    let numbers = (1..=servers.len()).map(|number| number.to_string());
    let heads = if is_numbered { numbers.collect() } else { servers.clone() };
    let grid = Grid::of(table, clients, heads, colours);
    let parts = grid.parts().into_iter().map(|columns| grid.part(columns));
    let legend = servers.iter().enumerate().map(|(at, name)| format!("{:>4}  {name}\n", at + 1));
    let legend = format!("\nServers:\n{}", legend.collect::<String>());
    parts.chain(is_numbered.then_some(legend)).collect()
}

struct Grid<'a> {
    table: &'a Table,
    clients: Vec<String>,
    heads: Vec<String>,
    /// How wide the names of the clients are, and each column.
    margin: usize,
    widths: Vec<usize>,
    colours: Colours,
}

impl<'a> Grid<'a> {
    fn of(table: &'a Table, clients: Vec<String>, heads: Vec<String>, colours: Colours) -> Self {
        let names = clients.iter().map(|name| display_width(name));
        let margin = names.chain([display_width(CORNER)]).max().unwrap_or_default();
        let width = |(server, head): (usize, &String)| {
            let words = (0..clients.len()).map(|client| table.outcomes[&(client, server)].word());
            words.chain([head.as_str()]).map(display_width).max().unwrap_or_default()
        };
        let widths = heads.iter().enumerate().map(width).collect();
        Self { table, clients, heads, margin, widths, colours }
    }

    /// The columns of each part.
    fn parts(&self) -> Vec<Range<usize>> {
        let mut parts: Vec<Range<usize>> = Vec::new();
        let mut filled = 0;
        for (column, width) in self.widths.iter().enumerate() {
            filled += GAP.len() + width;
            match parts.last_mut() {
                Some(part) if filled <= WIDTH => part.end = column + 1,
                _ => {
                    filled = self.margin + GAP.len() + width;
                    parts.push(column..column + 1);
                }
            }
        }
        parts
    }

    fn part(&self, columns: Range<usize>) -> String {
        let head = self.row(CORNER, columns.clone(), |column| (&self.heads[column], None));
        let rows = self.clients.iter().enumerate().map(|(client, name)| {
            self.row(name, columns.clone(), |server| {
                let outcome = &self.table.outcomes[&(client, server)];
                (outcome.word(), Some(colour(outcome)))
            })
        });
        format!("\n{head}{}", rows.collect::<String>())
    }

    fn row<'b>(
        &self,
        name: &str,
        columns: Range<usize>,
        cell: impl Fn(usize) -> (&'b str, Option<&'static str>),
    ) -> String {
        let mut row = padded(name, name, self.margin);
        for column in columns {
            let (word, colour) = cell(column);
            let painted = colour.map(|colour| self.colours.paint(colour, word));
            row += GAP;
            row += &padded(word, painted.as_deref().unwrap_or(word), self.widths[column]);
        }
        format!("{}\n", row.trim_end())
    }
}

/// A word with blanks behind it. Its colours take no room.
fn padded(word: &str, painted: &str, width: usize) -> String {
    painted.to_owned() + &" ".repeat(width.saturating_sub(display_width(word)))
}

fn colour(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Works(_) => "32",
        Outcome::Fails(_) => "31",
        Outcome::Undecided(_) => "33",
    }
}
