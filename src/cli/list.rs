//! `trueline list`: requirements, cases, mutants and dialects, as tables.

use std::collections::BTreeSet;
use std::io::Write;

use clap::{Args, ValueEnum};
use trueline_conformance::case::{self, Case};
use trueline_conformance::client::{self, ClientCase};
use trueline_conformance::dialect::{BUILT_IN, Dialect, LINE};
use trueline_conformance::mutant;
use trueline_conformance::spec::{Id, Level, Party, Requirement, Spec};
use trueline_conformance::transport::Transport;
use trueline_protocol::service::Service;

use super::coverage;
use super::exit::{Exit, Failure};

/// List requirements, cases, mutants or dialects
#[derive(Debug, Args)]
pub(super) struct List {
    /// What to list
    #[arg(value_enum, default_value = "requirements")]
    what: What,
    /// Write the coverage as a table in Markdown
    #[arg(long)]
    markdown: bool,
    /// Of the requirements those that hold in a dialect, how much each weighs there, and what it says
    #[arg(long, value_name = "NAME|FILE")]
    dialect: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// What SPEC.md requires, with the number of cases and mutants for each
    Requirements,
    /// What is asked of a server, and of a client
    Cases,
    /// What SPEC.md requires, with the names of the cases and mutants for each
    Coverage,
    /// Wrong servers, for `trueline serve --mutant`
    Mutants,
    /// Ways to speak
    Dialects,
}

impl List {
    pub(super) fn perform(self) -> Result<Exit, Failure> {
        if self.markdown && self.what != What::Coverage {
            return Err(Failure::misused(
                "`--markdown` is for the coverage",
                "`trueline list coverage --markdown` writes it; the other lists are plain text",
            ));
        }
        if self.dialect.is_some() && self.what != What::Requirements {
            return Err(Failure::misused(
                "`--dialect` is for the requirements",
                "`trueline list requirements --dialect FILE` shows which of them hold",
            ));
        }
        let lines = match self.what {
            What::Requirements if self.dialect.is_some() => {
                let named = self.dialect.as_deref().unwrap_or(LINE);
                let dialects = Dialect::all(named).map_err(Failure::usage)?;
                dialects.iter().flat_map(held).collect()
            }
            What::Requirements => requirements(),
            What::Coverage if self.markdown => coverage::markdown(),
            What::Coverage => coverage::plain(),
            What::Cases => cases(),
            What::Mutants => mutants(),
            What::Dialects => dialects(),
        };
        // Whoever stops reading has read enough.
        let _ = writeln!(std::io::stdout(), "{}", lines.join("\n"));
        Ok(Exit::Conforms)
    }
}

fn requirements() -> Vec<String> {
    let line = |it: &Requirement| {
        let tested = untested(it).unwrap_or_else(|| {
            let cases = names_covering(it.id).len();
            if it.party == Party::Client {
                return counted(cases, "case");
            }
            format!("{}, {}", counted(cases, "case"), counted(mutants_of(it.id).len(), "mutant"))
        });
        let (id, level) = (it.id.to_string(), it.level.to_string());
        format!("{id:<9} {level:<6} {:<4}  {tested:<22}  {}", on(it.transport), it.sentence)
    };
    Spec::current().requirements().map(line).collect()
}

/// What holds in a dialect.
fn held(dialect: &Dialect) -> Vec<String> {
    let (service, on_all) = (dialect.service(), dialect.transports());
    let over: Vec<&str> = on_all.iter().map(|it| it.acronym()).collect();
    let head = format!("{service}, {} dialect, {}", dialect.name, over.join(" and "));
    let binds = |it: &&Requirement| on_all.iter().any(|transport| it.binds(service, *transport));
    let line = |it: &Requirement| {
        let (id, tier) = (it.id.to_string(), tier(it.level));
        format!("{id:<9} {tier:<13} {:<4}  {}", on(it.transport), it.sentence)
    };
    std::iter::once(head).chain(dialect.spec().requirements().filter(binds).map(line)).collect()
}

