//! `trueline doctor`: what isolation this machine offers, and why not more.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use clap::Args;
use trueline_conformance::isolation::{Isolation, Lack, Step};

use super::exit::{Exit, Failure};

/// How often isolation is set up to see how long it takes.
const TRIES: usize = 5;

/// Tell what isolation this machine offers, and why not more
///
/// Everything is tried, nothing guessed: a launch is prepared as `trueline check` prepares one, in this folder.
#[derive(Debug, Args)]
pub(super) struct Doctor {}

impl Doctor {
    pub(super) async fn perform(self) -> Result<Exit, Failure> {
        let isolation = Isolation::by_itself();
        let (mut times, mut lack) = (Vec::new(), None);
        for _ in 0..TRIES {
            let began = Instant::now();
            lack = isolation.try_out(None).await.err();
            times.push(began.elapsed());
            if lack.is_some() {
                break;
            }
        }
        times.sort_unstable();
        let text = told(lack.as_ref(), times[times.len() / 2]);
        // Whoever stops reading has read enough.
        let _ = std::io::stdout().write_all(text.as_bytes());
        Ok(Exit::Conforms)
    }
}

fn told(lack: Option<&Lack>, time: Duration) -> String {
    let failed = lack.map(|lack| lack.step);
    let mut text = match failed {
        None => "Launched programs are isolated on this machine (--isolation full).\n\n".to_owned(),
        Some(_) => "Launched programs cannot be isolated on this machine (--isolation none).\n\n"
            .to_owned(),
    };
    let mut mark = "✓";
    for step in Step::ALL {
        if failed == Some(step) {
            mark = "✗";
        }
        let _ = writeln!(text, "  {mark} {step}");
        if mark == "✗" {
            mark = "·";
        }
    }
    match lack {
        None => {
            let _ = writeln!(text, "\nTo set all this up takes {} ms.", time.as_millis());
        }
        Some(lack) => {
            let _ = writeln!(text, "\nWhat failed is {lack}.");
            for (what, mend) in Lack::hindrances() {
                let _ = writeln!(text, "\n  Found here: {what}.\n  Mend: {mend}.");
            }
            text += "\nWithout isolation a program runs with your rights: check those of strangers elsewhere.\n";
        }
    }
    text
}
