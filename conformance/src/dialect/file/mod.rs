//! A dialect file as it is written: TOML, a table for each service. What is wrong with one is told with its place.

mod form;
mod framing;
mod terms;
mod value;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use toml::Spanned;
use trueline_protocol::dialect::{Dialect as Spoken, Field, Form, Frame, Piece, Session, Template};
use trueline_protocol::service::{Manner, Service};

use self::form::{Frames, template};
use self::framing::Framed;
use self::value::{ByOperator, Clients, OneOrMore, Refusal, Requests, Spelled, Word};
use super::{Blanks, Dialect, Terms};
use crate::settings::{self, Wrong};
use crate::spec::Level;
use crate::target::Lifetime;
use crate::transport::Transport;

/// A file that says little.
const EXAMPLE: &str = "\
[calculator]
framing = { ends = \"\\n\" }
request = \"{left} {operator} {right}\"
reply = \"{left}{operator}{right} = {result}\"

[calculator.errors]
division-by-zero = \"Cannot divide by zero\"";

/// What helps whoever writes a file.
const MEND: &str = "`trueline init dialect` writes a file that explains every key";

/// A file: how each service that it names is spoken.
type File = BTreeMap<Name, Spanned<Table>>;

/// A service's name as a key.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name(Service);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map(Self).map_err(|_| {
            let known: Vec<String> = Service::ALL.iter().map(|it| format!("`{it}`")).collect();
            D::Error::custom(format!(
                "unknown service `{name}`, expected one of {}",
                known.join(", ")
            ))
        })
    }
}

/// How a service is spoken.
#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table with the keys of a service"
)]
struct Table {
    transport: Option<Spanned<OneOrMore<Word<Transport>>>>,
    framing: Option<Spanned<Framed>>,
    reply_framing: Option<Spanned<Framed>>,
    request: Option<Spanned<OneOrMore<String>>>,
    prompts: Option<Spanned<OneOrMore<String>>>,
    typed: Option<Spanned<String>>,
    sends: Option<Spanned<String>>,
    shows: Option<Spanned<String>>,
    reply: Option<Spanned<ByOperator<String>>>,
    also: Option<Spanned<Vec<Also>>>,
    operators: Option<Spanned<BTreeMap<Spanned<String>, Spanned<String>>>>,
    result: Option<Spanned<ByOperator<Spelled>>>,
    operands: Option<Spanned<value::Range>>,
    tolerance: Option<Spanned<f64>>,
    blanks: Option<Word<Blanks>>,
    separator: Option<Spanned<String>>,
    greeting: Option<Spanned<String>>,
    quit: Option<Spanned<Leave>>,
    requests: Option<Spanned<Word<Requests>>>,
    closes: Option<bool>,
    clients: Option<Word<Clients>>,
    lifetime: Option<Word<Lifetime>>,
    prints: Option<Spanned<bool>>,
    errors: Option<Spanned<BTreeMap<Spanned<String>, Spanned<Refusal>>>>,
    #[serde(default)]
    tiers: BTreeMap<Spanned<String>, Word<Option<Level>>>,
}

