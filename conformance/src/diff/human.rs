//! What came of a comparison, for people: the smallest dialogue on which both differ, side by side, and the conclusion.

use std::fmt::{Result, Write};

use super::columns::columns;
use super::{Asked, Comparison, Conclusion, Difference, Stop, Which};
use crate::dialect::name_of;
use crate::report::words::{duration, grouped, sentence, wrapped};
use crate::report::{Colours, DEFAULT_SEED};
use crate::transport::Transport;

/// Names that are listed before the others are counted.
const NAMES_MAX: usize = 8;

/// What stands above a comparison, and what is typed to have it again.
#[derive(Clone, Debug)]
pub struct Head {
    /// The requirements, areas or cases that were asked for; all, when empty.
    pub only: Vec<String>,
    /// Those that were left out.
    pub skip: Vec<String>,
    /// Both targets as they are typed.
    pub typed: [String; 2],
    /// Other options that make a difference.
    pub options: Vec<String>,
    /// What both are, and where they listen.
    pub shown: [String; 2],
    /// Why those that were launched are not isolated, where they should be.
    pub unisolated: Option<String>,
}

/// A comparison for people.
pub fn human(head: &Head, asked: &Asked, found: &Comparison, colours: Colours) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(head, asked, found, colours, &mut out);
    out
}

fn write(
    head: &Head,
    asked: &Asked,
    found: &Comparison,
    colours: Colours,
    out: &mut String,
) -> Result {
    let Asked { service, dialect, transport, seed, .. } = asked;
    let transport = transport.acronym();
    let dialect = name_of(*dialect);
    let mut line = format!("{service}, {dialect} dialect, {transport}, seed {seed}");
    for (word, names) in [("only", &head.only), ("without", &head.skip)] {
        if !names.is_empty() {
            write!(line, ", {word} {}", names.join(" "))?;
        }
    }
    writeln!(out, "{}", colours.bold(&line))?;
    let [left, right] = &head.shown;
    writeln!(out, "left:  {left}\nright: {right}")?;
    if let Some(why) = &head.unisolated {
        writeln!(out, "{}", wrapped(&format!("What is launched is not isolated: {why}."), 0))?;
    }
    if let Some((difference, exhausted)) = &found.smallest {
        differs(difference, *exhausted, asked.transport, colours, out)?;
        cases(difference, head, asked, found, colours, out)?;
    }
    let there = !matches!(found.conclusion(), Conclusion::NothingAnswers(_));
    let notes = if there { notes(asked, found) } else { Vec::new() };
    if !notes.is_empty() {
        writeln!(out)?;
    }
    for note in notes {
        writeln!(out, "{} {}", colours.faint("–"), wrapped(&note, 2))?;
    }
    writeln!(out, "\n{}", colours.bold(&wrapped(&conclusion(found), 0)))
}

fn differs(
    difference: &Difference,
    exhausted: bool,
    transport: Transport,
    colours: Colours,
    out: &mut String,
) -> Result {
    let (what, names) = match difference.unsteady {
        Some(which) => (format!("{which} does not answer the same twice:"), ["first", "then"]),
        None if exhausted => {
            ("The smallest dialogue on which they differ:".to_owned(), ["left", "right"])
        }
        None => (
            "A dialogue on which they differ; there may be a smaller one:".to_owned(),
            ["left", "right"],
        ),
    };
    writeln!(out, "\n{} {}\n", colours.paint("31", "✗"), colours.bold(&what))?;
    columns(difference, names, transport, colours, out)?;
    for (which, heard) in [Which::Left, Which::Right].iter().zip(&difference.heard) {
        if let (Some(ending), None) = (&heard.ending, difference.unsteady) {
            writeln!(out, "\n    {}", wrapped(&format!("{which}: {ending}"), 4))?;
        }
    }
    Ok(())
}

