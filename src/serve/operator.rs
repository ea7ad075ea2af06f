//! Who types for a server that asks for it: a person or a program at the standard input, or a script.

use std::io::{BufRead, BufReader, Read};
use std::rc::Rc;
use std::thread;

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::Instant;
use tracing::warn;
use trueline_protocol::responder::{Connection, Event};

use super::hub::{Hub, Origin};

/// Who types for a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Operator {
    /// Nobody: whoever asks is told so.
    #[default]
    Nobody,
    /// Whoever is at the standard input.
    StandardInput,
    /// These lines, one after the other, to each client from the first one on.
    Script(Vec<Vec<u8>>),
}

impl Operator {
    /// The script in a text, a line for each line.
    pub fn script(text: &[u8]) -> Self {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let lines = text.split(|octet| *octet == b'\n');
        Self::Script(lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line).to_vec()).collect())
    }
}

/// Hands over what is typed, line by line, whenever the server asks, for as long as it is polled.
pub(super) async fn attend(hub: &Rc<Hub>, operator: Operator) {
    let mut typing = Typing::of(operator);
    loop {
        let connection = hub.asked().await;
        let line = typing.next(connection).await;
        hub.answered();
        hub.on(Instant::now(), Event::Typed(line.as_deref()), Origin::Elsewhere);
    }
}

enum Typing {
    Over,
    Lines(Receiver<Vec<u8>>),
    Script { lines: Vec<Vec<u8>>, talk: Option<Connection>, said: usize },
}

impl Typing {
    fn of(operator: Operator) -> Self {
        match operator {
            Operator::Nobody => Self::Over,
            Operator::StandardInput => Self::standard_input(),
            Operator::Script(lines) => Self::Script { lines, talk: None, said: 0 },
        }
    }

    /// A thread reads, since nothing else may wait for a person. It stands still until its line is wanted.
    fn standard_input() -> Self {
        let (sender, receiver) = mpsc::channel(1);
        let thread = thread::Builder::new().name("operator".to_owned());
        match thread.spawn(move || read(BufReader::new(std::io::stdin()), &sender)) {
            Ok(_) => Self::Lines(receiver),
            Err(error) => {
                warn!(%error, "the standard input cannot be read");
                Self::Over
            }
        }
    }

    async fn next(&mut self, connection: Connection) -> Option<Vec<u8>> {
        match self {
            Self::Over => None,
            Self::Lines(lines) => lines.recv().await,
            Self::Script { lines, talk, said } => {
                if talk.replace(connection) != Some(connection) {
                    *said = 0;
                }
                *said += 1;
                lines.get(*said - 1).cloned()
            }
        }
    }
}

fn read(mut input: BufReader<impl Read>, lines: &Sender<Vec<u8>>) {
    loop {
        let mut line = Vec::new();
        match input.read_until(b'\n', &mut line) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => return warn!(%error, "the standard input cannot be read"),
        }
        if line.ends_with(b"\n") {
            line.pop();
            line.pop_if(|octet| *octet == b'\r');
        }
        if lines.blocking_send(line).is_err() {
            return;
        }
    }
}
