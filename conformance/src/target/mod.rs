//! The implementation under test: an address, or a command that is launched.
//!
//! ```text
//! Recipe --launch--> Place::start -> program -> readiness -> choice -> endpoint -> Running
//!                                       |           |
//!                                    family      kernel's socket tables, never a connection
//! ```
//!
//! [`Recipe::launch`] starts a program and returns when its socket is there; [`Running`] is the program
//! until it is stopped or dropped, and nothing of it outlives that: it is killed with all its descendants.
//! What goes wrong is a [`LaunchError`] that says who is to blame. Where the program runs is
//! [`Place`]'s business alone. Nothing here connects to anything.

use std::net::SocketAddr;

mod address;
mod choice;
mod ending;
mod endpoint;
mod family;
mod last_words;
mod launch_error;
mod lifetime;
mod output;
mod place;
mod pool;
mod port;
mod program;
mod readiness;
mod recipe;
mod refusal;
mod root;
mod running;
mod session;
mod source;
mod suggestion;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;

pub use self::address::{AddressError, parse_address};
pub use self::ending::Ending;
pub use self::endpoint::Endpoint;
pub use self::last_words::LastWords;
pub(crate) use self::last_words::harmless;
pub use self::launch_error::LaunchError;
pub(crate) use self::lifetime::Life;
pub use self::lifetime::Lifetime;
pub(crate) use self::output::position;
pub use self::output::{Captured, Output, Printing};
pub use self::place::Place;
pub(crate) use self::pool::Pool;
pub use self::recipe::Recipe;
pub(crate) use self::running::Forerunner;
pub use self::running::{Running, Stopped};
pub(crate) use self::session::{Grounded, Session};
pub use self::source::{
    BUILD_LIMIT, Build, Origin, Source, SourceError, Submissions, find, submissions,
};

/// What is checked.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a check has one of it, or two")]
pub enum Target {
    /// A server that someone else runs, at an address that [`parse_address`] let pass. It cannot be
    /// launched again.
    Address(SocketAddr),
    /// A program to be launched, as often as is needed.
    Command(Recipe),
}

impl Target {
    /// The target, built if it has to be: [`Recipe::built`].
    ///
    /// # Errors
    ///
    /// It cannot be built.
    pub async fn built(self) -> Result<Self, LaunchError> {
        match self {
            Self::Address(_) => Ok(self),
            Self::Command(recipe) => recipe.built().await.map(Self::Command),
        }
    }
}
