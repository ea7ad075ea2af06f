//! Dialects: how a service is spoken elsewhere than in SPEC.md, read from a file.
//!
//! The suite is written in `line`. [`Dialect::speak`] says a dialogue of it in the words of a dialect, as far as that has
//! words for it; [`Dialect::heard`] says a fault in the words of `line` again, so that it is charged as ever. What of SPEC.md
//! holds in a dialect, and how much it weighs there, stands in `holds`; what a dialect declares besides is asked by the cases
//! of `declared`.

mod declared;
mod file;
mod heard;
mod holds;
mod retold;
mod speak;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use trueline_protocol::dialect::{Dialect as Spoken, Frame, Interpreter, Template};
use trueline_protocol::responder::{Responder, Server};
use trueline_protocol::service::Service;

pub use holds::DECLARES;
pub use speak::Speech;

use crate::case::Case;
use crate::mutant::Mutant;
use crate::settings::{self, SettingsError};
use crate::spec::{Id, Level, Spec};
use crate::target::Lifetime;
use crate::transcript::Framing;
use crate::transport::Transport;

/// The name of the dialect of SPEC.md.
pub const LINE: &str = "line";

/// The dialects that are built in, by their names. `line` is spoken without its file, which says the same.
pub const BUILT_IN: [(&str, &str); 2] =
    [(LINE, include_str!("line.toml")), ("original", include_str!("original.toml"))];

/// A file to begin with, which explains every key: `trueline init dialect` writes it.
pub const TEMPLATE: &str = include_str!("template.toml");

/// The JSON schema of dialect files, for editors.
pub const SCHEMA: &str = include_str!("../../schema/dialect.json");

/// How one service is spoken, and what may be expected of whoever speaks it.
pub struct Dialect {
    /// Its name: that of its file, without folder and ending.
    pub name: String,
    /// The words.
    pub spoken: Arc<Spoken>,
    terms: Terms,
    framing: Framing,
    spec: Spec,
    cases: Vec<Case>,
}

/// What may be expected.
pub(crate) struct Terms {
    /// Over what it is spoken.
    pub(crate) transports: Vec<Transport>,
    /// What is calculated with.
    pub(crate) operands: Operands,
    /// How far a result may be from the right one.
    pub(crate) tolerance: Option<f64>,
    /// White space around a reply.
    pub(crate) blanks: Blanks,
    /// Whether four clients are served at the same time.
    pub(crate) is_several: bool,
    /// For how long a program serves, where that is said.
    pub(crate) lifetime: Option<Lifetime>,
    /// What a client's user types for a request, where it is not the request itself.
    pub(crate) typed: Option<Template>,
    /// What a client sends, where its user has no say in it.
    pub(crate) sends: Option<String>,
    /// How a client shows its user a reply, where that is not its text.
    pub(crate) shows: Option<Template>,
    /// Whether a server prints what it is told.
    pub(crate) prints: bool,
    /// How much a requirement weighs, where the file says so; nothing, when it does not hold.
    pub(crate) tiers: BTreeMap<Id, Option<Level>>,
}

/// What is calculated with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operands {
    /// Integers of any magnitude, without a plus sign and leading zeros.
    Integers,
    /// Integers of any magnitude, however they are spelled.
    Spelled,
    /// Integers as Python's `int` and `split` take them, which refuse less than `line` does.
    Python,
    /// Integers between these, both of them among them, without a plus sign and leading zeros.
    Between(i64, i64),
}

impl Operands {
    /// The least and the greatest integer when a file does not say: any product fits 32 bits.
    pub(crate) const LEAST: i64 = -9999;
    /// The greatest.
    pub(crate) const MOST: i64 = 9999;
}

/// White space around a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blanks {
    /// None, but what the reply has itself.
    Exact,
    /// Any.
    Around,
}

impl Dialect {
    fn new(name: &str, spoken: Spoken, terms: Terms) -> Self {
        // There are few dialects, and each is there until the program ends.
        let kept = |frame: &Frame| -> &'static Frame { Box::leak(Box::new(frame.clone())) };
        let framing = Framing { request: kept(&spoken.request), reply: kept(&spoken.reply) };
        let mut dialect = Self {
            name: name.to_owned(),
            spoken: Arc::new(spoken),
            terms,
            framing,
            spec: Spec::current().clone(),
            cases: Vec::new(),
        };
        dialect.spec = dialect.adapted_spec();
        dialect.cases = dialect.declared();
        dialect
    }

