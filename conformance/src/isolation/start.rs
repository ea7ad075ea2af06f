//! What is started in isolation, and what comes of it: the words in which the rest of the suite speaks of it.

use std::ffi::OsString;
use std::io::{self, PipeReader};
use std::path::Path;
use std::process::ExitStatus;

use super::lack::Lack;
use super::limits::Excess;

/// What is to be started in isolation.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nothing is isolated there"))]
pub(crate) struct Start<'a> {
    /// The program and its arguments. None: all is set up, and nothing is started.
    pub(crate) command: &'a [OsString],
    /// The folder it runs in, if not the runner's own.
    pub(crate) directory: Option<&'a Path>,
    /// Variables beside those that are kept.
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// What is typed to it; nothing: it has no standard input.
    pub(crate) input: &'a [u8],
    /// Its standard input, where the runner goes on typing; `input` is of no concern then.
    pub(crate) keyboard: Option<PipeReader>,
}

/// Why a program was not started in isolation.
#[derive(Debug)]
pub(crate) enum Unset {
    /// Isolation is not to be had.
    Lack(Lack),
    /// The system refuses to start the program.
    NotStarted(io::Error),
}

/// How an isolated program came to its end.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nothing is isolated there"))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Closing {
    /// By itself, or by a signal.
    Ended(ExitStatus),
    /// By the helper, for it had used too much.
    Exceeded(Excess),
}
