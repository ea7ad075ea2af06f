//! The words of a report for people.

use std::time::Duration;

use trueline_protocol::dialect::{First, Frame};

use super::exchange::came;
use super::{Counterexample, Recurrence};
use crate::judge::{Kind, Untimely};
use crate::transcript::{Act, Framing, Hole, Piece, Text};
use crate::transport::Transport;

/// Columns of a line of text.
const WIDTH: usize = 100;

/// What is due, without the notation for what is left open.
pub(crate) fn in_words(text: &Text) -> String {
    if let [Piece::Hole(Hole::Any)] = text.pieces.as_slice() {
        return "(any text)".to_owned();
    }
    let said = text.pieces.iter().filter_map(|piece| match piece {
        Piece::Hole(Hole::Detail | Hole::Blanks) => None,
        Piece::Hole(Hole::Any) => Some(Piece::Octets("…".into())),
        Piece::Hole(Hole::Near(near)) => Some(Piece::Octets(near.value().to_string().into())),
        other => Some(other.clone()),
    });
    said.collect::<Text>().to_string()
}

/// What is wrong with the end of a message that is right.
fn unterminated(message: &str, frame: &Frame) -> String {
    match Framing::terminator(frame) {
        Some(end) => format!("The {message} is right, but no {end} ends it."),
        None => format!("The {message} is right, but not framed as it should be."),
    }
}

/// Whether a sentence tells what the clock or the system has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measured {
    /// It does.
    Told,
    /// It says no more than what repeats.
    LeftOut,
}

impl Measured {
    fn within(self, limit: Duration) -> String {
        match self {
            Self::Told => format!("within {}", duration(limit)),
            Self::LeftOut => "in time".to_owned(),
        }
    }

    fn or(self, told: String, left_out: &str) -> String {
        match self {
            Self::Told => told,
            Self::LeftOut => left_out.to_owned(),
        }
    }
}

/// What is wrong, in a sentence.
pub(crate) fn said(seen: &Counterexample, transport: Transport, measured: Measured) -> String {
    let Counterexample { dialogue, fault, .. } = seen;
    let step = dialogue.steps.get(fault.step).map(|step| &step.act);
    let frame = dialogue.framing().reply;
    let unit = if transport == Transport::Tcp { "reply" } else { "datagram" };
    if let Some(said) = step
        .and_then(|step| said_of_client(step, &fault.kind, dialogue.framing().request, measured))
    {
        return said;
    }
    match &fault.kind {
        Kind::Refused => "The connection was refused: nothing listens there any more.".to_owned(),
        Kind::Silence(limit, _)
            if matches!(step, Some(Act::Open | Act::Deaf | Act::Send { .. })) =>
        {
            format!("The server did not take the connection {}.", measured.within(*limit))
        }
        Kind::Silence(limit, octets) if octets.is_empty() => {
            format!("No {unit} came {}.", measured.within(*limit))
        }
        Kind::Silence(limit, octets) if matches!(frame.first(octets, false), First::Whole(..)) => {
            format!(
                "No {unit} came {}; it came later. Where a server needs that long, raise `--timeout`.",
                measured.within(*limit)
            )
        }
        Kind::Silence(limit, _) => {
            let part = if dialogue.framing.is_none() { "line" } else { "reply" };
            format!("Only part of a {part} came {}.", measured.within(*limit))
        }
        Kind::Late(_) => "The reply came only when the client had ended its half.".to_owned(),
        Kind::Wrong(_) => format!("Another {unit} came than the one that was due."),
        Kind::NotText(octets) if octets.len() > 4096 => {
            "What came is longer than a reply may be.".to_owned()
        }
        Kind::NotText(_) => {
            "What came is not text: it holds control characters, or is not UTF-8.".to_owned()
        }
        Kind::Unterminated(_) => unterminated("reply", frame),
        Kind::Terminator(_) if transport == Transport::Udp => {
            "The reply is right, but a line end follows it: a datagram has none.".to_owned()
        }
        Kind::Terminator(_) => match Framing::terminator(frame) {
            Some(end) => {
                format!("The reply is right, but another terminator than one {end} ends it.")
            }
            None => unterminated("reply", frame),
        },
        Kind::Closed(_) => "The server closed the connection where a reply was due.".to_owned(),
        Kind::Reset(_) => "The server reset the connection where a reply was due.".to_owned(),
        Kind::Extra(_) => "More came than was asked for.".to_owned(),
        Kind::StaysOpen(limit) => {
            format!("The server did not end the connection {}.", measured.within(*limit))
        }
        Kind::Stray(from, _) => measured.or(
            format!("The reply came from {from}, not from where the request was sent."),
            "The reply came from elsewhere, not from where the request was sent.",
        ),
        Kind::NotQuiet(_) => "Something came where nothing was due.".to_owned(),
        Kind::Stuck(sent) => measured.or(
            format!("The server took {sent} octets and then no more."),
            "The server took some octets and then no more.",
        ),
        Kind::Elsewhere(address) => measured.or(
            format!("It listens on {address} when it is started again."),
            "It listens on another port when it is started again.",
        ),
        Kind::Unprinted(_) if !came(seen).is_empty() => {
            "The program printed another line on its standard output.".to_owned()
        }
        Kind::Unprinted(limit) => format!(
            "The program did not print that line on its standard output {}. Does it flush what it prints?",
            measured.within(*limit)
        ),
        Kind::Clock(_, Untimely::Off(seconds)) => {
            let side = if *seconds < 0 { "behind" } else { "ahead" };
            measured.or(
                format!("The time is {} s {side} of what the clock allows.", seconds.abs()),
                &format!("The time is {side} of what the clock allows."),
            )
        }
        Kind::Clock(_, Untimely::Backwards) => {
            "The time is before one that came earlier.".to_owned()
        }
        Kind::Clock(_, Untimely::Still) => "The time is still what it was a second ago.".to_owned(),
        Kind::Unasked(limit, _) => format!("No whole request came {}.", measured.within(*limit)),
        Kind::RunsOn(limit) => format!("The program did not end {}.", measured.within(*limit)),
        Kind::Crashed => "The program ended by a fault that it does not handle.".to_owned(),
        Kind::Ended => "The program ended by itself.".to_owned(),
        Kind::NotRestarted(why) => format!("It did not start again: {why}"),
        Kind::Unable(why) => why.clone(),
    }
}

