//! What of SPEC.md holds in a dialect, and how much it weighs: required as MUST, robustness as SHOULD, informational as MAY.

use trueline_protocol::calculator::Operator;
use trueline_protocol::dialect::{Frame, Number, Response, Template, Worded};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::service::Service;

use super::{Dialect, Operands};
use crate::spec::{DECLARED, Id, Level, Party, Requirement, Spec};
use crate::target::Lifetime;
use crate::transcript::Text;
use crate::transport::Transport;

use Level::{May, Must, Should};

impl Dialect {
    pub(super) fn adapted_spec(&self) -> Spec {
        Spec::current().adapted(|it| self.held(it), self.added())
    }

    /// The requirement that stands for another here: of the ways to write a request that `line` has, a dialect may have one only.
    pub(crate) fn stands_for(&self, id: Id) -> Id {
        let single = match (id.to_string().as_str(), self.spoken.forms.len()) {
            ("CALC-2", 1) | ("CALC-3", 1) => "CALC-1",
            ("CALC-5", 1) | ("CALC-6", 1) => "CALC-4",
            ("CALC-3", 2) => "CALC-2",
            ("CALC-6", 2) => "CALC-5",
            _ => return id,
        };
        Id::parse(single).unwrap_or(id)
    }

    /// A requirement as the dialect has it.
    fn held(&self, it: &Requirement) -> Option<Requirement> {
        let own = self.terms.tiers.get(&it.id).copied();
        let level = own.unwrap_or_else(|| self.level(it))?;
        let sentence = self.sentence(it.id).unwrap_or_else(|| it.sentence.clone());
        Some(Requirement { level, sentence, ..it.clone() })
    }

    /// How much a requirement weighs when the file does not say.
    fn level(&self, it: &Requirement) -> Option<Level> {
        let spoken = &*self.spoken;
        let when = |holds: bool, level: Level| holds.then_some(level);
        let declared = spoken.request.is_declared() && spoken.reply.is_declared();
        let framed = if declared { Must } else { May };
        let ends_stream = spoken.request == Frame::End;
        let many = !spoken.session.once;
        let error = |code: ErrorCode| spoken.errors.contains_key(&code);
        let operator = |operator: Operator| spoken.operators[operator as usize].is_some();
        let loops = self.terms.lifetime != Some(Lifetime::Once)
            && !spoken.errors.values().any(|it| *it == Response::Stop)
            && !spoken.session.quit.as_ref().is_some_and(|quit| quit.stops);
        let number = |operator: Operator| spoken.results[operator as usize];
        let exact = self.terms.tolerance.is_none();
        let spelled = matches!(self.terms.operands, Operands::Spelled | Operands::Python);
        if it.party == Party::Client {
            return match it.id.to_string().as_str() {
                "FRAME-27" | "CLIENT-3" => when(declared, it.level),
                _ => Some(it.level),
            };
        }
        match it.id.to_string().as_str() {
            "FRAME-1" => Some(Must),
            "FRAME-2" => when(self.is_text(), Must),
            "FRAME-3" => when(declared && spoken.reply != Frame::End, Must),
            "FRAME-4" => when(
                matches!(&spoken.request, Frame::Until(ends) if ends.len() > 1 && ends[1] == b"\r\n"),
                Must,
            ),
            "FRAME-5" => Some(framed),
            "FRAME-6" => when(many && !ends_stream, framed),
            "FRAME-7" => when(!ends_stream && declared, Must),
            "FRAME-8" => when(many, Must),
            "FRAME-9" => when(!ends_stream, Should),
            "FRAME-11" => when(many && spoken.session.closes, Must),
            "FRAME-16" => when(
                many && spoken.errors.values().any(|it| matches!(it, Response::Reply(_))),
                Must,
            ),
            "FRAME-17" => when(loops, Must),
            "FRAME-18" | "FRAME-19" | "FRAME-20" => when(self.terms.is_several, Must),
            "FRAME-22" | "FRAME-25" | "FRAME-38" => when(loops, Should),
            "FRAME-29" | "FRAME-32" | "FRAME-33" | "FRAME-34" => Some(Must),
            "FRAME-35" => when(error(ErrorCode::Empty), Should),
            "FRAME-37" => when(spoken.session.closes, Must),
            "ERR-1" => when(!spoken.errors.is_empty(), Must),
            "ERR-3" => when(error(ErrorCode::TooLong), Should),
            "ERR-4" | "ERR-5" => when(error(ErrorCode::Encoding), Should),
            "ERR-6" | "CALC-18" | "WORD-5" => when(error(ErrorCode::Empty), Must),
            "CALC-1" | "CALC-4" | "CALC-10" => Some(Must),
            "CALC-2" | "CALC-5" => when(spoken.forms.len() > 1, Must),
            "CALC-3" | "CALC-6" => when(spoken.forms.len() > 2, Must),
            "CALC-8" | "CALC-9" => when(spelled, Must),
            "CALC-11" => when(exact && number(Operator::Add) == Number::Plain, Must),
            "CALC-12" => when(operator(Operator::Divide), Must),
            "CALC-13" | "CALC-14" => when(
                exact
                    && operator(Operator::Divide)
                    && matches!(number(Operator::Divide), Number::Plain | Number::Float),
                Must,
            ),
            "CALC-15" => when(spelled && operator(Operator::Divide), Must),
            "CALC-16" => when(error(ErrorCode::Syntax), Must),
            "CALC-17" => when(error(ErrorCode::Operator), Must),
            "CALC-19" => when(operator(Operator::Divide) && error(ErrorCode::DivisionByZero), Must),
            "CALC-20" => when(operator(Operator::Divide) && error(ErrorCode::Range), Must),
            "WORD-1" | "WORD-2" | "WORD-3" | "MSG-1" | "GREET-1" | "TIME-1" | "TIME-2"
            | "TIME-3" => Some(it.level),
            "WORD-4" | "MSG-2" => Some(Should),
            "MSG-3" => when(self.terms.prints, Should),
            "CHAT-5" => when(spoken.session.closes, Must),
            "CHAT-6" => when(error(ErrorCode::Encoding), Should),
            "CHAT-8" => when(declared, Must),
            id if id.starts_with("CHAT") || id.starts_with("CONN") => Some(it.level),
            _ => None,
        }
    }

