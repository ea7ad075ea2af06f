//! `trueline diff SERVICE --clients DIR --servers DIR`: does every client work with every server?

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use clap::Args;
use trueline_conformance::pairing::{Asked, Head, Parties, Submission, Unfit, human, pair};
use trueline_conformance::report::Apart;
use trueline_conformance::spec::Party;
use trueline_conformance::target::{Place, Recipe, submissions};

use super::Diff;
use crate::cli::exit::{Exit, Failure};
use crate::cli::isolation::Wanted;
use crate::cli::output::colours;
use crate::cli::progress::Progress;
use crate::serve::stop_signal;

/// What the client and the server that are right are called.
const REFERENCE: &str = "reference";

/// Every client with every server.
#[derive(Debug, Args)]
pub(super) struct Pairs {
    /// A folder of clients, each of which meets every server
    #[arg(long, value_name = "DIR", requires = "servers", conflicts_with_all = NOT_OF_PAIRS)]
    pub(super) clients: Option<PathBuf>,
    /// A folder of servers
    #[arg(long, value_name = "DIR", requires = "clients")]
    pub(super) servers: Option<PathBuf>,
    /// An argument for each client: `{host}`, `{port}` and `{address}` say where the server is, `{message}` what to ask; may be
    /// repeated
    #[arg(long, value_name = "WORD", requires = "clients", allow_hyphen_values = true)]
    client_arg: Vec<OsString>,
    /// A line that is typed to each client before its requests, with the same words; may be repeated
    #[arg(long, value_name = "LINE", requires = "clients", allow_hyphen_values = true)]
    client_input: Vec<OsString>,
    /// An argument for each server, `{port}` in it being the port to use; may be repeated
    #[arg(long, value_name = "WORD", requires = "clients", allow_hyphen_values = true)]
    server_arg: Vec<OsString>,
    /// A line that is typed to each server when it starts, with the same word; may be repeated
    #[arg(long, value_name = "LINE", requires = "clients", allow_hyphen_values = true)]
    server_input: Vec<OsString>,
}

/// What is about two servers that are compared.
const NOT_OF_PAIRS: [&str; 7] = ["left", "right", "seed", "cases", "only", "skip", "allow_remote"];

impl Diff {
    /// Pairs the clients of a folder with the servers of a folder.
    pub(super) async fn perform_pairs(
        &self,
        clients: &Path,
        servers: &Path,
    ) -> Result<Exit, Failure> {
        if !self.service.manner().answers() {
            return Err(Failure::misused(
                format!(
                    "nobody answers in {}, so that nothing tells whether two of them work together",
                    self.service
                ),
                "check each client and each server by itself",
            ));
        }
        let stop = stop_signal()
            .map_err(|error| Failure::machine(format!("signals cannot be waited for: {error}")))?;
        let paired = async {
            let mut head = Head { unisolated: None, notes: Vec::new() };
            let clients = self.submitted(clients, Party::Client, &mut head).await?;
            let servers = self.submitted(servers, Party::Server, &mut head).await?;
            let parties = Parties { clients, servers };
            let asked = Asked {
                service: self.service,
                dialect: self.suite.speech.read,
                transport: self.suite.transport(),
                patience: self.suite.timeout,
                jobs: if self.is_apart(&parties) { at_once() } else { 1 },
            };
            let mut progress = Progress::new();
            let table = pair(&parties, &asked, &mut |event| progress.on_pairing(event)).await;
            let table = table.map_err(Failure::machine)?;
            let text = human(&head, &asked, &table, colours(std::io::stdout().is_terminal()));
            // Whoever stops reading has read enough: the exit code still tells.
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ok(Exit::from(table.conclusion()))
        };
        tokio::select! {
            exit = paired => exit,
            () = stop => Err(Failure::machine("the pairing was interrupted")),
        }
    }

    /// Whether no two of them share their ports.
    fn is_apart(&self, parties: &Parties) -> bool {
        let all = parties.clients.iter().chain(&parties.servers);
        let mut recipes = all.filter_map(|submission| submission.recipe.as_ref().ok());
        recipes.all(|recipe| recipe.place != Place::Here)
    }

    /// The submissions of a folder, and the reference.
    async fn submitted(
        &self,
        folder: &Path,
        party: Party,
        head: &mut Head,
    ) -> Result<Vec<Submission>, Failure> {
        let transport = self.suite.transport();
        let found = submissions(folder, party).map_err(Failure::usage)?;
        let (what, other, arguments, input) = match party {
            Party::Client => ("client", "server", &self.pairs.client_arg, &self.pairs.client_input),
            Party::Server => ("server", "client", &self.pairs.server_arg, &self.pairs.server_input),
        };
        if found.found.is_empty() {
            return Err(Failure::misused(
                format!("there is no {what} in {}", folder.display()),
                "put each submission into it: a program, or a folder with one",
            ));
        }
        // In a folder for both nothing is left out of all.
        if !found.left_out.is_empty() && self.pairs.clients != self.pairs.servers {
            head.notes.push(format!(
                "Of {} these are left out, for they are called {other}, or a test: {}.",
                folder.display(),
                found.left_out.join(", ")
            ));
        }
        let mut all = Vec::new();
        for (name, source) in found.found {
            let recipe = match source {
                Ok(source) => {
                    let recipe = source.recipe(arguments, transport);
                    Ok(self.settled_apart(Recipe { input: input.clone(), ..recipe }, head).await?)
                }
                Err(error) => Err(Unfit { why: error.to_string(), blame: error.blame() }),
            };
            all.push(Submission { name, recipe });
        }
        let is_apart = self.isolation != Wanted::None && head.unisolated.is_none();
        let reference = self.settled_apart(self.reference(party, is_apart)?, head).await?;
        all.push(Submission { name: REFERENCE.to_owned(), recipe: Ok(reference) });
        Ok(all)
    }

    /// The recipe in its place.
    async fn settled_apart(&self, recipe: Recipe, head: &mut Head) -> Result<Recipe, Failure> {
        let recipe = Recipe { start_limit: self.suite.timeout, ..recipe };
        let (recipe, apart) = self.isolation.settled(recipe).await?;
        if let Apart::None { why: Some(why) } = apart {
            head.unisolated = Some(why);
        }
        Ok(recipe)
    }

    /// This very program, as a server or as a client.
    fn reference(&self, party: Party, is_apart: bool) -> Result<Recipe, Failure> {
        let own = std::env::current_exe()
            .map_err(|error| Failure::machine(format!("this program is not found: {error}")))?;
        let transport = self.suite.transport();
        let (service, transports) = (self.service.to_string(), transport.to_string());
        // In a network of its own it is wherever a client may look for it.
        let listen = if is_apart { "0.0.0.0:{port}" } else { "127.0.0.1:{port}" };
        let (command, rest) = match party {
            Party::Server => ("serve", ["--listen", listen]),
            Party::Client => ("call", ["{address}", "{messages}"]),
        };
        let words = [command, &service, "--transport", &transports];
        let dialect = self.suite.speech.words()?;
        let words = words.into_iter().map(OsString::from).chain(dialect);
        let words = words.chain(rest.map(OsString::from));
        Ok(Recipe::new([own.into_os_string()].into_iter().chain(words), transport))
    }
}

/// How many meetings go on at the same time: most of theirs is waiting.
fn at_once() -> usize {
    2 * available_parallelism().map_or(1, usize::from)
}
