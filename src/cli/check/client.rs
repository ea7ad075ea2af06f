//! `trueline check --client`: does a client keep SPEC.md?

use std::path::Path;

use jiff::{Timestamp, Unit};
use std::time::Instant;
use trueline_conformance::client::{Clients, Selection, check};
use trueline_conformance::report::{Apart, Check as Asked, Part, Told, Unlaunched};
use trueline_conformance::spec::Party;
use trueline_conformance::target::{Recipe, Target};
use trueline_conformance::transport::Transport;

use super::{Check, unlaunched};
use crate::cli::exit::{Exit, Failure};
use crate::cli::options;
use crate::cli::output::{self, Format};
use crate::cli::progress::Progress;
use crate::serve::stop_signal;

impl Check {
    /// Checks a client: the runner is its server and its user.
    pub(super) async fn perform_client(
        self,
        order: Vec<Result<Format, std::path::PathBuf>>,
    ) -> Result<Exit, Failure> {
        if self.format.contains(&Format::Html) {
            return Err(Failure::misused(
                "a page shows servers only, in this version",
                "take another `--format`: human, json, junit or github",
            ));
        }
        let transport = self.suite.transport();
        super::super::spoken_over(self.service, transport)?;
        let selection = Selection::new(
            self.service,
            transport,
            &self.suite.only,
            &self.suite.skip,
            self.suite.speech.read,
        )
        .map_err(Failure::unselected)?;
        let (recipe, apart) = self.launching.settled(self.client()?).await?;
        let known = recipe.port.or(recipe.expect_port);
        if apart != Apart::Full && known.is_none() {
            return Err(Failure::misused(
                "where the client connects to cannot be found out without isolation",
                "name the port with `--port`, or tell it one with `{port}` in its words",
            ));
        }
        let asked = self.asked_of_client(transport, &recipe, apart);
        let outputs = output::opened(order)?;
        let stop = stop_signal()
            .map_err(|error| Failure::machine(format!("signals cannot be waited for: {error}")))?;
        let checked = async {
            let began = Instant::now();
            let clients = match recipe.built().await {
                Ok(recipe) => Clients::start(recipe, &selection.cases).await,
                Err(error) => Err(error),
            };
            let clients = match clients {
                Ok(clients) => clients,
                Err(error) => {
                    let elapsed = began.elapsed();
                    return unlaunched(Unlaunched { check: asked, error, elapsed }, outputs).await;
                }
            };
            let port = clients.port();
            let other = known.filter(|known| *known != port);
            let mut notes: Vec<String> = other
                .map(|known| format!("it connects to {port}, expected {known}"))
                .into_iter()
                .collect();
            if asked.apart != Apart::Full {
                notes.push(format!("the runner listens at 127.0.0.1:{port} of this machine"));
            }
            let asked = Asked { address: port.to_string(), notes, ..asked };
            let mut progress = Progress::new();
            let report = check(&clients, asked, &selection, &mut |event| progress.on(&event)).await;
            let exit = Exit::from(report.conclusion());
            output::write(Told::from(&report), exit, outputs).await?;
            Ok(exit)
        };
        tokio::select! {
            exit = checked => exit,
            () = stop => Err(Failure::machine("the check was interrupted")),
        }
    }

    /// How to launch the client.
    fn client(&self) -> Result<Recipe, Failure> {
        if let ([word], []) = (self.named.as_slice(), self.command.as_slice())
            && Path::new(word).is_dir()
        {
            return Err(Failure::misused(
                format!("{} is a folder", Path::new(word).display()),
                "name the client in it, or give the command that starts it after `--`",
            ));
        }
        match self.target()? {
            Target::Command(recipe) => Ok(recipe),
            Target::Address(address) => Err(Failure::misused(
                format!("{address} is an address: a client has none"),
                "give its file, or the command that starts it after `--`",
            )),
        }
    }

    fn asked_of_client(&self, transport: Transport, recipe: &Recipe, apart: Apart) -> Asked {
        let [only, skip] = [&self.suite.only, &self.suite.skip].map(|given| options::names(given));
        let path = recipe.origin.as_ref().map(|origin| &origin.path);
        let mut typed: Vec<String> = self.suite.speech.typed().into_iter().collect();
        typed.extend(self.suite.reaching());
        typed.extend(self.launching.typed());
        Asked {
            role: Party::Client,
            dialect: self.suite.speech.read,
            strict: self.strict,
            part: Part { only, skip, ..Part::default() },
            apart,
            command: Some(recipe.by_hand()),
            path: path.map(|path| Recipe::new([path], transport).shown()),
            options: typed,
            began: Timestamp::now().round(Unit::Second).ok(),
            ..Asked::of(self.service, transport, "")
        }
    }
}
