//! `trueline check`: does a server keep SPEC.md?

mod client;

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};
use jiff::{Timestamp, Unit};
use trueline_conformance::baseline::Baseline;
use trueline_conformance::case::{self, Case};
use trueline_conformance::dialect::{Dialect, spec_of};
use trueline_conformance::report::{
    Apart, Check as Asked, Conclusion, Part, Report, Told, Unlaunched, captures as captured, kept,
};
use trueline_conformance::run::{Live, Patience, Selection, run};
use trueline_conformance::target::{Lifetime, Recipe, Target, parse_address};
use trueline_conformance::transport::Transport;
use trueline_protocol::service::{Manner, Service};

use super::captures;
use super::exit::{Exit, Failure};
use super::isolation::Wanted;
use super::launching::Launching;
use super::options::{self, Suite};
use super::output::{self, Format};
use super::own_cases::own_cases;
use super::progress::Progress;
use crate::serve::stop_signal;

/// Check whether a server, or a client, keeps SPEC.md
///
/// The server is one that runs at ADDRESS, or the program at PATH, or COMMAND, which is launched and ended with all that it
/// has started. Its port is found out.
///
/// PATH is a program in Python, a notebook, JavaScript, Java (source or jar), C, C++ or Go, or an executable; or a folder:
/// with a Cargo.toml, go.mod, package.json or Makefile, or with one program, or one called server or main. What has to be
/// built is built once, in a copy of its folder, without a network, and runs in that copy; any other runs in its own folder.
///
/// In the words of COMMAND, --arg, --env and --input `{port}` stands for the port of --port, or of --expect-port, or a free
/// one; `${port}` stays as it is. With --input a program has a standard input, which stays open.
///
/// On Linux it is isolated: it has a network, processes and a view of the file system of its own, without a way out, and
/// sees the folder in which it is started and those of the files that COMMAND names, as private copies.
///
/// With --client the program is a client. It is launched for each case; the runner types its requests, sends the replies, and
/// reads what it prints. The port that it wants is found out where it is isolated. `{message}` in the words of COMMAND stands
/// for the request, which is not typed then. Each request, and its end, has the time of --timeout; to give up on a datagram that
/// is not answered it has twice that.
///
/// A program has the time of --timeout to start and a fifth of it for its first reply; each further one has a tenth of it,
/// or eight times the slowest reply seen, if that is more. To close a connection it has two fifths of it.
#[derive(Debug, Args)]
#[command(after_help = super::exit::TABLE)]
#[command(
    override_usage = "trueline check <SERVICE> [OPTIONS] <ADDRESS>\n       trueline check <SERVICE> [OPTIONS] <PATH>\n       trueline check <SERVICE> [OPTIONS] -- <COMMAND> [ARG]..."
)]
pub(super) struct Check {
    /// What the server is to speak
    #[arg(value_parser = super::service())]
    service: Service,
    /// A running server, host:port or a port of this machine; or a program, or a folder with one
    #[arg(num_args = 0.., value_name = "ADDRESS|PATH")]
    named: Vec<OsString>,
    /// A program and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
    #[command(flatten)]
    suite: Suite,
    /// Check a client: it is launched, typed to and answered
    #[arg(long, conflicts_with_all = NOT_OF_CLIENTS)]
    client: bool,
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
    /// A TOML file of what is known to be broken: the check exits with 0 when all is as it says, and with 1 when anything is
    /// new, changed, mended or stale
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is broken now into that file; the reasons that it gives are kept
    #[arg(long, requires = "baseline")]
    write_baseline: bool,
    /// A folder for the exchange of each requirement that is broken, as a transcript for `trueline replay` and as a Python
    /// script [default: beside the first --output that is a file: report.failures for report.json]
    #[arg(long, value_name = "DIR")]
    failures: Option<PathBuf>,
    /// A folder for a capture of each case that failed, CASE.pcap, which Wireshark opens: what went over the network of the
    /// program in the exchange that is shown. The program is isolated
    #[arg(long, value_name = "DIR")]
    pcap: Option<PathBuf>,
    #[command(flatten)]
    launching: Launching,
    /// The port that the assignment asks for; another is noted in the report
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    expect_port: Option<u16>,
    /// For how long a launched program serves, if you know; else it is found out
    #[arg(long, value_enum)]
    lifetime: Option<Serves>,
}

/// Options that are about servers, or not there for clients yet.
const NOT_OF_CLIENTS: [&str; 10] = [
    "seed",
    "cases",
    "cases_from",
    "baseline",
    "write_baseline",
    "failures",
    "pcap",
    "expect_port",
    "lifetime",
    "allow_remote",
];

/// For how long a program serves.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Serves {
    /// Until it is stopped: one that ends is launched again, and has a fault
    Loops,
    /// One client, and then it ends: each exchange meets a launch of its own, of which there are at most 64
    Once,
}