    /// The dialect of this name, or in the file at this path, as far as it is about a service; `None` for `line`, which needs
    /// no other words.
    ///
    /// # Errors
    ///
    /// There is no such file, or it does not say how the service is spoken.
    pub fn find(named: &str, service: Service) -> Result<Option<&'static Self>, SettingsError> {
        if named == LINE {
            return Ok(None);
        }
        let built_in = BUILT_IN.iter().find(|(name, _)| *name == named);
        let found = match built_in {
            Some((name, text)) => file::dialect(name, text, service)
                .map_err(|wrong| wrong.found_in(&format!("dialect {name}"), text)),
            None => Self::read(Path::new(named), service),
        };
        found.map(|found| Some(&*Box::leak(Box::new(found))))
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or does not say how the service is spoken.
    pub fn read(path: &Path, service: Service) -> Result<Self, SettingsError> {
        open(path, |name, text| file::dialect(name, text, service))
    }

    /// The dialect of this name, or in the file at this path, for each service that it is about.
    ///
    /// # Errors
    ///
    /// There is no such file, or it does not say how a service is spoken.
    pub fn all(named: &str) -> Result<Vec<Self>, SettingsError> {
        let read = |name: &str, text: &str| -> Result<Vec<Self>, settings::Wrong> {
            let services = file::services(text)?.into_iter();
            services.map(|service| file::dialect(name, text, service)).collect()
        };
        match BUILT_IN.iter().find(|(name, _)| *name == named) {
            Some((name, text)) => {
                read(name, text).map_err(|wrong| wrong.found_in(&format!("dialect {name}"), text))
            }
            None => open(Path::new(named), read),
        }
    }

    /// The service that it is about.
    pub fn service(&self) -> Service {
        self.spoken.service
    }

    /// Over what it is spoken.
    pub fn transports(&self) -> &[Transport] {
        &self.terms.transports
    }

    /// Where its messages end.
    pub const fn framing(&self) -> Framing {
        self.framing
    }

    /// For how long a program serves, where that is said.
    pub const fn lifetime(&self) -> Option<Lifetime> {
        self.terms.lifetime
    }

    /// SPEC.md as it holds in the dialect.
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The cases of what it declares itself.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// A server of the dialect, made of one that speaks `line`.
    pub fn server(&self, server: Box<dyn Server>) -> Box<dyn Server> {
        Box::new(Interpreter::new(Arc::clone(&self.spoken), server))
    }
}

/// Reads a file, whose name is that of its dialect.
fn open<T>(
    path: &Path,
    made: impl FnOnce(&str, &str) -> Result<T, settings::Wrong>,
) -> Result<T, SettingsError> {
    let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
    let built_in = BUILT_IN.map(|(name, _)| name).join(", ");
    let near = path.to_str();
    let near = near.and_then(|path| settings::nearest(path, BUILT_IN.iter().map(|it| it.0)));
    let near = near.map_or_else(String::new, |it| format!("`{it}` may be meant; "));
    let mend = format!(
        "{near}the dialects that need no file are {built_in}; `trueline init dialect` writes a file"
    );
    settings::read(path, &mend, |text| made(&name, text))
}

impl Dialect {
    /// A wrong server of the dialect. Its faults are those of the one that speaks `line`; but where a request ends the dialect
    /// says itself, so that to take one receive for one message is a fault of its own.
    pub fn mutant(&self, mutant: &Mutant) -> Box<dyn Server> {
        match mutant.name {
            "recv-is-message" => {
                let right = Responder::of(self.service());
                Box::new(Interpreter::new(Arc::clone(&self.spoken), right).hasty())
            }
            _ => self.server(mutant.server(self.service())),
        }
    }
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dialect").field(&self.name).finish()
    }
}

/// A server of a dialect, or of `line`, made of one that speaks `line`.
pub fn served(dialect: Option<&'static Dialect>, server: Box<dyn Server>) -> Box<dyn Server> {
    match dialect {
        Some(dialect) => dialect.server(server),
        None => server,
    }
}

/// The name of a dialect, or `line`.
pub fn name_of(dialect: Option<&'static Dialect>) -> &'static str {
    dialect.map_or(LINE, |dialect| &dialect.name)
}

/// SPEC.md as it holds in a dialect, or as it stands.
pub fn spec_of(dialect: Option<&'static Dialect>) -> &'static Spec {
    dialect.map_or_else(Spec::current, Dialect::spec)
}

#[cfg(test)]
mod tests;
