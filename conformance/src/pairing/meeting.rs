//! One client and one server: both are launched in a network of their own, the user asks, and both are ended.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::timeout;

use super::Asked;
use super::outcome::{Fault, Outcome, Unserved};
use super::relay::Relay;
use super::submission::{Client, Unfit};
use super::user::User;
use super::words::Words;
use crate::capture::Tap;
use crate::dialogue::Question;
use crate::report::words::in_words;
use crate::target::{Grounded, LastWords, Recipe, Running};

/// How long a server may take to end once its client has seen that, and a frame to be seen.
const GRACE: Duration = Duration::from_millis(200);

/// A client that meets a server.
pub(super) struct Meeting<'a> {
    pub(super) client: &'a Client,
    pub(super) server: &'a Recipe,
    pub(super) asked: &'a Asked,
    /// How many replies the client prints if its server is right; where that is not known it may end after any of them.
    pub(super) due: Option<usize>,
}

impl Meeting<'_> {
    /// Brings both together, and says what came of it.
    pub(super) async fn held(&self) -> Outcome {
        // A server that wants to be told a port is told the one that its client wants.
        let told = Recipe { expect_port: self.client.wants, ..self.server.clone() }.told_port();
        let recipe = match told {
            Ok(recipe) => recipe,
            Err(error) => return Outcome::Undecided(format!("no port is free: {error}")),
        };
        let mut running = match recipe.launch().await {
            Ok(running) => running,
            Err(error) => return Outcome::no_server(Unfit::from(&error)),
        };
        let outcome = self.with(&mut running).await;
        let lost = running.lost();
        running.stop().await;
        match (lost, outcome) {
            (Some(why), _) => Outcome::Undecided(format!("the server was lost sight of: {why}")),
            (None, Ok(outcome)) => outcome,
            (None, Err(error)) => {
                Outcome::Undecided(format!("the client cannot be followed: {error}"))
            }
        }
    }

    /// Lets a client meet a server that listens.
    async fn with(&self, running: &mut Running) -> io::Result<Outcome> {
        let address = running.endpoint().address;
        let grounded = Grounded::beside(running)?;
        let tap = grounded.network().tap().await?;
        let relay = match self.client.wants.filter(|port| *port != address.port()) {
            None => None,
            Some(port) => {
                let transport = self.asked.transport;
                Some(Relay::at(port, grounded.network(), address, transport).await?)
            }
        };
        let questions = self.asked.questions();
        let recipe = &self.client.recipe;
        let user = User {
            questions: &questions[..Words::given(recipe, &questions)],
            is_typed: self.asked.converses() && !Words::are_in(recipe),
            patience: self.asked.patience,
        };
        let mut session = match Words::of(self.asked, address).told(recipe).begin(&grounded).await {
            Ok(session) => session,
            Err(error) => return Ok(Outcome::no_client(Unfit::from(&error))),
        };
        let passed = async {
            match &relay {
                Some(relay) => relay.pass().await,
                None => std::future::pending().await,
            }
        };
        let knock = tap.as_ref().map(|tap| tap.knock(self.asked.transport));
        let used = tokio::select! {
            used = user.uses(&mut session, knock) => used?,
            failed = passed => match failed? {},
        };
        let went = used.went;
        let (_, output) = session.stop().await;
        let seen = user.saw(used, &output);
        let all = user.questions.len();
        let ends_early = self.due.is_none() && seen.ends_well() && seen.replies > 0;
        let is_served = seen.replies >= self.due.unwrap_or(all).min(all) || ends_early;
        match (is_served, seen.ending) {
            (true, Some(_)) => Ok(Outcome::Works(seen.replies)),
            (true, None) => Ok(Outcome::Fails(Fault::RunsOn)),
            (false, _) => {
                if let Some(elsewhere) = self.elsewhere(went, tap.as_ref(), address).await? {
                    return Ok(Outcome::Fails(elsewhere));
                }
                let server = timeout(GRACE, running.exited()).await.ok();
                let server = server.map(|ending| (ending, LastWords::of(&running.output())));
                let client = seen.ending.map(|ending| (ending, LastWords::of(&output)));
                let Question { request, reply } = &user.questions[seen.replies];
                let request = self.asked.converses().then(|| request.to_string());
                let due = in_words(reply);
                let unserved = Unserved { request, due, printed: seen.other, server, client };
                Ok(Outcome::Fails(Fault::Unserved(Box::new(unserved))))
            }
        }
    }

    /// Whether the client went elsewhere, or nowhere. Its first frame tells, which it may have sent just before it ended.
    async fn elsewhere(
        &self,
        went: Option<u16>,
        tap: Option<&Tap>,
        server: SocketAddr,
    ) -> io::Result<Option<Fault>> {
        let Some(tap) = tap else { return Ok(None) };
        let went = match went {
            Some(port) => Some(port),
            None => timeout(GRACE, tap.knock(self.asked.transport)).await.ok().transpose()?,
        };
        let due = self.client.wants.unwrap_or_else(|| server.port());
        let is_right = went == Some(due);
        Ok((!is_right).then_some(Fault::Elsewhere { went, server: server.port() }))
    }
}
