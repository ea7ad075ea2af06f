//! The command line: a file for each command, and one table of exit codes.

mod call;
mod captures;
mod check;
mod coverage;
mod diff;
mod doctor;
mod exit;
mod explain;
mod init;
mod isolation;
mod launching;
mod list;
mod matrix;
mod options;
mod output;
mod own_cases;
mod progress;
mod replay;
mod serve;
mod target;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use tokio::runtime::{Builder, LocalOptions};
use tracing_subscriber::EnvFilter;
use trueline_conformance::transport::Transport;
use trueline_protocol::service::Service;

use crate::serve::printer;
use exit::{Exit, Failure};

/// Is your line true? Reference servers for the line protocols of SPEC.md, and a check of any other.
#[derive(Debug, Parser)]
#[command(name = "trueline", version, max_term_width = 100, after_help = exit::TABLE)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    // The help of these is what stands above them: words here would be shown instead.
    Check(Box<check::Check>),
    Diff(diff::Diff),
    Replay(replay::Replay),
    /// Run a reference server, or a wrong one
    Serve(serve::Serve),
    /// Send messages to a server and print its replies
    Call(call::Call),
    /// Write a file to begin with: how a homework is spoken
    Init(init::Init),
    /// List requirements, cases, mutants or dialects
    List(list::List),
    /// Ask every case of every wrong server
    Matrix(matrix::TheMatrix),
    /// Explain a requirement, an area, a case or a mutant
    Explain(explain::Explain),
    /// Tell what isolation this machine offers, and why not more
    Doctor(doctor::Doctor),
}

/// One transport, as an option says it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum On {
    /// Lines on connections
    Tcp,
    /// One message to a datagram
    Udp,
}

impl From<On> for Transport {
    fn from(on: On) -> Self {
        match on {
            On::Tcp => Self::Tcp,
            On::Udp => Self::Udp,
        }
    }
}

/// Reads the name of a service: the help lists those that there are, and a slip is told the name that is meant.
fn service() -> impl TypedValueParser<Value = Service> {
    let names = Service::ALL.iter().map(|service| service.as_str());
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Service>())
}

/// Whether a service is spoken over a transport.
fn spoken_over(service: Service, transport: Transport) -> Result<(), Failure> {
    if Transport::of(service).contains(&transport) { Ok(()) } else { Err(not_over_udp(service)) }
}

fn not_over_udp(service: Service) -> Failure {
    Failure::misused(format!("{service} is spoken over TCP only"), "leave out `--transport`")
}

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    // Before anything else: whoever is to open namespaces must be alone.
    if let Some(code) = trueline_conformance::isolation::play(std::env::args_os()) {
        return ExitCode::from(code);
    }
    let log = EnvFilter::try_from_env("TRUELINE_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(log)
        // A standard error that is closed or not read is no reason not to serve.
        .with_writer(printer::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let matches = Arguments::command().get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let performed = perform(arguments.command, &matches);
    printer::finish();
    let exit = performed.unwrap_or_else(|failure| {
        // Where nobody listens the code still tells.
        let _ = writeln!(std::io::stderr(), "{:?}", failure.report);
        failure.exit
    });
    ExitCode::from(exit.code())
}

fn perform(command: Command, matches: &clap::ArgMatches) -> Result<Exit, Failure> {
    let runtime =
        Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).map_err(
            |error| Failure::machine(format!("the runtime could not be started: {error}")),
        )?;
    match command {
        Command::Check(check) => {
            let order =
                matches.subcommand_matches("check").map(output::in_order).unwrap_or_default();
            runtime.block_on(check.perform(order))
        }
        Command::Diff(diff) => runtime.block_on(diff.perform()),
        Command::Replay(replay) => runtime.block_on(replay.perform()),
        Command::Serve(serve) => runtime.block_on(serve.perform()),
        Command::Call(call) => runtime.block_on(call.perform()),
        Command::Init(init) => init.perform(),
        Command::List(list) => list.perform(),
        Command::Matrix(matrix) => matrix.perform(),
        Command::Explain(explain) => explain.perform(),
        Command::Doctor(doctor) => runtime.block_on(doctor.perform()),
    }
}
