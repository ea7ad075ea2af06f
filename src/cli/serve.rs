//! `trueline serve`: a reference server, or a mutant.

use std::time::Duration;

use clap::{Args, ValueEnum};
use trueline_conformance::mutant;
use trueline_protocol::limits::IDLE_MIN;
use trueline_protocol::responder::{Responder, Server};
use trueline_protocol::service::Service;

use super::exit::{Exit, Failure};
use crate::serve::{
    self, Bound, CONNECTIONS_MAX, Listen, Serve as Options, ServeError, Transports, printer,
};

/// Run a reference server, or a wrong one
///
/// The first lines of its output say where it listens. SIGTERM and SIGINT end it when the replies under way are sent.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// What to serve: calculator
    service: Service,
    /// What to listen for
    #[arg(long, value_enum, default_value = "tcp")]
    transport: On,
    /// Where to listen: 127.0.0.1:8040, [::1]:8040 or localhost:8040; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value_t = Listen::default())]
    listen: Listen,
    /// How to speak; `line` is the only dialect of this version
    #[arg(long, value_name = "DIALECT", default_value = "line", value_parser = ["line"])]
    dialect: String,
    /// Serve wrongly, in one way; `trueline list mutants` shows them
    #[arg(long, value_name = "NAME")]
    mutant: Option<String>,
    /// Seconds after which a connection on which nothing moves is closed; 60 at least (FRAME-23)
    #[arg(long, value_name = "SECONDS", default_value_t = IDLE_MIN.as_secs(), value_parser = clap::value_parser!(u64).range(IDLE_MIN.as_secs()..))]
    idle: u64,
    /// Connections at the same time, at most; further ones wait
    #[arg(long, value_name = "N", default_value_t = CONNECTIONS_MAX as u32, value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,
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

impl Serve {
    pub(super) async fn perform(self) -> Result<Exit, Failure> {
        serve::raise_open_files_limit();
        let options = Options {
            listen: vec![self.listen],
            transports: match self.transport {
                On::Tcp => Transports::Tcp,
                On::Udp => Transports::Udp,
                On::Both => Transports::Both,
            },
            idle: Duration::from_secs(self.idle),
            connections: self.connections as usize,
            ..Options::default()
        };
        let server: Box<dyn Server> = match &self.mutant {
            None => Box::new(Responder::of(self.service)),
            Some(name) => {
                let unknown = || {
                    Failure::misused(
                        format!("no mutant is called `{name}`"),
                        "`trueline list mutants` shows them",
                    )
                };
                mutant::find(name).ok_or_else(unknown)?.server(self.service)
            }
        };
        let stop = serve::stop_signal()
            .map_err(|error| Failure::machine(format!("signals cannot be waited for: {error}")))?;
        // A standard output that nobody reads is no reason not to serve.
        let ready = |bound: &[Bound]| {
            for bound in bound {
                printer::stdout().print(format!("listening on {bound}\n").as_bytes());
            }
        };
        match serve::run(options, server, ready, stop).await {
            Ok(()) => Ok(Exit::Conforms),
            Err(error @ ServeError::Refused { .. }) => {
                Err(Failure { report: error.into(), exit: Exit::Inconclusive })
            }
            Err(error) => Err(Failure::usage(error)),
        }
    }
}
