//! Writes transcripts canonically: what is printed reads back as the same model.
//!
//! Nobody is deceived by what is printed: blanks at an edge, control characters and characters
//! that cannot be seen are escaped. A text of more octets than the grammar allows, a name or a
//! value that the grammar has no room for, are printed all the same, but do not read back.

use std::fmt::{self, Display, Formatter, Write};

use super::grammar::{DEEDS, EXPECTATIONS};
use super::model::{Act, Client, Dialogue, Hole, Piece, Step, Text, Transcript};
use super::text::{HOLES, MAX_COUNT, plain, unit};

/// How many of one character are printed as a repeat.
const RUN: usize = 20;

/// The lines of the case, each with its end.
impl Display for Transcript {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "case {}", self.name)?;
        for (key, ids) in [("covers", &self.covers), ("needs", &self.needs)] {
            if !ids.is_empty() {
                writeln!(f, "{key} {}", ids.join(" "))?;
            }
        }
        let values = [
            ("service", &self.service),
            ("dialect", &self.dialect),
            ("transport", &self.transport),
            ("deliver", &self.deliver),
        ];
        for (key, value) in values {
            if let Some(value) = value {
                writeln!(f, "{key} {value}")?;
            }
        }
        self.dialogue.fmt(f)
    }
}

/// The lines of the steps, each with its end.
impl Display for Dialogue {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

/// The line without its end.
impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // A comment has no client.
        if self.client != Client::A && !matches!(self.act, Act::Note(_)) {
            self.client.fmt(f)?;
        }
        match &self.act {
            Act::Send { text, framed: true } => message(f, ">", text),
            Act::Send { text, framed: false } => message(f, ">>", text),
            Act::Expect { text, framed: true } => message(f, "<", text),
            Act::Expect { text, framed: false } => message(f, "<<", text),
            Act::Type(text) => message(f, "$>", text),
            Act::Printed(text) => message(f, "$<", text),
            Act::Note(value) if value.is_empty() => f.write_char('#'),
            // A comment stays on its line, whatever it is made of.
            Act::Note(value) => write!(f, "# {}", value.replace(char::is_control, " ")),
            act => {
                let word = |table: &[(&'static str, Act)]| {
                    table.iter().find(|(_, known)| known == act).map(|(word, _)| *word)
                };
                let deed = word(&DEEDS).map(|word| ('!', word));
                let (sign, word) = deed
                    .or_else(|| word(&EXPECTATIONS).map(|word| ('?', word)))
                    .expect("an act without text has a word");
                write!(f, "{sign} {word}")
            }
        }
    }
}

impl Display for Client {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char(self.letter())
    }
}

/// The hole as it is written in a text.
impl Display for Hole {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Self::Near(near) = self {
            return write!(f, "\\{{{}~{}}}", near.value(), near.within());
        }
        let name = HOLES.iter().find(|(_, hole)| hole == self).map_or("any", |(name, _)| name);
        write!(f, "\\{{{name}}}")
    }
}

fn message(f: &mut Formatter<'_>, sign: &str, text: &Text) -> fmt::Result {
    f.write_str(sign)?;
    if text.pieces.is_empty() { Ok(()) } else { write!(f, " {text}") }
}

/// What is printed at once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Glyph {
    Char(char),
    Octet(u8),
    Hole(Hole),
}

/// The text as it stands after a sign and a blank.
impl Display for Text {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some((unit, count)) = self.literal().and_then(period)
            && unit.iter().any(|octet| *octet != unit[0])
        {
            return write!(f, "\\{{{}*{count}}}", Self::octets(unit));
        }
        let glyphs: Vec<Glyph> = self.pieces.iter().flat_map(glyphs).collect();
        let blank = |glyph: &&Glyph| **glyph == Glyph::Char(' ');
        let leading = glyphs.iter().take_while(blank).count();
        let trailing = glyphs.len() - glyphs.iter().rev().take_while(blank).count();
        let mut at = 0;
        // What a combining character would combine with is a character printed as it is.
        let mut carries = false;
        for run in glyphs.chunk_by(|left, right| left == right) {
            let edge = at < leading || at >= trailing;
            at += run.len();
            let mut left = run.len();
            while left >= RUN && repeats(run[0]) {
                let count = left.min(MAX_COUNT);
                f.write_str("\\{")?;
                print(f, run[0], false, false)?;
                write!(f, "*{count}}}")?;
                left -= count;
                carries = false;
            }
            for _ in 0..left {
                carries = print(f, run[0], edge, carries)?;
            }
        }
        Ok(())
    }
}

