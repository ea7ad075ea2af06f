//! A dialogue and what both have answered, side by side, in the language of transcripts.

use std::fmt::{Result, Write};

use trueline_protocol::dialect::{First, Frame};

use super::Difference;
use super::heard::{Answer, Heard};
use crate::judge::Kind;
use crate::report::Colours;
use crate::report::words::cut_short;
use crate::transcript::{Act, Client, Framing, Step, Text};
use crate::transport::Transport;

/// Characters of a column. What is longer has a line of its own.
const COLUMN_MAX: usize = 44;
/// Characters before a difference that are shown of long texts.
const BEFORE: usize = 20;
/// Characters in which long texts agree before that is left out.
const ALIKE_MAX: usize = 50;

/// Writes the dialogue up to where nothing more is told, what is sent across both columns.
pub(super) fn columns(
    difference: &Difference,
    names: [&str; 2],
    transport: Transport,
    colours: Colours,
    out: &mut String,
) -> Result {
    let rows = rows(difference, transport);
    let fits = |row: &&[String; 2]| row.iter().all(|cell| length(cell) <= COLUMN_MAX);
    let told = rows
        .iter()
        .filter_map(|row| if let Row::Told(cells, _) = row { Some(cells) } else { None });
    let width = told.filter(fits).map(|[left, _]| length(left)).max().unwrap_or(0);
    let width = width.max(length(names[0]));
    let name_width = names.map(length).into_iter().max().unwrap_or(0);
    let mut headed = false;
    for row in rows {
        let (cells, differs) = match row {
            Row::Sent(line) => {
                writeln!(out, "      {}", cut_short(&line))?;
                continue;
            }
            Row::Told(cells, differs) => (cells, differs),
        };
        let mark = if differs { colours.paint("31", "✗") } else { " ".to_owned() };
        let [left, right] = [0, 1]
            .map(|at| if differs { colours.paint("31", &cells[at]) } else { cells[at].clone() });
        if fits(&&cells) {
            if !std::mem::replace(&mut headed, true) {
                let [left, right] = names;
                writeln!(out, "      {}", colours.faint(&format!("{left:width$} | {right}")))?;
            }
            let blank = " ".repeat(width - length(&cells[0]));
            let line = format!("    {mark} {left}{blank} | {right}");
            writeln!(out, "{}", line.trim_end())?;
        } else {
            let [first, second] = names.map(|name| colours.faint(&format!("{name:name_width$}")));
            writeln!(out, "    {mark} {first} {left}")?;
            writeln!(out, "    {mark} {second} {right}")?;
        }
    }
    Ok(())
}

enum Row {
    /// A line for both.
    Sent(String),
    /// What each has answered, and whether that differs.
    Told([String; 2], bool),
}

fn rows(difference: &Difference, transport: Transport) -> Vec<Row> {
    let steps = &difference.dialogue.steps;
    let [left, right] = &difference.heard;
    let at_end = Step { client: Client::A, act: Act::Closed };
    // Nothing is to be seen in an end that was written out, unless they differ there.
    let end = difference.written.steps.len().max(difference.step() + 1);
    let mut rows = Vec::new();
    for at in 0..end {
        let step = steps.get(at).unwrap_or(&at_end);
        let answers = [left, right].map(|heard| heard.answers.get(&at));
        if answers == [None, None] {
            let past = |heard: &Heard| heard.fault().is_some_and(|(fault, _)| fault < at);
            let over = past(left) && past(right);
            let sent = !matches!(
                step.act,
                Act::Expect { .. } | Act::Closed | Act::Quiet | Act::Printed(_)
            );
            if !over && sent && at < steps.len() {
                rows.push(Row::Sent(step.to_string()));
            }
            continue;
        }
        if matches!(step.act, Act::Send { .. } | Act::Open | Act::Deaf) && at < steps.len() {
            rows.push(Row::Sent(step.to_string()));
        }
        let differs = match answers {
            [Some(left), Some(right)] => !left.is_like(right, difference.tongue),
            _ => at == steps.len(),
        };
        let frame = difference.dialogue.framing().reply;
        let texts = texts(answers, transport, frame);
        let cells = [0, 1].map(|side| match answers[side] {
            Some(answer) => told(step, answer, &texts[side], frame),
            None if at == steps.len() => "(the program goes on)".to_owned(),
            None => String::new(),
        });
        rows.push(Row::Told(cells, differs));
    }
    rows
}