    /// What a requirement says here, where SPEC.md speaks of something else.
    fn sentence(&self, id: Id) -> Option<String> {
        let spoken = &*self.spoken;
        let errors = || self.says_of_errors();
        Some(match id.to_string().as_str() {
            "FRAME-3" => format!("A server MUST {}.", framing(&spoken.reply, "reply")),
            "FRAME-27" => format!("A client MUST {}.", framing(&spoken.request, "request")),
            "CHAT-1" => format!("A server MUST send the line that its operator types after a line of the client, and {}.", framing(&spoken.reply, "line")),
            "FRAME-8" => "A server MUST serve any number of requests on one connection and MUST NOT close it before the client does.".to_owned(),
            "ERR-1" | "ERR-3" | "ERR-4" | "ERR-5" | "ERR-6" | "CALC-16" | "CALC-17" | "CALC-18" | "CALC-19"
            | "CALC-20" | "WORD-5" => errors(),
            "CALC-1" => self.says_of_form(0, "accept"),
            "CALC-2" => self.says_of_form(1, "accept"),
            "CALC-3" => self.says_of_form(2, "accept"),
            "CALC-4" => self.says_of_form(0, "answer"),
            "CALC-5" => self.says_of_form(1, "answer"),
            "CALC-6" => self.says_of_form(2, "answer"),
            "CALC-11" | "CALC-12" if !self.is_plain() => "The result MUST be right, and spelled as the dialect declares.".to_owned(),
            "MSG-1" | "GREET-1" | "WORD-1" => self.says_of_form(0, "answer"),
            _ => return None,
        })
    }

    /// Whether all that a server says is text, as SPEC.md has it: no octets of numbers, no control characters.
    pub(super) fn is_text(&self) -> bool {
        let spoken = &*self.spoken;
        let worded = spoken.forms.iter().flat_map(|form| match &form.reply {
            Worded::Alike(template) => vec![template],
            Worded::Each(each) => each.iter().flatten().collect(),
        });
        let errors = spoken.errors.values().filter_map(|it| match it {
            Response::Reply(template) => Some(template),
            _ => None,
        });
        let plain = |template: &Template| {
            let text = template.filled(|_| Some(Vec::new())).unwrap_or_default();
            !text.iter().any(u8::is_ascii_control)
        };
        !spoken.results.contains(&Number::Binary32) && worded.chain(errors).all(plain)
    }

    fn is_plain(&self) -> bool {
        self.terms.tolerance.is_none() && self.spoken.results.iter().all(|it| *it == Number::Plain)
    }

    /// A way to write a request, by an example.
    fn says_of_form(&self, at: usize, does: &str) -> String {
        const PLAIN: [&str; 3] = ["10 20 +", "10 + 20", "(+, 10, 20)"];
        let request = match self.service() {
            Service::Calculator => PLAIN[at.min(PLAIN.len() - 1)],
            _ => "hello world",
        };
        let said = self.spoken.said(request).unwrap_or_default();
        let said: Vec<String> = said.iter().map(|text| format!("`{text}`")).collect();
        let reply = self.expected(request).map(|text| format!(" with `{text}`"));
        match (does, self.service()) {
            ("answer", Service::Greeting) => {
                format!("A server MUST reply{}.", reply.unwrap_or_default())
            }
            ("answer", _) => {
                format!(
                    "A server MUST answer {}{}.",
                    said.join(", then "),
                    reply.unwrap_or_default()
                )
            }
            _ => format!("A server MUST accept requests such as {}.", said.join(", then ")),
        }
    }

