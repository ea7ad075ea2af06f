//! An exchange for people, in the language of transcripts: what was said up to the fault, what came, what was due.

use std::fmt::{Result, Write};

use super::words::{Measured, cut_short, in_words, said, sentence, steps_in_words};
use super::{Colours, Counterexample};
use crate::exchange::What;
use crate::judge::Kind;
use crate::replay::Replayed;
use crate::transcript::{Act, Client, Step, Text};
use crate::transport::Transport;

/// Octets that came of which no more is shown.
const CAME_MAX: usize = 4096;

/// How much of an exchange is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it.
    Whole,
    /// Its last steps, the request among them whose reply failed.
    Ending,
}

impl Extent {
    /// Steps before the failing one that are shown.
    const fn before(self) -> usize {
        match self {
            Self::Whole => usize::MAX,
            Self::Ending => 6,
        }
    }
}

/// The exchange up to the fault, each step on a line.
pub(crate) fn exchange(shown: &Counterexample, extent: Extent, colours: Colours) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(shown, extent, colours, &mut out);
    out
}

/// What came of a dialogue that was performed once.
pub fn replayed(name: &str, replayed: &Replayed, transport: Transport, colours: Colours) -> String {
    let mut out = format!("{}\n", colours.bold(&format!("case {name}")));
    match replayed {
        Replayed::Kept(dialogue) => {
            for step in &dialogue.steps {
                out += &format!("      {}\n", cut_short(&step.to_string()));
            }
            out += "    All of it came as it was due.\n";
        }
        Replayed::Broken(seen, ending) => {
            out += &exchange(seen, Extent::Whole, colours);
            out += &format!("    {}\n", said(seen, transport, Measured::Told));
            out.extend(ending.iter().map(|ending| format!("    {}\n", sentence(ending))));
        }
    }
    out
}

/// What came instead of what was due, as far as something did.
pub(super) fn came(shown: &Counterexample) -> &[u8] {
    let fault = &shown.fault;
    let mut last = shown.exchange.iter().rev().filter(|it| it.step == fault.step);
    let printed = last.find_map(|it| match &it.what {
        What::Printed(line) => Some(line.as_slice()),
        _ => None,
    });
    match fault.kind {
        Kind::Unprinted(_) => printed.unwrap_or_default(),
        _ => fault.kind.octets(),
    }
}

fn write(shown: &Counterexample, extent: Extent, colours: Colours, out: &mut String) -> Result {
    let Counterexample { dialogue, fault, .. } = shown;
    let steps = &dialogue.steps;
    if fault.kind == Kind::Ended {
        return Ok(());
    }
    let mut from = fault.step.saturating_sub(extent.before());
    // The request whose reply failed is always shown, however many expectations lie between.
    let pending = steps[..fault.step]
        .iter()
        .rposition(|step| step.client == fault.client && matches!(step.act, Act::Send { .. }));
    if let Some(pending) = pending
        && pending < from
    {
        writeln!(out, "      {}", cut_short(&steps[pending].to_string()))?;
        from = from.max(pending + 1);
        if from > pending + 1 {
            let left_out = format!("({})", steps_in_words(from - pending - 1));
            writeln!(out, "      {}", colours.faint(&left_out))?;
        }
    } else if from > 0 {
        writeln!(out, "      {}", colours.faint(&format!("({} before)", steps_in_words(from))))?;
    }
    for step in &steps[from..fault.step.min(steps.len())] {
        writeln!(out, "      {}", cut_short(&line(step)))?;
    }
    let client =
        if fault.client.letter() == 'A' { String::new() } else { fault.client.to_string() };
    let came = came(shown);
    if !came.is_empty() {
        let came = Text::octets(&came[..came.len().min(CAME_MAX)]);
        let sign = match steps.get(fault.step).map(|step| &step.act) {
            // Of a client, it is what that sent or printed.
            Some(Act::Send { .. }) => ">",
            Some(Act::Printed(_)) => "$<",
            _ => "<",
        };
        let line = cut_short(&format!("{client}{sign} {came}"));
        writeln!(out, "      {}", colours.paint("31", &line))?;
    }
    if let Some(Step { act, .. }) = steps.get(fault.step) {
        let due = line(&Step { client: fault.client, act: act.clone() });
        let due = colours.paint("32", &cut_short(&due));
        writeln!(out, "      {due}   {}", colours.faint("was due"))?;
    }
    Ok(())
}

/// A step, what is left open of a reply in words.
fn line(step: &Step) -> String {
    match &step.act {
        Act::Expect { text, framed: true } if !text.pieces.is_empty() => {
            let client = Some(step.client).filter(|client| *client != Client::A);
            let client = client.map_or_else(String::new, |client| client.to_string());
            format!("{client}< {}", in_words(text))
        }
        _ => step.to_string(),
    }
}
