//! `--pcap`: whether what goes over the network can be captured, and where captures are kept.

use std::path::Path;

use miette::miette;
use trueline_conformance::report::{Apart, Check};
use trueline_conformance::run::Live;

use super::exit::{Exit, Failure};
use super::output::Folder;

/// The folder for captures, where they are asked for of a program that is isolated.
pub(super) fn folder(asked: Option<&Path>, check: &Check) -> Result<Option<Folder>, Failure> {
    if asked.is_none() {
        return Ok(None);
    }
    let others =
        "what others send on this machine would be captured with it, and that needs privilege";
    match (&check.command, &check.apart) {
        (None, _) => Err(Failure::misused(
            format!("a server that runs already cannot be captured: {others}"),
            "leave out `--pcap`, or give the command that starts the server: it gets a network of its own",
        )),
        (Some(_), Apart::Full) => Folder::of_captures(asked),
        (Some(_), Apart::None { why: None }) => Err(Failure::misused(
            format!("a program that is not isolated cannot be captured: {others}"),
            "leave out `--pcap`, or `--isolation none`",
        )),
        (Some(_), Apart::None { why: Some(why) }) => {
            let help = "`trueline doctor` tells more; without `--pcap` it is checked all the same";
            let report = miette!(
                help = help,
                "a program that is not isolated cannot be captured, and none can be isolated here: {why}"
            );
            Err(Failure { report, exit: Exit::Inconclusive })
        }
    }
}

/// Captures what goes over the network of a program from now on.
pub(super) async fn begin(host: &Live) -> Result<(), Failure> {
    host.capture().await.map_err(|error| {
        let help = "without `--pcap` it is checked all the same";
        let report = miette!(help = help, "the network of the program cannot be captured: {error}");
        Failure { report, exit: Exit::Inconclusive }
    })
}
