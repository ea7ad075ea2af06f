//! `trueline diff`: do two servers answer alike, and does every client work with every server?

mod pairs;

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Write};
use std::net::IpAddr;
use std::path::Path;

use clap::Args;
use miette::miette;
use trueline_conformance::case::{self, Case};
use trueline_conformance::dialect::spec_of;
use trueline_conformance::diff::{Asked, Head, Side, diff, human};
use trueline_conformance::pace::Pace;
use trueline_conformance::report::{Apart, DEFAULT_CASES};
use trueline_conformance::run::{Live, Patience, Selection};
use trueline_conformance::target::{AddressError, LaunchError, Target, parse_address};
use trueline_protocol::service::Service;

use super::exit::{Exit, Failure};
use super::isolation::Wanted;
use super::launching::told_port;
use super::options::{self, Suite};
use super::output::colours;
use super::progress::Progress;
use crate::serve::stop_signal;

/// How a command is given.
const EXAMPLE: &str = "give a command in quotes: 'python3 server.py'";

/// Compare two servers, or bring every client together with every server
///
/// Both are spoken to in the same dialogues, those of `trueline check`. Nothing is expected of them: what one answers is
/// held against what the other does, but for what the dialect leaves open, the words of an error and the time of day. The
/// smallest dialogue on which they differ is shown.
///
/// Each of LEFT and RIGHT is the address of a running server, host:port or a port of this machine; a program or a folder
/// with one, as `trueline check` finds it; a command in quotes, which is launched and ended with all that it has started,
/// `{port}` in it being a free port; or the word `reference`, a server that keeps SPEC.md.
///
/// With --clients and --servers every client of a folder meets every server of another, which may be the same: each program
/// that lies in it, or folder with one, is a submission. Both are launched for each meeting, a client is typed to as a person
/// would, and the table tells whether it printed what was due to each request, and ended. A client and a server that are right
/// take part, too, so that it is seen who is to blame. Where a client means another port than its server has, what both say is
/// passed on. The exit code is 0 when all submissions work together, and 1 when some do not.
#[derive(Debug, Args)]
#[command(after_help = super::exit::TABLE)]
#[command(
    override_usage = "trueline diff <SERVICE> [OPTIONS] <LEFT> <RIGHT>\n       trueline diff <SERVICE> [OPTIONS] --clients <DIR> --servers <DIR>"
)]
pub(super) struct Diff {
    /// What both are to speak
    #[arg(value_parser = super::service())]
    service: Service,
    /// An address, a path, 'a command in quotes', or `reference`
    #[arg(required_unless_present = "clients")]
    left: Option<String>,
    /// The other
    #[arg(required_unless_present = "clients")]
    right: Option<String>,
    #[command(flatten)]
    suite: Suite,
    #[command(flatten)]
    pairs: pairs::Pairs,
    /// How launched programs are kept apart from this machine, and from each other
    #[arg(long, value_enum, default_value = "auto")]
    isolation: Wanted,
}

/// What an argument stands for.
enum Meant {
    Reference,
    Target(Box<Target>),
}

impl Diff {
    pub(super) async fn perform(mut self) -> Result<Exit, Failure> {
        self.suite.settle(self.service)?;
        let transport = self.suite.transport();
        super::spoken_over(self.service, transport)?;
        if let (Some(clients), Some(servers)) = (&self.pairs.clients, &self.pairs.servers) {
            return self.perform_pairs(clients, servers).await;
        }
        let dialect = self.suite.speech.read;
        let all: Vec<&Case> = case::of(self.service).iter().collect();
        let Suite { only, skip, .. } = &self.suite;
        let cases = Selection::held_to(spec_of(dialect), &all, self.service, transport, only, skip)
            .map_err(Failure::unselected)?
            .cases;
        let [left, right] = self.targets();
        let (left, right) = (self.meant(left)?, self.meant(right)?);
        let stop = stop_signal()
            .map_err(|error| Failure::machine(format!("signals cannot be waited for: {error}")))?;
        let compared = async {
            let ((left, apart), (right, also)) =
                (self.settled(left).await?, self.settled(right).await?);
            let unisolated = apart.why().or_else(|| also.why()).map(str::to_owned);
            // One after the other: of two that want the same port, it is always the second that does not get it.
            let left = self.started(left).await?;
            let right = match self.started(right).await {
                Ok(right) => right,
                Err(failure) => {
                    left.stop().await;
                    return Err(failure);
                }
            };
            let asked = Asked {
                service: self.service,
                dialect,
                transport,
                seed: self.suite.seed.0,
                cases: self.suite.cases,
                patience: Patience::of(self.suite.timeout),
            };
            let head = self.head([&left, &right], unisolated);
            let mut progress = Progress::new();
            let found =
                diff([&left, &right], &asked, &cases, &mut |event| progress.on_diff(event)).await;
            left.stop().await;
            right.stop().await;
            let text = human(&head, &asked, &found, colours(std::io::stdout().is_terminal()));
            // Whoever stops reading has read enough: the exit code still tells.
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ok(Exit::from(found.conclusion()))
        };
        tokio::select! {
            exit = compared => exit,
            () = stop => Err(Failure::machine("the comparison was interrupted")),
        }
    }

