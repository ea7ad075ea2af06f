//! Performs a dialogue over a wire and writes down what was observed. It stops at the first step that cannot be met.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::exchange::{Exchange, Observation, What};
use crate::judge::{Judge, Standing};
use crate::matching::fixed;
use crate::pace::Pace;
use crate::transcript::{Act, Client, Dialogue, Step, Text};
use crate::transport::Transport;
use crate::wire::Wire;

/// The program that is spoken to, where the runner has it in hand.
#[allow(async_fn_in_trait, reason = "the runner is one thread: nothing has to be Send")]
pub trait Program {
    /// Stops it and starts it again, for `! restart`: [`What::Restarted`], [`What::NotRestarted`] or [`What::Unable`].
    async fn restart(&self) -> What;

    /// How much it has printed so far, in whatever unit.
    fn prints(&self) -> u64;

    /// The next line on its standard output after this mark, which moves behind it: [`What::Printed`] or
    /// [`What::Silence`]. One that holds `part` need not be over.
    async fn printed(&self, mark: &mut u64, part: Option<&[u8]>, limit: Duration) -> What;

    /// Types a line on its standard input.
    async fn types(&self, line: &[u8]);

    /// Stops reading its standard output, or closes the far end of it.
    async fn hush(&self, closed: bool);
}

/// What `! wait` lets go by.
pub(crate) const WAIT: Duration = Duration::from_millis(1500);

/// Performs a dialogue.
pub async fn perform<W: Wire>(
    wire: &mut W,
    dialogue: &Dialogue,
    pace: &Pace,
    host: &impl Program,
) -> Exchange {
    let began = wire.now();
    let transport = wire.transport();
    let mut performance = Performance {
        wire,
        pace,
        steps: &dialogue.steps,
        judge: Judge::new(dialogue, transport),
        exchange: Exchange::new(),
        began,
        asked: BTreeMap::new(),
        printed: host.prints(),
    };
    if dialogue.tells_time() {
        let clock = performance.wire.clock();
        performance.observe(0, Client::A, clock);
    }
    let mut steps = dialogue.steps.iter().enumerate().peekable();
    while let Some((at, step)) = steps.next() {
        let mut octets = Vec::new();
        if let Some(text) = message(step) {
            // Messages that follow each other at once are pipelined: one send.
            let alike = |next: &(usize, &Step)| {
                transport == Transport::Tcp
                    && next.1.client == step.client
                    && message(next.1).is_some()
            };
            let framed = |text: &[u8]| match transport {
                Transport::Tcp => dialogue.framing().request.framed(text).unwrap_or_default(),
                Transport::Udp => text.to_vec(),
            };
            octets.extend(framed(text));
            while let Some((_, next)) = steps.next_if(alike) {
                octets.extend(message(next).map(framed).into_iter().flatten());
            }
        }
        if !performance.step(at, step, &octets, host).await {
            break;
        }
    }
    performance.exchange
}

fn message(step: &Step) -> Option<&[u8]> {
    match &step.act {
        Act::Send { text, framed: true } => text.literal(),
        _ => None,
    }
}

struct Performance<'a, W> {
    wire: &'a mut W,
    pace: &'a Pace,
    steps: &'a [Step],
    judge: Judge<'a>,
    exchange: Exchange,
    began: Duration,
    /// When each client last sent something, was answered, or connected.
    asked: BTreeMap<Client, Duration>,
    /// Up to where it was looked at what the program prints.
    printed: u64,
}

