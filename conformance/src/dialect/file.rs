//! A dialect file as it is written: TOML, a table for each service. What is wrong with one is told with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use toml::Spanned;
use trueline_protocol::calculator::Operator;
use trueline_protocol::dialect::{
    Dialect as Spoken, FORMS_MAX, Field, Form, Frame, Number, Quit, Response, Session, Template,
    Worded,
};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::service::{Manner, Service};

use super::{Blanks, Dialect, Operands};
use crate::settings::{self, Wrong};
use crate::spec::{Id, Level};
use crate::target::Lifetime;
use crate::transport::Transport;

/// What a file may say; more of it is in what `trueline init dialect` writes.
const EXAMPLE: &str = "\
[calculator]
framing = { ends = \"\\n\" }
request = \"{left} {operator} {right}\"
reply = \"{left}{operator}{right} = {result}\"

[calculator.errors]
division-by-zero = \"Cannot divide by zero\"";

/// A file: how each service that it names is spoken.
type File = BTreeMap<Name, Spanned<Table>>;

/// A service's name as a key.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name(Service);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

/// How a service is spoken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    #[serde(default)]
    transport: Option<Spanned<OneOrMore<On>>>,
    framing: Option<Spanned<Framed>>,
    reply_framing: Option<Spanned<Framed>>,
    request: Option<Spanned<OneOrMore<String>>>,
    #[serde(default)]
    prompts: Vec<String>,
    typed: Option<Spanned<String>>,
    sends: Option<String>,
    shows: Option<Spanned<String>>,
    reply: Option<Spanned<ByOperator<String>>>,
    #[serde(default)]
    also: Vec<Also>,
    operators: Option<Spanned<BTreeMap<String, String>>>,
    result: Option<Spanned<ByOperator<Spelled>>>,
    #[serde(default)]
    operands: Option<Range64>,
    tolerance: Option<Spanned<f64>>,
    #[serde(default)]
    blanks: Around,
    separator: Option<String>,
    greeting: Option<String>,
    quit: Option<Spanned<Leave>>,
    #[serde(default)]
    requests: Requests,
    closes: Option<bool>,
    #[serde(default)]
    clients: Clients,
    lifetime: Option<Serves>,
    #[serde(default)]
    prints: bool,
    #[serde(default)]
    errors: BTreeMap<String, Spanned<Refusal>>,
    #[serde(default)]
    tiers: BTreeMap<String, Spanned<Tier>>,
}

/// Another way to write a request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Also {
    request: Spanned<OneOrMore<String>>,
    #[serde(default)]
    prompts: Vec<String>,
    reply: Spanned<ByOperator<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

