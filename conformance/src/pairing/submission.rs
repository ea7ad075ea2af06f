//! What takes part: a program of somebody's, and how it is launched.

use std::net::Ipv4Addr;

use crate::blame::Blame;
use crate::client::contact;
use crate::target::{LaunchError, Recipe};

use super::Asked;
use super::words::Words;

/// A port that stands in nobody's program: who goes there has been told it.
const TOLD: u16 = 48_317;

/// One of the clients, or of the servers.
#[derive(Clone, Debug)]
pub struct Submission {
    /// What it is called in the table.
    pub name: String,
    /// How it is launched, if that is known.
    pub recipe: Result<Recipe, Unfit>,
}

/// Why a program takes part in nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// In a line.
    pub why: String,
    /// Who is to blame; the machine's faults are nobody's.
    pub blame: Blame,
}

impl From<&LaunchError> for Unfit {
    fn from(error: &LaunchError) -> Self {
        let lines = error.to_string();
        let why = lines.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        Self { why, blame: error.blame() }
    }
}

/// A client that is known to come to a server.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) recipe: Recipe,
    /// The port that it wants, whatever it is told.
    pub(super) wants: Option<u16>,
}

impl Submission {
    /// The server, built.
    pub(super) async fn server(&self) -> Result<Recipe, Unfit> {
        self.recipe.clone()?.built().await.map_err(|error| Unfit::from(&error))
    }

    /// The client, built, and where it goes.
    pub(super) async fn client(&self, asked: &Asked) -> Result<Client, Unfit> {
        let recipe = self.server().await?;
        if recipe.place.shares_ports() {
            // There nobody sees where it goes.
            return Ok(Client { recipe, wants: None });
        }
        let port = wanted(&recipe, asked).await.map_err(|error| Unfit::from(&error))?;
        Ok(Client { recipe, wants: (port != TOLD).then_some(port) })
    }
}

/// The port to which a client goes that is told one, when its user asks the first question.
async fn wanted(recipe: &Recipe, asked: &Asked) -> Result<u16, LaunchError> {
    let grounded = recipe.grounded().await?;
    let questions = asked.questions();
    let spoken = Words::of(asked, (Ipv4Addr::LOCALHOST, TOLD).into()).told(recipe);
    let first = questions.first().and_then(|question| question.request.literal());
    let typed = first.filter(|_| asked.converses() && !Words::are_in(recipe));
    contact(&spoken, &grounded, None, typed, asked.patience).await
}
