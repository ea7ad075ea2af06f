//! Where a message ends on a stream of octets.

use alloc::format;
use alloc::vec::Vec;

/// Where a message ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Frame {
    /// With the segment that holds it: nothing is declared, and what one send wrote is hoped to arrive at once.
    Segment,
    /// Before the first of these that comes: a sender writes the first, a receiver takes any. One at least, none empty.
    Until(Vec<Vec<u8>>),
    /// After as many octets as a big-endian number of so many octets in front of it says.
    Length(u8),
    /// After as many octets as a decimal number in front of it says, which blanks fill up to so many octets.
    Digits(u8),
    /// After so many octets; a shorter text is filled up with another one, which then is at the end of no text, or cannot be.
    Size(u16, Option<u8>),
    /// With the stream: the sender ends its half.
    End,
}

/// What stands at the beginning of some octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First<'a> {
    /// A message, and how many octets it takes with its frame.
    Whole(&'a [u8], usize),
    /// The beginning of one, or nothing.
    Part,
}

impl Frame {
    /// The frame of `line`: LF as it is sent, and CRLF as well as it is received (FRAME-3, FRAME-4).
    pub fn line() -> Self {
        Self::Until([b"\n".as_slice(), b"\r\n"].map(<[u8]>::to_vec).into())
    }

    /// A message in its frame; `None` where its text does not fit, or would be read as another.
    pub fn wrap(&self, text: &[u8]) -> Option<Vec<u8>> {
        let framed = self.framed(text)?;
        let is_one = match self {
            Self::Until(_) => {
                matches!(self.first(&framed, false), First::Whole(_, all) if all == framed.len())
            }
            Self::Size(_, pad) => pad.is_none() || text.last() != pad.as_ref(),
            Self::Segment | Self::Length(_) | Self::Digits(_) | Self::End => true,
        };
        is_one.then_some(framed)
    }

    /// Some octets with a frame around them, whatever they would be read as; `None` where they do not fit.
    pub fn framed(&self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Segment | Self::End => Some(text.to_vec()),
            Self::Until(ends) => Some([text, ends.first()?].concat()),
            Self::Length(octets) => {
                let length = (text.len() as u64).to_be_bytes();
                let (above, length) = length.split_at(length.len() - usize::from(*octets).min(8));
                above.iter().all(|octet| *octet == 0).then(|| [length, text].concat())
            }
            Self::Digits(octets) => {
                let length = format!("{:<1$}", text.len(), usize::from(*octets));
                (length.len() == usize::from(*octets)).then(|| [length.as_bytes(), text].concat())
            }
            Self::Size(size, pad) => match (usize::from(*size).checked_sub(text.len())?, pad) {
                (0, _) => Some(text.to_vec()),
                (room, pad) => Some([text, &alloc::vec![(*pad)?; room]].concat()),
            },
        }
    }

    /// The message at the beginning of what has come of a stream, which is over or goes on.
    pub fn first<'a>(&self, octets: &'a [u8], is_over: bool) -> First<'a> {
        match self {
            Self::Segment if !octets.is_empty() => First::Whole(octets, octets.len()),
            Self::End if is_over => First::Whole(octets, octets.len()),
            Self::Segment | Self::End => First::Part,
            Self::Until(ends) => {
                let at = |at: usize| ends.iter().filter(move |end| octets[at..].starts_with(end));
                // CRLF comes before the LF in it.
                (0..octets.len())
                    .find_map(|place| at(place).map(|end| (place, end.len())).max())
                    .map_or(First::Part, |(place, end)| First::Whole(&octets[..place], place + end))
            }
            Self::Length(size) => {
                let size = usize::from(*size);
                let Some((length, rest)) = octets.split_at_checked(size) else {
                    return First::Part;
                };
                let length = length.iter().fold(0usize, |sum, octet| {
                    sum.saturating_mul(256).saturating_add(usize::from(*octet))
                });
                rest.get(..length).map_or(First::Part, |text| First::Whole(text, size + length))
            }
            Self::Digits(size) => {
                let Some((length, rest)) = octets.split_at_checked(usize::from(*size)) else {
                    return First::Part;
                };
                let digits = core::str::from_utf8(length.trim_ascii()).ok();
                match digits.and_then(|digits| digits.parse().ok()) {
                    Some(length) => rest.get(..length).map_or(First::Part, |text| {
                        First::Whole(text, usize::from(*size) + length)
                    }),
                    // No number: what stands in its place is taken for a message, so that it is seen.
                    None => First::Whole(length, length.len()),
                }
            }
            Self::Size(size, pad) => {
                let Some(all) = octets.get(..usize::from(*size)) else { return First::Part };
                let is_text = |octet: &u8| Some(*octet) != *pad;
                let text = all.iter().rposition(is_text).map_or(0, |last| last + 1);
                First::Whole(&all[..text], all.len())
            }
        }
    }

    /// Whether so long a beginning of a message is given up, as nothing ends it but its length.
    pub(super) fn is_over(&self, rest: &[u8], most: usize) -> bool {
        rest.len() > most && !matches!(self, Self::Until(_))
    }

    /// What is kept of the beginning of a message: of a very long one enough to see that, and to find its end.
    pub(super) fn kept(&self, rest: &[u8], most: usize) -> Vec<u8> {
        match self {
            Self::Until(ends) if rest.len() > most => {
                let end = ends.iter().map(Vec::len).max().unwrap_or(0);
                // Both parts together must not make an end that was none.
                let between = (0..=u8::MAX).find(|it| !ends.iter().any(|end| end.contains(it)));
                [&rest[..most / 2], between.as_slice(), &rest[rest.len() - end..]].concat()
            }
            _ => rest.to_vec(),
        }
    }

    /// What a stream that is over ends with, without an end that was only begun.
    pub(super) fn unbegun<'a>(&self, rest: &'a [u8]) -> &'a [u8] {
        let Self::Until(ends) = self else { return rest };
        let begun = |end: &Vec<u8>| (1..end.len()).rev().find(|size| rest.ends_with(&end[..*size]));
        let begun = ends.iter().filter_map(begun).max().unwrap_or(0);
        &rest[..rest.len() - begun]
    }

    /// Whether the octets of a stream tell where a message ends, however they are cut.
    pub const fn is_declared(&self) -> bool {
        !matches!(self, Self::Segment)
    }
}