impl<T> OneOrMore<T> {
    fn all(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::More(more) => more,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ByOperator<T> {
    Alike(T),
    Each(BTreeMap<String, T>),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum On {
    Tcp,
    Udp,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "`\"none\"`, `\"end\"`, `{ ends = \"…\" }`, `{ length = 2 }` or `{ size = 64 }`"
)]
enum Framed {
    Word(Undeclared),
    Ends(Ends),
    Length(Length),
    Size(Size),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Undeclared {
    None,
    End,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ends {
    ends: OneOrMore<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Length {
    length: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Size {
    size: u16,
    #[serde(default = "blank")]
    pad: char,
}

const fn blank() -> char {
    ' '
}

#[derive(Clone, Copy, Deserialize)]
#[serde(
    untagged,
    expecting = "`\"plain\"`, `\"float\"`, `\"short\"`, `\"truncated\"`, `\"floor\"`, `\"int32\"` or `{ decimals = 3 }`"
)]
enum Spelled {
    Word(Spelling),
    Decimals(Decimals),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Spelling {
    Plain,
    Float,
    Short,
    Truncated,
    Floor,
    Int32,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decimals {
    decimals: u8,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(
    untagged,
    expecting = "`\"integers\"`, `\"spelled\"`, `\"python\"` or `{ least = -1000, most = 1000 }`"
)]
enum Range64 {
    Any(AnyInteger),
    Between(Between),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AnyInteger {
    Integers,
    Spelled,
    Python,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Between {
    least: i64,
    most: i64,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Around {
    #[default]
    Exact,
    Around,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Requests {
    One,
    #[default]
    Many,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Clients {
    #[default]
    One,
    Several,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Serves {
    Loops,
    Once,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leave {
    words: Vec<String>,
    reply: Option<String>,
    #[serde(default)]
    stops: bool,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a reply; or, for `silent`, `closes` and `stops`, a list of errors")]
enum Refusal {
    Reply(String),
    Codes(Vec<String>),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tier {
    Required,
    Robustness,
    Informational,
    None,
}

/// How one service is spoken, as a file says it.
pub(super) fn dialect(name: &str, text: &str, service: Service) -> Result<Dialect, Wrong> {
    let mend = format!("say how each service is spoken:\n\n{EXAMPLE}");
    let mut file: File = settings::from_toml(text, &mend)?;
    let Some(table) = file.remove(&Name(service)) else {
        let there: Vec<&str> = file.keys().map(|Name(service)| service.as_str()).collect();
        let what = match there.as_slice() {
            [] => "no service is named".to_owned(),
            there => format!("it says how to speak {}, and nothing of {service}", there.join(", ")),
        };
        return Err(Wrong::new(what, format!("add a table [{service}]"), None));
    };
    let place = table.span();
    Reader { service, place }.read(name, table.into_inner())
}

struct Reader {
    service: Service,
    /// The service's table.
    place: Range<usize>,
}

impl Reader {
    fn read(&self, name: &str, table: Table) -> Result<Dialect, Wrong> {
        let transports = self.transports(table.transport)?;
        let request = self.frame(table.framing, &transports)?;
        let reply = match table.reply_framing {
            Some(framed) => frame(framed)?,
            None => request.clone(),
        };
        let operators = operators(table.operators)?;
        let forms = self.forms(table.request, table.prompts, table.reply, table.also)?;
        let results = results(table.result)?;
        let errors = errors(&table.errors)?;
        let once = matches!(table.requests, Requests::One);
        let announces = self.service.manner() == Manner::Announcement;
        let session = Session {
            greeting: table.greeting,
            quit: table.quit.map(quit).transpose()?,
            once: once || announces,
            closes: table.closes.unwrap_or(true),
            ends: matches!(table.lifetime, Some(Serves::Once)),
        };
        let spoken = Spoken {
            service: self.service,
            request,
            reply,
            forms,
            operators,
            results,
            errors,
            separator: table.separator.unwrap_or_else(|| ", ".to_owned()),
            session,
        };
        let tolerance = match table.tolerance {
            Some(near) if !near.get_ref().is_finite() || *near.get_ref() < 0.0 => {
                let mend = "say how far a result may be from the right one, as in 0.001";
                return Err(Wrong::new("this is no distance", mend, Some(near.span())));
            }
            near => near.map(Spanned::into_inner),
        };
        let mut tiers = BTreeMap::new();
        for (id, tier) in table.tiers {
            let span = tier.span();
            let known = Id::parse(&id).ok_or_else(|| {
                let mend = "`trueline list requirements` tells which there are";
                Wrong::new(format!("no requirement is called `{id}`"), mend, Some(span))
            })?;
            tiers.insert(known, level(tier.into_inner()));
        }
        let typed = match &table.typed {
            Some(text) => {
                use Field::{Left, Operator, Right, Text};
                let fields: &[Field] = match self.service {
                    Service::Calculator => &[Left, Right, Operator],
                    _ => &[Text],
                };
                Some(template(text.get_ref(), fields, &text.span())?)
            }
            None => None,
        };
        let shows = table.shows.as_ref();
        let shows =
            shows.map(|it| template(it.get_ref(), &[Field::Text], &it.span())).transpose()?;
        let is_several = matches!(table.clients, Clients::Several);
        Ok(Dialect::new(
            name,
            spoken,
            super::Terms {
                transports,
                operands: operands(table.operands),
                tolerance,
                blanks: match table.blanks {
                    Around::Exact => Blanks::Exact,
                    Around::Around => Blanks::Around,
                },
                is_several,
                lifetime: table.lifetime.map(|serves| match serves {
                    Serves::Loops => Lifetime::Loops,
                    Serves::Once => Lifetime::Once,
                }),
                prints: table.prints,
                typed,
                sends: table.sends,
                shows,
                tiers,
            },
        ))
    }

    fn transports(&self, on: Option<Spanned<OneOrMore<On>>>) -> Result<Vec<Transport>, Wrong> {
        let Some(on) = on else { return Ok(vec![Transport::Tcp]) };
        let span = on.span();
        let on = on.into_inner().all();
        if on.is_empty() {
            let mend = "write `\"tcp\"`, `\"udp\"` or both";
            return Err(Wrong::new("it is spoken over nothing", mend, Some(span)));
        }
        Ok(on
            .into_iter()
            .map(|on| match on {
                On::Tcp => Transport::Tcp,
                On::Udp => Transport::Udp,
            })
            .collect())
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
            None => Err(Wrong::new(
                "it does not say where a message ends on TCP",
                "add `framing = { ends = \"\\n\" }`, or `framing = \"none\"` where nothing tells",
                Some(self.place.clone()),
            )),
        }
    }

    fn forms(
        &self,
        request: Option<Spanned<OneOrMore<String>>>,
        prompts: Vec<String>,
        reply: Option<Spanned<ByOperator<String>>>,
        also: Vec<Also>,
    ) -> Result<Vec<Form>, Wrong> {
        let missing = |what: &str, example: &str| {
            Wrong::new(
                format!("{} has no {what}", self.service),
                format!("add `{example}`"),
                Some(self.place.clone()),
            )
        };
        let place = || self.place.clone();
        let reply = match reply {
            Some(reply) => reply,
            // What is said in a talk is said by people.
            None if !self.service.manner().answers() => {
                Spanned::new(place(), ByOperator::Alike("{text}".to_owned()))
            }
            None => return Err(missing("reply", "reply = \"…\"")),
        };
        let request = match request {
            Some(request) => request,
            None if self.service != Service::Calculator => {
                Spanned::new(place(), OneOrMore::One("{text}".to_owned()))
            }
            None => {
                return Err(missing("request", "request = \"{left} {operator} {right}\""));
            }
        };
        let mut forms = vec![self.form(request, prompts, reply)?];
        for also in also {
            let span = also.request.span();
            forms.push(self.form(also.request, also.prompts, also.reply)?);
            let parts = |form: &Form| (form.parts.len(), form.prompts.clone());
            if forms.len() > FORMS_MAX || self.service != Service::Calculator {
                let mend = format!("a calculator has {FORMS_MAX} at most, any other service one");
                return Err(Wrong::new(
                    "this is one way too many to write a request",
                    mend,
                    Some(span),
                ));
            }
            if parts(&forms[0]) != parts(&forms[forms.len() - 1]) {
                let mend =
                    "write each request in as many messages as the first, with the same prompts";
                return Err(Wrong::new(
                    "nothing tells when this request is whole",
                    mend,
                    Some(span),
                ));
            }
            if forms.len() == FORMS_MAX && forms[1].reply != forms[2].reply {
                let mend = "answer the second and the third way to write a request alike";
                return Err(Wrong::new("this is answered in a third way", mend, Some(span)));
            }
        }
        Ok(forms)
    }

    fn form(
        &self,
        request: Spanned<OneOrMore<String>>,
        prompts: Vec<String>,
        reply: Spanned<ByOperator<String>>,
    ) -> Result<Form, Wrong> {
        use Field::{Any, Blanks, First, Left, Length, Operator, Result, Right, Text, Time};
        let (asked, told): (&[Field], &[Field]) = match self.service {
            Service::Calculator => {
                (&[Left, Right, Operator, Blanks], &[Left, Right, Operator, Result, Any])
            }
            Service::WordLength => (&[Text], &[Length, First, Any]),
            Service::Message | Service::Chat | Service::Connect => (&[Text], &[Text, Any]),
            Service::Time => (&[Text], &[Time]),
            _ => (&[Text], &[]),
        };
        let span = request.span();
        let parts = request.into_inner().all();
        let parts: Vec<Template> = parts
            .iter()
            .map(|part| template(part, asked, &span))
            .collect::<std::result::Result<_, Wrong>>()?;
        let needed: &[Field] = match self.service {
            Service::Calculator => &[Left, Right, Operator],
            _ => &[Text],
        };
        for field in needed {
            if parts.iter().filter(|part| part.has(*field)).count() != 1 {
                return Err(Wrong::new(
                    format!("{{{}}} is to stand in it once", field.name()),
                    format!("write each of {} once", listed(needed)),
                    Some(span),
                ));
            }
        }
        if prompts.len() >= parts.len() {
            return Err(Wrong::new(
                "there are more prompts than there is something to wait for",
                "a prompt is the answer to each message of a request but the last",
                Some(span),
            ));
        }
        let prompts = prompts.into_iter().map(|text| Some(text).filter(|text| !text.is_empty()));
        let span = reply.span();
        let reply = match reply.into_inner() {
            ByOperator::Alike(text) => Worded::Alike(template(&text, told, &span)?),
            ByOperator::Each(texts) => {
                let mut each = [const { None }; 4];
                for (symbol, text) in &texts {
                    each[operator(symbol, &span)? as usize] = Some(template(text, told, &span)?);
                }
                Worded::Each(each)
            }
        };
        Ok(Form { parts, prompts: prompts.collect(), reply })
    }
}

fn listed(fields: &[Field]) -> String {
    let names: Vec<String> = fields.iter().map(|field| format!("{{{}}}", field.name())).collect();
    names.join(", ")
}

fn template(text: &str, fields: &[Field], span: &Range<usize>) -> Result<Template, Wrong> {
    let mend =
        || format!("what may stand in braces here: {}; a brace itself is `{{{{`", listed(fields));
    let wrong = |what: String| Wrong::new(what, mend(), Some(span.clone()));
    let template = Template::parse(text).map_err(|error| wrong(error.to_string()))?;
    let strange = template.fields().find(|field| !fields.contains(field));
    match strange {
        Some(field) => Err(wrong(format!("{{{}}} cannot stand here", field.name()))),
        None => Ok(template),
    }
}

fn frame(framed: Spanned<Framed>) -> Result<Frame, Wrong> {
    let span = framed.span();
    let wrong = |what: &str, mend: &str| Err(Wrong::new(what, mend, Some(span.clone())));
    Ok(match framed.into_inner() {
        Framed::Word(Undeclared::None) => Frame::Segment,
        Framed::Word(Undeclared::End) => Frame::End,
        Framed::Ends(Ends { ends }) => {
            let ends: Vec<Vec<u8>> = ends.all().into_iter().map(String::into_bytes).collect();
            if ends.is_empty() || ends.iter().any(Vec::is_empty) {
                return wrong("nothing ends a message", "write what does, as in \"\\n\" or \"#\"");
            }
            Frame::Until(ends)
        }
        Framed::Length(Length { length }) => match length {
            1..=8 => Frame::Length(length),
            _ => return wrong("no length is written in so many octets", "write 1 to 8"),
        },
        Framed::Size(Size { size, pad }) => match u8::try_from(u32::from(pad)) {
            Ok(pad) if pad.is_ascii() && size > 0 => Frame::Size(size, pad),
            _ => {
                return wrong(
                    "no message has this size",
                    "write a size of 1 or more, and an ASCII character to pad with",
                );
            }
        },
    })
}

/// The operator of a symbol.
fn operator(symbol: &str, span: &Range<usize>) -> Result<Operator, Wrong> {
    let known = Operator::ALL.into_iter().find(|operator| operator.to_string() == symbol);
    known.ok_or_else(|| {
        let mend = "the operators are \"+\", \"-\", \"*\" and \"/\"";
        Wrong::new(format!("`{symbol}` is none of the operators"), mend, Some(span.clone()))
    })
}

fn operators(
    words: Option<Spanned<BTreeMap<String, String>>>,
) -> Result<[Option<String>; 4], Wrong> {
    let Some(words) = words else {
        return Ok(Operator::ALL.map(|operator| Some(operator.to_string())));
    };
    let span = words.span();
    let mut all = [const { None }; 4];
    for (symbol, word) in words.into_inner() {
        if word.is_empty() {
            let mend = "write the word that stands for it";
            return Err(Wrong::new(format!("`{symbol}` has no word"), mend, Some(span)));
        }
        if all.contains(&Some(word.clone())) {
            let mend = "give each operator a word of its own";
            return Err(Wrong::new(format!("`{word}` stands for two operators"), mend, Some(span)));
        }
        all[operator(&symbol, &span)? as usize] = Some(word);
    }
    if all.iter().all(Option::is_none) {
        return Err(Wrong::new("there is no operator", "name one at least", Some(span)));
    }
    Ok(all)
}

fn results(spelled: Option<Spanned<ByOperator<Spelled>>>) -> Result<[Number; 4], Wrong> {
    let number = |spelled| match spelled {
        Spelled::Word(Spelling::Plain) => Number::Plain,
        Spelled::Word(Spelling::Float) => Number::Float,
        Spelled::Word(Spelling::Short) => Number::Short,
        Spelled::Word(Spelling::Truncated) => Number::Truncated,
        Spelled::Word(Spelling::Floor) => Number::Floor,
        Spelled::Word(Spelling::Int32) => Number::Binary32,
        Spelled::Decimals(Decimals { decimals }) => Number::Decimals(decimals),
    };
    let mut all = [Number::Plain; 4];
    let Some(spelled) = spelled else { return Ok(all) };
    let span = spelled.span();
    match spelled.into_inner() {
        ByOperator::Alike(alike) => all = [number(alike); 4],
        ByOperator::Each(each) => {
            for (symbol, spelled) in each {
                all[operator(&symbol, &span)? as usize] = number(spelled);
            }
        }
    }
    Ok(all)
}

fn operands(operands: Option<Range64>) -> Operands {
    match operands {
        None => Operands::Between(Operands::LEAST, Operands::MOST),
        Some(Range64::Any(AnyInteger::Integers)) => Operands::Integers,
        Some(Range64::Any(AnyInteger::Spelled)) => Operands::Spelled,
        Some(Range64::Any(AnyInteger::Python)) => Operands::Python,
        Some(Range64::Between(Between { least, most })) => Operands::Between(least, most),
    }
}

fn quit(leave: Spanned<Leave>) -> Result<Quit, Wrong> {
    let span = leave.span();
    let Leave { words, reply, stops } = leave.into_inner();
    if words.is_empty() {
        let mend = "write the words, as in `words = [\"quit\"]`";
        return Err(Wrong::new("no word ends the conversation", mend, Some(span)));
    }
    Ok(Quit { words, reply, stops })
}

fn errors(
    refusals: &BTreeMap<String, Spanned<Refusal>>,
) -> Result<BTreeMap<ErrorCode, Response>, Wrong> {
    let code = |name: &str, span: Range<usize>| {
        let known = ErrorCode::ALL.into_iter().find(|code| code.as_str() == name);
        known.ok_or_else(|| {
            let all = ErrorCode::ALL.map(ErrorCode::as_str).join(", ");
            Wrong::new(format!("`{name}` is no error"), format!("the errors are {all}"), Some(span))
        })
    };
    let mut all = BTreeMap::new();
    for (name, refusal) in refusals {
        let span = refusal.span();
        let codes = match (name.as_str(), refusal.get_ref()) {
            (_, Refusal::Reply(text)) => {
                let template = template(text, &[Field::Any], &span)?;
                vec![(code(name, span.clone())?, Response::Reply(template))]
            }
            ("silent" | "closes" | "stops", Refusal::Codes(names)) => {
                let response = match name.as_str() {
                    "silent" => Response::Silence,
                    "closes" => Response::Close,
                    _ => Response::Stop,
                };
                let each =
                    names.iter().map(|name| Ok((code(name, span.clone())?, response.clone())));
                each.collect::<Result<_, Wrong>>()?
            }
            (_, Refusal::Codes(_)) => {
                let mend = "lists are `silent`, `closes` and `stops`; an error has a reply";
                return Err(Wrong::new(format!("`{name}` has no list"), mend, Some(span)));
            }
        };
        for (code, response) in codes {
            if all.insert(code, response).is_some() {
                let mend = "say it once";
                return Err(Wrong::new(
                    format!("two things are said of `{code}`"),
                    mend,
                    Some(span),
                ));
            }
        }
    }
    Ok(all)
}

const fn level(tier: Tier) -> Option<Level> {
    match tier {
        Tier::Required => Some(Level::Must),
        Tier::Robustness => Some(Level::Should),
        Tier::Informational => Some(Level::May),
        Tier::None => None,
    }
}
