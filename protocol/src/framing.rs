//! Octets into lines (SPEC.md 3.1 to 3.4, 3.7). Only this module knows of "not yet complete"; the grammars see whole
//! lines.

use alloc::vec::Vec;

use crate::error::ErrorCode;
use crate::limits::REQUEST_TEXT_MAX;

/// The octets of a request without its terminator, or the fact that they were too many.
pub type Line<'a> = Result<&'a [u8], TooLong>;

/// A line of more octets than fit; they are not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Finds the lines in the octets of one TCP connection.
///
/// Keeps at most one line: no more than [`REQUEST_TEXT_MAX`] + 1 octets.
#[derive(Debug, Default)]
pub struct LineDecoder {
    held: Vec<u8>,
    discarding: bool,
}

impl LineDecoder {
    /// Takes what has arrived and hands on each line that is now complete, and each that can no longer fit (FRAME-15).
    pub fn push(&mut self, mut octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        while let Some(end) = octets.iter().position(|&octet| octet == b'\n') {
            let (head, tail) = (&octets[..end], &octets[end + 1..]);
            octets = tail;
            if core::mem::take(&mut self.discarding) {
                continue;
            }
            if self.held.is_empty() {
                each(judged(without_cr(head)));
            } else {
                self.hold(head);
                each(judged(without_cr(&self.held)));
                self.held.clear();
            }
        }
        if self.discarding {
            return;
        }
        self.hold(octets);
        if without_cr(&self.held).len() > REQUEST_TEXT_MAX {
            self.held.clear();
            self.discarding = true;
            each(Err(TooLong));
        }
    }

    /// The client has ended its half: hands on the unterminated rest, if there is one (FRAME-10).
    pub fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        if !self.held.is_empty() {
            each(judged(without_cr(&self.held)));
        }
        *self = Self::default();
    }

    /// Keeps octets of a line that is not complete, and no more of them than tell that it is too long.
    fn hold(&mut self, octets: &[u8]) {
        let room = (REQUEST_TEXT_MAX + 2).saturating_sub(self.held.len());
        self.held.extend_from_slice(&octets[..octets.len().min(room)]);
    }
}

/// The line of a datagram: one LF or CRLF at its end is dropped (FRAME-30).
pub fn datagram(octets: &[u8]) -> Line<'_> {
    judged(octets.strip_suffix(b"\n").map_or(octets, without_cr))
}

/// The text of a line (SPEC.md 3.1, rule `text`).
///
/// # Errors
///
/// [`ErrorCode::TooLong`], or [`ErrorCode::Encoding`] where it is not UTF-8 or holds a control character.
pub fn text(line: Line<'_>) -> Result<&str, ErrorCode> {
    let octets = line.map_err(|TooLong| ErrorCode::TooLong)?;
    let text = core::str::from_utf8(octets).map_err(|_| ErrorCode::Encoding)?;
    if text.chars().all(is_char) { Ok(text) } else { Err(ErrorCode::Encoding) }
}

/// Rule `char`: any scalar value but C0 without HTAB, DEL and C1.
pub fn is_char(c: char) -> bool {
    c == '\t' || !c.is_control()
}

fn without_cr(octets: &[u8]) -> &[u8] {
    octets.strip_suffix(b"\r").unwrap_or(octets)
}

fn judged(octets: &[u8]) -> Line<'_> {
    if octets.len() > REQUEST_TEXT_MAX { Err(TooLong) } else { Ok(octets) }
}
