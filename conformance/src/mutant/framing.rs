//! Faults of framing.

use trueline_protocol::framing::{Line, LineDecoder, TooLong, datagram};
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::responder::{Decoder, Server};
use trueline_protocol::service::Manner::Conversation;
use trueline_protocol::service::Service;

use super::seam::{datagrams, decoding, framing};
use super::{Mutant, spoken};
use crate::transport::Transport::{Tcp, Udp};

pub(super) fn mutants() -> Vec<Mutant> {
    let on = |transport| spoken(Conversation, "framing", Some(transport));
    let (tcp, udp) = (on(Tcp), on(Udp));
    vec![
        tcp(
            "recv-is-message",
            "FRAME-5 FRAME-6 FRAME-10",
            "takes what one recv returns for one message",
            "TCP keeps no message boundaries: collect what recv returns until a line is complete.",
            |service| decoding(service, || Box::new(RecvIsMessage)),
        ),
        tcp(
            "keeps-cr",
            "FRAME-4",
            "keeps the CR of a CRLF",
            "Remove one CR before the LF; telnet and Windows clients send it.",
            |service| decoding(service, || Box::new(Lines::new(REQUEST_TEXT_MAX, Cr::Kept))),
        ),
        tcp(
            "limit-counts-cr",
            "FRAME-13",
            "counts the CR of the terminator among the octets of the text",
            "Remove the terminator first, then compare with 1023.",
            |service| decoding(service, || Box::new(Lines::new(REQUEST_TEXT_MAX, Cr::Counted))),
        ),
        tcp(
            "limit-1000",
            "FRAME-12 FRAME-13",
            "refuses lines of more than 1000 octets",
            "A request may have 1023 octets of text; do not rely on one recv of a smaller size.",
            |service| framing(service, || Box::new(Lines::new(1000, Cr::Dropped)), datagram),
        ),
        udp(
            "receives-1000",
            "FRAME-12 ERR-3 CALC-10 WORD-6",
            "receives no more than 1000 octets of a datagram",
            "Receive datagrams with a buffer that is larger than the largest request.",
            |service| datagrams(service, |octets| datagram(&octets[..octets.len().min(1000)])),
        ),
        tcp(
            "no-limit",
            "ERR-3",
            "accepts lines of any length",
            "Answer a text of more than 1023 octets with `ERR too-long`.",
            |service| decoding(service, || Box::new(Lines::new(1 << 20, Cr::Dropped))),
        ),
        udp(
            "no-datagram-limit",
            "ERR-3",
            "accepts datagrams of any length",
            "Answer a text of more than 1023 octets with `ERR too-long`.",
            |service| datagrams(service, |octets| Ok(trimmed(octets))),
        ),
        tcp(
            "no-resync",
            "FRAME-14 ERR-2",
            "serves the end of a line that was too long as a line of its own",
            "Discard the octets of such a line up to and including its LF.",
            |service| decoding(service, || Box::new(NoResync::default())),
        ),
        tcp(
            "refuses-each-piece",
            "FRAME-14 ERR-2",
            "answers a line that is too long once for each 1024 octets of it",
            "Remember that the line was refused until its LF has come.",
            |service| decoding(service, || Box::new(EachPiece::default())),
        ),
        tcp(
            "encoding-first",
            "ERR-2",
            "tells of bad encoding before it tells that the line is too long",
            "Decide errors in the order of SPEC.md's table.",
            |service| {
                decoding(service, || {
                    Box::new(LengthLast::new(|line| {
                        std::str::from_utf8(line).is_err().then_some(&b"\xff"[..])
                    }))
                })
            },
        ),
        tcp(
            "blank-before-long",
            "ERR-2",
            "tells that a line is blank before it tells that it is too long",
            "Decide errors in the order of SPEC.md's table.",
            |service| {
                decoding(service, || {
                    Box::new(LengthLast::new(|line| {
                        let blank = line.iter().all(|octet| b" \t".contains(octet));
                        (blank && line.len() > REQUEST_TEXT_MAX).then_some(&b" "[..])
                    }))
                })
            },
        ),
        tcp(
            "waits-for-more",
            "FRAME-7",
            "answers a request only when something follows it",
            "Answer as soon as the LF has come.",
            |service| decoding(service, || Box::new(WaitsForMore::default())),
        ),
        tcp(
            "drops-rest",
            "FRAME-10",
            "ignores octets that no LF follows when the client ends its half",
            "When recv returns nothing, answer what is left in the buffer.",
            |service| decoding(service, || Box::new(DropsRest::default())),
        ),
        tcp(
            "forgets-long-end",
            "FRAME-15",
            "never answers a line that is too long when the client ends its half before the LF",
            "Answer it as soon as it is too long, or at the end.",
            |service| decoding(service, || Box::new(ForgetsLongEnd::default())),
        ),
        tcp(
            "refuses-early",
            "FRAME-15",
            "refuses a line of 1024 octets although the last one is a CR that may end it",
            "Wait for the next octet: 1023 octets and CRLF fit.",
            |service| decoding(service, || Box::new(RefusesEarly::default())),
        ),
        udp(
            "keeps-datagram-lf",
            "FRAME-30",
            "keeps the line end of a datagram",
            "Drop one LF or CRLF at the end of a datagram.",
            |service| datagrams(service, limited),
        ),
        udp(
            "strips-datagram",
            "FRAME-31",
            "strips all line ends from a datagram",
            "Drop one LF or CRLF; any other is a control character.",
            |service| {
                datagrams(service, |octets| {
                    let end = octets.iter().rposition(|octet| !b"\r\n".contains(octet));
                    limited(&octets[..end.map_or(0, |end| end + 1)])
                })
            },
        ),
        udp(
            "first-line-of-datagram",
            "FRAME-31",
            "takes the first line of a datagram and ignores the others",
            "A datagram is one message: an LF within it is a control character.",
            |service| {
                datagrams(service, |octets| {
                    let end = octets.iter().position(|&octet| octet == b'\n');
                    limited(trimmed(&octets[..end.map_or(octets.len(), |end| end + 1)]))
                })
            },
        ),
    ]
}

