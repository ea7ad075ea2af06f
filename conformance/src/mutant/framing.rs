//! Faults of framing: where a request begins and ends. `limit` has those of its length.

use trueline_protocol::framing::{Line, LineDecoder, TooLong};
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::responder::Decoder;
use trueline_protocol::service::Manner::Conversation;

use super::seam::{datagrams, decoding};
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
            "drops-every-cr",
            "ERR-5",
            "removes every CR of a line, and not only the one before its LF",
            "Remove one CR at the end; any other is a control character: answer `ERR encoding`.",
            |service| {
                decoding(service, || {
                    Mapped::boxed(LineDecoder::default(), |line, each| {
                        let kept = |octets: &[u8]| -> Vec<u8> {
                            octets.iter().copied().filter(|&octet| octet != b'\r').collect()
                        };
                        each(line.map(kept).as_deref().map_err(|long| *long));
                    })
                })
            },
        ),
        tcp(
            "cr-ends-line",
            "ERR-5 FRAME-1",
            "takes a CR by itself for the end of a line",
            "Split at LF only: a file opened as text with newline=None, its default, splits at CR too.",
            |service| decoding(service, || Mapped::boxed(LineDecoder::default(), at_each_cr)),
        ),
        tcp(
            "splits-lines",
            "ERR-5 FRAME-1",
            "splits at whatever Python's splitlines takes for the end of a line",
            "Split the octets at b\"\\n\": splitlines() also splits at VT, FF, U+0085 and others.",
            |service| decoding(service, || Mapped::boxed(LineDecoder::default(), at_each_line_end)),
        ),
        tcp(
            "decodes-segments",
            "FRAME-5",
            "decodes what each recv returns by itself",
            "A character may be cut between two segments: decode a line when it is complete.",
            |service| decoding(service, || Box::new(DecodesSegments::default())),
        ),
        tcp(
            "two-recvs",
            "FRAME-7 FRAME-5 FRAME-6",
            "receives twice for each request",
            "Two sends are not two recvs: collect what recv returns until a line is complete.",
            |service| decoding(service, || Box::new(TwoRecvs::default())),
        ),
        tcp(
            "answers-end",
            "FRAME-1",
            "takes the end of what a client sends for an empty request",
            "When recv returns nothing, nothing was asked: close the connection.",
            |service| decoding(service, || Box::new(AnswersEnd::default())),
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

pub(super) fn trimmed_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

pub(super) fn trimmed(octets: &[u8]) -> &[u8] {
    let Some(bare) = octets.strip_suffix(b"\n") else { return octets };
    trimmed_cr(bare)
}

pub(super) fn limited(octets: &[u8]) -> Line<'_> {
    if octets.len() > REQUEST_TEXT_MAX { Err(TooLong) } else { Ok(octets) }
}

/// Lines that come out of a decoder and are made into others, or several.
pub(super) struct Mapped<D>(D, Map);

type Map = fn(Line<'_>, &mut dyn FnMut(Line<'_>));

impl<D: Decoder + 'static> Mapped<D> {
    pub(super) fn boxed(decoder: D, map: Map) -> Box<dyn Decoder> {
        Box::new(Self(decoder, map))
    }
}

impl<D: Decoder> Decoder for Mapped<D> {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        self.0.push(octets, &mut |line| (self.1)(line, each));
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        self.0.end(&mut |line| (self.1)(line, each));
    }
}

fn at_each_cr(line: Line<'_>, each: &mut dyn FnMut(Line<'_>)) {
    match line {
        Ok(octets) => octets.split(|&octet| octet == b'\r').for_each(|line| each(Ok(line))),
        long => each(long),
    }
}

fn at_each_line_end(line: Line<'_>, each: &mut dyn FnMut(Line<'_>)) {
    match line.map(std::str::from_utf8) {
        Ok(Ok(text)) => {
            let ends = |c: char| "\r\x0b\x0c\x1c\x1d\x1e\u{85}\u{2028}\u{2029}".contains(c);
            text.split(ends).for_each(|line| each(Ok(line.as_bytes())));
        }
        _ => each(line),
    }
}

/// Puts an octet that is no UTF-8 in the place of what is cut at the end of a segment.
#[derive(Default)]
struct DecodesSegments(LineDecoder);

impl Decoder for DecodesSegments {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        let tail = octets.utf8_chunks().last().map_or(&[][..], |last| last.invalid());
        let cut = std::str::from_utf8(tail).is_err_and(|error| error.error_len().is_none());
        let whole = octets.len() - if cut { tail.len() } else { 0 };
        self.0.push(&octets[..whole], each);
        if cut {
            self.0.push(b"\xff", each);
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        self.0.end(each);
    }
}

#[derive(Default)]
struct TwoRecvs(LineDecoder, Option<Vec<u8>>);

impl Decoder for TwoRecvs {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        match self.1.take() {
            None => self.1 = Some(octets.to_vec()),
            Some(first) => self.0.push(&[&first, octets].concat(), each),
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        self.0.push(&self.1.take().unwrap_or_default(), each);
        self.0.end(each);
    }
}

#[derive(Default)]
struct AnswersEnd(LineDecoder);

impl Decoder for AnswersEnd {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        self.0.push(octets, each);
    }

    fn end(&mut self, each: &mut dyn FnMut(Line<'_>)) {
        self.0.end(each);
        each(Ok(b""));
    }
}

struct RecvIsMessage;

impl Decoder for RecvIsMessage {
    fn push(&mut self, octets: &[u8], each: &mut dyn FnMut(Line<'_>)) {
        each(limited(trimmed(octets)));
    }

    fn end(&mut self, _each: &mut dyn FnMut(Line<'_>)) {}
}

/// Lines as they should be, but for the limit and what becomes of the CR.
pub(super) struct Lines {
    held: Vec<u8>,
    limit: usize,
    cr: Cr,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Cr {
    Dropped,
    Counted,
    Kept,
}

impl Lines {
    pub(super) fn new(limit: usize, cr: Cr) -> Self {
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
