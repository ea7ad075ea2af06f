//! What is said of `line`, such as an advice, in the words of a dialect.

use trueline_protocol::calculator;
use trueline_protocol::dialect::Response;
use trueline_protocol::error::ErrorCode;
use trueline_protocol::service::Service;

use super::Dialect;
use crate::transcript::{Framing, Text};

/// What of a sentence stands for the terminator of `line`.
const TERMINATOR: &str = "LF";

impl Dialect {
    /// A sentence about `line` as one about the dialect: requests and errors in backquotes are said as it says them. `None`
    /// where it has no words for one.
    pub(crate) fn retold(&self, sentence: &str) -> Option<String> {
        let parts = sentence.split('`').enumerate();
        let told = parts.map(|(at, part)| match at % 2 {
            0 => self.terminated(part),
            _ => self.quoted(part),
        });
        told.collect()
    }

    /// What stands between backquotes, with others around it.
    fn quoted(&self, text: &str) -> Option<String> {
        if let Some(code) = text.strip_prefix("ERR") {
            let code = ErrorCode::ALL.into_iter().find(|it| it.as_str() == code.trim_start())?;
            let Response::Reply(template) = self.spoken.errors.get(&code)? else { return None };
            let reply = template.filled(|_| Some(b"...".to_vec()))?;
            return Some(format!("`{}`", Text::octets(reply)));
        }
        let is_request = self.service() == Service::Calculator
            && !matches!(calculator::parse(text), Err(ErrorCode::Syntax | ErrorCode::Empty));
        let said = if is_request { self.spoken.said(text)? } else { vec![text.to_owned()] };
        let said: Vec<String> = said.iter().map(|it| format!("`{it}`")).collect();
        Some(said.join(", then "))
    }

    /// What stands outside of backquotes, with the end that messages have here.
    fn terminated(&self, text: &str) -> Option<String> {
        let names =
            |word: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|it| it == word);
        match Framing::terminator(self.framing.request) {
            Some(end) if end == TERMINATOR => Some(text.to_owned()),
            _ if names("CR") || names("CRLF") => None,
            _ if !names(TERMINATOR) => Some(text.to_owned()),
            end => Some(text.replace(TERMINATOR, &end?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::calculator;

    /// An advice about `line` speaks of what the dialect has, or is not given.
    #[test]
    fn an_advice_is_in_the_words_of_the_dialect() {
        let dialect = calculator(
            "framing = { ends = \";\" }\nrequest = \"{operator} {left} {right}\"\nreply = \"{result}\"\n\
             [calculator.errors]\nsyntax = \"what? {any}\"\nsilent = [\"empty\"]\n",
        );
        for (line, told) in [
            ("Add them.", Some("Add them.")),
            ("Only the LF tells where it ends.", Some("Only the `;` tells where it ends.")),
            ("Wait: `5 + 6` may go on.", Some("Wait: `+ 5 6` may go on.")),
            ("Answer `ERR syntax`.", Some("Answer `what? ...`.")),
            ("Call `recv`.", Some("Call `recv`.")),
            ("Remove one CR before the LF.", None),
            ("Answer `ERR empty`.", None),
            ("Answer `ERR range`.", None),
            ("whoever reads looks for `ERR`", None),
        ] {
            assert_eq!(dialect.retold(line).as_deref(), told, "{line}");
        }
    }
}
