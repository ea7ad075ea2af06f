//! A dialect file as it is written: TOML, a table for each service. What is wrong with one is told with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use toml::Spanned;
use trueline_protocol::calculator::Operator;
use trueline_protocol::dialect::{
    Dialect as Spoken, FORMS_MAX, Field, Form, Frame, Number, Piece, Quit, Response, Session,
    Template, Worded,
};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::service::{Manner, Service};

use super::holds::{DECLARES, named};
use super::value::{
    self, ByOperator, Clients, FRAMINGS, Framed, OneOrMore, Refusal, Requests, Spelled, Word,
};
use super::{Blanks, Dialect, Operands, Terms};
use crate::settings::{self, Wrong};
use crate::spec::{DECLARED, Id, Level, Spec};
use crate::target::Lifetime;
use crate::transcript::Text;
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
        let transports = self.transports(table.transport)?;
        let request = self.frame(table.framing, &transports)?;
        let reply = match table.reply_framing {
            Some(framed) => frame(framed)?,
            None => request.clone(),
        };
        let frames = Frames { request: &request, reply: &reply };
        let operators = operators(table.operators)?;
        let mut forms = vec![self.form(&frames, table.request, table.prompts, table.reply)?];
        for also in table.also.into_iter().flat_map(Spanned::into_inner) {
            self.further(&frames, also, &mut forms)?;
        }
        self.goes_together(&transports, &request, &operators, &forms)?;
        let results = results(table.result)?;
        let errors = errors(&frames, table.errors)?;
        let greeting = table.greeting.map(|text| frames.reply(text)).transpose()?;
        let quit = table.quit.map(|leave| quit(&frames, leave)).transpose()?;
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
            operands: operands(table.operands)?,
            tolerance: tolerance(table.tolerance)?,
            blanks: table.blanks.map_or(Blanks::Exact, |it| it.0),
            is_several: table.clients.is_some_and(|it| it.0 == Clients::Several),
            lifetime: table.lifetime.map(|it| it.0),
            sends: table.sends.map(|text| frames.request(text)).transpose()?,
            shows: table.shows.map(|text| template(&text, &[Field::Text])).transpose()?,
            prints: table.prints.is_some_and(Spanned::into_inner),
            typed: table.typed.map(|text| template(&text, self.fields().asked)).transpose()?,
            tiers: tiers(table.tiers)?,
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
            Some(framed) => frame(framed),
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

    /// What may stand in braces.
    const fn fields(&self) -> Fields {
        use Field::{Any, Blanks, First, Left, Length, Operator, Result, Right, Text, Time};
        match self.service {
            Service::Calculator => Fields {
                asked: &[Left, Right, Operator, Blanks],
                needed: &[Left, Right, Operator],
                told: &[Left, Right, Operator, Result, Any],
            },
            Service::WordLength => {
                Fields { asked: &[Text], needed: &[Text], told: &[Length, First, Any] }
            }
            Service::Message | Service::Chat | Service::Connect => {
                Fields { asked: &[Text], needed: &[Text], told: &[Text, Any] }
            }
            Service::Time => Fields { asked: &[Text], needed: &[Text], told: &[Time] },
            _ => Fields { asked: &[Text], needed: &[Text], told: &[] },
        }
    }

    fn form(
        &self,
        frames: &Frames<'_>,
        request: Option<Spanned<OneOrMore<String>>>,
        prompts: Option<Spanned<OneOrMore<String>>>,
        reply: Option<Spanned<ByOperator<String>>>,
    ) -> Result<Form, Wrong> {
        let missing = |what: &str, example: &str| {
            let mend = format!("add `{example}`; {MEND}");
            wrong(format!("`{what}` is missing"), mend, self.place.clone())
        };
        let request = match request {
            Some(request) => request,
            None if self.service == Service::Calculator => {
                return Err(missing("request", "request = \"{left} {operator} {right}\""));
            }
            None => Spanned::new(self.place.clone(), OneOrMore::One("{text}".to_owned())),
        };
        let Fields { asked, needed, told } = self.fields();
        let place = request.span();
        let parts = OneOrMore::all(request);
        let parts: Vec<Template> = parts
            .iter()
            .map(|part| {
                let read = template(part, asked)?;
                frames.fits(frames.request, &read, &part.span()).map(|()| read)
            })
            .collect::<Result<_, Wrong>>()?;
        for field in needed {
            let times: usize =
                parts.iter().map(|it| it.fields().filter(|it| it == field).count()).sum();
            if times != 1 {
                let how = if times == 0 {
                    "is missing".to_owned()
                } else {
                    format!("stands here {times} times")
                };
                let what = format!("{{{}}} {how}", field.name());
                let mend = format!(
                    "write each of {} once, as in `{{left}} {{operator}} {{right}}`",
                    listed(needed)
                );
                return Err(wrong(
                    what,
                    if needed.len() > 1 { mend } else { "write it once".to_owned() },
                    place,
                ));
            }
        }
        let beside = parts.iter().find_map(touching);
        if let Some((one, other)) = beside {
            let what = format!("nothing separates {{{}}} and {{{}}}", one.name(), other.name());
            return Err(wrong(
                what,
                "write what does, such as a blank, a comma or `{operator}`",
                place,
            ));
        }
        let prompts = match prompts {
            Some(prompts) => {
                let place = prompts.span();
                let prompts = OneOrMore::all(prompts);
                if prompts.len() >= parts.len() {
                    let what = format!(
                        "{} more than can be waited for",
                        counted(prompts.len() + 1 - parts.len(), "prompt")
                    );
                    let mend = "a prompt answers each message of a request but the last, which has the reply: `request = [\"{left}\", \
                                \"{operator}\", \"{right}\"]` has two";
                    return Err(wrong(what, mend, place));
                }
                prompts.into_iter().map(|it| frames.reply(it)).collect::<Result<Vec<_>, Wrong>>()?
            }
            None => Vec::new(),
        };
        let prompts = prompts.into_iter().map(|text| Some(text).filter(|text| !text.is_empty()));
        let reply = match reply {
            Some(reply) => reply,
            // What is said in a talk is said by people.
            None if !self.service.manner().answers() => {
                Spanned::new(self.place.clone(), ByOperator::Alike("{text}".to_owned()))
            }
            None => return Err(missing("reply", self.example())),
        };
        let place = reply.span();
        let told = |text: &Spanned<String>| {
            let read = template(text, told)?;
            frames.fits(frames.reply, &read, &text.span()).map(|()| read)
        };
        let reply = match reply.into_inner() {
            ByOperator::Alike(text) => Worded::Alike(told(&Spanned::new(place, text))?),
            ByOperator::Each(_) if self.service != Service::Calculator => {
                return Err(wrong(
                    format!("{} has no operators", self.service),
                    "write one text",
                    place,
                ));
            }
            ByOperator::Each(texts) => {
                let mut each = [const { None }; 4];
                for (symbol, text) in &texts {
                    each[operator(symbol)? as usize] = Some(told(text)?);
                }
                Worded::Each(each)
            }
        };
        Ok(Form { parts, prompts: prompts.collect(), reply })
    }

    /// A reply, as a message shows one.
    const fn example(&self) -> &'static str {
        match self.service {
            Service::Calculator => "reply = \"{result}\"",
            Service::WordLength => "reply = \"{length} {first}\"",
            Service::Message => "reply = \"Thanks...\"",
            Service::Time => "reply = \"{time}\"",
            _ => "reply = \"Hello\"",
        }
    }

    /// Reads another way to write a request.
    fn further(&self, frames: &Frames<'_>, also: Also, forms: &mut Vec<Form>) -> Result<(), Wrong> {
        let place = also.request.span();
        let form = self.form(frames, Some(also.request), also.prompts, Some(also.reply))?;
        let parts = |form: &Form| (form.parts.len(), form.prompts.clone());
        if forms.len() == FORMS_MAX {
            let mend = format!("write {FORMS_MAX} at most, the first among them");
            return Err(wrong("this is one way too many to write a request", mend, place));
        }
        if parts(&forms[0]) != parts(&form) {
            let mend = "write each request in as many messages as the first, with the same prompts";
            return Err(wrong("nothing tells when this request is whole", mend, place));
        }
        if forms.len() + 1 == FORMS_MAX && forms[1].reply != form.reply {
            let mend = "answer the second and the third way to write a request alike";
            return Err(wrong("this is answered in a third way", mend, place));
        }
        forms.push(form);
        Ok(())
    }
}