impl From<Serves> for Lifetime {
    fn from(serves: Serves) -> Self {
        match serves {
            Serves::Loops => Self::Loops,
            Serves::Once => Self::Once,
        }
    }
}

impl Check {
    pub(super) async fn perform(
        mut self,
        order: Vec<Result<Format, PathBuf>>,
    ) -> Result<Exit, Failure> {
        self.suite.settle(self.service)?;
        if self.client {
            return self.perform_client(order).await;
        }
        let transport = self.suite.transport();
        super::spoken_over(self.service, transport)?;
        let dialect = self.suite.speech.read;
        let own = match &self.cases_from {
            Some(folder) => own_cases(folder, self.service, dialect)?,
            None => Vec::new(),
        };
        let declared = dialect.map_or(&[][..], Dialect::cases);
        let cases: Vec<&Case> = case::of(self.service).iter().chain(declared).chain(&own).collect();
        let Suite { only, skip, .. } = &self.suite;
        let selection =
            Selection::held_to(spec_of(dialect), &cases, self.service, transport, only, skip)
                .map_err(Failure::unselected)?;
        let (target, apart) = self.settled(self.target()?).await?;
        let asked = self.asked(transport, &target, apart, self.part(&own, &selection));
        // A pipe is waited for until somebody reads it, and whoever tires of that interrupts it as ever.
        let outputs = output::opened(order)?;
        let report = outputs.iter().find_map(output::Output::file);
        let folder = output::Folder::of(self.failures.as_deref(), report)?;
        let kept_in = folder.as_ref().map(|it| Recipe::new([it.path()], transport).shown());
        let captures = captures::folder(self.pcap.as_deref(), &asked)?;
        let captured_in = captures.as_ref().map(|it| Recipe::new([it.path()], transport).shown());
        let asked = Asked { kept_in, captured_in, ..asked };
        let baseline = self.known(&asked)?;
        let stop = stop_signal()
            .map_err(|error| Failure::machine(format!("signals cannot be waited for: {error}")))?;
        let check = async {
            let began = Instant::now();
            let host = match target.built().await {
                Ok(target) => Live::start(target, transport).await,
                Err(error) => Err(error),
            };
            let host = match host {
                Ok(host) => host,
                Err(error) => {
                    let elapsed = began.elapsed();
                    return unlaunched(Unlaunched { check: asked, error, elapsed }, outputs).await;
                }
            };
            if captures.is_some() {
                captures::begin(&host).await?;
            }
            let mut progress = Progress::new();
            let patience = Patience::of(self.suite.timeout);
            let asked = self.found(asked, &host);
            let mut report =
                run(&host, asked, patience, &selection, &mut |event| progress.on(&event)).await;
            host.stop_all().await;
            let exit = match &baseline {
                Some(baseline) => self.held(baseline, &mut report),
                None => Ok(Exit::from(report.conclusion())),
            };
            let kept = folder.map_or(Ok(()), |folder| folder.keep(&kept(&report)));
            let captured = captures.map_or(Ok(()), |folder| folder.keep(&captured(&report)));
            let told = *exit.as_ref().unwrap_or(&Exit::Inconclusive);
            output::write(Told::from(&report), told, outputs).await?;
            kept.and(captured).and(exit)
        };
        tokio::select! {
            exit = check => exit,
            () = stop => Err(Failure::machine("the check was interrupted")),
        }
    }

    fn target(&self) -> Result<Target, Failure> {
        match (self.named.as_slice(), self.command.as_slice()) {
            ([], []) => Err(Failure::misused(
                "there is nothing to check",
                "give the address of a running server, such as 127.0.0.1:8040, a program, or a command after `--`",
            )),
            ([word], []) => self.at(word),
            ([first, ..], []) => Err(Failure::misused(
                format!("`{}` and what follows is no address", first.to_string_lossy()),
                format!(
                    "put `--` before a command: `-- {}`",
                    self.named.join(OsStr::new(" ")).to_string_lossy()
                ),
            )),
            ([], [program, ..]) => self.launched(program).map(Target::Command),
            ([_, ..], [_, ..]) => Err(Failure::misused(
                "an address or a path, and a command, are too much",
                "give one of them; the port of a command is found out",
            )),
        }
    }

    /// The target in its place, and how that is kept apart from this machine.
    async fn settled(&self, target: Target) -> Result<(Target, Apart), Failure> {
        match target {
            Target::Address(_) if self.launching.isolation == Wanted::Full => {
                Err(Failure::misused(
                    "a server that runs already cannot be isolated",
                    "leave out `--isolation`, or give the command that starts it",
                ))
            }
            Target::Address(_) => Ok((target, Apart::None { why: None })),
            Target::Command(recipe) => {
                let lifetime = self
                    .lifetime
                    .map(Lifetime::from)
                    .or_else(|| self.suite.speech.read?.lifetime());
                let types = self.service.manner() == Manner::Talk;
                let recipe = Recipe { expect_port: self.expect_port, lifetime, types, ..recipe };
                let (recipe, apart) = self.launching.settled(recipe).await?;
                Ok((Target::Command(recipe), apart))
            }
        }
    }