    fn targets(&self) -> [&str; 2] {
        [&self.left, &self.right].map(|target| target.as_deref().unwrap_or_default())
    }

    /// What LEFT or RIGHT stands for.
    fn meant(&self, argument: &str) -> Result<Meant, Failure> {
        if argument.trim() == "reference" {
            return Ok(Meant::Reference);
        }
        let words = shell_words::split(argument).map_err(|_| {
            Failure::misused(
                format!("a quote in `{argument}` is not closed"),
                "put the command into quotes of one kind, and those in it into the other",
            )
        })?;
        let terms = self.suite.terms();
        if let [word] = words.as_slice()
            && (self.is_address(word) || is_source(word))
        {
            return terms.named(OsStr::new(word), &[]).map(Box::new).map(Meant::Target);
        }
        let command: Vec<OsString> = words.into_iter().map(OsString::from).collect();
        let recipe = terms.launched(&command, EXAMPLE)?;
        Ok(Meant::Target(Box::new(Target::Command(recipe))))
    }

    /// Whether a word is meant as an address, a wrong one perhaps, rather than as a program.
    fn is_address(&self, word: &str) -> bool {
        use AddressError::{Junk, NoPort};
        let host = word.eq_ignore_ascii_case("localhost")
            || word.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        let known = !matches!(
            parse_address(word, self.suite.allow_remote),
            Err(NoPort { .. } | Junk { .. })
        );
        (known || host || word.contains("://")) && !Path::new(word).exists()
    }

    async fn started(&self, meant: Meant) -> Result<Side, Failure> {
        let transport = self.suite.transport();
        match meant {
            Meant::Reference => {
                Ok(Side::reference(self.service, transport, self.suite.speech.read))
            }
            Meant::Target(target) => {
                let live = match target.built().await {
                    Ok(target) => Live::start(target, transport).await,
                    Err(error) => Err(error),
                };
                match live {
                    Ok(live) => Ok(Side::live(live, Pace::new(self.suite.timeout))),
                    Err(error @ LaunchError::PortTaken { .. }) => {
                        let help = "if both want the same port, give each one of its own";
                        let exit = Exit::from(error.blame());
                        Err(Failure { report: miette!(help = help, "{error}"), exit })
                    }
                    Err(error) => {
                        let blame = error.blame();
                        Err(Failure::blamed(error, blame))
                    }
                }
            }
        }
    }

    /// What is meant in its place, and how that is kept apart from this machine.
    async fn settled(&self, meant: Meant) -> Result<(Meant, Apart), Failure> {
        match meant {
            Meant::Target(target) => match *target {
                Target::Command(recipe) => {
                    let (recipe, apart) = self.isolation.settled(recipe).await?;
                    let target = Target::Command(told_port(recipe)?);
                    Ok((Meant::Target(Box::new(target)), apart))
                }
                address @ Target::Address(_) => {
                    Ok((Meant::Target(Box::new(address)), Apart::None { why: None }))
                }
            },
            Meant::Reference => Ok((meant, Apart::None { why: None })),
        }
    }

    fn head(&self, sides: [&Side; 2], unisolated: Option<String>) -> Head {
        let mut options = Vec::new();
        if self.suite.cases > DEFAULT_CASES {
            options.push(format!("--cases {}", self.suite.cases));
        }
        options.extend(self.suite.speech.typed());
        options.extend(self.suite.reaching());
        options.extend(self.isolation.typed().map(str::to_owned));
        Head {
            only: options::names(&self.suite.only),
            skip: options::names(&self.suite.skip),
            typed: self.targets().map(|it| shell_words::quote(it).into_owned()),
            options,
            shown: sides.map(Side::shown),
            unisolated,
        }
    }
}

/// Whether a word is a file whose name says what it is, or a folder: nobody types that as a command.
fn is_source(word: &str) -> bool {
    let path = Path::new(word);
    path.is_dir() || path.is_file() && path.extension().is_some()
}
