//! What a program printed. Its pipes are read for as long as it runs, so that it is never blocked by
//! printing; what is kept is bounded.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::sync::{Notify, watch};
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

    /// The last octets, so many at most.
    pub fn last(&self, most: usize) -> Vec<u8> {
        let all = self.head.iter().chain(&self.tail);
        all.skip((self.head.len() + self.tail.len()).saturating_sub(most)).copied().collect()
    }

    /// The next line after the first `mark` octets, with its LF, and where it ends; `None` while it is not complete. What
    /// was not kept is passed over.
    fn line_after(&self, mark: u64) -> Option<(Vec<u8>, u64)> {
        let head = self.head.iter().skip(usize::try_from(mark).unwrap_or(usize::MAX));
        let tail_begins = self.total - self.tail.len() as u64;
        let passed = usize::try_from(mark.saturating_sub(tail_begins)).unwrap_or(usize::MAX);
        let mut line: Vec<u8> = Vec::new();
        let mut end = mark;
        if mark < self.head.len() as u64 {
            for &octet in head {
                (end, _) = (end + 1, line.push(octet));
                if octet == b'\n' {
                    return Some((line, end));
                }
            }
            if self.left_out() > 0 {
                line.clear();
            }
        }
        end = end.max(tail_begins);
        for &octet in self.tail.iter().skip(passed) {
            (end, _) = (end + 1, line.push(octet));
            if octet == b'\n' {
                return Some((line, end));
            }
        }
        None
    }

    /// What was printed after the first `mark` octets; `None` where it was not all kept.
    pub(crate) fn after(&self, mark: u64) -> Option<Vec<u8>> {
        let all = self.head.iter().chain(&self.tail).copied();
        (self.left_out() == 0).then(|| all.skip(mark as usize).collect())
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

#[cfg(test)]
impl From<&[u8]> for Captured {
    fn from(octets: &[u8]) -> Self {
        let mut captured = Self::default();
        captured.push(octets);
        captured
    }
}

/// The two streams of a program, while they are read.
#[derive(Debug, Default)]
pub(super) struct Capture {
    stdout: Stream,
    stderr: Stream,
}

/// A stream as it comes.
#[derive(Clone, Debug, Default)]
pub struct Printing {
    captured: Arc<Mutex<Captured>>,
    /// Told whenever something was captured.
    more: Arc<Notify>,
}

impl Printing {
    /// Where a text stands after so many octets, on one line, if it comes within this time: the mark moves behind it. The line
    /// need not be over.
    pub(crate) async fn finds(&self, text: &[u8], mark: &mut u64, limit: Duration) -> bool {
        let end = |octets: &[u8]| position(octets, text).map(|at| at + text.len());
        self.holds(end, mark, limit).await
    }

    /// The same for whatever `end` finds in what came after the mark: it tells where that ends.
    pub(crate) async fn holds(
        &self,
        end: impl Fn(&[u8]) -> Option<usize>,
        mark: &mut u64,
        limit: Duration,
    ) -> bool {
        let found = async {
            loop {
                let more = self.more.notified();
                let next = self.captured().after(*mark).and_then(|octets| end(&octets));
                match next {
                    Some(end) => return end,
                    None => more.await,
                }
            }
        };
        match tokio::time::timeout(limit, found).await {
            Ok(end) => {
                *mark += end as u64;
                true
            }
            Err(_) => false,
        }
    }

    /// How many octets came so far.
    pub fn total(&self) -> u64 {
        self.captured().total()
    }

    /// The next line after so many octets, without its LF, if it comes within this time. One that holds `part` need not be
    /// over. The mark moves behind it.
    pub async fn line(
        &self,
        mark: &mut u64,
        part: Option<&[u8]>,
        limit: Duration,
    ) -> Option<Vec<u8>> {
        let part = part.filter(|part| !part.is_empty());
        let begun = |captured: &Captured, mark| {
            let (part, begun) = (part?, captured.after(mark)?);
            position(&begun, part).map(|_| begun)
        };
        let line = async {
            loop {
                let more = self.more.notified();
                let (next, begun) = {
                    let captured = self.captured();
                    (captured.line_after(*mark), begun(&captured, *mark))
                };
                match (next, begun) {
                    (Some(next), _) => return next,
                    (None, Some(begun)) => {
                        let end = *mark + begun.len() as u64;
                        return (begun, end);
                    }
                    (None, None) => more.await,
                }
            }
        };
        let (mut line, end) = tokio::time::timeout(limit, line).await.ok()?;
        *mark = end;
        line.pop_if(|octet| *octet == b'\n');
        Some(line)
    }

    fn push(&self, octets: &[u8]) {
        self.captured().push(octets);
        self.more.notify_waiters();
    }

    fn captured(&self) -> MutexGuard<'_, Captured> {
        self.captured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where octets stand in others.
pub(crate) fn position(all: &[u8], octets: &[u8]) -> Option<usize> {
    (0..=all.len().checked_sub(octets.len())?).find(|at| all[*at..].starts_with(octets))
}

#[derive(Debug, Default)]
struct Stream {
    printing: Printing,
    attention: Option<watch::Sender<Attention>>,
    reading: Option<JoinHandle<()>>,
}

/// What is done with a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attention {
    Read,
    Unread,
    Closed,
}

impl Capture {
    /// Reads both pipes from now on.
    pub(super) fn of((stdout, stderr): (Option<ChildStdout>, Option<ChildStderr>)) -> Self {
        Self {
            stdout: stdout.map(Stream::read).unwrap_or_default(),
            stderr: stderr.map(Stream::read).unwrap_or_default(),
        }
    }

    /// What is printed on the standard output, as it comes.
    pub(super) fn printing(&self) -> Printing {
        self.stdout.printing.clone()
    }

    /// No longer reads the standard output, or closes this end of it.
    pub(super) async fn hush(&mut self, closed: bool) {
        let attention = if closed { Attention::Closed } else { Attention::Unread };
        if let Some(sender) = &self.stdout.attention {
            sender.send_replace(attention);
        }
        if closed && let Some(reading) = self.stdout.reading.take() {
            // A reader that panicked has let go of the pipe, too.
            let _ = reading.await;
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
        let printing = Printing::default();
        let (sender, mut attention) = watch::channel(Attention::Read);
        let kept = printing.clone();
        let reading = tokio::spawn(async move {
            let mut chunk = vec![0; CHUNK];
            loop {
                let now = *attention.borrow_and_update();
                let length = tokio::select! {
                    biased;
                    changed = attention.changed() => match changed {
                        Ok(()) => continue,
                        Err(_) => return,
                    },
                    read = pipe.read(&mut chunk), if now == Attention::Read => read,
                    () = std::future::ready(()), if now == Attention::Closed => return,
                };
                let Ok(length @ 1..) = length else { return };
                kept.push(&chunk[..length]);
            }
        });
        Self { printing, attention: Some(sender), reading: Some(reading) }
    }

    fn so_far(&self) -> Captured {
        self.printing.captured().clone()
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
            assert_eq!(captured.last(5), all[all.len() - 5..]);
        }
    }

    #[test]
    fn lines_are_told_one_after_the_other() {
        let mut captured = Captured::default();
        captured.push(b"one\ntwo\nthr");
        assert_eq!(captured.line_after(0), Some((b"one\n".to_vec(), 4)));
        assert_eq!(captured.line_after(4), Some((b"two\n".to_vec(), 8)));
        assert_eq!(captured.line_after(8), None);
        captured.push(b"ee\n");
        assert_eq!(captured.line_after(8), Some((b"three\n".to_vec(), 14)));
        captured.push(&vec![b'-'; 2 * KEPT]);
        captured.push(b"\nlast\n");
        let (line, end) = captured.line_after(14).unwrap();
        assert!(line.ends_with(b"--\n"));
        assert_eq!(captured.line_after(end), Some((b"last\n".to_vec(), captured.total())));
        assert_eq!(captured.line_after(captured.total()), None);
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
