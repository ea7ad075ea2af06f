//! What the helper and init are told: all that they need to know, once, as JSON.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use super::limits::Limits;
use super::view::View;

/// How one program is to be isolated and started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    /// The program and its arguments. None: all is set up, and nothing is started.
    pub(super) command: Vec<OsString>,
    /// The folder it runs in, as an absolute path.
    pub(super) directory: OsString,
    /// Its whole environment.
    pub(super) environment: Vec<(OsString, OsString)>,
    /// What is typed to it; nothing: it has no standard input.
    pub(super) input: Vec<u8>,
    /// Whether its standard input comes with the plan, instead.
    pub(super) is_typed: bool,
    /// Whether, without a program, all that is set up stays until the runner is gone.
    pub(super) stays: bool,
    /// Whether its folder is to be handed over, through a socket that comes with the plan.
    pub(super) is_kept: bool,
    /// What it sees of the file system.
    pub(super) view: View,
    /// What it may use.
    pub(super) limits: Limits,
    /// As whom it runs, if not as whoever runs the suite: the number of a user and of a group.
    pub(super) stranger: Option<u32>,
    /// Whether it goes where another program was: the namespaces of users and of network come with the plan.
    pub(super) joins: bool,
}
