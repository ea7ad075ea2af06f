//! Waiting until a program listens. The kernel's socket tables are looked at and nothing is connected:
//! to connect and close kills or uses up half of the servers that students write.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::choice::{Choice, choose};
use super::ending::Ending;
use super::program::Program;
use super::recipe::Recipe;
use crate::kernel::{self, Listener};

const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(10);
/// Every so many looks those descendants are looked for, too, that are not easily found.
const THOROUGH: u32 = 16;

/// Why a program is not ready.
#[derive(Debug)]
pub(super) enum Unready {
    /// All of it has ended.
    Ended(Ending),
    /// The limit is over; these sockets it has bound.
    Late(Vec<Listener>),
    /// The socket tables cannot be read.
    CannotTell,
    /// Nobody knows what becomes of it, for this reason.
    Lost(String),
}

/// Waits for the recipe's socket. The wait between two looks grows from 1 to 10 ms, a sixteenth of the time
/// waited so far, so that it adds little to any start.
pub(super) async fn ready(program: &mut Program, recipe: &Recipe) -> Result<Choice, Unready> {
    let start = Instant::now();
    let mut root_is_over = false;
    let is_own = |ip| recipe.place.owns(ip);
    for look in 1_u32.. {
        // Taken before the look: a program is given its last chance after the limit, not before.
        let waited = start.elapsed();
        let pids = program.pids(look.is_multiple_of(THOROUGH));
        let found = kernel::listeners(&pids).ok_or(Unready::CannotTell)?;
        if let Some(choice) = choose(recipe, &found, is_own) {
            return Ok(choice);
        }
        if root_is_over && let Some(ending) = program.ended() {
            return Err(Unready::Ended(ending));
        }
        if let Some(why) = program.lost() {
            return Err(Unready::Lost(why.to_owned()));
        }
        let Some(left) = recipe.start_limit.checked_sub(waited).filter(|l| !l.is_zero()) else {
            break;
        };
        tokio::select! {
            _ = program.root_over(), if !root_is_over => root_is_over = true,
            () = sleep((waited / 16).clamp(SHORTEST, LONGEST).min(left)) => {}
        }
    }
    let pids = program.pids(true);
    let found = kernel::listeners(&pids).ok_or(Unready::CannotTell)?;
    choose(recipe, &found, is_own).ok_or(Unready::Late(found))
}
