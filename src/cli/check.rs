//! `trueline check`: does a server keep SPEC.md?

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use jiff::{Timestamp, Unit};
use trueline_conformance::case::{self, Case};
use trueline_conformance::pace::Pace;
use trueline_conformance::report::{
    Apart, Check as Asked, DEFAULT_CASES, DEFAULT_SEED, Part, Told, Unlaunched,
};
use trueline_conformance::run::{Live, Patience, Selection, run};
use trueline_conformance::spec::Spec;
use trueline_conformance::target::{Recipe, Target, parse_address};
use trueline_conformance::transcript;
use trueline_conformance::transport::Transport;
use trueline_protocol::service::Service;

use super::On;
use super::exit::{Exit, Failure};
use super::isolation::Wanted;
use super::options::{self, Seed};
use super::output::{self, Format};
use super::progress::Progress;
use super::target::Terms;
use crate::serve::stop_signal;

/// Check whether a server keeps SPEC.md
///
/// The server is one that runs at ADDRESS, or COMMAND, which is launched and ended with all that it has started. Its
/// port is found out.
///
/// On Linux it is isolated: it has a network, processes and a view of the file system of its own, without a way out, and
/// sees the folder in which it is started and those of the files that COMMAND names, as private copies.
///
/// A program has the time of --timeout to start and a fifth of it for its first reply; each further one has a tenth of it,
/// or eight times the slowest reply seen, if that is more. To close a connection it has two fifths of it.
#[derive(Debug, Args)]
#[command(after_help = super::exit::TABLE)]
#[command(
    override_usage = "trueline check <SERVICE> [OPTIONS] <ADDRESS>\n       trueline check <SERVICE> [OPTIONS] -- <COMMAND> [ARG]..."
)]
pub(super) struct Check {
    /// What the server is to speak
    #[arg(value_parser = super::service())]
    service: Service,
    /// A running server: host:port, or a port of this machine
    #[arg(num_args = 0..)]
    address: Vec<String>,
    /// A program and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
    /// What to speak over
    #[arg(long, value_enum, default_value = "tcp")]
    transport: On,
    /// How to speak; `line` is the only dialect of this version
    #[arg(long, value_name = "DIALECT", default_value = "line", value_parser = ["line"])]
    dialect: String,
    /// Where generated cases begin: a number, or `random`
    #[arg(long, value_name = "N|random", default_value_t = Seed(DEFAULT_SEED), allow_negative_numbers = true)]
    seed: Seed,
    /// Generated cases for each property; after 15 seconds only a few are begun, or later with a longer --timeout
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CASES, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    cases: u32,
    /// Only these requirements, areas or cases: FRAME-3,CALC,frame.cut; may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    only: Vec<String>,
    /// All but these requirements, areas or cases; may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    skip: Vec<String>,
    /// Let SHOULD count like MUST
    #[arg(long)]
    strict: bool,
    /// Cases of your own besides: a folder of *.transcript files
    #[arg(long, value_name = "DIR")]
    cases_from: Option<PathBuf>,
    /// How to write the report; may be repeated, each with an --output of its own but for one
    #[arg(long, value_enum)]
    format: Vec<Format>,
    /// Where to write the report of the --format before it. A file is written whole or not at all; a report that cannot be
    /// written ends the check with 4, whatever it found
    #[arg(long, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// How a launched program is kept apart from this machine
    #[arg(long, value_enum, default_value = "auto")]
    isolation: Wanted,
    /// The port on which a launched program is to be spoken to, where it opens several
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// The port that the assignment asks for; another is noted in the report
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    expect_port: Option<u16>,
    /// The longest deadline, the one for the program to start; a first reply has a fifth of it
    #[arg(long, value_name = "SECONDS", default_value = "5", allow_negative_numbers = true, value_parser = options::seconds)]
    timeout: Duration,
    /// Speak to an address that is not this machine's
    #[arg(long)]
    allow_remote: bool,
}

