//! The life of one connection: read a chunk, hand it over, write the replies, and no more reading before.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};
use tracing::{debug, trace};
use trueline_protocol::responder::Event;

use super::hub::{End, Origin, Seat};
use super::limits::{CHUNK, DISCARD_MAX, LINGER, QUIET};

/// Serves a connection to its end.
pub(super) async fn serve(stream: TcpStream, seat: Seat) {
    prepare(&stream);
    let now = Instant::now();
    let mut talk = Talk {
        stream,
        seat,
        phase: Phase::Open,
        moved: now,
        waited: false,
        full: false,
        read: 0,
        written: 0,
    };
    let mut clock = pin!(sleep_until(talk.deadline()));
    let over = loop {
        match poll_fn(|cx| talk.poll(clock.as_mut(), cx)).await {
            Turn::Over(over) => break over,
            // There may be more to read at once: others first, those included that have yet to be polled for.
            Turn::Next => tokio::task::yield_now().await,
        }
    };
    talk.leave(&over);
}

fn prepare(stream: &TcpStream) {
    // Both only fail on a connection that is gone, which shows soon enough.
    let _ = stream.set_nodelay(true);
    #[cfg(any(target_os = "android", target_os = "linux"))]
    let _ = socket2::SockRef::from(stream).set_tcp_notsent_lowat(super::limits::UNSENT);
}

struct Talk {
    stream: TcpStream,
    seat: Seat,
    phase: Phase,
    /// When an octet last moved.
    moved: Instant,
    /// Whether the system would not take what is to be sent.
    waited: bool,
    /// Whether the last read filled the chunk, so that more may be there.
    full: bool,
    read: u64,
    written: u64,
}

#[derive(Clone, Copy)]
enum Phase {
    /// The client may send.
    Open,
    /// The client has ended its half.
    Ended,
    /// This server has ended its half; what the client still sends is discarded, so that no reset costs it replies.
    Discarding { count: usize, since: Instant },
}

enum Turn {
    Next,
    Over(Over),
}

/// Why a connection ends.
enum Over {
    Closed,
    Aborted,
    Idle,
    Unheard,
    Stopped,
    Broken(io::Error),
}

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Aborted => "aborted",
            Self::Idle => "idle",
            Self::Unheard => "closed, and the client goes on",
            Self::Stopped => "stopped",
            Self::Broken(error) => return error.fmt(f),
        })
    }
}

impl Talk {
    fn poll(&mut self, mut clock: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<Turn> {
        if let Poll::Ready(turn) = self.step(cx) {
            return Poll::Ready(turn);
        }
        self.seat.outlet.listen(cx.waker());
        // The clock is set anew only where it must go off earlier, or has gone off: octets that move put it off unseen.
        let deadline = self.deadline();
        if deadline < clock.deadline() {
            clock.as_mut().reset(deadline);
        }
        while clock.as_mut().poll(cx).is_ready() {
            if let Some(over) = self.expired(Instant::now()) {
                return Poll::Ready(Turn::Over(over));
            }
            clock.as_mut().reset(self.deadline());
        }
        Poll::Pending
    }

    /// Goes on for as long as neither side must be waited for.
    fn step(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        loop {
            if self.seat.outlet.outbox.borrow().end == Some(End::Abort) {
                return Poll::Ready(Turn::Over(Over::Aborted));
            }
            if let Err(error) = ready!(self.write(cx)) {
                return Poll::Ready(Turn::Over(Over::Broken(error)));
            }
            let ending = self.seat.outlet.outbox.borrow().end.is_some()
                || self.seat.hub.stopping().is_some();
            match self.phase {
                Phase::Open if ending => {
                    if let Err(error) = ready!(Pin::new(&mut self.stream).poll_shutdown(cx)) {
                        return Poll::Ready(Turn::Over(Over::Broken(error)));
                    }
                    self.phase = Phase::Discarding { count: 0, since: Instant::now() };
                }
                Phase::Ended if ending => return Poll::Ready(Turn::Over(Over::Closed)),
                Phase::Ended => return Poll::Pending,
                Phase::Open if self.full => {
                    self.full = false;
                    return Poll::Ready(Turn::Next);
                }
                Phase::Open | Phase::Discarding { .. } => {
                    if let Some(over) = ready!(self.read(cx)) {
                        return Poll::Ready(Turn::Over(over));
                    }
                }
            }
        }
    }

    /// Writes what is to be sent, all of it.
    fn write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut outbox = self.seat.outlet.outbox.borrow_mut();
        while !outbox.unsent().is_empty() {
            let Poll::Ready(taken) = Pin::new(&mut self.stream).poll_write(cx, outbox.unsent())
            else {
                self.waited = true;
                return Poll::Pending;
            };
            let count = taken?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            outbox.took(count);
            self.written += count as u64;
            // Replies that are taken at once are as old as their requests.
            if std::mem::take(&mut self.waited) {
                self.moved = Instant::now();
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Reads once, and has it answered or discarded.
    fn read(&mut self, cx: &mut Context<'_>) -> Poll<Option<Over>> {
        let Seat { hub, outlet } = &self.seat;
        let mut chunk = hub.chunk().borrow_mut();
        let mut chunk = ReadBuf::new(&mut chunk);
        if let Err(error) = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut chunk)) {
            return Poll::Ready(Some(Over::Broken(error)));
        }
        let octets = chunk.filled();
        let connection = outlet.connection;
        self.moved = Instant::now();
        self.read += octets.len() as u64;
        trace!(connection = connection.0, octets = %octets.escape_ascii(), "received");
        if let Phase::Discarding { count, .. } = &mut self.phase {
            *count += octets.len();
            return Poll::Ready(match octets.len() {
                0 => Some(Over::Closed),
                _ if *count > DISCARD_MAX && hub.stopping().is_none() => Some(Over::Unheard),
                _ => None,
            });
        }
        let event = if octets.is_empty() {
            self.phase = Phase::Ended;
            Event::Ended(connection)
        } else {
            self.full = octets.len() == CHUNK;
            Event::Received(connection, octets)
        };
        hub.on(self.moved, event, Origin::Connection(outlet));
        Poll::Ready(None)
    }

    fn deadline(&self) -> Instant {
        let idle = later(self.moved, self.seat.hub.idle());
        let ends = match self.phase {
            Phase::Open | Phase::Ended => idle,
            Phase::Discarding { since, .. } if self.seat.hub.stopping().is_none() => since + LINGER,
            Phase::Discarding { since, .. } => self.moved.max(since) + QUIET,
        };
        self.seat.hub.stopping().map_or(ends, |by| by.min(ends))
    }

    fn expired(&self, now: Instant) -> Option<Over> {
        if now < self.deadline() {
            return None;
        }
        Some(match self.phase {
            _ if self.seat.hub.stopping().is_some() => Over::Stopped,
            Phase::Discarding { .. } => Over::Unheard,
            Phase::Open | Phase::Ended => Over::Idle,
        })
    }

    /// Closes the connection: by a reset where a reply would look whole and is not (FRAME-26).
    fn leave(self, over: &Over) {
        let cut = self.seat.outlet.outbox.borrow().is_cut();
        if cut || matches!(over, Over::Aborted) {
            // It only fails on a connection that is gone.
            let _ = self.stream.set_zero_linger();
        }
        debug!(
            connection = self.seat.outlet.connection.0,
            read = self.read,
            written = self.written,
            cut,
            open = self.seat.hub.live() - 1,
            "{over}"
        );
    }
}

/// The time after a duration, or one that never comes.
fn later(time: Instant, duration: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    time + duration.min(CENTURY)
}