/// Whether the glyph may stand in a repeat.
fn repeats(glyph: Glyph) -> bool {
    match glyph {
        Glyph::Char(c) => unit(c) || !plain(c),
        Glyph::Octet(_) => true,
        Glyph::Hole(_) => false,
    }
}

/// The unit and the count of octets that are a short unit many times over, such as many lines that are alike.
fn period(octets: &[u8]) -> Option<(&[u8], usize)> {
    let longest = (octets.len() / RUN).min(RUN - 1);
    let period = (2..=longest).find(|&period| {
        octets.len().is_multiple_of(period) && octets[period..] == octets[..octets.len() - period]
    })?;
    let unit = &octets[..period];
    let count = octets.len() / period;
    (count <= MAX_COUNT && !unit.iter().any(|octet| b"*{}".contains(octet)))
        .then_some((unit, count))
}

fn glyphs(piece: &Piece) -> Vec<Glyph> {
    match piece {
        Piece::Hole(hole) => vec![Glyph::Hole(*hole)],
        Piece::Octets(octets) => octets
            .utf8_chunks()
            .flat_map(|chunk| {
                let octets = chunk.invalid().iter().map(|octet| Glyph::Octet(*octet));
                chunk.valid().chars().map(Glyph::Char).chain(octets)
            })
            .collect(),
    }
}

/// Prints one glyph; whether it can carry a combining character.
fn print(
    f: &mut Formatter<'_>,
    glyph: Glyph,
    edge: bool,
    carries: bool,
) -> Result<bool, fmt::Error> {
    match glyph {
        Glyph::Hole(hole) => write!(f, "{hole}")?,
        Glyph::Octet(octet) => write!(f, "\\x{octet:02x}")?,
        Glyph::Char(' ') if edge => f.write_str("\\s")?,
        Glyph::Char('\n') => f.write_str("\\n")?,
        Glyph::Char('\r') => f.write_str("\\r")?,
        Glyph::Char('\t') => f.write_str("\\t")?,
        Glyph::Char('\\') => f.write_str("\\\\")?,
        Glyph::Char(c) if c.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(c))?,
        Glyph::Char(c) if plain(c) && visible(c, carries) => {
            f.write_char(c)?;
            return Ok(true);
        }
        Glyph::Char(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
    }
    Ok(false)
}

/// Whether a reader sees the character; a combining one is seen where another carries it.
fn visible(c: char, carried: bool) -> bool {
    // Blank by design, or no more than a hint to the character before: Unicode counts them as
    // letters, symbols and marks, but they show nothing.
    const UNSEEN: [std::ops::RangeInclusive<char>; 9] = [
        '\u{34F}'..='\u{34F}',
        '\u{115F}'..='\u{1160}',
        '\u{17B4}'..='\u{17B5}',
        '\u{180B}'..='\u{180F}',
        '\u{2800}'..='\u{2800}',
        '\u{3164}'..='\u{3164}',
        '\u{FE00}'..='\u{FE0F}',
        '\u{FFA0}'..='\u{FFA0}',
        '\u{E0100}'..='\u{E01EF}',
    ];
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    // The standard library's tables tell what prints; it escapes a combining character only
    // where it stands first.
    let first = if carried { "x" } else { "" };
    let printed = format!("{first}{c}").escape_debug().count() == first.len() + 1;
    printed && !UNSEEN.iter().any(|unseen| unseen.contains(&c))
}