    fn says_of_errors(&self) -> String {
        let each = self.spoken.errors.iter().map(|(code, response)| {
            let does = match response {
                Response::Reply(template) => {
                    let text = template.filled(|_| Some(b"...".to_vec())).unwrap_or_default();
                    format!("`{}`", Text::octets(text))
                }
                Response::Silence => "no reply".to_owned(),
                Response::Close => "no reply, and the end of the connection".to_owned(),
                Response::Stop => "no reply, and the end of the server".to_owned(),
            };
            format!("{code}: {does}")
        });
        let each: Vec<String> = each.collect();
        format!(
            "A server MUST treat requests that it cannot serve as the dialect declares ({}).",
            each.join("; ")
        )
    }

    /// What a dialect declares besides.
    fn added(&self) -> Vec<Requirement> {
        let session = &self.spoken.session;
        let quoted = |text: &str| format!("`{}`", Text::octets(text));
        let greeting = session.greeting.as_ref().map(|text| {
            (
                GREETING,
                format!("A server MUST send {} first, before it is asked anything.", quoted(text)),
            )
        });
        let quit = session.quit.as_ref().map(|quit| {
            let words: Vec<String> = quit.words.iter().map(|word| quoted(word)).collect();
            let answered = quit
                .reply
                .as_ref()
                .map_or_else(String::new, |it| format!("answer with {} and ", quoted(it)));
            (
                QUIT,
                format!(
                    "To {} a server MUST {answered}close the connection.",
                    words.join(" and to ")
                ),
            )
        });
        let prompts: Vec<&String> = self.spoken.forms[0].prompts.iter().flatten().collect();
        let prompts = (!prompts.is_empty()).then(|| {
            let each: Vec<String> = prompts.iter().map(|prompt| quoted(prompt)).collect();
            (
                PROMPTS,
                format!(
                    "A server MUST answer each message of a request but the last with {}.",
                    each.join(", ")
                ),
            )
        });
        let closes = session.once
            && session.closes
            && self.service().manner() == trueline_protocol::service::Manner::Conversation;
        let closes = closes.then(|| {
            (
                CLOSES,
                "A server MUST close a connection when it has answered its request.".to_owned(),
            )
        });
        [greeting, quit, prompts, closes]
            .into_iter()
            .flatten()
            .filter_map(|(number, sentence)| {
                let id = named(number);
                Some(Requirement {
                    id,
                    level: self.terms.tiers.get(&id).copied().unwrap_or(Some(Must))?,
                    sentence,
                    section: format!("Dialect {}", self.name),
                    transport: Some(Transport::Tcp),
                    manners: vec![self.service().manner()],
                    party: Party::Server,
                    needs: Id::parse("FRAME-1").into_iter().collect(),
                    untested: None,
                })
            })
            .collect()
    }
}

/// The numbers of what a dialect may declare.
pub(super) const GREETING: u32 = 1;
pub(super) const QUIT: u32 = 2;
pub(super) const PROMPTS: u32 = 3;
pub(super) const CLOSES: u32 = 4;

/// What a dialect may declare, by its number: the key that declares it, and what that asks.
pub const DECLARES: [(u32, &str, &str); 4] = [
    (GREETING, "greeting", "the server sends this first, before it is asked anything"),
    (QUIT, "quit", "a word of the client's ends the connection, and is answered so"),
    (PROMPTS, "prompts", "each message of a request but the last is answered with its prompt"),
    (
        CLOSES,
        "requests = \"one\"",
        "the server closes a connection when it has answered its request",
    ),
];

/// The id of what a dialect declares under a number.
pub(super) fn named(number: u32) -> Id {
    Id::parse(&format!("{DECLARED}-{number}")).expect("an id of a dialect")
}

/// How a message is framed.
fn framing(frame: &Frame, message: &str) -> String {
    match frame {
        Frame::Segment => format!("send each {message} at once"),
        Frame::Until(ends) => {
            let end = Text::octets(ends.first().cloned().unwrap_or_default());
            format!("end each {message} with `{end}`")
        }
        Frame::Length(octets) => format!(
            "write the length of each {message} in front of it, in {octets} octets, the highest first"
        ),
        Frame::Digits(octets) => format!(
            "write the length of each {message} in front of it, in decimal digits that blanks fill up to {octets} octets"
        ),
        Frame::Size(size, Some(pad)) => {
            format!("fill each {message} up to {size} octets with `{}`", Text::octets([*pad]))
        }
        Frame::Size(size, None) => format!("write each {message} in {size} octets"),
        Frame::End => format!("end its half of the connection after the {message}"),
    }
}