/// What may stand in braces in a request and in a reply, and what must in a request.
struct Fields {
    asked: &'static [Field],
    needed: &'static [Field],
    told: &'static [Field],
}

/// Where messages end, and so what they cannot hold.
struct Frames<'a> {
    request: &'a Frame,
    reply: &'a Frame,
}

impl Frames<'_> {
    /// A text that a client sends.
    fn request(&self, text: Spanned<String>) -> Result<String, Wrong> {
        self.fits(self.request, &Template::literal(text.get_ref().as_str()), &text.span())?;
        Ok(text.into_inner())
    }

    /// A text that a server sends.
    fn reply(&self, text: Spanned<String>) -> Result<String, Wrong> {
        self.fits(self.reply, &Template::literal(text.get_ref().as_str()), &text.span())?;
        Ok(text.into_inner())
    }

    /// Sees that a message does not end before its end.
    fn fits(&self, frame: &Frame, template: &Template, place: &Range<usize>) -> Result<(), Wrong> {
        let text = template.filled(|_| Some(b"1".to_vec())).unwrap_or_default();
        match frame {
            Frame::Until(ends) if frame.wrap(&text).is_none() => {
                let end = ends.iter().find(|end| text.windows(end.len()).any(|it| it == **end));
                let end = end.or_else(|| ends.first()).cloned().unwrap_or_default();
                let mend = "leave it out: the framing writes it, once, at the end of each message";
                let end = Text::octets(end);
                Err(wrong(format!("the message would end at `{end}`"), mend, place.clone()))
            }
            // How long it is depends on what is filled in.
            Frame::Size(_, None) if template.fields().next().is_some() => Ok(()),
            _ if frame.wrap(&text).is_none() => {
                let mend = "make it shorter, or the message larger in `framing`";
                Err(wrong("the message does not fit into its frame", mend, place.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// Two numbers that nothing keeps apart.
fn touching(template: &Template) -> Option<(Field, Field)> {
    let number = |piece: &Piece| match piece {
        Piece::Field(field @ (Field::Left | Field::Right)) => Some(*field),
        _ => None,
    };
    let written: Vec<&Piece> =
        template.pieces.iter().filter(|it| **it != Piece::Field(Field::Blanks)).collect();
    written.windows(2).find_map(|two| Some((number(two[0])?, number(two[1])?)))
}

fn counted(count: usize, what: &str) -> String {
    format!(
        "there {} {count} {what}{}",
        if count == 1 { "is" } else { "are" },
        if count == 1 { "" } else { "s" }
    )
}

fn listed(fields: &[Field]) -> String {
    let names: Vec<String> = fields.iter().map(|field| format!("{{{}}}", field.name())).collect();
    names.join(", ")
}

fn template(text: &Spanned<String>, fields: &[Field]) -> Result<Template, Wrong> {
    let mend = || match fields {
        [] => "nothing may stand in braces here; a brace itself is `{{` or `}}`".to_owned(),
        fields => format!(
            "what may stand in braces here: {}; a brace itself is `{{{{` or `}}}}`",
            listed(fields)
        ),
    };
    let wrong = |what: String| wrong(what, mend(), text.span());
    let template = Template::parse(text.get_ref()).map_err(|error| wrong(error.to_string()))?;
    let strange = template.fields().find(|field| !fields.contains(field));
    match strange {
        Some(field) => Err(wrong(format!("{{{}}} cannot stand here", field.name()))),
        None => Ok(template),
    }
}

fn frame(framed: Spanned<Framed>) -> Result<Frame, Wrong> {
    let place = framed.span();
    let value::Frames { ends, length, digits, size, pad } = match framed.into_inner() {
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

/// The operator of a symbol.
fn operator(symbol: &Spanned<String>) -> Result<Operator, Wrong> {
    let known = Operator::ALL.into_iter().find(|it| it.to_string() == *symbol.get_ref());
    known.ok_or_else(|| {
        let mend = "the operators are \"+\", \"-\", \"*\" and \"/\", in quotes; what stands for them is on the right";
        wrong(format!("`{}` is none of the operators", symbol.get_ref()), mend, symbol.span())
    })
}

fn operators(
    words: Option<Spanned<BTreeMap<Spanned<String>, Spanned<String>>>>,
) -> Result<[Option<String>; 4], Wrong> {
    let Some(words) = words else {
        return Ok(Operator::ALL.map(|operator| Some(operator.to_string())));
    };
    let place = words.span();
    let mut all = [const { None }; 4];
    for (symbol, word) in words.into_inner() {
        let operator = operator(&symbol)?;
        let (span, word) = (word.span(), word.into_inner());
        if word.is_empty() {
            let mend = "write the word that stands for it";
            return Err(wrong(format!("`{operator}` has no word"), mend, span));
        }
        if all.contains(&Some(word.clone())) {
            let mend = "give each operator a word of its own";
            return Err(wrong(format!("`{word}` stands for two operators"), mend, span));
        }
        all[operator as usize] = Some(word);
    }
    if all.iter().all(Option::is_none) {
        return Err(wrong("there is no operator", "name one at least", place));
    }
    Ok(all)
}

fn results(spelled: Option<Spanned<ByOperator<Spelled>>>) -> Result<[Number; 4], Wrong> {
    let mut all = [Number::Plain; 4];
    match spelled.map(Spanned::into_inner) {
        None => {}
        Some(ByOperator::Alike(Spelled(number))) => all = [number; 4],
        Some(ByOperator::Each(each)) => {
            for (symbol, spelled) in each {
                all[operator(&symbol)? as usize] = spelled.into_inner().0;
            }
        }
    }
    Ok(all)
}

fn operands(operands: Option<Spanned<value::Range>>) -> Result<Operands, Wrong> {
    let Some(operands) = operands else {
        return Ok(Operands::Between(Operands::LEAST, Operands::MOST));
    };
    match operands.get_ref().0 {
        Operands::Between(least, most) if least > most => Err(wrong(
            "no integer is between these",
            "write the smaller one as `least`",
            operands.span(),
        )),
        read => Ok(read),
    }
}

fn tolerance(near: Option<Spanned<f64>>) -> Result<Option<f64>, Wrong> {
    match near {
        Some(near) if !near.get_ref().is_finite() || *near.get_ref() < 0.0 => {
            let mend = "say how far a result may be from the right one, as in 0.001";
            Err(wrong("this is no distance", mend, near.span()))
        }
        near => Ok(near.map(Spanned::into_inner)),
    }
}

fn quit(frames: &Frames<'_>, leave: Spanned<Leave>) -> Result<Quit, Wrong> {
    let Leave { words, reply, stops } = leave.into_inner();
    let place = words.span();
    let words = OneOrMore::all(words).into_iter().map(|word| frames.request(word));
    let words: Vec<String> = words.collect::<Result<_, Wrong>>()?;
    if words.is_empty() {
        let mend = "write the words, as in `words = [\"quit\", \"exit\"]`, or leave `quit` out";
        return Err(wrong("no word ends the conversation", mend, place));
    }
    let reply = reply.map(|text| frames.reply(text)).transpose()?;
    Ok(Quit { words, reply, stops })
}

/// The error of a name.
fn code(name: &Spanned<String>) -> Result<ErrorCode, Wrong> {
    let known = ErrorCode::ALL.into_iter().find(|code| code.as_str() == name.get_ref());
    known.ok_or_else(|| {
        let all = ErrorCode::ALL.map(ErrorCode::as_str).join(", ");
        let mend = format!("the errors are {all}");
        wrong(format!("`{}` is no error", name.get_ref()), mend, name.span())
    })
}

fn errors(
    frames: &Frames<'_>,
    refusals: Option<Spanned<BTreeMap<Spanned<String>, Spanned<Refusal>>>>,
) -> Result<BTreeMap<ErrorCode, Response>, Wrong> {
    let mut all = BTreeMap::new();
    for (name, refusal) in refusals.into_iter().flat_map(Spanned::into_inner) {
        let place = refusal.span();
        let responses = match (name.get_ref().as_str(), refusal.into_inner()) {
            ("silent" | "closes" | "stops", Refusal::Reply(_)) => {
                let mend =
                    "write the errors that this is done to, as in `[\"syntax\", \"operator\"]`";
                return Err(wrong(format!("`{}` has no reply", name.get_ref()), mend, place));
            }
            ("silent", Refusal::Codes(names)) => each(names, &Response::Silence)?,
            ("closes", Refusal::Codes(names)) => each(names, &Response::Close)?,
            ("stops", Refusal::Codes(names)) => each(names, &Response::Stop)?,
            (_, Refusal::Reply(text)) => {
                let code = code(&name)?;
                let text = Spanned::new(place.clone(), text);
                let template = template(&text, &[Field::Any])?;
                frames.fits(frames.reply, &template, &place)?;
                vec![(code, name.span(), Response::Reply(template))]
            }
            (_, Refusal::Codes(_)) => {
                let mend =
                    "`silent`, `closes` and `stops` have lists of errors; an error has its reply";
                return Err(wrong(format!("`{}` has no list", name.get_ref()), mend, name.span()));
            }
        };
        for (code, place, response) in responses {
            if all.insert(code, response).is_some() {
                return Err(wrong(
                    format!("two things are said of `{code}`"),
                    "leave one out",
                    place,
                ));
            }
        }
    }
    Ok(all)
}

/// The same for each of these errors.
fn each(
    names: Vec<Spanned<String>>,
    response: &Response,
) -> Result<Vec<(ErrorCode, Range<usize>, Response)>, Wrong> {
    let each = names.iter().map(|name| Ok((code(name)?, name.span(), response.clone())));
    each.collect()
}

fn tiers(
    tiers: BTreeMap<Spanned<String>, Word<Option<Level>>>,
) -> Result<BTreeMap<Id, Option<Level>>, Wrong> {
    let known = |id: &str| {
        let id = Id::parse(id)?;
        let own = id.area() == DECLARED && DECLARES.iter().any(|it| named(it.0) == id);
        (own || Spec::current().get(id).is_some()).then_some(id)
    };
    let each = tiers.into_iter().map(|(id, tier)| match known(id.get_ref()) {
        Some(known) => Ok((known, tier.0)),
        None => Err(wrong(
            format!("no requirement is called `{}`", id.get_ref()),
            "`trueline list requirements` shows them",
            id.span(),
        )),
    });
    each.collect()
}