impl Check {
    pub(super) async fn perform(
        self,
        order: Vec<Result<Format, PathBuf>>,
    ) -> Result<Exit, Failure> {
        let transport = Transport::from(self.transport);
        let own = self.own_cases()?;
        let cases: Vec<&Case> = case::of(self.service).iter().chain(&own).collect();
        let selection = Selection::new(&cases, self.service, transport, &self.only, &self.skip)
            .map_err(Failure::unselected)?;
        let (target, apart) = self.settled(self.target(transport)?).await?;
        let asked = self.asked(transport, &target, apart, self.part(&own, &selection));
        // A pipe is waited for until somebody reads it, and whoever tires of that interrupts it as ever.
        let outputs = output::opened(order)?;
        let stop = stop_signal()
            .map_err(|error| Failure::machine(format!("signals cannot be waited for: {error}")))?;
        let check = async {
            let began = Instant::now();
            let host = match Live::start(target, transport).await {
                Ok(host) => host,
                Err(error) => {
                    let elapsed = began.elapsed();
                    return unlaunched(Unlaunched { check: asked, error, elapsed }, outputs).await;
                }
            };
            let mut progress = Progress::new();
            let patience = Patience::of(self.timeout);
            let asked = self.found(asked, &host);
            let report =
                run(&host, asked, patience, &selection, &mut |event| progress.on(&event)).await;
            host.stop().await;
            let exit = Exit::from(report.conclusion());
            output::write(Told::from(&report), exit, outputs).await?;
            Ok(exit)
        };
        tokio::select! {
            exit = check => exit,
            () = stop => Err(Failure::machine("the check was interrupted")),
        }
    }

    fn target(&self, transport: Transport) -> Result<Target, Failure> {
        match (self.address.as_slice(), self.command.as_slice()) {
            ([], []) => Err(Failure::misused(
                "there is nothing to check",
                "give the address of a running server, such as 127.0.0.1:8040, or a command after `--`",
            )),
            ([address], []) => self.running(address, transport).map(Target::Address),
            ([first, ..], []) => Err(Failure::misused(
                format!("`{first}` and what follows is no address"),
                format!("put `--` before a command: `-- {}`", self.address.join(" ")),
            )),
            ([], [program, ..]) => self.launched(program, transport).map(Target::Command),
            ([_, ..], [_, ..]) => Err(Failure::misused(
                "an address and a command are too much",
                "give one of them; the port of a command is found out",
            )),
        }
    }

    /// The target in its place, and how that is kept apart from this machine.
    async fn settled(&self, target: Target) -> Result<(Target, Apart), Failure> {
        match target {
            Target::Address(_) if self.isolation == Wanted::Full => Err(Failure::misused(
                "a server that runs already cannot be isolated",
                "leave out `--isolation`, or give the command that starts it",
            )),
            Target::Address(_) => Ok((target, Apart::None { why: None })),
            Target::Command(recipe) => {
                let (recipe, apart) = self.isolation.settled(recipe).await?;
                Ok((Target::Command(recipe), apart))
            }
        }
    }

    fn terms(&self, transport: Transport) -> Terms {
        Terms { transport, start_limit: self.timeout, allow_remote: self.allow_remote }
    }

    /// The address of a server that runs.
    fn running(&self, address: &str, transport: Transport) -> Result<SocketAddr, Failure> {
        if (self.port.is_some() || self.expect_port.is_some()) && !Path::new(address).exists() {
            return Err(Failure::misused(
                "`--port` and `--expect-port` are about a command that is launched",
                "an address has its port: host:port",
            ));
        }
        self.terms(transport).running(address, |command| format!("`-- {command}`"))
    }

    /// How to launch a command.
    fn launched(&self, program: &OsString, transport: Transport) -> Result<Recipe, Failure> {
        let shown = program.to_string_lossy();
        let there = Path::new(program).exists();
        if self.command.len() == 1 && !there && parse_address(&shown, true).is_ok() {
            return Err(Failure::misused(
                format!("{shown} is an address, not a program"),
                format!("leave out the `--`: `trueline check {} {shown}`", self.service),
            ));
        }
        if shown.contains(' ') && !there {
            return Err(Failure::misused(
                format!("there is no program called `{shown}`"),
                format!("leave out the quotes: `-- {shown}`"),
            ));
        }
        let example = "put it after `--`: `-- python3 server.py`";
        let recipe = self.terms(transport).launched(&self.command, example)?;
        Ok(Recipe { port: self.port, expect_port: self.expect_port, ..recipe })
    }

