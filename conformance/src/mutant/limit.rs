//! Faults of the limit: how long a request may be, and what becomes of one that is longer.

use trueline_protocol::framing::{Line, LineDecoder, TooLong, datagram};
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::responder::{Decoder, Server};
use trueline_protocol::service::Manner::Conversation;
use trueline_protocol::service::Service;

use super::framing::{Cr, Lines, Mapped, limited, trimmed, trimmed_cr};
use super::seam::{datagrams, decoding, framing};
use super::{Mutant, spoken};
use crate::transport::Transport::{Tcp, Udp};

pub(super) fn mutants() -> Vec<Mutant> {
    let on = |transport| spoken(Conversation, "framing", transport);
    let (both, tcp, udp) = (on(None), on(Some(Tcp)), on(Some(Udp)));
    vec![
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
        both(
            "limit-1022",
            "FRAME-12 FRAME-13 FRAME-30 CALC-10 WORD-6",
            "refuses a request whose text has exactly 1023 octets",
            "The limit is 1023 octets and they fit: compare with `>`, and leave the terminator out.",
            |service| {
                let lines = || -> Box<dyn Decoder> { Box::new(Lines::new(1022, Cr::Dropped)) };
                framing(service, lines, |octets| {
                    datagram(octets).and_then(|text| within(text, 1022))
                })
            },
        ),
        both(
            "limit-1024",
            "ERR-3",
            "accepts a request whose text has 1024 octets",
            "A buffer of 1024 octets holds the LF, too: the text has at most 1023.",
            |service| {
                let lines = || -> Box<dyn Decoder> { Box::new(Lines::new(1024, Cr::Dropped)) };
                framing(service, lines, |octets| within(trimmed(octets), 1024))
            },
        ),
        udp(
            "receives-1000",
            "FRAME-12 ERR-3 CALC-10 WORD-6",
            "receives no more than 1000 octets of a datagram",
            "Receive datagrams with a buffer that is larger than the largest request.",
            |service| datagrams(service, |octets| datagram(&octets[..octets.len().min(1000)])),
        ),
        udp(
            "receives-1024",
            "FRAME-30",
            "receives no more than 1024 octets of a datagram, and so loses the LF of 1023 octets and CRLF",
            "Receive datagrams with a buffer that is larger than the largest request and its terminator.",
            |service| datagrams(service, |octets| datagram(&octets[..octets.len().min(1024)])),
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
            "cuts-long-lines",
            "ERR-3",
            "serves the first 1023 octets of a line that is too long",
            "What is cut off is another request: answer `ERR too-long`.",
            |service| {
                decoding(service, || {
                    let lines = Lines::new(usize::MAX, Cr::Dropped);
                    Mapped::boxed(lines, |line, each| {
                        each(line.map(|octets| &octets[..octets.len().min(REQUEST_TEXT_MAX)]));
                    })
                })
            },
        ),
        tcp(
            "full-buffer-waits",
            "FRAME-7 FRAME-12",
            "takes a recv that fills its buffer of 1024 octets for a sign that more is to come",
            "Only the LF tells that a request is complete; how much a recv returns tells nothing.",
            |service| decoding(service, || Box::new(FullBuffer::default())),
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
    ]
}

/// A right server that answers a line that is too long when its LF has come, or the end.
pub(crate) fn decoding_late(service: Service) -> Box<dyn Server> {
    decoding(service, || Box::new(Lines::new(REQUEST_TEXT_MAX, Cr::Dropped)))
}

fn within(octets: &[u8], limit: usize) -> Line<'_> {
    if octets.len() > limit { Err(TooLong) } else { Ok(octets) }
}

#[derive(Default)]
struct FullBuffer(LineDecoder, Vec<u8>);

impl Decoder for FullBuffer {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        self.1.extend_from_slice(octets);
        if !octets.len().is_multiple_of(REQUEST_TEXT_MAX + 1) {
            self.0.push(&std::mem::take(&mut self.1), each);
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        self.0.push(&std::mem::take(&mut self.1), each);
        self.0.end(each);
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
