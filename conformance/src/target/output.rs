//! What a program printed. Its pipes are read for as long as it runs, so that it is never blocked by
//! printing; what is kept is bounded.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;
use tokio::task::JoinHandle;

/// How many octets are kept of the beginning, and how many of the end.
const KEPT: usize = 64 * 1024;
const CHUNK: usize = 16 * 1024;

/// What a program has printed so far.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// Its standard output.
    pub stdout: Captured,
    /// Its standard error.
    pub stderr: Captured,
}

/// One stream: all of it, or its first and its last 64 KiB.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captured {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
}

impl Captured {
    fn push(&mut self, octets: &[u8]) {
        self.total += octets.len() as u64;
        let (head, rest) = octets.split_at(octets.len().min(KEPT - self.head.len()));
        self.head.extend(head);
        let rest = rest.split_at(rest.len().saturating_sub(KEPT)).1;
        let excess = (self.tail.len() + rest.len()).saturating_sub(KEPT);
        self.tail.drain(..excess);
        self.tail.extend(rest);
    }

    /// How many octets were printed, kept or not.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many octets in the middle were not kept.
    pub fn left_out(&self) -> u64 {
        self.total - (self.head.len() + self.tail.len()) as u64
    }

    /// What was kept, as text: a line in the middle says what was not, and octets that are no UTF-8 are
    /// replaced.
    pub fn text(&self) -> String {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        if self.left_out() == 0 {
            return String::from_utf8_lossy(&[self.head.as_slice(), &tail].concat()).into_owned();
        }
        let mut text = String::from_utf8_lossy(&self.head).into_owned();
        let _ = write!(text, "\n[{} octets left out]\n", self.left_out());
        text + &String::from_utf8_lossy(&tail)
    }
}

/// The two streams of a program, while they are read.
#[derive(Debug, Default)]
pub(super) struct Capture {
    stdout: Stream,
    stderr: Stream,
}

#[derive(Debug, Default)]
struct Stream {
    captured: Arc<Mutex<Captured>>,
    reading: Option<JoinHandle<()>>,
}

impl Capture {
    /// Reads both pipes of `child` from now on.
    pub(super) fn of(child: &mut Child) -> Self {
        Self {
            stdout: child.stdout.take().map(Stream::read).unwrap_or_default(),
            stderr: child.stderr.take().map(Stream::read).unwrap_or_default(),
        }
    }

    pub(super) fn so_far(&self) -> Output {
        Output { stdout: self.stdout.so_far(), stderr: self.stderr.so_far() }
    }

    /// Waits until both pipes are read to their ends. Who has escaped may hold them open: not longer than
    /// `limit`.
    pub(super) async fn finish(&mut self, limit: Duration) {
        let both = async {
            for stream in [&mut self.stdout, &mut self.stderr] {
                if let Some(reading) = &mut stream.reading {
                    // A reader that panicked has ended, too.
                    let _ = reading.await;
                    stream.reading = None;
                }
            }
        };
        let _ = tokio::time::timeout(limit, both).await;
    }
}

impl Stream {
    fn read(mut pipe: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let captured = Arc::new(Mutex::new(Captured::default()));
        let kept = Arc::clone(&captured);
        let reading = tokio::spawn(async move {
            let mut chunk = vec![0; CHUNK];
            while let Ok(length @ 1..) = pipe.read(&mut chunk).await {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(&chunk[..length]);
            }
        });
        Self { captured, reading: Some(reading) }
    }

    fn so_far(&self) -> Captured {
        self.captured.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Some(reading) = &self.reading {
            reading.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_octets_are_kept() {
        let all: Vec<u8> = (0..=250).cycle().take(3 * KEPT + 77).collect();
        for chunk in [1, 1000, KEPT - 1, KEPT, 2 * KEPT + 5, all.len()] {
            let mut captured = Captured::default();
            for octets in all.chunks(chunk) {
                captured.push(octets);
            }
            assert_eq!(captured.head, all[..KEPT]);
            assert_eq!(captured.tail, &all[all.len() - KEPT..]);
            assert_eq!(captured.total(), all.len() as u64);
            assert_eq!(captured.left_out(), KEPT as u64 + 77);
        }
    }

    #[test]
    fn what_is_left_out_is_named() {
        let mut captured = Captured::default();
        captured.push(b"first");
        assert_eq!(captured.text(), "first");
        captured.push(&[b'-'; 2 * KEPT]);
        captured.push(b"last\xFF");
        let text = captured.text();
        assert!(text.starts_with("first---"));
        assert!(text.contains("-\n[10 octets left out]\n-"));
        assert!(text.ends_with("-last\u{FFFD}"));
    }
}
