//! `trueline serve`: a reference server, all of them, or a mutant.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use trueline_conformance::dialect::served;
use trueline_conformance::mutant;
use trueline_protocol::limits::IDLE_MIN;
use trueline_protocol::responder::Responder;
use trueline_protocol::service::{Manner, Service, UnknownService};

use super::exit::{Exit, Failure};
use super::options::Speech;
use crate::serve::{
    self, Bound, CONNECTIONS_MAX, Listen, Member, Operator, Serve as Options, ServeError,
    Transports, config, printer,
};

/// Run a reference server, all of them, or a wrong one
///
/// A chat asks its operator: what is typed on the standard input is said to the client, in turns, and an empty line ends
/// the talk.
///
/// The first lines of its output say where it listens. SIGTERM and SIGINT end it when the replies under way are sent.
#[derive(Debug, Args)]
#[command(after_long_help = example())]
pub(super) struct Serve {
    /// What to serve
    #[arg(value_name = "SERVICE", value_parser = what())]
    what: What,
    /// What to listen for
    #[arg(long, value_enum, default_value = "tcp")]
    transport: On,
    /// Where to listen: 127.0.0.1:8040, [::1]:8040 or localhost:8040; port 0 takes a free one
    ///
    /// Of `all` the first listens there, and the others on the ports that follow.
    #[arg(long, value_name = "ADDRESS", default_value_t = Listen::default())]
    listen: Listen,
    /// Serve the services that a TOML file names, where it says
    ///
    /// An example is below.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["listen", "transport"])]
    config: Option<PathBuf>,
    #[command(flatten)]
    speech: Speech,
    /// What the operator of a chat says to each client, a line each; without it that is typed on the standard input
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Serve wrongly, in one way; `trueline list mutants` shows them
    #[arg(long, value_name = "NAME")]
    mutant: Option<String>,
    /// Seconds after which a connection on which nothing moves is closed; 60 at least (FRAME-23)
    #[arg(long, value_name = "SECONDS", default_value_t = IDLE_MIN.as_secs(), value_parser = clap::value_parser!(u64).range(IDLE_MIN.as_secs()..))]
    idle: u64,
    /// Connections at the same time, at most; further ones wait
    ///
    /// Of several services each has an equal share.
    #[arg(long, value_name = "N", default_value_t = CONNECTIONS_MAX as u32, value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,
}

