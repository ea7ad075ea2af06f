//! Options of the commands that launch a program.

use std::ffi::OsString;
use std::time::Duration;

use clap::Args;
use trueline_conformance::isolation::TYPED_MAX;
use trueline_conformance::report::Apart;
use trueline_conformance::target::{BUILD_LIMIT, Recipe};
use trueline_conformance::transport::Transport;

use super::exit::Failure;
use super::isolation::Wanted;
use super::options;

/// How a program is launched.
#[derive(Debug, Args)]
pub(super) struct Launching {
    /// How a launched program is kept apart from this machine
    #[arg(long, value_enum, default_value = "auto")]
    pub(super) isolation: Wanted,
    /// The port on which a launched program is to be spoken to, where it opens several
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) port: Option<u16>,
    /// An argument for the program at PATH, `{port}` in it being the port to use; may be repeated
    #[arg(long, value_name = "WORD", allow_hyphen_values = true)]
    pub(super) arg: Vec<OsString>,
    /// A variable for a launched program, `{port}` in it being the port to use; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// A line that is typed to a launched program when it starts, `{port}` in it being the port to use; may be repeated
    #[arg(long, value_name = "LINE", allow_hyphen_values = true)]
    input: Vec<String>,
    /// How long it may take to build the program at PATH
    #[arg(long, value_name = "SECONDS", default_value = "60", allow_negative_numbers = true, value_parser = options::seconds)]
    build_timeout: Duration,
}

impl Launching {
    /// Says no to options that are about a program, of a server that runs already.
    pub(super) fn without_program(&self) -> Result<(), Failure> {
        let given = [
            ("--port", self.port.is_some()),
            ("--arg", !self.arg.is_empty()),
            ("--env", !self.env.is_empty()),
            ("--input", !self.input.is_empty()),
        ];
        match given.into_iter().find(|(_, is_given)| *is_given) {
            Some((option, _)) => Err(Failure::misused(
                format!("`{option}` is about a program that is launched"),
                "leave it out: an address has its port, and what listens there runs already",
            )),
            None => Ok(()),
        }
    }

    /// Says no to arguments beside a command that has its own.
    pub(super) fn without_arguments(&self) -> Result<(), Failure> {
        if self.arg.is_empty() {
            return Ok(());
        }
        let mend = "write it after the command: `-- python3 server.py WORD`";
        Err(Failure::misused("`--arg` is for the program at a path", mend))
    }

    /// The recipe in its place and with all that is given to it, and how it is kept apart.
    pub(super) async fn settled(&self, recipe: Recipe) -> Result<(Recipe, Apart), Failure> {
        if self.input.iter().map(|line| line.len() + 1).sum::<usize>() > TYPED_MAX {
            let what = format!("`--input` is more than the {TYPED_MAX} octets that can be typed");
            return Err(Failure::misused(what, "let the program read a file"));
        }
        let (mut recipe, apart) = self.isolation.settled(recipe).await?;
        let variables = self.env.iter().map(|(name, value)| (name.into(), value.into()));
        recipe.environment.extend(variables);
        recipe.input = self.input.iter().map(OsString::from).collect();
        recipe.port = self.port;
        if let Some(build) = &mut recipe.build {
            build.limit = self.build_timeout;
        }
        Ok((told_port(recipe)?, apart))
    }

    /// The options as they were typed, if they were.
    pub(super) fn typed(&self) -> Vec<String> {
        // As a command of one word is shown.
        let typed = |option: &str, word: OsString| {
            format!("{option} {}", Recipe::new([word], Transport::Tcp).shown())
        };
        let mut options = Vec::new();
        options.extend(self.port.map(|port| format!("--port {port}")));
        options.extend(self.arg.iter().map(|word| typed("--arg", word.clone())));
        let variables = self.env.iter().map(|(name, value)| format!("{name}={value}"));
        options.extend(variables.map(|variable| typed("--env", variable.into())));
        options.extend(self.input.iter().map(|line| typed("--input", line.into())));
        if self.build_timeout != BUILD_LIMIT {
            options.push(format!("--build-timeout {}", self.build_timeout.as_secs_f64()));
        }
        options.extend(self.isolation.typed().map(str::to_owned));
        options
    }
}

/// The recipe with the port to use in place of `{port}`.
pub(super) fn told_port(recipe: Recipe) -> Result<Recipe, Failure> {
    recipe.told_port().map_err(|error| Failure::machine(format!("no port is free: {error}")))
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE, such as PORT={port}".to_owned()),
    }
}

const _: () = assert!(BUILD_LIMIT.as_secs() == 60, "the default of --build-timeout");