/// Another way to write a request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `request` and `reply`")]
struct Also {
    request: Spanned<OneOrMore<String>>,
    prompts: Option<Spanned<OneOrMore<String>>>,
    reply: Spanned<ByOperator<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table such as `{ words = \"quit\" }`")]
struct Leave {
    words: Spanned<OneOrMore<String>>,
    reply: Option<Spanned<String>>,
    #[serde(default)]
    stops: bool,
}

/// How one service is spoken, as a file says it.
pub(super) fn dialect(name: &str, text: &str, service: Service) -> Result<Dialect, Wrong> {
    let mut file: File = settings::from_toml(text, MEND)?;
    let Some(table) = file.remove(&Name(service)) else {
        let there: Vec<&str> = file.keys().map(|Name(service)| service.as_str()).collect();
        return Err(match there.as_slice() {
            [] => nothing(),
            there => Wrong::new(
                format!("it says how {} is spoken, and nothing of {service}", there.join(", ")),
                format!("check {}, or add a table [{service}]; {MEND}", there.join(" or ")),
                None,
            ),
        });
    };
    let place = table.span();
    Reader { service, place }.read(name, table.into_inner())
}

/// The services that a file names.
pub(super) fn services(text: &str) -> Result<Vec<Service>, Wrong> {
    let file: File = settings::from_toml(text, MEND)?;
    let services: Vec<Service> = file.keys().map(|Name(service)| *service).collect();
    if services.is_empty() { Err(nothing()) } else { Ok(services) }
}

fn nothing() -> Wrong {
    Wrong::new("it names no service", format!("write how a service is spoken:\n\n{EXAMPLE}"), None)
}

/// Something wrong at a place.
fn wrong(what: impl Into<String>, mend: impl Into<String>, place: Range<usize>) -> Wrong {
    Wrong::new(what, mend, Some(place))
}

/// Reads the table of a service.
struct Reader {
    service: Service,
    place: Range<usize>,
}

impl Reader {
    fn read(&self, name: &str, table: Table) -> Result<Dialect, Wrong> {
        self.belongs(&table)?;
        let connected =
            [table.greeting.as_ref().map(Spanned::span), table.quit.as_ref().map(Spanned::span)];
        let transports = self.transports(table.transport)?;
        if transports == [Transport::Udp]
            && let Some(place) = connected.into_iter().flatten().next()
        {
            let what = "over UDP there is no connection that could begin or end so";
            return Err(wrong(what, "leave it out, or name \"tcp\" as a transport, too", place));
        }
        let request = self.frame(table.framing, &transports)?;
        let reply = match table.reply_framing {
            Some(framed) => framing::frame(framed)?,
            None => request.clone(),
        };
        let frames = Frames { request: &request, reply: &reply };
        let operators = terms::operators(table.operators)?;
        let mut forms = vec![self.form(&frames, table.request, table.prompts, table.reply)?];
        for also in table.also.into_iter().flat_map(Spanned::into_inner) {
            self.further(&frames, also, &mut forms)?;
        }
        self.goes_together(&transports, &request, &operators, &forms)?;
        let results = terms::results(table.result)?;
        let errors = terms::errors(&frames, table.errors)?;
        let greeting = table.greeting.map(|text| frames.reply(text)).transpose()?;
        let quit = table.quit.map(|leave| terms::quit(&frames, leave)).transpose()?;
        let once = table.requests.is_some_and(|it| it.into_inner().0 == Requests::One);
        let session = Session {
            greeting,
            quit,
            // What the end of the stream ends is all that there is.
            once: once || self.service.manner() == Manner::Announcement || request == Frame::End,
            closes: table.closes.unwrap_or(true),
            ends: table.lifetime.as_ref().is_some_and(|it| it.0 == Lifetime::Once),
        };
        let terms = Terms {
            transports,
            operands: terms::operands(table.operands)?,
            tolerance: terms::tolerance(table.tolerance)?,
            blanks: table.blanks.map_or(Blanks::Exact, |it| it.0),
            is_several: table.clients.is_some_and(|it| it.0 == Clients::Several),
            lifetime: table.lifetime.map(|it| it.0),
            sends: table.sends.map(|text| frames.request(text)).transpose()?,
            shows: table.shows.map(|text| template(&text, &[Field::Text])).transpose()?,
            prints: table.prints.is_some_and(Spanned::into_inner),
            typed: table.typed.map(|text| template(&text, self.fields().asked)).transpose()?,
            tiers: terms::tiers(table.tiers)?,
        };
        let spoken = Spoken {
            service: self.service,
            request,
            reply,
            forms,
            operators,
            results,
            errors,
            separator: table.separator.map_or_else(|| ", ".to_owned(), Spanned::into_inner),
            session,
        };
        Ok(Dialect::new(name, spoken, terms))
    }

