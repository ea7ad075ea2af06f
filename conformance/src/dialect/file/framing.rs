//! Where a message ends.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use toml::Spanned;
use trueline_protocol::dialect::Frame;

use super::value::OneOrMore;
use super::wrong;
use crate::settings::Wrong;

/// Where a message ends.
pub(super) enum Framed {
    /// With the segment.
    Nowhere,
    /// With the stream.
    End,
    Table(Keys),
}

/// Where a message ends, in a table: one of these.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    ends: Option<Spanned<OneOrMore<String>>>,
    length: Option<Spanned<u8>>,
    digits: Option<Spanned<u8>>,
    size: Option<Spanned<u16>>,
    /// Only with a size: a character, or nothing.
    pad: Option<Spanned<String>>,
}

impl<'de> Deserialize<'de> for Framed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Framed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(FRAMINGS)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Framed, E> {
                match text {
                    "none" => Ok(Framed::Nowhere),
                    "end" => Ok(Framed::End),
                    _ => Err(E::custom(format!("unknown framing `{text}`, expected {FRAMINGS}"))),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Framed, A::Error> {
                Keys::deserialize(MapAccessDeserializer::new(map)).map(Framed::Table)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// Every framing, as a message lists them.
const FRAMINGS: &str = "`\"none\"`, `\"end\"`, `{ ends = \"\\n\" }`, `{ length = 2 }`, `{ digits = 64 }` or \
     `{ size = 64 }`";

/// The frame that a file says.
pub(super) fn frame(framed: Spanned<Framed>) -> Result<Frame, Wrong> {
    let place = framed.span();
    let Keys { ends, length, digits, size, pad } = match framed.into_inner() {
        Framed::Nowhere => return Ok(Frame::Segment),
        Framed::End => return Ok(Frame::End),
        Framed::Table(table) => table,
    };
    if let (None, Some(pad)) = (&size, &pad) {
        return Err(wrong("nothing is to be filled up", "`pad` stands beside `size`", pad.span()));
    }
    match (ends, length, digits, size) {
        (Some(ends), None, None, None) => {
            let place = ends.span();
            let ends: Vec<Vec<u8>> =
                OneOrMore::all(ends).into_iter().map(|end| end.into_inner().into_bytes()).collect();
            if ends.is_empty() || ends.iter().any(Vec::is_empty) {
                let mend = "write what does, as in `\"\\n\"` or `\";\"`";
                return Err(wrong("nothing ends a message", mend, place));
            }
            Ok(Frame::Until(ends))
        }
        (None, Some(length), None, None) => match *length.get_ref() {
            octets @ 1..=8 => Ok(Frame::Length(octets)),
            _ => {
                let mend = "write 1 to 8; a length in decimal digits is `{ digits = 64 }`";
                Err(wrong("no length is written in so many octets", mend, length.span()))
            }
        },
        (None, None, Some(digits), None) => match *digits.get_ref() {
            0 => Err(wrong("no length is written without digits", "write 1 to 255", digits.span())),
            octets => Ok(Frame::Digits(octets)),
        },
        (None, None, None, Some(size)) => {
            let (size, place) = (*size.get_ref(), size.span());
            if size == 0 {
                return Err(wrong("no message has this size", "write 1 to 65535", place));
            }
            let Some(pad) = pad else { return Ok(Frame::Size(size, Some(b' '))) };
            match pad.get_ref().as_bytes() {
                [] => Ok(Frame::Size(size, None)),
                [octet] => Ok(Frame::Size(size, Some(*octet))),
                _ => {
                    let mend = "fill up with one character of ASCII; \"\" is for messages that are never shorter";
                    Err(wrong("this is not one octet", mend, pad.span()))
                }
            }
        }
        _ => Err(wrong("this is not one framing", format!("write one: {FRAMINGS}"), place)),
    }
}
