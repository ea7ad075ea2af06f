//! Options that several commands have.

use std::ffi::OsString;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use trueline_conformance::dialect::{BUILT_IN, Dialect, LINE};
use trueline_conformance::pace::Pace;
use trueline_conformance::report::{DEFAULT_CASES, DEFAULT_SEED};

use trueline_conformance::transport::Transport;
use trueline_protocol::service::Service;

use super::On;
use super::exit::Failure;
use super::target::Terms;

/// What of the suite is asked, and how.
#[derive(Debug, Args)]
pub(super) struct Suite {
    /// What to speak over [default: tcp, or udp where the dialect has nothing else]
    #[arg(long, value_enum)]
    transport: Option<On>,
    /// That, once the dialect was read.
    #[arg(skip = Transport::Tcp)]
    over: Transport,
    #[command(flatten)]
    pub(super) speech: Speech,
    /// Where generated cases begin: a number, or `random`
    #[arg(long, value_name = "N|random", default_value_t = Seed(DEFAULT_SEED), allow_negative_numbers = true)]
    pub(super) seed: Seed,
    /// Generated cases for each property; after 15 seconds only a few are begun, or later with a longer --timeout
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CASES, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) cases: u32,
    /// Only the cases of these requirements or areas, or these cases: FRAME-3,CALC,frame.cut; may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(super) only: Vec<String>,
    /// All but these requirements, areas or cases; may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(super) skip: Vec<String>,
    /// The longest deadline, the one for a program to start; a first reply has a fifth of it
    #[arg(long, value_name = "SECONDS", default_value = "5", allow_negative_numbers = true, value_parser = seconds)]
    pub(super) timeout: Duration,
    /// Speak to an address that is not this machine's
    #[arg(long)]
    pub(super) allow_remote: bool,
}

/// How to speak.
#[derive(Debug, Args)]
pub(super) struct Speech {
    /// How to speak: `line`, `original`, or the name of a dialect file; `trueline init dialect` writes one
    #[arg(long, value_name = "NAME|FILE", default_value = LINE)]
    dialect: String,
    /// The dialect, once it was read.
    #[arg(skip)]
    pub(super) read: Option<&'static Dialect>,
}

impl Speech {
    /// Reads the dialect, as far as it is about this service.
    pub(super) fn settle(&mut self, service: Service) -> Result<Option<&'static Dialect>, Failure> {
        self.read = Dialect::find(&self.dialect, service).map_err(Failure::usage)?;
        Ok(self.read)
    }

    /// What is spoken over, where this was asked for.
    pub(super) fn over(&self, asked: Option<On>) -> Result<Transport, Failure> {
        let asked = asked.map(Transport::from);
        let Some(dialect) = self.read else { return Ok(asked.unwrap_or(Transport::Tcp)) };
        let spoken = dialect.transports();
        match asked {
            None if !spoken.contains(&Transport::Tcp) => Ok(Transport::Udp),
            Some(asked) if !spoken.contains(&asked) => Err(Failure::misused(
                format!("{} is not spoken over {}", dialect.name, asked.acronym()),
                "leave out `--transport`, or name it under `transport` in the dialect file",
            )),
            asked => Ok(asked.unwrap_or(Transport::Tcp)),
        }
    }

    /// As another trueline is told it, wherever that runs.
    pub(super) fn words(&self) -> Result<Vec<OsString>, Failure> {
        if self.read.is_none() {
            return Ok(Vec::new());
        }
        let known = BUILT_IN.iter().any(|(name, _)| *name == self.dialect);
        let file = match known {
            true => self.dialect.clone().into(),
            false => std::fs::canonicalize(&self.dialect).map_err(|error| {
                Failure::machine(format!("{} is not found any more: {error}", self.dialect))
            })?,
        };
        Ok(vec!["--dialect".into(), file.into()])
    }

    /// As it would be typed, where it must be.
    pub(super) fn typed(&self) -> Option<String> {
        let named = shell_words::quote(&self.dialect);
        self.read.is_some().then(|| format!("--dialect {named}"))
    }
}

impl Suite {
    /// Reads the dialect, and finds out what it is spoken over.
    pub(super) fn settle(&mut self, service: Service) -> Result<(), Failure> {
        self.speech.settle(service)?;
        self.over = self.speech.over(self.transport)?;
        Ok(())
    }

    /// What is spoken over.
    pub(super) const fn transport(&self) -> Transport {
        self.over
    }

    /// What a target is spoken to over, and how patiently.
    pub(super) fn terms(&self) -> Terms {
        Terms {
            transport: self.transport(),
            start_limit: self.timeout,
            allow_remote: self.allow_remote,
        }
    }

    /// How to reach the target in the same way again, each option as it would be typed.
    pub(super) fn reaching(&self) -> Vec<String> {
        let mut options = Vec::new();
        if self.timeout != Pace::LONGEST {
            options.push(format!("--timeout {}", self.timeout.as_secs_f64()));
        }
        if self.allow_remote {
            options.push("--allow-remote".to_owned());
        }
        options
    }
}

/// A seed as it is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seed(pub(super) u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            // The standard library seeds its hash maps from the system's random numbers.
            "random" => Ok(Self(RandomState::new().hash_one(std::process::id()))),
            number => number.parse().map(Self).map_err(|_| "write a number or `random`".to_owned()),
        }
    }
}

/// A time in seconds, as an option gives it.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "write seconds, such as 5 or 0.5")?;
    if !(0.01..=3600.0).contains(&seconds) {
        return Err("between 0.01 and 3600 seconds".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// Names as they were given to `--only` or `--skip`.
pub(super) fn names(given: &[String]) -> Vec<String> {
    let names = given.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

const _: () = assert!(Pace::LONGEST.as_secs() == 5, "the default of --timeout");
