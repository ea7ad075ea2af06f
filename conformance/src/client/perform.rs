//! Plays one dialogue with a program that was launched for it, and writes down what was seen.

use std::io;
use std::time::{Duration, Instant};

use tokio::time::timeout;
use trueline_protocol::dialect::{First, Frame};

use super::case::ClientCase;
use super::server::{Came, Manners, Server, UNREAD_MAX};
use crate::exchange::{Exchange, Observation, What};
use crate::matching::fixed;
use crate::target::{Captured, Ending, LastWords, Session};
use crate::transcript::{Act, Client, Text};
use crate::transport::Transport;

/// For how long it is waited until a program sleeps.
const SLEEP_MAX: Duration = Duration::from_millis(1500);

/// For how long what a program sent before it ended may be on its way.
const GRACE: Duration = Duration::from_millis(100);

/// How long is waited for a client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Until it has sent a request, or ended.
    pub(super) longest: Duration,
}

impl Limits {
    /// Until a reply is printed. One that keeps back what it prints shows it at its end.
    fn printing(self) -> Duration {
        self.longest / 5
    }

    /// Until a client that gets no reply to its datagram has given up.
    fn lost(self) -> Duration {
        self.longest * 2
    }
}

/// All that was seen of a client in one dialogue.
#[derive(Debug)]
pub(super) struct Seen {
    /// What it sent, and what it was sent.
    pub(super) exchange: Exchange,
    /// What it printed on its standard output.
    pub(super) stdout: Captured,
    /// How it ended by itself, and before which step that was known.
    pub(super) ended: Option<(usize, Ending)>,
    /// The last that it said.
    pub(super) last_words: LastWords,
    /// Whether it ended as a program does whose author has not thought of that.
    pub(super) crashed: bool,
    /// For how long its end was waited for.
    pub(super) patience: Duration,
}

/// Plays a case. The session is over then.
///
/// # Errors
///
/// The machine or the runner failed.
pub(super) async fn perform(
    case: &ClientCase,
    mut session: Session,
    mut server: Server,
    limits: Limits,
    is_typed: bool,
) -> io::Result<Seen> {
    let mut play = Play {
        case,
        session: &mut session,
        server: &mut server,
        limits,
        is_typed,
        began: Instant::now(),
        exchange: Exchange::new(),
        received: Vec::new(),
        mark: 0,
        keeps_back: false,
        ended: None,
        patience: limits.longest,
    };
    play.all().await?;
    let Play { exchange, ended, patience, .. } = play;
    let (_, output) = session.stop().await;
    let crashed = ended.is_some_and(|(_, ending)| crash(ending, &output.stderr.text()));
    let last_words = LastWords::of(&output);
    Ok(Seen { exchange, stdout: output.stdout, ended, last_words, crashed, patience })
}

struct Play<'a> {
    case: &'a ClientCase,
    session: &'a mut Session,
    server: &'a mut Server,
    limits: Limits,
    is_typed: bool,
    began: Instant,
    exchange: Exchange,
    /// What came and no step has taken.
    received: Vec<u8>,
    /// Up to where what was printed is taken.
    mark: u64,
    /// Whether something was not printed in time.
    keeps_back: bool,
    ended: Option<(usize, Ending)>,
    patience: Duration,
}