/// What came, without the frame of a reply; of long texts what matters.
fn texts(answers: [Option<&Answer>; 2], transport: Transport, frame: &Frame) -> [String; 2] {
    let texts = answers.map(|answer| {
        let octets = answer.map(Answer::octets).unwrap_or_default();
        let bare = match transport {
            Transport::Tcp => match (frame, frame.first(octets, true)) {
                // Another end than that which is written is shown.
                (Frame::Until(ends), _) => ends
                    .first()
                    .and_then(|end| octets.strip_suffix(end.as_slice()))
                    .unwrap_or(octets),
                (_, First::Whole(text, whole)) if whole == octets.len() => text,
                _ => octets,
            },
            Transport::Udp => octets,
        };
        Text::octets(bare).to_string()
    });
    let [left, right] = &texts;
    let alike = left.chars().zip(right.chars()).take_while(|(left, right)| left == right).count();
    if alike <= ALIKE_MAX || left == right {
        return texts.map(|text| cut_short(&text));
    }
    texts.map(|text| {
        let rest: String = text.chars().skip(alike - BEFORE).collect();
        cut_short(&format!("… {rest}"))
    })
}

/// An answer in a few words, `text` being what came.
fn told(step: &Step, answer: &Answer, text: &str, frame: &Frame) -> String {
    let client = if step.client == Client::A { String::new() } else { step.client.to_string() };
    let reply = |note: &str| {
        let note = if note.is_empty() { String::new() } else { format!("   ({note})") };
        format!("{client}<{}{text}{note}", if text.is_empty() { "" } else { " " })
    };
    let kind = match (answer, &step.act) {
        (Answer::Reply(octets), _) if octets.is_empty() => return reply("an empty datagram"),
        (Answer::Reply(_), _) => return reply(""),
        (Answer::AsAsked, Act::Printed(_)) => return "(printed)".to_owned(),
        (Answer::AsAsked, _) => return step.to_string(),
        (Answer::Not(kind), _) => kind,
    };
    let some = !answer.octets().is_empty();
    let endless = || match Framing::terminator(frame) {
        Some(end) => reply(&format!("no {end}")),
        None => reply("not whole"),
    };
    match kind {
        Kind::Silence(_, octets) if matches!(frame.first(octets, false), First::Whole(..)) => {
            reply("late")
        }
        Kind::Silence(..) if some => endless(),
        Kind::Silence(..) => "(no reply)".to_owned(),
        Kind::Late(_) => reply("only when the client has ended its half"),
        Kind::Unterminated(_) | Kind::NotText(_) => endless(),
        Kind::Closed(_) if some => reply("then closed"),
        Kind::Reset(_) if some => reply("then reset"),
        Kind::Closed(_) => "(closed)".to_owned(),
        Kind::Reset(_) => "(reset)".to_owned(),
        Kind::Extra(_) | Kind::NotQuiet(_) => reply("not asked for"),
        Kind::Stray(..) => reply("from another address"),
        Kind::StaysOpen(_) => "(stays open)".to_owned(),
        Kind::Stuck(_) => "(takes no more)".to_owned(),
        Kind::Refused => "(refused)".to_owned(),
        Kind::Unprinted(_) => "(not printed)".to_owned(),
        Kind::Ended => "(the program ends)".to_owned(),
        Kind::Wrong(_) | Kind::Terminator(_) => reply(""),
        // The last are of clients, of which there is no comparison.
        Kind::NotRestarted(_)
        | Kind::Elsewhere(_)
        | Kind::Clock(..)
        | Kind::Unable(_)
        | Kind::Unasked(..)
        | Kind::RunsOn(_)
        | Kind::Crashed => "(nobody can tell)".to_owned(),
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}