impl<W: Wire> Performance<'_, W> {
    fn observe(&mut self, step: usize, client: Client, what: What) {
        let at = self.wire.now() - self.began;
        let observation = Observation { at, step, client, what };
        self.judge.observe(&observation);
        self.exchange.push(observation);
    }

    /// Whether the dialogue goes on.
    async fn step(&mut self, at: usize, step: &Step, message: &[u8], host: &impl Program) -> bool {
        let client = step.client;
        let opens = matches!(
            step.act,
            Act::Open
                | Act::Deaf
                | Act::Send { .. }
                | Act::Expect { .. }
                | Act::Closed
                | Act::Quiet
        );
        if opens && !self.wire.has(client) {
            let listen = step.act != Act::Deaf;
            self.asked.insert(client, self.wire.now());
            let opened = self.wire.open(client, listen, self.pace.reply()).await;
            let there = opened == What::Opened;
            self.observe(at, client, opened);
            if !there {
                return false;
            }
        }
        match &step.act {
            Act::Send { framed: true, .. } => self.send(at, client, message).await,
            Act::Send { text, framed: false } => {
                self.send(at, client, text.literal().unwrap_or(&[])).await;
                self.wire.settle(client, self.pace.reply()).await;
            }
            Act::Expect { .. } | Act::Closed | Act::WasReset => return self.expect(at, step).await,
            Act::Quiet => {
                let what = self.wire.receive(client, self.pace.quiet()).await;
                self.observe(at, client, what);
            }
            Act::End => {
                self.wire.end(client).await;
                self.observe(at, client, What::Ended);
            }
            Act::Close => self.wire.close(client),
            Act::Reset => self.wire.reset(client),
            Act::Restart => {
                let what = host.restart().await;
                self.observe(at, client, what);
            }
            Act::Wait => self.wire.wait(WAIT).await,
            Act::Unread => host.hush(false).await,
            Act::Unheard => host.hush(true).await,
            Act::Printed(text) => return self.print(at, client, text, host).await,
            Act::Type(text) => {
                self.asked.insert(client, self.wire.now());
                host.types(text.literal().unwrap_or_default()).await;
            }
            Act::Open | Act::Deaf | Act::Exited | Act::Note(_) => {}
        }
        self.judge.step(at) == Standing::Met
    }

    /// Whether the reply of a step is the only one that is waited for.
    fn is_alone(&self, at: usize) -> bool {
        let expects =
            |at: usize| matches!(self.steps.get(at), Some(Step { act: Act::Expect { .. }, .. }));
        !expects(at + 1) && !at.checked_sub(1).is_some_and(expects)
    }

    async fn send(&mut self, at: usize, client: Client, octets: &[u8]) {
        self.asked.insert(client, self.wire.now());
        let sent = self.wire.send(client, octets, self.pace.reply()).await;
        self.observe(at, client, What::Sent(octets.to_vec()));
        sent.into_iter().for_each(|what| self.observe(at, client, what));
    }

    /// Takes in what the program prints until the step is met or cannot be.
    async fn print(&mut self, at: usize, client: Client, text: &Text, host: &impl Program) -> bool {
        // A program that is typed to may ask for it on the same line.
        let is_typed_to = self.steps.iter().any(|step| matches!(step.act, Act::Type(_)));
        let part = is_typed_to.then(|| fixed(text));
        let limit = self.pace.reply();
        let until = self.wire.now() + limit;
        loop {
            match self.judge.step(at) {
                Standing::Met => return true,
                Standing::Broken(_) => return false,
                Standing::Waiting => {}
            }
            // Whoever prints without end is not listened to without end.
            let left = until.saturating_sub(self.wire.now());
            let what = match host.printed(&mut self.printed, part.as_deref(), left).await {
                What::Printed(line) if !left.is_zero() => What::Printed(line),
                _ => What::Silence(limit),
            };
            self.observe(at, client, what);
        }
    }

    /// Takes in what comes until the step is met or cannot be.
    async fn expect(&mut self, at: usize, step: &Step) -> bool {
        let began = self.wire.now();
        loop {
            match self.judge.step(at) {
                Standing::Met => {
                    if matches!(step.act, Act::Expect { .. }) {
                        let now = self.wire.now();
                        // The next reply of a pipeline is not made before this one.
                        let asked = self.asked.insert(step.client, now).unwrap_or(now);
                        self.pace.saw(now.saturating_sub(asked), self.is_alone(at));
                    }
                    return true;
                }
                Standing::Broken(_) => return false,
                Standing::Waiting => {}
            }
            // Octets that trickle in are waited for, but not for ever.
            let left = (began + self.pace.longest()).saturating_sub(self.wire.now());
            let patience = match step.act {
                Act::Closed | Act::WasReset => self.pace.closing(),
                _ => self.pace.reply(),
            };
            let limit = patience.min(left.max(Duration::from_millis(1)));
            let what = self.wire.receive(step.client, limit).await;
            let silent = matches!(what, What::Silence(_));
            // Whoever trickles is silent at the end of all patience, not of what was left of it.
            let what = match what {
                What::Silence(_) if limit < patience => What::Silence(self.pace.longest()),
                other => other,
            };
            self.observe(at, step.client, what);
            if silent {
                if matches!(step.act, Act::Expect { .. }) {
                    self.look_behind_the_end(at, step.client).await;
                }
                return false;
            }
        }
    }

    /// A reply that did not come may come when the client ends its half (FRAME-7). TCP only.
    async fn look_behind_the_end(&mut self, at: usize, client: Client) {
        if self.wire.transport() == Transport::Udp {
            return;
        }
        self.wire.end(client).await;
        self.observe(at, client, What::Ended);
        let mut octets = 0;
        let until = self.wire.now() + self.pace.quiet() / 2;
        while octets <= FLOOD {
            let left = until.saturating_sub(self.wire.now());
            let what = self.wire.receive(client, left).await;
            let more = matches!(what, What::Received(_));
            if let What::Received(received) = &what {
                octets += received.len();
            }
            if !matches!(what, What::Silence(_)) {
                self.observe(at, client, what);
            }
            if !more {
                return;
            }
        }
    }
}

/// Most octets that are taken in from a target that was silent and then speaks.
const FLOOD: usize = 1 << 16;
