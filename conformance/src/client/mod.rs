//! Checking a client: the runner is the server, and the user.
//!
//! ```text
//!            types, line by line                sends requests
//!   runner -----------------------> program -------------------> runner
//!   (user) <-----------------------         <------------------- (server)
//!            prints, and ends                 replies: whole, cut, late, none
//! ```
//!
//! In reading order: `case` holds what is asked, as dialogues in the language of transcripts with the parts turned (SPEC.md
//! 1.4); `perform` plays one with a program that is launched for it, over the sockets of `server`; `judge` compares it with
//! what was seen; `contact` finds the port that the program wants; `select` picks cases, and `check`
//! puts it together.
//!
//! How lines are framed and spelled is the business of `server`, `perform` and `judge` alone.

mod case;
mod check;
mod contact;
mod judge;
mod perform;
mod select;
mod server;

pub(crate) use self::case::Turn;
pub use self::case::{ClientCase, of};
pub use self::check::{Clients, check};
pub(crate) use self::contact::contact;
pub use self::select::Selection;
