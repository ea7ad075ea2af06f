//! The services of the family, and what they answer.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use jiff::civil::DateTime;

use crate::error::ErrorCode;
use crate::framing::{self, Line};
use crate::{calculator, chat, connect, greeting, message, time, word_length};

/// Declares the services, each with its module and with what it answers when it serves a request. A module has the
/// service's `NAME`, the `AREA` of its requirements in SPEC.md, its `MANNER`, and `answer`.
macro_rules! services {
    ($life:lifetime: $($(#[$doc:meta])* $service:ident in $module:ident answers $answer:ty,)+) => {
        /// What is spoken (SPEC.md section 2).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Service {
            $($(#[$doc])* $service,)+
        }

        /// The reply to one request, before it is spelled.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Reply<$life> {
            $($(#[$doc])* $service($answer),)+
            /// The request was not served (SPEC.md section 4).
            Error(ErrorCode),
        }

        impl Service {
            /// Every service that is specified, in the order of SPEC.md.
            pub const ALL: &'static [Self] = &[$(Self::$service),+];

            /// Its name on the command line, in transcripts and in reports.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$service => $module::NAME,)+
                }
            }

            /// The area of the requirements of its own section, such as `CALC`.
            pub const fn area(self) -> &'static str {
                match self {
                    $(Self::$service => $module::AREA,)+
                }
            }

            /// How it is spoken.
            pub const fn manner(self) -> Manner {
                match self {
                    $(Self::$service => $module::MANNER,)+
                }
            }

            /// The reply to the text of a request at this local time.
            pub fn answer<$life>(self, text: &$life str, now: DateTime) -> Reply<$life> {
                match self {
                    $(Self::$service => match $module::answer(text, now) {
                        Ok(answer) => Reply::$service(answer),
                        Err(code) => Reply::Error(code),
                    },)+
                }
            }
        }

        impl Reply<'_> {
            /// The same reply, free of the request that it was read from.
            pub fn into_owned(self) -> Reply<'static> {
                match self {
                    $(Self::$service(answer) => Reply::$service(answer.into_owned()),)+
                    Self::Error(code) => Reply::Error(code),
                }
            }
        }

        impl fmt::Display for Reply<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$service(answer) => answer.fmt(f),)+
                    Self::Error(code) => write!(f, "ERR {code}"),
                }
            }
        }
    };
}

services! { 'a:
    /// SPEC.md section 5.
    Calculator in calculator answers calculator::Calculation<'a>,
    /// SPEC.md section 6.
    WordLength in word_length answers word_length::Lengths<'a>,
    /// SPEC.md section 7.
    Message in message answers message::Thanks<'a>,
    /// SPEC.md section 8.
    Greeting in greeting answers greeting::Greeting,
    /// SPEC.md section 9.
    Time in time answers time::Time,
    /// SPEC.md section 10.
    Chat in chat answers chat::Said<'a>,
    /// SPEC.md section 11.
    Connect in connect answers connect::Nothing,
}

/// How a service is spoken (SPEC.md section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Each line, and each datagram, is a request, and its text matters.
    Conversation,
    /// Each connection, and each datagram, is a request; what is in it does not matter. A connection is closed after the
    /// reply.
    Announcement,
    /// Over TCP only: each line of a client is said to the operator, whose next line is the reply.
    Talk,
    /// Over TCP only: each connection is a request, and that it is closed is all the reply.
    Visit,
}

impl Manner {
    /// Whether a server answers by itself, over TCP and UDP.
    pub const fn answers(self) -> bool {
        matches!(self, Self::Conversation | Self::Announcement)
    }
}

impl Service {
    /// The reply to a connection at this local time; `None` where requests are waited for.
    pub fn announce(self, now: DateTime) -> Option<Reply<'static>> {
        let announces = matches!(self.manner(), Manner::Announcement | Manner::Visit);
        announces.then(|| self.answer("", now))
    }

    /// The reply to a line at this local time.
    pub fn answer_line(self, line: Line<'_>, now: DateTime) -> Reply<'_> {
        match (self.manner(), framing::text(line)) {
            (Manner::Announcement | Manner::Visit, _) => self.answer("", now),
            (Manner::Conversation | Manner::Talk, Ok(text)) => self.answer(text, now),
            (Manner::Conversation | Manner::Talk, Err(code)) => Reply::Error(code),
        }
    }
}

impl Reply<'_> {
    /// What a server prints for its operator before it sends the reply (MSG-3, CHAT-1).
    pub fn printed(&self) -> Option<&str> {
        match self {
            Self::Message(thanks) => Some(&thanks.message),
            Self::Chat(said) => Some(&said.0),
            _ => None,
        }
    }

    /// Appends the text of the reply, without a terminator.
    pub fn spell(&self, out: &mut Vec<u8>) {
        // Writing to a `Vec` cannot fail.
        let _ = fmt::write(&mut Octets(out), format_args!("{self}"));
    }
}

struct Octets<'a>(&'a mut Vec<u8>);

impl fmt::Write for Octets<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// No service has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownService;

impl fmt::Display for UnknownService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such service; there are:")?;
        Service::ALL.iter().try_for_each(|service| write!(f, " {service}"))
    }
}

impl core::error::Error for UnknownService {}

impl FromStr for Service {
    type Err = UnknownService;

    fn from_str(name: &str) -> Result<Self, UnknownService> {
        Self::ALL.iter().copied().find(|service| service.as_str() == name).ok_or(UnknownService)
    }
}
