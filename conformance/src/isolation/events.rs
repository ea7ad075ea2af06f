//! What helper and init tell the runner of the program's life: lines of JSON through a pipe that the runner owns.
//!
//! Nothing of it is trusted: a line that is too long or says nothing known is an error.

use std::io::{self, ErrorKind, Write};
use std::os::fd::OwnedFd;

use serde::{Deserialize, Serialize};
use tokio::net::unix::pipe;

use super::lack::Step;
use super::limits::Excess;

/// Most octets of a line; less than a pipe takes at once, so that lines of two processes do not mix.
const LINE_MAX: usize = 2048;

/// Something that has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Event {
    /// The helper is in its namespaces and waits to be told who is who there.
    Apart,
    /// A step failed.
    Failed { step: Step, at: Option<String>, errno: i32 },
    /// All is set up, and the program, if there is one, runs.
    Started,
    /// All is set up, but the system refuses to start the program.
    NotStarted { errno: i32 },
    /// The program has ended, with this wait status; processes that it started may still run.
    Ended { status: i32 },
    /// The program is ended for this.
    Exceeded(Excess),
}

/// The end that tells.
pub(super) struct Teller(std::fs::File);

impl Teller {
    pub(super) fn new(pipe: OwnedFd) -> Self {
        Self(pipe.into())
    }

    pub(super) fn pipe(&self) -> &std::fs::File {
        &self.0
    }

    /// Tells the runner, if it is still there: if not, the end of the control socket says so.
    pub(super) fn tell(&self, event: &Event) {
        if let Ok(mut line) = serde_json::to_vec(event) {
            line.push(b'\n');
            let _ = (&self.0).write_all(&line);
        }
    }

    pub(super) fn fail(&self, failed: Failed) {
        let mut at = failed.at;
        if let Some(at) = &mut at {
            at.truncate(at.floor_char_boundary(LINE_MAX / 8));
        }
        // What is no error of the system's is one of its input and output.
        let errno = failed.error.raw_os_error().unwrap_or(5);
        self.tell(&Event::Failed { step: failed.step, at, errno });
    }
}

/// A step that failed, where it did.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) step: Step,
    pub(super) at: Option<String>,
    pub(super) error: io::Error,
}

/// Says which step it was that failed.
pub(super) trait During<T> {
    fn during(self, step: Step) -> Result<T, Failed>;

    fn during_at(self, step: Step, at: impl Into<String>) -> Result<T, Failed>;
}

impl<T, E: Into<io::Error>> During<T> for Result<T, E> {
    fn during(self, step: Step) -> Result<T, Failed> {
        self.map_err(|error| Failed { step, at: None, error: error.into() })
    }

    fn during_at(self, step: Step, at: impl Into<String>) -> Result<T, Failed> {
        self.map_err(|error| Failed { step, at: Some(at.into()), error: error.into() })
    }
}

/// The runner's end.
#[derive(Debug)]
pub(super) struct Events {
    pipe: pipe::Receiver,
    /// What has come and was not looked at.
    rest: Vec<u8>,
    is_over: bool,
}

impl Events {
    pub(super) fn new(pipe: pipe::Receiver) -> Self {
        Self { pipe, rest: Vec::new(), is_over: false }
    }

    /// The next event; `None` when nobody is left who could tell of any. May be dropped and called again.
    pub(super) async fn next(&mut self) -> io::Result<Option<Event>> {
        loop {
            if let Some(next) = self.at_once()? {
                return Ok(Some(next));
            }
            if self.is_over {
                return Ok(None);
            }
            self.pipe.readable().await?;
        }
    }

    /// The next event, if it has come already.
    pub(super) fn at_once(&mut self) -> io::Result<Option<Event>> {
        loop {
            if let Some(end) = self.rest.iter().position(|&octet| octet == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Ok(Some(serde_json::from_slice(&line)?));
            }
            if self.rest.len() > LINE_MAX {
                return Err(io::Error::from(ErrorKind::InvalidData));
            }
            let mut octets = [0; LINE_MAX];
            match self.pipe.try_read(&mut octets) {
                Ok(0) => {
                    self.is_over = true;
                    return Ok(None);
                }
                Ok(count) => self.rest.extend(&octets[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether nobody is left who could tell.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }
}