fn example() -> String {
    let lines = config::EXAMPLE.lines().map(|line| format!("  {line}").trim_end().to_owned());
    format!("A file for --config:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

#[derive(Clone, Copy, Debug)]
enum What {
    One(Service),
    All,
}

/// Reads [`What`].
fn what() -> impl TypedValueParser<Value = What> {
    const ALL: &str = "all";
    let names = Service::ALL.iter().map(|service| PossibleValue::new(service.as_str()));
    let all = PossibleValue::new(ALL).help("Each of them, on a port of its own");
    PossibleValuesParser::new(names.chain([all])).try_map(|name| match &*name {
        ALL => Ok::<_, UnknownService>(What::All),
        name => name.parse().map(What::One),
    })
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum On {
    /// Lines on connections
    Tcp,
    /// One message to a datagram
    Udp,
    /// Both, on the same port
    Both,
}

impl From<On> for Transports {
    fn from(on: On) -> Self {
        match on {
            On::Tcp => Self::Tcp,
            On::Udp => Self::Udp,
            On::Both => Self::Both,
        }
    }
}

impl Serve {
    pub(super) async fn perform(self) -> Result<Exit, Failure> {
        serve::raise_open_files_limit();
        match self.what {
            What::One(service) => self.one(service).await,
            What::All => self.all().await,
        }
    }

    async fn one(mut self, service: Service) -> Result<Exit, Failure> {
        if self.config.is_some() {
            return Err(Failure::misused(
                format!("`--config` is not for {service} alone"),
                "say `trueline serve all --config FILE`: what the file names is served, and nothing else",
            ));
        }
        let dialect = self.speech.settle(service)?;
        let server = match &self.mutant {
            None => served(dialect, Box::new(Responder::of(service))),
            Some(name) => {
                let unknown = || {
                    Failure::misused(
                        format!("no mutant is called `{name}`"),
                        "`trueline list mutants` shows them",
                    )
                };
                let mutant = mutant::find(name).ok_or_else(unknown)?;
                match dialect {
                    Some(dialect) => dialect.mutant(mutant),
                    None => mutant.server(service),
                }
            }
        };
        let transports = Transports::from(self.transport);
        if transports.of(service) != Some(transports) {
            return Err(super::not_over_udp(service));
        }
        let ready = |bound: &[Bound]| bound.iter().for_each(|bound| say("", bound));
        serve::run(self.options(service)?, server, ready, stop()?).await.map_err(|error| {
            let exit = exit(&error);
            Failure { report: error.into(), exit }
        })?;
        Ok(Exit::Conforms)
    }

    async fn all(self) -> Result<Exit, Failure> {
        if self.mutant.is_some() {
            return Err(Failure::misused(
                "a mutant is of one service, not of all",
                "name the service: `trueline list mutants` shows which there are for which",
            ));
        }
        let ready = |all: &[(Service, &[Bound])]| {
            for (service, bound) in all {
                bound.iter().for_each(|bound| say(&format!("{service} "), bound));
            }
        };
        let mut members = self.members()?;
        let share = (self.connections as usize / members.len()).max(1);
        members.iter_mut().for_each(|member| member.options.connections = share);
        serve::run_all(members, ready, stop()?).await.map_err(|error| {
            let exit = exit(&error.source);
            Failure { report: error.into(), exit }
        })?;
        Ok(Exit::Conforms)
    }

    fn options(&self, service: Service) -> Result<Options, Failure> {
        Ok(Options {
            listen: vec![self.listen],
            transports: self.transport.into(),
            idle: Duration::from_secs(self.idle),
            connections: self.connections as usize,
            operator: self.operator(service)?,
            ..Options::default()
        })
    }

    /// Who types for the server of a service: only one asks for it.
    fn operator(&self, service: Service) -> Result<Operator, Failure> {
        match (&self.script, service.manner()) {
            (None, Manner::Talk) => Ok(Operator::StandardInput),
            (Some(file), Manner::Talk) => {
                let text = std::fs::read(file).map_err(|error| {
                    let what = format!("{} cannot be read: {error}", file.display());
                    Failure::misused(what, "name a file that holds what the operator says")
                })?;
                Ok(Operator::script(&text))
            }
            (Some(_), _) if matches!(self.what, What::One(_)) => Err(Failure::misused(
                format!("{service} answers by itself, without a script"),
                "`--script` is for chat",
            )),
            _ => Ok(Operator::Nobody),
        }
    }

    /// What is served, and where: as the file says, or port after port.
    fn members(&self) -> Result<Vec<Member>, Failure> {
        if let Some(file) = &self.config {
            let places = config::read(file).map_err(Failure::usage)?.into_iter();
            let member = |config::Place { service, listen, transports }| {
                let options = Options { listen, transports, ..self.options(service)? };
                Ok(Member { service, options })
            };
            return places.map(member).collect();
        }
        let member = |(n, &service): (usize, &Service)| {
            let listen = self.listen.further(n).ok_or_else(|| {
                Failure::misused(
                    format!("there are {} services, and no port for {service}", Service::ALL.len()),
                    format!("{} is too near to the last port; choose a lower one", self.listen),
                )
            })?;
            let transports = Transports::from(self.transport);
            let Some(transports) = transports.of(service) else { return Ok(None) };
            let options = Options { listen: vec![listen], transports, ..self.options(service)? };
            Ok(Some(Member { service, options }))
        };
        Service::ALL.iter().enumerate().filter_map(|it| member(it).transpose()).collect()
    }
}

/// Says where a server listens. A standard output that nobody reads is no reason not to serve.
fn say(who: &str, bound: &Bound) {
    printer::stdout().print(format!("{who}listening on {bound}\n").as_bytes());
}

fn stop() -> Result<impl Future<Output = ()>, Failure> {
    serve::stop_signal()
        .map_err(|error| Failure::machine(format!("signals cannot be waited for: {error}")))
}

fn exit(error: &ServeError) -> Exit {
    match error {
        ServeError::Refused { .. } => Exit::Inconclusive,
        _ => Exit::Usage,
    }
}
