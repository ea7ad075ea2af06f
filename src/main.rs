//! The command line.

use std::io::{IsTerminal, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use miette::{IntoDiagnostic, miette};
use tokio::runtime::{Builder, LocalOptions};
use tracing_subscriber::EnvFilter;
use trueline::call::{self, Call, Heard};
use trueline::serve::{self, Listen, Serve, Transport, Transports};
use trueline_protocol::limits::IDLE_MIN;
use trueline_protocol::responder::Responder;
use trueline_protocol::service::Service;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a reference server
    Serve {
        service: Service,
        #[arg(long, value_enum, default_value = "tcp")]
        transport: On,
        #[arg(long, default_value_t = Listen::default())]
        listen: Listen,
        /// Seconds after which a connection on which nothing moves is closed
        #[arg(long, default_value_t = IDLE_MIN.as_secs(), value_parser = clap::value_parser!(u64).range(IDLE_MIN.as_secs()..))]
        idle: u64,
        /// Connections at the same time, at most
        #[arg(long, default_value_t = serve::CONNECTIONS_MAX)]
        connections: usize,
    },
    /// Send messages to a server and print the replies
    Call {
        #[allow(dead_code)]
        service: Service,
        #[arg(long, value_enum, default_value = "tcp")]
        transport: On,
        #[arg(long)]
        allow_remote: bool,
        address: String,
        #[arg(required = true, allow_hyphen_values = true, trailing_var_arg = true)]
        messages: Vec<String>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum On {
    Tcp,
    Udp,
    Both,
}

fn main() -> miette::Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_env("TRUELINE_LOG").unwrap_or_else(|_| EnvFilter::new("warn")),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let arguments = Arguments::parse();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
        .into_diagnostic()?;
    runtime.block_on(perform(arguments.command))
}

async fn perform(command: Command) -> miette::Result<ExitCode> {
    match command {
        Command::Serve { service, transport, listen, idle, connections } => {
            serve::raise_open_files_limit();
            let options = Serve {
                listen: vec![listen],
                transports: match transport {
                    On::Tcp => Transports::Tcp,
                    On::Udp => Transports::Udp,
                    On::Both => Transports::Both,
                },
                idle: Duration::from_secs(idle),
                connections,
                ..Serve::default()
            };
            let stop = serve::stop_signal().into_diagnostic()?;
            let ready = |bound: &[serve::Bound]| {
                // A standard output that nobody reads is no reason not to serve.
                bound.iter().for_each(|bound| {
                    let _ = writeln!(std::io::stdout(), "listening on {bound}");
                });
            };
            serve::run(options, Box::new(Responder::of(service)), ready, stop).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Call { transport, allow_remote, address, messages, .. } => {
            let transport = match transport {
                On::Tcp => Transport::Tcp,
                On::Udp => Transport::Udp,
                On::Both => return Err(miette!("a call goes over one transport")),
            };
            let options = Call { transport, allow_remote, ..Call::default() };
            let tally = call::call(&address, &messages, &options, |heard| match heard {
                Heard::Reply(reply) => {
                    let _ = writeln!(std::io::stdout(), "{}", call::printable(reply));
                }
                Heard::Cut(rest) => eprintln!("{} (no line end)", call::printable(rest)),
                Heard::Silence(patience) => eprintln!("no reply within {patience:?}"),
                Heard::Closed => eprintln!("the server closed the connection"),
                Heard::Reset => eprintln!("the server reset the connection"),
                Heard::Refused => eprintln!("nothing listens there"),
            })
            .await?;
            Ok(if tally.answered >= tally.asked { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}
