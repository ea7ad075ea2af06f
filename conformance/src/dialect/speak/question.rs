//! What a request of `line` is asked as, and what is due to it.

use trueline_protocol::calculator;
use trueline_protocol::calculator::Operator;
use trueline_protocol::dialect::{Field, Frame, Number, Part, Said, Template, with_an_operator};
use trueline_protocol::error::ErrorCode;
use trueline_protocol::framing;
use trueline_protocol::grammar::is_blank;
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::service::{Manner, Service};

use crate::client::Turn;
use crate::dialect::{Blanks, Dialect, Operands};
use crate::dialogue::Question;
use crate::service::{answer_to, exercises};
use crate::spec::Id;
use crate::transcript::{Dialogue, Hole, Near, Piece, Text};
use crate::transport::Transport;

impl Dialect {
    /// The reply that is due to a request of `line`, whose reply in `line` this is; `None` where there is none.
    pub(in crate::dialect) fn words(&self, request: &str, reply: &str) -> Option<Text> {
        match self.spoken.replied(request, reply)? {
            Said::Reply(parts) => Some(self.text(&parts)),
            _ => None,
        }
    }

    /// The reply that is due to a request of `line`, for people.
    pub(in crate::dialect) fn expected(&self, request: &str) -> Option<String> {
        let due = answer_to(self.service(), request.as_bytes());
        match self.spoken.replied(request, &due)? {
            Said::Reply(parts) => Some(
                parts
                    .iter()
                    .map(|part| match part {
                        Part::Any(_) => "...".to_owned(),
                        Part::Time(_) => "the time".to_owned(),
                        other => Text::octets(other.octets()).to_string(),
                    })
                    .collect(),
            ),
            _ => None,
        }
    }

    /// What a client's user types for a request of `line`, what is sent then, and the reply; `None` where it is not answered.
    pub(crate) fn turn(&self, request: &[u8], time: &str) -> Option<Turn> {
        let fixed = self.terms.sends.as_ref();
        let request = fixed.map_or(request, |text| text.as_bytes());
        let (sent, response) = self.question(request)?;
        let Said::Reply(parts) = response else { return None };
        let reply = parts.iter().flat_map(|part| match part {
            Part::Time(_) => time.as_bytes(),
            other => other.octets(),
        });
        let mut prompts = self.spoken.forms[0].prompts.iter().cloned();
        let sent: Vec<Text> = sent.into_iter().map(Text::octets).collect();
        let typed = match (fixed, &self.terms.typed) {
            (Some(_), _) => Vec::new(),
            (None, Some(template)) => vec![Text::octets(typed_by(template, request)?)],
            (None, None) => sent.clone(),
        };
        let prompt = |_: &Text| prompts.next().flatten().map(Text::octets);
        let prompts: Vec<Option<Text>> = sent.iter().map(prompt).collect();
        let reply = Text::octets(reply.copied().collect::<Vec<u8>>());
        Some(Turn { typed, sent: sent.into_iter().zip(prompts).collect(), reply })
    }

    /// What a user types for a question of `line`, and the reply that is due; `None` where it is not answered.
    pub(crate) fn typed(&self, question: &Question) -> Option<Question> {
        let request = question.request.literal()?;
        let turn = self.turn(request, "")?;
        let typed: Vec<&[u8]> = turn.typed.iter().filter_map(Text::literal).collect();
        let (_, Said::Reply(parts)) = self.question(request)? else { return None };
        Some(Question { request: Text::octets(typed.join(&b'\n')), reply: self.text(&parts) })
    }

    /// Those of some questions over UDP that the dialect has words for.
    pub(crate) fn sayable(&self, questions: Vec<Question>) -> Vec<Question> {
        let known = |question: &Question| {
            let octets = question.request.literal().unwrap_or_default();
            let asked = Dialogue::pair(octets, question.reply.clone());
            self.speak(&asked, Transport::Udp).is_some()
        };
        questions.into_iter().filter(known).collect()
    }

    /// The messages of a request that is given as the dialect has it, or as `line` does.
    pub fn messages(&self, given: &str) -> Vec<String> {
        let is_one = self.spoken.forms[0].parts.len() == 1;
        let known = is_one && calculator::parse(&self.spoken.heard(&[given])).is_ok();
        let given_so = || vec![given.to_owned()];
        if known { given_so() } else { self.spoken.said(given).unwrap_or_else(given_so) }
    }

    /// What a client shows its user of a reply.
    pub(crate) fn shown(&self, reply: &Text) -> Text {
        let (Some(template), Some(octets)) = (&self.terms.shows, reply.literal()) else {
            return reply.clone();
        };
        template.filled(|_| Some(octets.to_vec())).map_or_else(|| reply.clone(), Text::octets)
    }

    /// What is expected of a reply of these parts.
    pub(super) fn text(&self, parts: &[Part]) -> Text {
        let near = |number: f64| Near::new(number, self.terms.tolerance?);
        let piece = |part: &Part| match part {
            Part::Octets(octets) => Piece::Octets(octets.clone()),
            Part::Result(_, octets, exact) => match exact.parse().ok().and_then(near) {
                Some(near) => Piece::Hole(Hole::Near(near)),
                None => Piece::Octets(octets.clone()),
            },
            Part::Time(_) => Piece::Hole(Hole::Now),
            Part::Any(_) => Piece::Hole(Hole::Any),
        };
        self.spaced(parts.iter().map(piece).collect())
    }

    /// A text with what may be around it.
    pub(in crate::dialect) fn spaced(&self, text: Text) -> Text {
        let blanks = || (self.terms.blanks == Blanks::Around).then_some(Piece::Hole(Hole::Blanks));
        blanks().into_iter().chain(text.pieces).chain(blanks()).collect()
    }