/// What is wrong with what a client sends or prints.
fn said_of_client(step: &Act, kind: &Kind, frame: &Frame, measured: Measured) -> Option<String> {
    let said = match (step, kind) {
        (Act::Open, Kind::Closed(_)) => "The program ended before it connected.",
        (Act::Open, Kind::Unasked(limit, _)) => {
            return Some(format!("The client did not connect {}.", measured.within(*limit)));
        }
        (Act::Send { .. }, Kind::Closed(part)) if part.is_empty() => {
            "The program ended before it sent the request."
        }
        (Act::Send { .. }, Kind::Closed(_) | Kind::Reset(_)) => {
            "The client ended the connection before the request was whole."
        }
        (Act::Send { .. }, Kind::Wrong(_)) => "Another request came than the one that was given.",
        (Act::Send { .. }, Kind::Unterminated(_)) => return Some(unterminated("request", frame)),
        (Act::Printed(_), Kind::Wrong(_)) => "Something else was printed than the reply.",
        _ => return None,
    };
    Some(said.to_owned())
}

pub(super) const fn recurred(recurrence: Recurrence) -> Option<&'static str> {
    match recurrence {
        Recurrence::Alone => None,
        Recurrence::AfterTheSame => Some(
            "By itself it goes well; it fails again on a fresh connection after the same exchanges.",
        ),
        Recurrence::Once => Some("It was seen once; tried again by itself, it went well."),
        Recurrence::Untried => Some("It could not be tried again: the server no longer answers."),
    }
}

/// A few ids by name, many by number.
pub(super) fn listed(ids: &[String]) -> String {
    if ids.len() <= 6 {
        return ids.join(", ");
    }
    let mut areas: Vec<(&str, usize)> = Vec::new();
    for id in ids {
        let area = id.split('-').next().unwrap_or(id);
        match areas.last_mut() {
            Some((last, count)) if *last == area => *count += 1,
            _ => areas.push((area, 1)),
        }
    }
    let areas: Vec<String> =
        areas.iter().map(|(area, count)| format!("{count} of {area}")).collect();
    areas.join(", ")
}

pub(crate) fn duration(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

/// With commas between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let group = |(at, digit): (usize, char)| {
        let comma = at > 0 && (digits.len() - at).is_multiple_of(3);
        comma.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(group).collect()
}

/// A line of a transcript, its middle left out where it is long.
pub(crate) fn cut_short(line: &str) -> String {
    let most = WIDTH - 20;
    let count = line.chars().count();
    if count <= most {
        return line.to_owned();
    }
    let head: String = line.chars().take(most - 25).collect();
    let tail: String = line.chars().skip(count - 20).collect();
    format!("{head} … {tail}")
}

/// Lines no longer than they should be, all but the first indented.
pub(crate) fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last().map_or(0, |line| line.chars().count());
        // The first line has something before it.
        let room = if lines.len() == 1 { WIDTH - indent - 16 } else { WIDTH - indent };
        if last > 0 && last + 1 + word.chars().count() > room {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join(&format!("\n{:indent$}", ""))
}

pub(super) fn steps_in_words(count: usize) -> String {
    if count == 1 { "1 step".to_owned() } else { format!("{count} steps") }
}

pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
