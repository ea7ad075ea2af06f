//! Whether the text of a reply is one that a transcript expects.

use trueline_protocol::framing::is_char;
use trueline_protocol::limits::REPLY_TEXT_MAX;
use trueline_protocol::time::date_time;

use crate::target::position;
use crate::transcript::{Hole, Piece, Text};

/// Whether `reply`, without its terminator, is what is expected, holes filled in.
pub fn matches(expected: &Text, reply: &[u8]) -> bool {
    pieces(&expected.pieces, reply, fills)
}

/// Whether a line that a program printed is what is expected. Colours and a CR at its end are the terminal's affair.
pub fn matches_printed(expected: &Text, line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    pieces(&expected.pieces, line, |hole, filling| hole == Hole::Any || fills(hole, filling))
}

/// Where a text stands that is told. What Python writes of octets, `b'text'`, is not the text.
pub(crate) fn told(printed: &[u8], text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + position(printed.get(from..)?, text)?;
        let before = &printed[..at];
        if !before.ends_with(b"b'") && !before.ends_with(b"b\"") {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The octets of a text without its holes.
pub(crate) fn fixed(text: &Text) -> Vec<u8> {
    let octets = text.pieces.iter().filter_map(|piece| match piece {
        Piece::Octets(octets) => Some(octets.as_slice()),
        Piece::Hole(_) => None,
    });
    octets.collect::<Vec<_>>().concat()
}

/// Whether the text of a reply keeps rule `text` and the limit of FRAME-2.
pub fn is_text(reply: &[u8]) -> bool {
    reply.len() <= REPLY_TEXT_MAX
        && std::str::from_utf8(reply).is_ok_and(|text| text.chars().all(is_char))
}

fn pieces(expected: &[Piece], reply: &[u8], fills: fn(Hole, &[u8]) -> bool) -> bool {
    let Some((first, rest)) = expected.split_first() else { return reply.is_empty() };
    match first {
        Piece::Octets(octets) => {
            reply.strip_prefix(octets.as_slice()).is_some_and(|reply| pieces(rest, reply, fills))
        }
        Piece::Hole(hole) => (0..=reply.len()).rev().any(|end| {
            let (filling, reply) = reply.split_at(end);
            fills(*hole, filling) && pieces(rest, reply, fills)
        }),
    }
}

fn fills(hole: Hole, filling: &[u8]) -> bool {
    match hole {
        Hole::Any => is_text(filling),
        Hole::Whatever => true,
        Hole::Blanks => filling.iter().all(u8::is_ascii_whitespace),
        Hole::Near(near) => {
            let number =
                std::str::from_utf8(filling).ok().and_then(|text| text.parse::<f64>().ok());
            number.is_some_and(|number| {
                (number - near.value()).abs() <= near.within() * (1.0 + f64::EPSILON.sqrt())
            })
        }
        Hole::Detail => {
            filling.is_empty() || filling.len() > 1 && filling[0] == b' ' && is_text(filling)
        }
        Hole::Time | Hole::Now => {
            std::str::from_utf8(filling).is_ok_and(|text| date_time(text).is_some())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript;

    fn expected(text: &str) -> Text {
        let cases = transcript::parse("test", &format!("case a\n< {text}\n")).unwrap();
        let transcript::Act::Expect { text, .. } = &cases[0].dialogue.steps[0].act else {
            panic!()
        };
        text.clone()
    }

    #[test]
    fn literals_match_themselves_only() {
        assert!(matches(&expected("5+6 = 11"), b"5+6 = 11"));
        for other in ["5+6 = 1", "5+6 = 110", "5+6 = 11 ", "5 + 6 = 11", ""] {
            assert!(!matches(&expected("5+6 = 11"), other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_detail_is_nothing_or_a_blank_and_text() {
        let expected = expected(r"ERR syntax\{detail}");
        for right in ["ERR syntax", "ERR syntax at column 3"] {
            assert!(matches(&expected, right.as_bytes()), "{right}");
        }
        for wrong in [
            &b"ERR syntax "[..],
            b"ERR syntaxx",
            b"ERR syntax: hm",
            b"ERR syntax \x07",
            b"ERR syntax \xff",
        ] {
            assert!(!matches(&expected, wrong), "{wrong:?}");
        }
    }

    #[test]
    fn any_is_text_within_the_limit() {
        let expected = expected(r"\{any}30");
        for right in ["30", "Sum of 10 and 20 is 30", "Total: 30", "3030"] {
            assert!(matches(&expected, right.as_bytes()), "{right}");
        }
        for wrong in [&b"ERR syntax"[..], b"3", b"\xff30", b"a\nb30"] {
            assert!(!matches(&expected, wrong), "{wrong:?}");
        }
        assert!(!is_text(&[b'a'; 4097]) && is_text(&[b'a'; 4096]));
    }

    #[test]
    fn what_is_printed_may_be_coloured() {
        let expected = expected(r"\{any}hello\{any}");
        for line in [&b"hello"[..], b"hello\r", b"\x1b[32m> hello\x1b[0m", b"\xff hello"] {
            assert!(matches_printed(&expected, line), "{line:?}");
        }
        assert!(!matches_printed(&expected, b"hell\x1b[0mo"));
    }

    #[test]
    fn a_time_has_both_of_pythons_spellings() {
        let expected = expected(r"\{time}");
        for right in ["2026-01-02 03:04:05", "2026-01-02 03:04:05.000678"] {
            assert!(matches(&expected, right.as_bytes()), "{right}");
        }
        for wrong in [
            "2026-01-02T03:04:05",
            "2026-01-02 03:04:05.67",
            "2026-1-2 03:04:05",
            "2026-02-30 03:04:05",
            "",
        ] {
            assert!(!matches(&expected, wrong.as_bytes()), "{wrong}");
        }
    }
}
