//! `trueline replay`: a transcript, performed once.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use trueline_conformance::dialect::{BUILT_IN, Dialect, LINE, name_of};
use trueline_conformance::pace::Pace;
use trueline_conformance::replay::replay;
use trueline_conformance::report::replayed;
use trueline_conformance::run::{Host, Live, Revival};
use trueline_conformance::target::{LaunchError, Recipe, Target};
use trueline_conformance::transcript::{self, Transcript};
use trueline_conformance::transport::Transport;
use trueline_protocol::service::{Service, UnknownService};

use super::exit::{Exit, Failure};
use super::launching::Launching;
use super::options;
use super::output::colours;
use super::target::Terms;
use crate::serve::stop_signal;

/// Perform the dialogues of a transcript with a server, once and as they are written
///
/// FILE is a transcript that `trueline check` has kept, or one of your own that says `service`. What is shown is what was
/// sent and what came, up to the first thing that came otherwise than it was due.
#[derive(Debug, Args)]
#[command(after_help = super::exit::TABLE)]
#[command(
    override_usage = "trueline replay [OPTIONS] <FILE> <ADDRESS>\n       trueline replay [OPTIONS] <FILE> <PATH>\n       trueline replay [OPTIONS] <FILE> -- <COMMAND> [ARG]..."
)]
pub(super) struct Replay {
    /// The transcript
    file: PathBuf,
    /// A running server, host:port or a port of this machine; or a program, or a folder with one
    #[arg(value_name = "ADDRESS|PATH")]
    named: Option<OsString>,
    /// A program and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
    /// The file of the dialect that it is written in; `line` and `original` need none
    #[arg(long, value_name = "NAME|FILE")]
    dialect: Option<String>,
    #[command(flatten)]
    launching: Launching,
    /// The longest deadline, the one for the program to start; a first reply has a fifth of it
    #[arg(long, value_name = "SECONDS", default_value = "5", allow_negative_numbers = true, value_parser = options::seconds)]
    timeout: Duration,
    /// Speak to an address that is not this machine's
    #[arg(long)]
    allow_remote: bool,
}

impl Replay {
    pub(super) async fn perform(self) -> Result<Exit, Failure> {
        let written = self.written()?;
        let transport = self.transport(&written)?;
        let typed = written.iter().any(|(transcript, _)| transcript.dialogue.is_typed_to());
        let target = match self.target(transport)? {
            Target::Command(recipe) => {
                let recipe = Recipe { types: typed, ..recipe };
                Target::Command(self.launching.settled(recipe).await?.0)
            }
            Target::Address(_) if typed => {
                return Err(Failure::misused(
                    format!("{} has lines that are typed to the program", self.file.display()),
                    "give the program, or a command after `--`: only what is launched can be typed to",
                ));
            }
            address => address,
        };
        let stop = stop_signal()
            .map_err(|error| Failure::machine(format!("signals cannot be waited for: {error}")))?;
        let replayed = async {
            let blamed = |error: LaunchError| {
                let blame = error.blame();
                Failure::blamed(error, blame)
            };
            let target = target.built().await.map_err(blamed)?;
            let host = Live::start(target, transport).await.map_err(blamed)?;
            let mut exit = Exit::Conforms;
            for (transcript, service) in &written {
                match self.one(&host, transcript, *service, transport).await {
                    Exit::Conforms => {}
                    other => exit = other,
                }
            }
            host.stop().await;
            Ok(exit)
        };
        tokio::select! {
            exit = replayed => exit,
            () = stop => Err(Failure::machine("the replay was interrupted")),
        }
    }

    /// Performs one of the dialogues and shows what came of it.
    async fn one(
        &self,
        host: &Live,
        transcript: &Transcript,
        service: Service,
        transport: Transport,
    ) -> Exit {
        let (text, exit) = match host.revive().await {
            Revival::Gone(why) => (format!("{why}\n"), Exit::Inconclusive),
            Revival::Up | Revival::Again => {
                let pace = Pace::new(self.timeout);
                let found = replay(host, &transcript.dialogue, service, transport, &pace).await;
                let colours = colours(io::stdout().is_terminal());
                let text = replayed(&transcript.name, &found, transport, colours);
                (text, Exit::from(found.conclusion()))
            }
        };
        // Whoever stops reading has read enough: the exit code still tells.
        let _ = io::stdout().write_all(text.as_bytes());
        exit
    }

    /// The dialogues of the file, each with its service.
    fn written(&self) -> Result<Vec<(Transcript, Service)>, Failure> {
        let name = self.file.display().to_string();
        let octets = std::fs::read(&self.file).map_err(|error| {
            let mend = "give the name of a *.transcript file, and the target after it";
            Failure::misused(format!("{name} cannot be read: {error}"), mend)
        })?;
        let all = transcript::parse_octets(&name, &octets).map_err(Failure::usage)?;
        let with_service = |mut transcript: Transcript| {
            let wrong = |what: String, mend: &str| {
                Failure::misused(format!("{name}: case {}: {what}", transcript.name), mend)
            };
            let Some(service) = &transcript.service else {
                let what = "it does not say which service it is about".to_owned();
                return Err(wrong(
                    what,
                    "put a line such as `service calculator` under its `case`",
                ));
            };
            let service = service
                .parse()
                .map_err(|error: UnknownService| wrong(error.to_string(), "name one of those"))?;
            let named = transcript.dialect.as_deref().unwrap_or(LINE);
            let known = BUILT_IN.iter().any(|(name, _)| *name == named);
            let Some(file) = self.dialect.as_deref().or_else(|| known.then_some(named)) else {
                let what = format!("it is written in the dialect {named}");
                return Err(wrong(what, "name its file: `--dialect FILE`"));
            };
            let dialect = Dialect::find(file, service).map_err(Failure::usage)?;
            if name_of(dialect) != named {
                let what =
                    format!("it is written in the dialect {named}, not {}", name_of(dialect));
                return Err(wrong(what, "leave `--dialect` out, or name the file of that"));
            }
            transcript.dialogue.framing = dialect.map(Dialect::framing);
            Ok((transcript, service))
        };
        all.into_iter().map(with_service).collect()
    }

    /// What all of them are spoken over.
    fn transport(&self, written: &[(Transcript, Service)]) -> Result<Transport, Failure> {
        let udp =
            |(transcript, _): &(Transcript, _)| transcript.transport.as_deref() == Some("udp");
        match written.iter().filter(|it| udp(it)).count() {
            0 => Ok(Transport::Tcp),
            some if some == written.len() => Ok(Transport::Udp),
            _ => Err(Failure::misused(
                format!("{} has cases for TCP and for UDP", self.file.display()),
                "put them into a file for each",
            )),
        }
    }

    fn target(&self, transport: Transport) -> Result<Target, Failure> {
        let terms = Terms { transport, start_limit: self.timeout, allow_remote: self.allow_remote };
        match (&self.named, self.command.as_slice()) {
            (Some(word), []) => match terms.named(word, &self.launching.arg)? {
                Target::Command(recipe) => Ok(Target::Command(recipe)),
                address => self.launching.without_program().map(|()| address),
            },
            (None, [_, ..]) => {
                self.launching.without_arguments()?;
                let example = "put it after `--`: `-- python3 server.py`";
                terms.launched(&self.command, example).map(Target::Command)
            }
            (None, []) => Err(Failure::misused(
                "there is nobody to replay it with",
                "give the address of a running server, such as 127.0.0.1:8040, a program, or a command after `--`",
            )),
            (Some(_), _) => Err(Failure::misused(
                "an address or a path, and a command, are too much",
                "give one of them; the port of a command is found out",
            )),
        }
    }
}