    /// What is at an address or a path.
    fn at(&self, word: &OsStr) -> Result<Target, Failure> {
        match self.suite.terms().named(word, &self.launching.arg)? {
            program @ Target::Command(_) => Ok(program),
            Target::Address(_) if self.expect_port.is_some() => Err(Failure::misused(
                "`--expect-port` is about a program that is launched",
                "an address has its port: host:port",
            )),
            address => self.launching.without_program().map(|()| address),
        }
    }

    /// How to launch a command.
    fn launched(&self, program: &OsString) -> Result<Recipe, Failure> {
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
        self.launching.without_arguments()?;
        self.suite.terms().launched(&self.command, example)
    }

    /// What is asked for, before anything is launched.
    fn asked(&self, transport: Transport, target: &Target, apart: Apart, part: Part) -> Asked {
        let mut options = Vec::new();
        options.extend(self.cases_from.as_ref().map(|folder| {
            // As a command of one word is shown.
            format!("--cases-from {}", Recipe::new([folder], transport).shown())
        }));
        options.extend(self.expect_port.map(|port| format!("--expect-port {port}")));
        let lifetime = self.lifetime.map(Lifetime::from);
        options.extend(lifetime.map(|lifetime| format!("--lifetime {}", lifetime.word())));
        options.extend(self.suite.speech.typed());
        options.extend(self.suite.reaching());
        options.extend(self.launching.typed());
        let (command, address, path) = match target {
            Target::Address(address) => (None, address.to_string(), None),
            Target::Command(recipe) => {
                let path = recipe.origin.as_ref().map(|origin| &origin.path);
                let path = path.map(|path| Recipe::new([path], transport).shown());
                (Some(recipe.by_hand()), String::new(), path)
            }
        };
        Asked {
            dialect: self.suite.speech.read,
            seed: self.suite.seed.0,
            cases: self.suite.cases,
            strict: self.strict,
            part,
            apart,
            command,
            path,
            options,
            began: Timestamp::now().round(Unit::Second).ok(),
            ..Asked::of(self.service, transport, address)
        }
    }

    /// What is known to be broken, where a file says that.
    fn known(&self, asked: &Asked) -> Result<Option<Baseline>, Failure> {
        let Some(file) = &self.baseline else { return Ok(None) };
        if self.write_baseline && !file.exists() {
            return Ok(Some(Baseline::empty(asked)));
        }
        Baseline::read(file, asked).map(Some).map_err(Failure::usage)
    }

    /// How a check ends that is held against a baseline, or writes one.
    fn held(&self, baseline: &Baseline, report: &mut Report) -> Result<Exit, Failure> {
        let conclusion = report.conclusion();
        let file = self.baseline.as_deref().unwrap_or_else(|| Path::new(""));
        if !matches!(conclusion, Conclusion::Conforms | Conclusion::DoesNotConform) {
            return Ok(Exit::from(conclusion));
        }
        if self.write_baseline {
            output::replaced(file, &baseline.renewed(report))?;
            return Ok(Exit::Conforms);
        }
        let held = baseline.held(file.display().to_string(), report);
        let exit = if held.is_expected() { Exit::Conforms } else { Exit::DoesNotConform };
        report.baseline = Some(held);
        Ok(exit)
    }

    /// What is asked for of a target that is there.
    fn found(&self, asked: Asked, host: &Live) -> Asked {
        let bound: SocketAddr = host.bound();
        let expected = self.expect_port.filter(|port| *port != bound.port());
        let others = host.others();
        let others = others.iter().map(|other| format!("it also listens on {other}"));
        let expected = expected.map(|port| format!("listens on {}, expected {port}", bound.port()));
        let notes = others.chain(expected).collect();
        let command = host.command().or(asked.command);
        Asked { address: bound.to_string(), notes, command, ..asked }
    }

    /// What of the suite is asked for.
    fn part(&self, own: &[Case], selection: &Selection<'_>) -> Part {
        let [only, skip] = [&self.suite.only, &self.suite.skip].map(|given| options::names(given));
        let asked = |case: &Case| selection.cases.iter().any(|other| other.name == case.name);
        let (own, unasked): (Vec<&Case>, Vec<&Case>) = own.iter().partition(|case| asked(case));
        let [own, unasked] =
            [own, unasked].map(|cases| cases.into_iter().map(|case| case.name.clone()).collect());
        Part { only, skip, own, unasked }
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
