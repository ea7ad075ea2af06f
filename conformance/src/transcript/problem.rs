//! What can be wrong with a transcript, and how to mend it: all the words of the errors.

use std::borrow::Cow;

use super::model::Text;

/// A problem; its `Display` says what is wrong, [`Problem::mend`] what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("this cannot stand here")]
    Unexpected,
    #[error("a control character, U+{:04X}, stands here as it is", u32::from(*.0))]
    Control(char),
    #[error("the octet 0x{0:02x} is not UTF-8")]
    NotUtf8(u8),

    #[error("there is no case")]
    NoCase,
    #[error("this stands before the first case")]
    BeforeCase,
    #[error("the case has no name")]
    NoName,
    #[error("{} cannot stand in a case's name", shown(*.0))]
    NameCharacter(char),

    #[error("{} is not a key", quoted(.0))]
    UnknownKey(String),
    #[error("the key has no value")]
    NoValue,
    #[error("`{0}` stands twice in one case")]
    KeyTwice(String),
    #[error("`{0}` stands after a step")]
    KeyAfterStep(String),
    #[error("{} cannot stand in an id", shown(*.0))]
    IdCharacter(char),
    #[error("{} is not a transport", quoted(.0))]
    Transport(String),

    #[error("the line is indented")]
    Indented,
    #[error("no line begins with {}", quoted(.0))]
    NotALine(String),
    #[error("{} is not a client", shown(*.0))]
    SmallClient(char),
    #[error("a blank stands between client and sign")]
    ClientApart,
    #[error("a blank is missing after the sign")]
    NoBlank,
    #[error("{} is not an act", quoted(.0))]
    UnknownDeed(String),
    #[error("{} is not an expectation", quoted(.0))]
    UnknownExpectation(String),
    #[error("the sign stands alone")]
    NoWord,
    #[error("nothing may follow here")]
    Surplus,

    #[error("a backslash stands before nothing")]
    LoneBackslash,
    #[error("a backslash and {} are not an escape", shown(*.0))]
    UnknownEscape(char),
    #[error(r"`\x` has two hexadecimal digits")]
    OctetDigits,
    #[error(r"`\u` has one to six hexadecimal digits in braces")]
    ScalarDigits,
    #[error("no character has this number")]
    NoScalar,
    #[error(r"this `\{{` is not closed")]
    NoBrace,
    #[error("{} is neither a hole nor a repeat", quoted(.0))]
    UnknownHole(String),
    #[error("there is a hole in what is sent")]
    SentHole,
    #[error("nothing is repeated")]
    NoUnit,
    #[error("{} cannot stand in a repeat", shown(*.0))]
    Unit(char),
    #[error("a repeat's count is 1 to 99999")]
    Count,
    #[error("the text is longer than 1048576 octets")]
    TooLong,
}

impl Problem {
    /// What the writer of the transcript does about it.
    pub(super) fn mend(&self) -> Cow<'static, str> {
        let mend = match self {
            Self::Control(control) => {
                let escape = Text::octets(control.to_string());
                return format!("in a text write `{escape}`; anywhere else leave it out").into();
            }
            Self::NotUtf8(octet) => {
                return format!("save the file as UTF-8; in a text write `\\x{octet:02x}`").into();
            }
            Self::SmallClient(c) => {
                let capital = c.to_ascii_uppercase();
                return format!("a client is a capital letter: write `{capital}`").into();
            }
            Self::Unexpected => "leave it out",
            Self::NoCase => "begin one with `case` and its name",
            Self::BeforeCase => "write `case` and a name above it",
            Self::NoName => "write a blank and a name after `case`",
            Self::NameCharacter(_) => "name it with letters, digits, `.` and `-`",
            Self::UnknownKey(_) => {
                "the keys are `covers`, `needs`, `service`, `dialect`, `transport` and `deliver`; \
                 a message begins with a sign, as in `> 10 20 +`"
            }
            Self::NoValue => "write a blank and a value after it, or leave the line out",
            Self::KeyTwice(_) => "leave one of them out",
            Self::KeyAfterStep(_) => "put it right after the line `case`",
            Self::IdCharacter(_) => "separate ids by blanks alone, as in `CALC-2 CALC-4`",
            Self::Transport(_) => "write `tcp` or `udp`, or leave the line out",
            Self::Indented => "take away the blanks before it",
            Self::NotALine(_) => {
                "begin the line with `case`, a key, `#`, or a sign: `>`, `<`, `>>`, `<<`, `!`, \
                 `?`, `$>`, `$<`; a client's letter stands right before the sign"
            }
            Self::ClientApart => "put the sign right after the letter",
            Self::NoBlank => "put one blank here",
            Self::UnknownDeed(_) => {
                "`!` is followed by `open`, `deaf`, `end`, `close`, `reset`, `wait`, `restart`, `unread` or `unheard`"
            }
            Self::UnknownExpectation(_) => {
                "`?` is followed by `closed`, `reset`, `exited` or `quiet`"
            }
            Self::NoWord => "write what is meant after it, as in `! end` and `? closed`",
            Self::Surplus => "leave it out; the next step has a line of its own",
            Self::LoneBackslash => r"write `\\` for a backslash that means itself",
            Self::UnknownEscape(_) => {
                "write `\\\\` for a backslash that means itself; the escapes are `\\n`, `\\r`, \
                 `\\t`, `\\s`, `\\xHH`, `\\u{…}` and `\\{…}`"
            }
            Self::OctetDigits => r"write it as in `\x0a`",
            Self::ScalarDigits => r"write it as in `\u{e4}`",
            Self::NoScalar => {
                r"write 0 to d7ff or e000 to 10ffff; an octet that is not UTF-8 is `\xHH`"
            }
            Self::NoBrace => "close it with `}`; a brace that means itself has no backslash",
            Self::UnknownHole(_) => {
                "the holes are `\\{detail}`, `\\{time}`, `\\{now}`, `\\{any}`, `\\{blanks}` and `\\{2.5~0.1}`, a repeat is `\\{9*1023}`; \
                 a brace that means itself has no backslash"
            }
            Self::SentHole => "write out what is sent; only what is expected may be left open",
            Self::NoUnit => r"write what is repeated before the `*`, as in `\{9*1023}`",
            Self::Unit(_) => "write it out as often as it is due",
            Self::Count => r"write it as in `\{9*1023}`",
            Self::TooLong => "repeat less often, or split it into two texts",
        };
        mend.into()
    }
}

/// A word of the file, shown so that it can do nothing to a terminal.
fn quoted(word: &str) -> String {
    format!("`{}`", Text::octets(word))
}

fn shown(c: char) -> String {
    if c == ' ' { "a blank".into() } else { quoted(c.encode_utf8(&mut [0; 4])) }
}