/// A right server that answers a line that is too long when its LF has come, or the end.
pub(crate) fn decoding_late(service: Service) -> Box<dyn Server> {
    decoding(service, || Box::new(Lines::new(REQUEST_TEXT_MAX, Cr::Dropped)))
}

fn trimmed_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn trimmed(octets: &[u8]) -> &[u8] {
    let Some(bare) = octets.strip_suffix(b"\n") else { return octets };
    trimmed_cr(bare)
}

fn limited(octets: &[u8]) -> Line<'_> {
    if octets.len() > REQUEST_TEXT_MAX { Err(TooLong) } else { Ok(octets) }
}

struct RecvIsMessage;

impl Decoder for RecvIsMessage {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        each(limited(trimmed(octets)));
    }

    fn end(&mut self, _each: &mut dyn FnMut(Line<'_>)) {}
}

/// Lines as they should be, but for the limit and what becomes of the CR.
struct Lines {
    held: Vec<u8>,
    limit: usize,
    cr: Cr,
}

#[derive(Clone, Copy, PartialEq)]
enum Cr {
    Dropped,
    Counted,
    Kept,
}

impl Lines {
    fn new(limit: usize, cr: Cr) -> Self {
        Self { held: Vec::new(), limit, cr }
    }

    fn hand_on(&self, each: &mut dyn FnMut(Line<'_>)) {
        let bare = trimmed_cr(&self.held);
        let counted = if self.cr == Cr::Dropped { bare } else { &self.held };
        let text = if self.cr == Cr::Kept { &self.held } else { bare };
        each(if counted.len() > self.limit { Err(TooLong) } else { Ok(text) });
    }
}

impl Decoder for Lines {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        for &octet in octets {
            if octet == b'\n' {
                self.hand_on(each);
                self.held.clear();
            } else {
                self.held.push(octet);
            }
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        if !self.held.is_empty() {
            self.hand_on(each);
        }
    }
}

#[derive(Default)]
struct NoResync(LineDecoder, usize);

impl Decoder for NoResync {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        for &octet in octets {
            self.1 = if octet == b'\n' { 0 } else { self.1 + 1 };
            if self.1 > REQUEST_TEXT_MAX + 1 {
                each(Err(TooLong));
                (self.0, self.1) = (LineDecoder::default(), 0);
            }
            self.0.push(&[octet], each);
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        self.0.end(each);
    }
}

#[derive(Default)]
struct EachPiece(LineDecoder, usize);

impl Decoder for EachPiece {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        for &octet in octets {
            self.1 = if octet == b'\n' { 0 } else { self.1 + 1 };
            if self.1 > REQUEST_TEXT_MAX + 1 && self.1.is_multiple_of(REQUEST_TEXT_MAX + 1) {
                each(Err(TooLong));
            }
            self.0.push(&[octet], each);
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        self.0.end(each);
    }
}

/// Looks at something else before it looks at the length of a line, which it then takes for another line.
struct LengthLast {
    held: Vec<u8>,
    before: fn(&[u8]) -> Option<&'static [u8]>,
}

impl LengthLast {
    const fn new(before: fn(&[u8]) -> Option<&'static [u8]>) -> Self {
        Self { held: Vec::new(), before }
    }
}

impl Decoder for LengthLast {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        for &octet in octets {
            if octet == b'\n' {
                let line = trimmed_cr(&self.held);
                each((self.before)(line).map_or_else(|| limited(line), Ok));
                self.held.clear();
            } else {
                self.held.push(octet);
            }
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        if !self.held.is_empty() {
            self.push(b"\n", each);
        }
    }
}

#[derive(Default)]
struct WaitsForMore(LineDecoder, Vec<u8>);

impl Decoder for WaitsForMore {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        self.1.extend_from_slice(octets);
        let keep = usize::from(self.1.ends_with(b"\n"));
        let ready = self.1.len() - keep;
        self.0.push(&self.1[..ready], each);
        self.1.drain(..ready);
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        self.0.push(&self.1, each);
        self.0.end(each);
    }
}

#[derive(Default)]
struct DropsRest(LineDecoder);

impl Decoder for DropsRest {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        self.0.push(octets, each);
    }

    fn end(&mut self, _each: &mut dyn FnMut(Line<'_>)) {}
}

#[derive(Default)]
struct ForgetsLongEnd(Vec<u8>);

impl Decoder for ForgetsLongEnd {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        for &octet in octets {
            if octet == b'\n' {
                each(limited(trimmed_cr(&self.0)));
                self.0.clear();
            } else {
                self.0.push(octet);
            }
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        let rest = trimmed_cr(&self.0);
        if !self.0.is_empty() && rest.len() <= REQUEST_TEXT_MAX {
            each(Ok(rest));
        }
    }
}

#[derive(Default)]
struct RefusesEarly(LineDecoder, usize);

impl Decoder for RefusesEarly {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        // Only where the octets at hand end with that CR: one that sees the LF with it does better.
        self.0.push(octets, each);
        let since = octets.iter().rposition(|&octet| octet == b'\n');
        self.1 = since.map_or(self.1 + octets.len(), |at| octets.len() - at - 1);
        if self.1 == REQUEST_TEXT_MAX + 1 && octets.ends_with(b"\r") {
            self.0.push(b"77", each);
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        self.0.end(each);
    }
}