    /// Sees that what is said does not contradict itself.
    fn goes_together(
        &self,
        transports: &[Transport],
        request: &Frame,
        operators: &[Option<String>; 4],
        forms: &[Form],
    ) -> Result<(), Wrong> {
        let several = forms.iter().any(|form| form.parts.len() > 1);
        let whole = |what: &str, mend: &str| Err(wrong(what, mend, self.place.clone()));
        if several && transports.contains(&Transport::Udp) {
            let what = "over UDP nothing tells which messages are one request";
            return whole(what, "write the request in one message, or leave \"udp\" out");
        }
        if several && *request == Frame::End {
            let what = "the end of the stream ends one message only";
            return whole(what, "write the request in one message, or give messages another end");
        }
        let digits = |word: &String| {
            word.starts_with(|c: char| c.is_ascii_digit())
                || word.ends_with(|c: char| c.is_ascii_digit())
        };
        let touch = |part: &Template| {
            part.pieces.windows(2).any(|two| {
                let operand =
                    |piece: &Piece| matches!(piece, Piece::Field(Field::Left | Field::Right));
                let operator = |piece: &Piece| *piece == Piece::Field(Field::Operator);
                operand(&two[0]) && operator(&two[1]) || operator(&two[0]) && operand(&two[1])
            })
        };
        let touching = forms.iter().flat_map(|form| &form.parts).any(touch);
        if touching && operators.iter().flatten().any(digits) {
            let what = "an operator that is a number cannot be told from an operand beside it";
            return whole(what, "put something between {operator} and its operands");
        }
        Ok(())
    }

    /// Sees that nothing is said that the service does not have.
    fn belongs(&self, table: &Table) -> Result<(), Wrong> {
        let calculates = self.service == Service::Calculator;
        let asks = matches!(self.service.manner(), Manner::Conversation | Manner::Talk);
        let speaks = self.service.manner() != Manner::Visit;
        let there = [
            ("also", calculates, table.also.as_ref().map(Spanned::span)),
            ("operators", calculates, table.operators.as_ref().map(Spanned::span)),
            ("result", calculates, table.result.as_ref().map(Spanned::span)),
            ("operands", calculates, table.operands.as_ref().map(Spanned::span)),
            ("tolerance", calculates, table.tolerance.as_ref().map(Spanned::span)),
            (
                "separator",
                self.service == Service::WordLength,
                table.separator.as_ref().map(Spanned::span),
            ),
            (
                "prints",
                matches!(self.service, Service::Message | Service::Chat),
                table.prints.as_ref().map(Spanned::span),
            ),
            ("request", asks, table.request.as_ref().map(Spanned::span)),
            ("prompts", asks, table.prompts.as_ref().map(Spanned::span)),
            ("reply", speaks, table.reply.as_ref().map(Spanned::span)),
            ("sends", asks, table.sends.as_ref().map(Spanned::span)),
            ("shows", speaks, table.shows.as_ref().map(Spanned::span)),
            ("typed", asks, table.typed.as_ref().map(Spanned::span)),
            ("greeting", asks, table.greeting.as_ref().map(Spanned::span)),
            ("quit", asks, table.quit.as_ref().map(Spanned::span)),
            ("requests", asks, table.requests.as_ref().map(Spanned::span)),
            ("errors", asks, table.errors.as_ref().map(Spanned::span)),
        ];
        let strange =
            there.into_iter().find_map(|(key, has, span)| Some((key, span?)).filter(|_| !has));
        match strange {
            Some((key, span)) => {
                Err(wrong(format!("{} has no `{key}`", self.service), "leave it out", span))
            }
            None => Ok(()),
        }
    }

    fn transports(
        &self,
        on: Option<Spanned<OneOrMore<Word<Transport>>>>,
    ) -> Result<Vec<Transport>, Wrong> {
        let Some(on) = on else { return Ok(vec![Transport::Tcp]) };
        let place = on.span();
        let on: Vec<Transport> =
            OneOrMore::all(on).into_iter().map(|it| it.into_inner().0).collect();
        if on.is_empty() {
            let mend = "write `\"tcp\"`, `\"udp\"` or both";
            return Err(wrong("it is spoken over nothing", mend, place));
        }
        Ok(on)
    }

    fn frame(
        &self,
        framed: Option<Spanned<Framed>>,
        transports: &[Transport],
    ) -> Result<Frame, Wrong> {
        match framed {
            Some(framed) => framing::frame(framed),
            None if !transports.contains(&Transport::Tcp) => Ok(Frame::Segment),
            // Nothing is said.
            None if self.service.manner() == Manner::Visit => Ok(Frame::Segment),
            None => Err(wrong(
                "`framing` is missing: where does a message end on TCP?",
                "add `framing = { ends = \"\\n\" }` for lines, or `framing = \"none\"` where nothing tells; \
                 or is it spoken over UDP only? `transport = \"udp\"`",
                self.place.clone(),
            )),
        }
    }
}
