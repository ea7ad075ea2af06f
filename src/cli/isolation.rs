//! `--isolation`: how launched programs are kept apart from this machine.

use clap::ValueEnum;
use miette::miette;
use trueline_conformance::isolation::Isolation;
use trueline_conformance::report::Apart;
use trueline_conformance::target::{Place, Recipe};

use super::exit::{Exit, Failure};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Wanted {
    /// Isolated where this machine allows it; where not, the report says why (`trueline doctor` says more)
    Auto,
    /// Isolated, or not at all: exit code 4, with the reason
    Full,
    /// As any other program of yours, with your rights
    None,
}

impl Wanted {
    /// The recipe with its place, and what is to be said of it. Isolation is tried, not guessed.
    pub(super) async fn settled(self, recipe: Recipe) -> Result<(Recipe, Apart), Failure> {
        if self == Self::None {
            return Ok((recipe, Apart::None { why: None }));
        }
        let isolation = Isolation::by_itself();
        match isolation.try_out(recipe.directory.as_deref()).await {
            Ok(()) => Ok((Recipe { place: Place::Isolated(isolation), ..recipe }, Apart::Full)),
            Err(lack) if self == Self::Auto => {
                Ok((recipe, Apart::None { why: Some(lack.to_string()) }))
            }
            Err(lack) => {
                let help = lack.mend();
                let report = miette!(help = help, "programs cannot be isolated here: {lack}");
                Err(Failure { report, exit: Exit::Inconclusive })
            }
        }
    }

    /// The option as it was typed, if it was.
    pub(super) fn typed(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Full => Some("--isolation full"),
            Self::None => Some("--isolation none"),
        }
    }
}