    /// What is asked for, before anything is launched.
    fn asked(&self, transport: Transport, target: &Target, apart: Apart, part: Part) -> Asked {
        let mut options = Vec::new();
        options.extend(self.cases_from.as_ref().map(|folder| {
            // As a command of one word is shown.
            format!("--cases-from {}", Recipe::new([folder], transport).shown())
        }));
        options.extend(self.port.map(|port| format!("--port {port}")));
        options.extend(self.expect_port.map(|port| format!("--expect-port {port}")));
        if self.timeout != Pace::LONGEST {
            options.push(format!("--timeout {}", self.timeout.as_secs_f64()));
        }
        if self.allow_remote {
            options.push("--allow-remote".to_owned());
        }
        options.extend(self.isolation.typed().map(str::to_owned));
        let (command, address) = match target {
            Target::Address(address) => (None, address.to_string()),
            Target::Command(recipe) => (Some(recipe.shown()), String::new()),
        };
        Asked {
            dialect: self.dialect.clone(),
            seed: self.seed.0,
            cases: self.cases,
            strict: self.strict,
            part,
            apart,
            command,
            options,
            began: Timestamp::now().round(Unit::Second).ok(),
            ..Asked::of(self.service, transport, address)
        }
    }

    /// What is asked for of a target that is there.
    fn found(&self, asked: Asked, host: &Live) -> Asked {
        let bound: SocketAddr = host.bound();
        let expected = self.expect_port.filter(|port| *port != bound.port());
        let others = host.others();
        let others = others.iter().map(|other| format!("it also listens on {other}"));
        let expected = expected.map(|port| format!("listens on {}, expected {port}", bound.port()));
        let notes = others.chain(expected).collect();
        Asked { address: bound.to_string(), notes, ..asked }
    }

    /// What of the suite is asked for.
    fn part(&self, own: &[Case], selection: &Selection<'_>) -> Part {
        let [only, skip] = [&self.only, &self.skip].map(|given| options::names(given));
        let asked = |case: &Case| selection.cases.iter().any(|other| other.name == case.name);
        let (own, unasked): (Vec<&Case>, Vec<&Case>) = own.iter().partition(|case| asked(case));
        let [own, unasked] =
            [own, unasked].map(|cases| cases.into_iter().map(|case| case.name.clone()).collect());
        Part { only, skip, own, unasked }
    }

    /// The cases of `--cases-from`, file by file in the order of their names.
    fn own_cases(&self) -> Result<Vec<Case>, Failure> {
        let Some(folder) = &self.cases_from else { return Ok(Vec::new()) };
        let cannot = |path: &Path, error: &dyn std::fmt::Display| {
            Failure::misused(
                format!("{} cannot be read: {error}", path.display()),
                "`--cases-from` takes a folder of *.transcript files",
            )
        };
        let entries = std::fs::read_dir(folder).map_err(|error| cannot(folder, &error))?;
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|it| it == "transcript"))
            .collect();
        files.sort();
        if files.is_empty() {
            return Err(cannot(folder, &"it holds no *.transcript file"));
        }
        let mut cases: Vec<Case> = Vec::new();
        for file in files {
            let octets = std::fs::read(&file).map_err(|error| cannot(&file, &error))?;
            let name = file.display().to_string();
            for written in transcript::parse_octets(&name, &octets).map_err(Failure::usage)? {
                let wrong = |what: String| {
                    Failure::misused(
                        format!("{name}: case {}: {what}", written.name),
                        "mend the case",
                    )
                };
                let case = Case::written(&written, Spec::current(), self.service).map_err(wrong)?;
                if written.dialect.as_ref().is_some_and(|dialect| *dialect != self.dialect) {
                    return Err(wrong(format!(
                        "it is written in another dialect than {}",
                        self.dialect
                    )));
                }
                if case.covers.is_empty() {
                    return Err(wrong(
                        "it does not say what it `covers`, so a failure would mean nothing"
                            .to_owned(),
                    ));
                }
                let named = |other: &Case| other.name == case.name;
                if case::all().any(named) || cases.iter().any(named) {
                    return Err(wrong("another case has this name".to_owned()));
                }
                cases.push(case);
            }
        }
        Ok(cases)
    }
}

/// Reports that the program did not come up, and why.
async fn unlaunched(unlaunched: Unlaunched, outputs: Vec<output::Output>) -> Result<Exit, Failure> {
    let blame = unlaunched.error.blame();
    let written = output::write(Told::from(&unlaunched), Exit::from(blame), outputs).await;
    match written {
        Ok(()) => Err(Failure::blamed(unlaunched.error, blame)),
        Err(Failure { report, exit }) => {
            Err(Failure { report: report.wrap_err(unlaunched.error.to_string()), exit })
        }
    }
}

const _: () = assert!(Pace::LONGEST.as_secs() == 5, "the default of --timeout");