/// In which cases they differ, and how to ask nothing but one of them.
fn cases(
    difference: &Difference,
    head: &Head,
    asked: &Asked,
    found: &Comparison,
    colours: Colours,
    out: &mut String,
) -> Result {
    let all = found.differences.iter().map(|it| it.case.as_str());
    let others: Vec<&str> = all.filter(|name| *name != difference.case).collect();
    let more = others.len().saturating_sub(NAMES_MAX);
    let also = match (others.is_empty(), more) {
        (true, _) => String::new(),
        (_, 0) => format!(" (also {})", others.join(", ")),
        _ => format!(" (also {} and {more} more)", others[..NAMES_MAX].join(", ")),
    };
    let shown = format!("Shown by {}{also}.", difference.case);
    let mut again = format!("trueline diff {}", asked.service);
    if asked.transport != Transport::Tcp {
        write!(again, " --transport {}", asked.transport)?;
    }
    if asked.seed != DEFAULT_SEED {
        write!(again, " --seed {}", asked.seed)?;
    }
    for option in &head.options {
        write!(again, " {option}")?;
    }
    write!(again, " --only {} {}", difference.case, head.typed.join(" "))?;
    writeln!(out, "\n    {}", colours.faint(&wrapped(&shown, 4)))?;
    writeln!(out, "    {}", colours.faint(&format!("Only this: {again}")))
}

/// What was not asked, and what went wrong once.
fn notes(asked: &Asked, found: &Comparison) -> Vec<String> {
    let mut notes = Vec::new();
    let Comparison { once, hurried, silent, .. } = found;
    match found.left_out {
        0 => {}
        1 => notes.push(
            "1 case is not compared: it restarts a server, or watches its output.".to_owned(),
        ),
        more => notes.push(format!(
            "{more} cases are not compared: they restart a server, or watch its output."
        )),
    }
    if !once.is_empty() {
        let mut once = once.clone();
        once.dedup();
        let line = "Something differed once, and not when it was tried again: a matter of time, in";
        notes.push(format!("{line} {}.", listed(&once)));
    }
    if !hurried.is_empty() {
        notes.push(format!(
            "The time was up: of {} cases fewer dialogues were asked than the {} asked for.",
            hurried.len(),
            asked.cases
        ));
    }
    if !silent.is_empty() {
        notes.push(format!(
            "Neither answers in time, and the rest was not asked, in {}.",
            listed(silent)
        ));
    }
    if found.stays_open {
        notes.push(
            "Neither closes a connection whose client has ended its half: clients close them."
                .to_owned(),
        );
    }
    notes
}

fn conclusion(found: &Comparison) -> String {
    let [dialogues, replies] =
        [(found.dialogues, "dialogue", "dialogues"), (found.replies, "reply", "replies")].map(
            |(count, one, more)| {
                format!("{} {}", grouped(count), if count == 1 { one } else { more })
            },
        );
    let spent = format!("{dialogues}, {replies} compared");
    let time = duration(found.elapsed);
    let stopped = match (&found.stopped, found.conclusion()) {
        (_, Conclusion::NothingAnswers(which)) => {
            let which = which.to_string().to_lowercase();
            return format!(
                "Nothing answers there, on the {which}. Start the server first, or check the port."
            );
        }
        (None, Conclusion::Alike) => return format!("Alike: {spent}, no difference ({time})."),
        (_, Conclusion::Differ) => {
            let cases = found.differences.len();
            let asked = if found.asked < found.planned {
                format!("the {} cases that were asked, of {}", found.asked, found.planned)
            } else {
                format!("{} cases", found.planned)
            };
            return format!("Not alike: they differ in {cases} of {asked} ({spent}, {time}).");
        }
        (Some(Stop::Silent(_)), _) if !found.answered => {
            return "Neither answers anything. Inconclusive.".to_owned();
        }
        (Some(Stop::Silent(dialogues)), _) => {
            format!("Neither has completed a reply in {dialogues} dialogues in a row.")
        }
        (Some(Stop::Gone(which, why)), _) => format!("{which} cannot be asked any more: {why}."),
        (Some(Stop::Unable(why)), _) => format!("{}.", sentence(why)),
        (Some(_), _) => {
            format!("The time was up after {} of {} cases.", found.asked, found.planned)
        }
        (None, _) if found.replies == 0 => "No reply came that could be compared.".to_owned(),
        (None, _) => "Too much differed once, and not when it was tried again.".to_owned(),
    };
    format!("{stopped} Alike up to there: {spent} ({time}). Inconclusive.")
}

fn listed(names: &[String]) -> String {
    match names.len().saturating_sub(NAMES_MAX) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..NAMES_MAX].join(", ")),
    }
}