/// A level as a dialect file calls it.
const fn tier(level: Level) -> &'static str {
    match level {
        Level::Must => "required",
        Level::Should => "robustness",
        Level::May => "informational",
    }
}

/// The dialects that need no file, each with its services and with what its file begins with.
fn dialects() -> Vec<String> {
    let line = |(name, text): (&str, &str)| {
        let services: Vec<&str> = Dialect::all(name)
            .map(|all| all.iter().map(|it| it.service().as_str()).collect())
            .unwrap_or_default();
        let about = text.lines().next().and_then(|first| first.split_once(": "));
        let about = about.map_or("", |(_, about)| about.trim_end_matches('.'));
        format!("{name:<9} {}: {about}", services.join(", "))
    };
    let file = "FILE      how your homework is spoken: `trueline init dialect` writes a file that explains every key";
    BUILT_IN.into_iter().map(line).chain([file.to_owned()]).collect()
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Why a requirement is not asked about.
pub(super) fn untested(it: &Requirement) -> Option<String> {
    it.untested.as_ref().map(|_| match it.party {
        Party::Client => "binds clients".to_owned(),
        Party::Server => "not testable".to_owned(),
    })
}

/// The names of the cases that cover a requirement, each once.
pub(super) fn names_covering(id: Id) -> Vec<&'static str> {
    let of_servers = once().into_iter().filter(|case| case.covers.contains(&id));
    let of_clients = of_clients().into_iter().filter(|case| case.covers.contains(&id));
    of_servers.map(|it| it.name.as_str()).chain(of_clients.map(|it| it.name)).collect()
}

/// The names of the mutants that break a requirement on some service.
pub(super) fn mutants_of(id: Id) -> Vec<&'static str> {
    mutant::all().iter().filter(|mutant| mutant.may_break(id)).map(|mutant| mutant.name).collect()
}

/// Every case once: what services share is spoken in the words of the first.
fn once() -> Vec<&'static Case> {
    let mut seen = BTreeSet::new();
    case::all().filter(|case| seen.insert(&case.name)).collect()
}

/// Every case for a client once.
fn of_clients() -> Vec<&'static ClientCase> {
    let mut seen = BTreeSet::new();
    let transports = [Transport::Tcp, Transport::Udp];
    let kinds = Service::ALL.iter().flat_map(|it| transports.map(|on| client::of(*it, on, None)));
    kinds.flatten().filter(|case| seen.insert(case.name)).collect()
}

fn cases() -> Vec<String> {
    let line = |case: &Case| {
        let kind = match case.body {
            case::Body::Written(_) => "written",
            case::Body::Generated(_) => "generated",
            case::Body::Delivered(..) => "delivered",
        };
        let on = on(case.transport);
        format!("{:<34} {on:<4}  {kind:<9}  {}", case.name, ids(&case.covers))
    };
    let of_client = |case: &ClientCase| {
        let only = case.covers.iter().find_map(|id| Spec::current().get(*id)?.transport);
        let on = on(only);
        format!("{:<34} {on:<4}  {:<9}  {}", case.name, "client", ids(&case.covers))
    };
    let of_clients = of_clients().into_iter().map(of_client);
    once().into_iter().map(line).chain(of_clients).collect()
}

fn mutants() -> Vec<String> {
    let line = |mutant: &mutant::Mutant| {
        let services: Vec<&str> = mutant.services().map(Service::as_str).collect();
        format!(
            "{:<24} {:<4}  {:<8}  {}: {}",
            mutant.name,
            on(mutant.transport),
            mutant.seam,
            services.join(", "),
            mutant.wrong
        )
    };
    mutant::all().iter().map(line).collect()
}

pub(super) fn on(transport: Option<Transport>) -> String {
    transport.map_or_else(|| "both".to_owned(), |it| it.to_string())
}

/// Ids separated by blanks.
pub(super) fn ids(ids: &[Id]) -> String {
    ids.iter().map(Id::to_string).collect::<Vec<_>>().join(" ")
}