    /// The messages of a request, and what becomes of it.
    pub(super) fn question(&self, request: &[u8]) -> Option<(Vec<Vec<u8>>, Said)> {
        if self.service().manner() == Manner::Talk {
            // What is replied somebody types.
            return Some((vec![request.to_vec()], Said::Reply(Vec::new())));
        }
        let line =
            if request.len() > REQUEST_TEXT_MAX { Err(framing::TooLong) } else { Ok(request) };
        let reply = answer_to(self.service(), request);
        // What is no error here is served, and nobody says how.
        let holds = |id: &Id| id.area() != "ERR" || self.spec.get(*id).is_some();
        if reply.starts_with("ERR ") && !exercises(self.service(), request).iter().all(holds) {
            return None;
        }
        let text = match framing::text(line) {
            Ok(text) => text,
            // What is no text is sent as it is, where it is known what comes of it.
            Err(_) if self.spoken.forms[0].parts.len() == 1 => {
                return Some((vec![request.to_vec()], self.spoken.replied("", &reply)?));
            }
            Err(_) => return None,
        };
        if !self.calculates(text) {
            return None;
        }
        let said = self.spoken.said(text)?;
        // A word that ends the conversation asks for nothing else.
        let quit = self.spoken.session.quit.as_ref();
        if quit.is_some_and(|quit| said.iter().any(|it| quit.words.contains(it))) {
            return None;
        }
        let said = said.into_iter().map(String::into_bytes).collect();
        let response = self.spoken.replied(text, &reply)?;
        self.fits(&response).then_some((said, response))
    }

    /// Whether a reply fits its frame.
    fn fits(&self, response: &Said) -> bool {
        let Said::Reply(parts) = response else { return true };
        let is_open = parts.iter().any(|part| matches!(part, Part::Any(_) | Part::Time(_)));
        let text: Vec<u8> = parts.iter().flat_map(Part::octets).copied().collect();
        let framed = self.terms.transports.contains(&Transport::Tcp);
        !framed || is_open || self.spoken.reply.wrap(&text).is_some()
    }

    /// Whether so many replies that are on their way are told from each other.
    pub(super) fn tells(&self, replies: usize) -> bool {
        replies < 2 || self.spoken.reply.is_declared()
    }

    /// Whether an empty message is one, on a stream.
    pub(super) fn says_nothing(&self) -> bool {
        !matches!(self.spoken.request, Frame::Segment | Frame::End)
    }

    /// Whether the operands of a request are such as it calculates with; so is what is no request.
    fn calculates(&self, text: &str) -> bool {
        if self.service() != Service::Calculator {
            return true;
        }
        let parsed = match calculator::parse(text) {
            // Its operands are as good as those of any other.
            Err(ErrorCode::Operator) => {
                let known = with_an_operator(text);
                return known.is_none_or(|(_, known)| self.calculates(&known));
            }
            parsed => parsed,
        };
        let Ok(request) = parsed else {
            // Digits of other scripts, other white space and underscores are integers to some.
            let may_be_served = |c: char| c == '_' || c.is_control() || !c.is_ascii();
            let quit = self.spoken.session.quit.as_ref();
            let leaves = quit.is_some_and(|quit| quit.words.iter().any(|word| word == text.trim()));
            // Whether a word in the place of an operator is one that there is not, or no operator at all, is hard to say.
            let error = |code: ErrorCode| self.spoken.errors.get(&code);
            let told_apart = error(ErrorCode::Syntax) != error(ErrorCode::Operator);
            if told_apart
                && calculator::parse(text) == Err(ErrorCode::Syntax)
                && is_like_an_operation(text)
            {
                return false;
            }
            let strict = self.terms.operands == Operands::Spelled;
            return !leaves && (strict || !text.contains(may_be_served));
        };
        let number = self.spoken.results[request.operator as usize];
        let divides = request.operator == Operator::Divide
            && number != Number::Plain
            && number != Number::Float;
        let exact = |operand: &calculator::Integer<'_>| {
            i64::try_from(&operand.value).is_ok_and(|value| value.unsigned_abs() <= EXACT_MAX)
        };
        if divides && !(exact(&request.left) && exact(&request.right)) {
            return false;
        }
        [request.left, request.right].iter().all(|operand| {
            let is_plain = operand.value.to_string() == *operand.spelled;
            match self.terms.operands {
                Operands::Spelled | Operands::Python => true,
                Operands::Integers => is_plain,
                Operands::Between(least, most) => {
                    let value = i64::try_from(&operand.value);
                    is_plain && value.is_ok_and(|value| (least..=most).contains(&value))
                }
            }
        })
    }
}

/// Up to here a quotient that is rounded to binary64 is cut as the exact one would be.
const EXACT_MAX: u64 = 1 << 26;

/// Whether a text has two integers, and something between or beside them that may be meant for an operator.
fn is_like_an_operation(text: &str) -> bool {
    let digits = |c: char| c.is_ascii_digit();
    let integers = text.split(|c: char| !digits(c)).filter(|it| !it.is_empty()).count();
    integers == 2 && text.contains(|c: char| !digits(c) && !is_blank(c))
}

/// What a user types for a request of `line`, by a template.
fn typed_by(template: &Template, request: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(request).ok()?;
    let asked = calculator::parse(text).ok();
    template.filled(|field| match (field, &asked) {
        (Field::Text, _) => Some(request.to_vec()),
        (Field::Left, Some(asked)) => Some(asked.left.to_string().into()),
        (Field::Right, Some(asked)) => Some(asked.right.to_string().into()),
        (Field::Operator, Some(asked)) => Some(asked.operator.to_string().into()),
        _ => None,
    })
}