impl Play<'_> {
    /// Plays step after step, as far as it can.
    async fn all(&mut self) -> io::Result<()> {
        let steps = &self.case.dialogue.steps;
        for (at, step) in steps.iter().enumerate() {
            match &step.act {
                Act::Type(text) => self.types(text),
                act @ (Act::Open | Act::Send { .. }) => {
                    let came = self.comes(at, act).await?;
                    if !came {
                        return self.is_over(at, self.limits.printing()).await;
                    }
                }
                Act::Quiet => self.is_quiet(at).await?,
                Act::Closed => {
                    let closed = self.leaves(at).await?;
                    if !closed {
                        return Ok(());
                    }
                }
                Act::Expect { text, framed } => self.sends(at, text, *framed).await,
                Act::Printed(text) => self.is_told(text).await?,
                Act::Close => {
                    self.server.treat(Manners::Close).await;
                    if self.replies() {
                        // Whoever comes again is served again.
                        self.server.serve();
                    }
                }
                Act::Reset => self.server.treat(Manners::Reset).await,
                Act::Wait => {
                    let mut unheard = Vec::new();
                    tokio::select! {
                        () = self.session.asleep(SLEEP_MAX) => {}
                        // While a reply is due, a client that has ended its half is not let go.
                        failed = self.server.attend(&mut unheard), if !self.replies() => drop(failed?),
                    }
                    self.is_over(at, Duration::ZERO).await?;
                }
                Act::End => {
                    self.is_over(at, Duration::ZERO).await?;
                    self.session.end_input();
                }
                Act::Exited => {
                    let lost = self.case.transport == Transport::Udp && !self.replies();
                    self.patience = if lost { self.limits.lost() } else { self.limits.longest };
                    self.is_over(at, self.patience).await?;
                }
                _ => {}
            }
        }
        // What it keeps back it prints at its end.
        if self.keeps_back {
            self.is_over(steps.len(), self.limits.printing()).await
        } else {
            Ok(())
        }
    }

    /// Whether the dialogue has a reply.
    fn replies(&self) -> bool {
        self.case.dialogue.steps.iter().any(|step| matches!(step.act, Act::Printed(_)))
    }

    fn types(&mut self, text: &Text) {
        if self.is_typed {
            let line = [text.literal().unwrap_or_default(), b"\n"].concat();
            self.session.types(&line);
        }
    }

    /// Waits for a connection or a request. Whether it came.
    async fn comes(&mut self, at: usize, act: &Act) -> io::Result<bool> {
        let until = tokio::time::Instant::now() + self.limits.longest;
        let mut left = until;
        let frame = self.case.dialogue.framing().request;
        loop {
            let whole = frame.first(&self.received, false);
            if let (Act::Send { .. }, First::Whole(_, length)) = (act, whole) {
                let rest = self.received.split_off(length);
                let taken = std::mem::replace(&mut self.received, rest);
                self.note(at, What::Received(taken));
                return Ok(true);
            }
            let came = tokio::select! {
                // What it has sent before it ended is taken first.
                biased;
                came = self.server.take() => came?,
                ending = self.session.over(), if self.ended.is_none() => {
                    self.ended = Some((at, ending?));
                    left = tokio::time::Instant::now() + GRACE;
                    continue;
                }
                () = tokio::time::sleep_until(left.min(until)), if self.ended.is_some() => {
                    self.leave(at, What::Closed);
                    return Ok(false);
                }
                () = tokio::time::sleep_until(until) => {
                    self.leave(at, What::Silence(self.limits.longest));
                    return Ok(false);
                }
            };
            match came {
                Came::Opened => {
                    self.note(at, What::Opened);
                    if *act == Act::Open {
                        return Ok(true);
                    }
                }
                Came::Octets(octets) => match self.case.transport {
                    Transport::Tcp => {
                        self.received.extend(octets);
                        if self.received.len() > UNREAD_MAX {
                            // No request is that long.
                            self.leave(at, What::Silence(self.limits.longest));
                            return Ok(false);
                        }
                    }
                    // A datagram is whole, even an empty one.
                    Transport::Udp => {
                        self.note(at, What::Received(octets));
                        return Ok(true);
                    }
                },
                Came::Ended if *frame == Frame::End && matches!(act, Act::Send { .. }) => {
                    let taken = std::mem::take(&mut self.received);
                    self.note(at, What::Received(taken));
                    return Ok(true);
                }
                // It may come again, with a connection for each request.
                Came::Ended | Came::Reset if self.received.is_empty() => {}
                Came::Ended => {
                    self.leave(at, What::Closed);
                    return Ok(false);
                }
                Came::Reset => {
                    self.leave(at, What::Reset);
                    return Ok(false);
                }
            }
        }
    }

    /// Lets the client wait until it sleeps, and notes what it sends meanwhile.
    async fn is_quiet(&mut self, at: usize) -> io::Result<()> {
        loop {
            if !self.received.is_empty() {
                self.note(at, What::Received(self.received.clone()));
                return Ok(());
            }
            tokio::select! {
                biased;
                came = self.server.take() => match came? {
                    Came::Octets(octets) => self.received.extend(octets),
                    // What it should have done instead is asked for next.
                    Came::Opened => {}
                    Came::Ended | Came::Reset => return Ok(()),
                },
                () = self.session.asleep(SLEEP_MAX) => return Ok(()),
            }
        }
    }

    /// Waits until the client closes the connection. Whether it does, and sends nothing before.
    async fn leaves(&mut self, at: usize) -> io::Result<bool> {
        let until = tokio::time::Instant::now() + self.limits.longest;
        loop {
            if !self.received.is_empty() {
                self.note(at, What::Received(self.received.clone()));
                return Ok(false);
            }
            let came = tokio::select! {
                biased;
                came = self.server.take() => came?,
                () = tokio::time::sleep_until(until) => {
                    self.note(at, What::Silence(self.limits.longest));
                    return Ok(false);
                }
            };
            match came {
                Came::Octets(octets) => self.received.extend(octets),
                Came::Opened => {}
                Came::Ended | Came::Reset => {
                    self.note(at, What::Closed);
                    return Ok(true);
                }
            }
        }
    }

    /// Notes what came of a request that is not whole, and why no more comes.
    fn leave(&mut self, at: usize, why: What) {
        let part = std::mem::take(&mut self.received);
        if !part.is_empty() {
            self.note(at, What::Received(part));
        }
        self.note(at, why);
    }

    /// Sends a reply, or a piece of one, which is read before the next follows.
    async fn sends(&mut self, at: usize, text: &Text, framed: bool) {
        let mut octets = text.literal().unwrap_or_default().to_vec();
        if framed && self.case.transport == Transport::Tcp {
            octets = self.case.dialogue.framing().reply.framed(&octets).unwrap_or_default();
        }
        self.server.send(&octets).await;
        self.note(at, What::Sent(octets));
        if !framed && !self.server.is_read().await {
            self.session.asleep(SLEEP_MAX).await;
        }
    }

    /// Waits until a reply is printed; what is kept back is judged at the end.
    async fn is_told(&mut self, text: &Text) -> io::Result<()> {
        let printing = self.session.printing();
        let octets = fixed(text);
        let found = printing.finds(&octets, &mut self.mark, self.limits.printing());
        // Whoever was typed to ahead of time asks for more as soon as it is told. Datagrams cannot be joined.
        let mut none = Vec::new();
        let tcp = self.case.transport == Transport::Tcp;
        let ahead = if tcp { &mut self.received } else { &mut none };
        tokio::select! {
            found = found => {
                self.keeps_back |= !found;
                Ok(())
            }
            // Nothing more comes then.
            ending = self.session.over(), if self.ended.is_none() => {
                self.ended = Some((usize::MAX, ending?));
                Ok(())
            }
            failed = self.server.attend(ahead) => failed.map(|never| match never {}),
        }
    }

    /// Waits for the end of the program, so long; or only looks whether it has ended. In `at` it is noted when that was.
    async fn is_over(&mut self, at: usize, limit: Duration) -> io::Result<()> {
        if let Some((when, _)) = &mut self.ended {
            *when = (*when).min(at);
            return Ok(());
        }
        let mut unheard = Vec::new();
        tokio::select! {
            biased;
            ending = timeout(limit, self.session.over()) => {
                if let Ok(ending) = ending {
                    self.ended = Some((at, ending?));
                }
                Ok(())
            }
            failed = self.server.attend(&mut unheard), if !limit.is_zero() => {
                failed.map(|never| match never {})
            }
        }
    }

    fn note(&mut self, step: usize, what: What) {
        let at = self.began.elapsed();
        self.exchange.push(Observation { at, step, client: Client::A, what });
    }
}

/// What a language prints when nobody handles what went wrong.
const UNHANDLED: [&str; 7] = [
    "Traceback (most recent call last)",
    "Exception in thread",
    "panicked at",
    "Unhandled ",
    "Uncaught ",
    "terminate called",
    "goroutine 1 [",
];

fn crash(ending: Ending, stderr: &str) -> bool {
    ending.signal().is_some() || UNHANDLED.iter().any(|sign| stderr.contains(sign))
}
