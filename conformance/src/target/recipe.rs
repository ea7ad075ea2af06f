//! What is launched, and how: all that a launch needs to know beforehand.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use super::lifetime::Lifetime;
use super::place::Place;
use super::source::{Build, Origin};
use crate::transport::Transport;

/// How long a program may take to come up, unless the recipe says otherwise.
const START_LIMIT: Duration = Duration::from_secs(5);

/// How a program is launched. Make one with [`Recipe::new`] and set what differs.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// The folder it runs in, if not the runner's own.
    pub directory: Option<PathBuf>,
    /// Variables added to the runner's environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Lines that are typed on its standard input when it starts, which stays open then. Without any it has none.
    pub input: Vec<OsString>,
    /// Whether the runner types further lines while it runs.
    pub types: bool,
    /// What has to be done first: [`Recipe::built`].
    pub build: Option<Box<Build>>,
    /// Where it comes from, if it was found.
    pub origin: Option<Box<Origin>>,
    /// What the service is to be spoken over.
    pub transport: Transport,
    /// The one port whose socket is waited for; where the socket tables cannot be read it must be given.
    pub port: Option<u16>,
    /// The port that the assignment asks for: taken before others, but another is no launch error.
    pub expect_port: Option<u16>,
    /// How long the program may take until its socket is there.
    pub start_limit: Duration,
    /// For how long it serves, if that is stated; else it is found out.
    pub lifetime: Option<Lifetime>,
    /// Whether an address that is not this machine's may be spoken to.
    pub allow_remote: bool,
    /// Where it runs.
    pub place: Place,
}

impl Recipe {
    /// A recipe for a command, with nothing special asked for.
    pub fn new<A: Into<OsString>>(
        command: impl IntoIterator<Item = A>,
        transport: Transport,
    ) -> Self {
        Self {
            command: command.into_iter().map(Into::into).collect(),
            directory: None,
            environment: Vec::new(),
            input: Vec::new(),
            types: false,
            build: None,
            origin: None,
            transport,
            port: None,
            expect_port: None,
            start_limit: START_LIMIT,
            lifetime: None,
            allow_remote: false,
            place: Place::default(),
        }
    }

    /// The command as it would be typed to a shell.
    pub fn shown(&self) -> String {
        typed_words(&self.command)
    }

    /// What a person types in a shell to have the program run: for one that was found its folder and its build, too.
    pub fn by_hand(&self) -> String {
        let origin = self.origin.iter().flat_map(|origin| origin.before(self.build.as_deref()));
        let program = (!self.command.is_empty()).then(|| self.shown());
        origin.chain(program).collect::<Vec<_>>().join(" && ")
    }

    /// The octets of what is typed.
    pub(super) fn typed(&self) -> Vec<u8> {
        let lines = self.input.iter().flat_map(|line| [line.as_encoded_bytes(), b"\n"]);
        lines.collect::<Vec<_>>().concat()
    }
}

/// Words as they would be typed to a shell.
pub(super) fn typed_words(words: &[OsString]) -> String {
    words.iter().map(|word| shown(word)).collect::<Vec<_>>().join(" ")
}

fn shown(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    if !word.contains(char::is_control) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    // Nothing that a file is called moves a terminal's cursor.
    let escaped: String = word
        .chars()
        .map(|c| match c {
            '\'' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("$'{escaped}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_is_typed() {
        let recipe =
            Recipe::new(["python3", "my server (2).py", "", "it's", "größe.py"], Transport::Tcp);
        assert_eq!(recipe.shown(), r"python3 'my server (2).py' '' 'it'\''s' größe.py");
        let strange = Recipe::new(["./it's\n\x1b[2J"], Transport::Tcp);
        assert_eq!(strange.shown(), r"$'./it\'s\u000a\u001b[2J'");
    }
}
