//! The parser of each rule.

use trueline_protocol::framing::{self, LineDecoder};
use trueline_protocol::{calculator, chat, grammar, greeting, message, time, word_length};

/// Whether a rule's parser takes the whole of a text.
pub(super) type Parser = fn(&str) -> bool;

/// A nom parser, which bears the name of its rule.
macro_rules! nom {
    ($($module:ident)::+ => $rule:ident) => {
        (stringify!($rule), |text| matches!($($module)::+::$rule(text), Ok(("", _))))
    };
}

/// A nom parser that makes nothing of a request whose operator is unknown (CALC-17).
macro_rules! known {
    ($($module:ident)::+ => $rule:ident) => {
        (stringify!($rule), |text| matches!($($module)::+::$rule(text), Ok(("", Some(_)))))
    };
}

/// Every rule of SPEC.md, `_` for `-`, and its parser. The rules of 3.1 are held to framing, which works on octets and
/// knows what is not yet complete: nom parsers beside it would be a second truth.
pub(super) const PARSERS: &[(&str, Parser)] = &[
    ("text", |it| framing::text(Ok(it.as_bytes())).is_ok()),
    ("char", |it| it.chars().count() == 1 && it.chars().all(framing::is_char)),
    ("line", |it| line(it).is_some()),
    // Of what a sender writes framing drops the LF and nothing else.
    ("sent", |it| line(it).is_some_and(|text| text.len() + 1 == it.len())),
    ("datagram", |it| framing::text(framing::datagram(it.as_bytes())).is_ok()),
    nom!(grammar => error),
    nom!(grammar => code),
    nom!(grammar => detail),
    known!(calculator::grammar => request),
    known!(calculator::grammar => postfix),
    known!(calculator::grammar => infix),
    known!(calculator::grammar => tuple),
    nom!(calculator::grammar => integer),
    nom!(grammar => sign),
    nom!(calculator::grammar => operator),
    nom!(grammar => blank),
    nom!(calculator::grammar => unknown_operator),
    nom!(calculator::grammar => reply),
    nom!(calculator::grammar => postfix_reply),
    nom!(calculator::grammar => infix_reply),
    nom!(calculator::grammar => result),
    nom!(calculator::grammar => whole),
    nom!(calculator::grammar => quotient),
    nom!(calculator::grammar => plain),
    nom!(calculator::grammar => scientific),
    nom!(grammar => positive),
    nom!(word_length::grammar => words),
    nom!(word_length::grammar => word),
    nom!(word_length::grammar => letter),
    nom!(word_length::grammar => lengths),
    nom!(word_length::grammar => pair),
    nom!(message => message),
    nom!(message => thanks),
    nom!(greeting => greeting),
    nom!(time => time),
    nom!(chat => said),
];

/// The same parsers, where `operator =/ unknown-operator` (CALC-17).
pub(super) const LENIENT: &[(&str, Parser)] = &[
    nom!(calculator::grammar => request),
    nom!(calculator::grammar => postfix),
    nom!(calculator::grammar => infix),
    nom!(calculator::grammar => tuple),
];

/// The text of the one line that these octets are, if they are one and nothing else.
fn line(octets: &str) -> Option<String> {
    let mut lines = Vec::new();
    let mut each = |line: framing::Line<'_>| lines.push(framing::text(line).map(str::to_owned));
    let mut decoder = LineDecoder::default();
    decoder.push(octets.as_bytes(), &mut each);
    decoder.end(&mut |_| each(Err(framing::TooLong)));
    match <[_; 1]>::try_from(lines) {
        Ok([Ok(text)]) => Some(text),
        _ => None,
    }
}
