//! Servers with one seam replaced by a function.

use std::net::SocketAddr;

use jiff::civil::DateTime;
use trueline_protocol::framing::{self, Line, LineDecoder};
use trueline_protocol::responder::{
    Action, Connection, Decoder, Event, Framing, LineSpelling, Meaning, Now, Responder, Seams,
    Server, Spelling,
};
use trueline_protocol::service::{Reply, Service};

/// A server whose connections are decoded by something else.
pub(super) fn decoding(service: Service, decoder: fn() -> Box<dyn Decoder>) -> Box<dyn Server> {
    framing(service, decoder, framing::datagram)
}

/// A server whose datagrams are read by something else.
pub(super) fn datagrams(service: Service, datagram: fn(&[u8]) -> Line<'_>) -> Box<dyn Server> {
    framing(service, || Box::new(LineDecoder::default()), datagram)
}

/// A server with another framing.
pub(super) fn framing(
    service: Service,
    decoder: fn() -> Box<dyn Decoder>,
    datagram: fn(&[u8]) -> Line<'_>,
) -> Box<dyn Server> {
    struct Wrong(fn() -> Box<dyn Decoder>, fn(&[u8]) -> Line<'_>);
    impl Framing for Wrong {
        fn decoder(&self) -> Box<dyn Decoder> {
            (self.0)()
        }
        fn datagram<'a>(&self, octets: &'a [u8]) -> Line<'a> {
            (self.1)(octets)
        }
    }
    let framing = Box::new(Wrong(decoder, datagram));
    Box::new(Responder::new(Seams { framing, ..Seams::of(service) }))
}

/// A server that answers lines by a function.
pub(super) fn meaning(
    service: Service,
    answer: impl FnMut(Line<'_>, DateTime) -> Reply<'static> + 'static,
) -> Box<dyn Server> {
    Box::new(Responder::new(Seams { meaning: meant(service, answer), ..Seams::of(service) }))
}

/// A meaning that is a function.
fn meant(
    service: Service,
    answer: impl FnMut(Line<'_>, DateTime) -> Reply<'static> + 'static,
) -> Box<dyn Meaning> {
    struct Wrong<F>(Service, F);
    impl<F: FnMut(Line<'_>, DateTime) -> Reply<'static>> Meaning for Wrong<F> {
        fn announce(&mut self, now: DateTime) -> Option<Reply<'static>> {
            self.0.announce(now)
        }
        fn answer<'a>(&mut self, line: Line<'a>, now: DateTime) -> Reply<'a> {
            (self.1)(line, now)
        }
        fn takes_turns(&self) -> bool {
            self.0.takes_turns()
        }
    }
    Box::new(Wrong(service, answer))
}

/// What a right server answers to a text, where that does not depend on the time.
pub(super) fn right(service: Service, text: &str) -> Reply<'static> {
    service.answer(text, DateTime::ZERO).into_owned()
}

/// A server that answers texts by a function; lines that are no text get their error.
pub(super) fn answering(
    service: Service,
    answer: impl FnMut(&str) -> Reply<'static> + 'static,
) -> Box<dyn Server> {
    meaning(service, to_texts(answer))
}

/// A server that answers texts and writes replies by functions.
pub(super) fn answering_in_words(
    service: Service,
    answer: impl FnMut(&str) -> Reply<'static> + 'static,
    word: impl Fn(&Reply<'_>) -> String + 'static,
) -> Box<dyn Server> {
    let (meaning, spelling) = (meant(service, to_texts(answer)), spelled(word));
    Box::new(Responder::new(Seams { meaning, spelling, ..Seams::of(service) }))
}

/// Lines that are no text get their error.
fn to_texts(
    mut answer: impl FnMut(&str) -> Reply<'static> + 'static,
) -> impl FnMut(Line<'_>, DateTime) -> Reply<'static> + 'static {
    move |line, _| match framing::text(line) {
        Ok(text) => answer(text),
        Err(code) => Reply::Error(code),
    }
}

/// A server that writes replies by a function; the terminator of TCP follows.
pub(crate) fn wording(
    service: Service,
    word: impl Fn(&Reply<'_>) -> String + 'static,
) -> Box<dyn Server> {
    Box::new(Responder::new(Seams { spelling: spelled(word), ..Seams::of(service) }))
}

/// A spelling that is a function.
fn spelled(word: impl Fn(&Reply<'_>) -> String + 'static) -> Box<dyn Spelling> {
    struct Wrong<F>(F);
    impl<F: Fn(&Reply<'_>) -> String> Spelling for Wrong<F> {
        fn line(&mut self, reply: &Reply<'_>, out: &mut Vec<u8>) {
            self.datagram(reply, out);
            out.push(b'\n');
        }
        fn datagram(&mut self, reply: &Reply<'_>, out: &mut Vec<u8>) {
            out.extend((self.0)(reply).into_bytes());
        }
    }
    Box::new(Wrong(word))
}

/// A server whose replies end in something else, on TCP and in datagrams.
pub(super) fn terminating(
    service: Service,
    line: &'static str,
    datagram: &'static str,
) -> Box<dyn Server> {
    struct Wrong(&'static str, &'static str);
    impl Spelling for Wrong {
        fn line(&mut self, reply: &Reply<'_>, out: &mut Vec<u8>) {
            LineSpelling.datagram(reply, out);
            out.extend(self.0.bytes());
        }
        fn datagram(&mut self, reply: &Reply<'_>, out: &mut Vec<u8>) {
            LineSpelling.datagram(reply, out);
            out.extend(self.1.bytes());
        }
    }
    Box::new(Responder::new(Seams {
        spelling: Box::new(Wrong(line, datagram)),
        ..Seams::of(service)
    }))
}

/// A right server whose events and actions a function tampers with.
pub(super) fn hosting<F>(service: Service, tamper: F) -> Box<dyn Server>
where
    F: FnMut(&mut dyn Server, Now, Event<'_>, &mut Vec<Action>) + 'static,
{
    struct Wrong<F>(Responder, F);
    impl<F> Server for Wrong<F>
    where
        F: FnMut(&mut dyn Server, Now, Event<'_>, &mut Vec<Action>),
    {
        fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
            (self.1)(&mut self.0, now, event, actions);
        }
    }
    Box::new(Wrong(Responder::of(service), tamper))
}

/// Whom a reply is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asker {
    Connected(Connection),
    Bound(SocketAddr),
}

/// A right server whose replies a function changes, one by one and without terminators.
pub(super) fn replying(
    service: Service,
    mut change: impl FnMut(Asker, Vec<u8>) -> Vec<u8> + 'static,
) -> Box<dyn Server> {
    hosting(service, move |inner, now, event, actions| {
        inner.on(now, event, actions);
        for action in actions {
            match action {
                Action::Send(connection, octets) => {
                    let asker = Asker::Connected(*connection);
                    let lines = octets.split_inclusive(|&octet| octet == b'\n');
                    let bare = lines.map(|line| line.strip_suffix(b"\n").unwrap_or(line));
                    let changed: Vec<_> = bare.map(|it| change(asker, it.to_vec())).collect();
                    *octets =
                        changed.iter().flat_map(|it| it.iter().chain(b"\n")).copied().collect();
                }
                Action::Datagram(peer, octets) => {
                    *octets = change(Asker::Bound(*peer), std::mem::take(octets));
                }
                _ => {}
            }
        }
    })
}
