//! A dialect: how a service is spoken, as data. `line`, which SPEC.md defines, is one of many; classrooms have others.
//!
//! [`Frame`] tells where a message ends, a [`Template`] how it is worded, a [`Number`] how a result is spelled. A
//! [`Dialect`] puts them together and says the requests and replies of `line` in its own words, and the other way round;
//! an [`Interpreter`] stands with that between its clients and a server that speaks `line`.

mod frame;
mod interpreter;
mod number;
mod template;
mod wording;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

pub use frame::{First, Frame};
pub use interpreter::Interpreter;
pub use number::Number;
pub use template::{Field, NoTemplate, Piece, Template};
pub use wording::{Part, Said, with_an_operator};

use crate::calculator::Operator;
use crate::error::ErrorCode;
use crate::service::Service;

/// How one service is spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialect {
    /// Which.
    pub service: Service,
    /// Where a request ends, on TCP.
    pub request: Frame,
    /// Where a reply ends, on TCP.
    pub reply: Frame,
    /// The ways to write a request, the plain one first: at most [`FORMS_MAX`].
    pub forms: Vec<Form>,
    /// The word of each operator that there is, in the order of [`Operator::ALL`].
    pub operators: [Option<String>; 4],
    /// How the result of each operator is spelled, in the same order.
    pub results: [Number; 4],
    /// What becomes of a request that is not served, as far as anything is said of it.
    pub errors: BTreeMap<ErrorCode, Response>,
    /// What is between the parts of a reply of several, such as the words of a word-length.
    pub separator: String,
    /// What happens around the requests of a connection.
    pub session: Session,
}

/// Most forms of a dialect: `line` has no more, and each is one of its.
pub const FORMS_MAX: usize = 3;

/// A way to write a request, and how it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What is sent, each in a message of its own; one at least.
    pub parts: Vec<Template>,
    /// What a server answers to each part but the last, if it answers those.
    pub prompts: Vec<Option<String>>,
    /// The reply: for every operator, or for each that there is.
    pub reply: Worded,
}

/// How a form is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worded {
    /// In the same way, whatever is asked.
    Alike(Template),
    /// In another for each operator, in the order of [`Operator::ALL`].
    Each([Option<Template>; 4]),
}

impl Worded {
    /// The template for an operator, or for a service that has none.
    pub fn template(&self, operator: Option<Operator>) -> Option<&Template> {
        match (self, operator) {
            (Self::Alike(template), _) => Some(template),
            (Self::Each(templates), Some(operator)) => templates[operator as usize].as_ref(),
            (Self::Each(_), None) => None,
        }
    }
}

/// What becomes of a request that is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// A reply; what its [`Field::Any`] stands for is open.
    Reply(Template),
    /// Nothing.
    Silence,
    /// The connection is closed, in whatever way.
    Close,
    /// The server ends, and its connections with it.
    Stop,
}

/// What happens around the requests of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// What the server says first.
    pub greeting: Option<String>,
    /// How a client takes its leave.
    pub quit: Option<Quit>,
    /// Whether a connection has one request only.
    pub once: bool,
    /// Whether the server closes the connection when its request is answered (`once`), or when the client has ended its half.
    pub closes: bool,
    /// Whether the server ends with its first connection, or behind its first datagram.
    pub ends: bool,
}

/// How a client takes its leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quit {
    /// Requests that end a connection; one at least.
    pub words: Vec<String>,
    /// What a server answers, if it does.
    pub reply: Option<String>,
    /// Whether the server ends, too.
    pub stops: bool,
}
