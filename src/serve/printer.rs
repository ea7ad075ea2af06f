//! Lines on the standard streams: what a server prints for its operator (MSG-3), and its log. Nobody need read them, and
//! nobody is kept waiting by that (MSG-4).

use std::io::{self, Write};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::warn;

use super::limits::PRINTING;
use super::stream::Stream;

/// Octets that wait to be printed, at most; lines beyond them are lost.
pub const WAITING_MAX: usize = 1 << 20;

/// The standard output, of which one that loses lines says so once.
pub(crate) fn stdout() -> &'static Printer {
    static PRINTER: LazyLock<Printer> = LazyLock::new(|| {
        Printer::new(io::stdout(), |lost| {
            static SAID: Once = Once::new();
            SAID.call_once(|| match lost {
                Lost::Unread => warn!("nobody reads the standard output: lines are lost"),
                Lost::Broken(error) => warn!(%error, "the standard output takes no lines"),
            });
        })
    });
    &PRINTER
}

/// The standard error, of which there is no place to complain.
pub(crate) fn stderr() -> &'static Printer {
    static PRINTER: LazyLock<Printer> = LazyLock::new(|| Printer::new(io::stderr(), |_| {}));
    &PRINTER
}

/// Lets what waits be printed before this program ends, unless nobody reads it.
pub(crate) fn finish() {
    stdout().finish(PRINTING);
    stderr().finish(PRINTING);
}

/// Prints lines, each whole and in their order, and never lets its caller wait.
///
/// A line is printed at once where the system takes it at once. Otherwise a thread prints it, which may stand still for
/// ever, and lines wait for it, [`WAITING_MAX`] octets of them.
pub(crate) struct Printer {
    stream: Box<dyn Stream>,
    lost: fn(&Lost),
    queue: Mutex<Queue>,
    /// Lines were put in, or printed.
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    lines: Vec<u8>,
    /// Octets in the thread's hands.
    taken: usize,
    /// Whether there is a thread.
    started: bool,
}

/// Why a line was not printed.
pub(crate) enum Lost {
    /// Too many wait already.
    Unread,
    /// The system takes none.
    Broken(io::Error),
}

impl Printer {
    /// `lost` is told of each line that is not printed, on any thread.
    fn new(stream: impl Stream + 'static, lost: fn(&Lost)) -> Self {
        Self { stream: Box::new(stream), lost, queue: Mutex::default(), changed: Condvar::new() }
    }

    /// Prints a line, or some; the last LF is the caller's part.
    pub(crate) fn print(&'static self, lines: &[u8]) {
        if let Err(lost) = self.printed(lines) {
            (self.lost)(&lost);
        }
    }

    /// Waits until everything is printed, but no longer than this.
    fn finish(&self, limit: Duration) {
        let waits = |queue: &mut Queue| !queue.is_empty();
        drop(self.changed.wait_timeout_while(self.queue(), limit, waits));
    }

    fn printed(&'static self, lines: &[u8]) -> Result<(), Lost> {
        let mut queue = self.queue();
        if queue.is_empty() && self.stream.takes_at_once(lines.len()) {
            // Whoever prints on another thread meanwhile waits for the lock, and keeps its place.
            return self.stream.write_whole(lines).map_err(Lost::Broken);
        }
        if queue.len() + lines.len() > WAITING_MAX {
            return Err(Lost::Unread);
        }
        if !queue.started {
            let thread = thread::Builder::new().name("printer".to_owned());
            thread.spawn(|| self.keep_printing()).map_err(Lost::Broken)?;
            queue.started = true;
        }
        queue.lines.extend_from_slice(lines);
        self.changed.notify_all();
        Ok(())
    }

    /// Prints what waits, for as long as this process lives.
    fn keep_printing(&self) {
        let mut queue = self.queue();
        loop {
            let idle = |queue: &mut Queue| queue.lines.is_empty();
            queue = self.changed.wait_while(queue, idle).unwrap_or_else(PoisonError::into_inner);
            let lines = std::mem::take(&mut queue.lines);
            queue.taken = lines.len();
            drop(queue);
            // One by one: of so few octets no other writer of a pipe gets between them.
            for line in lines.split_inclusive(|&octet| octet == b'\n') {
                let written = self.stream.write_whole(line);
                self.queue().taken -= line.len();
                if let Err(error) = written {
                    (self.lost)(&Lost::Broken(error));
                }
            }
            queue = self.queue();
            self.changed.notify_all();
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn len(&self) -> usize {
        self.lines.len() + self.taken
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Lines of a log: each write is some.
impl Write for &'static Printer {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.print(lines);
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, PipeReader, pipe};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A printer on a pipe. It lives as long as its thread: for ever.
    fn printer(lost: fn(&Lost)) -> (&'static Printer, PipeReader) {
        let (reader, writer) = pipe().expect("a pipe");
        (Box::leak(Box::new(Printer::new(writer, lost))), reader)
    }

    /// Lines of different lengths, one of them the longest that a message can be.
    fn line(n: usize) -> String {
        let padding = "x".repeat(n * 37 % 1017);
        format!("{n:06}{padding}\n")
    }

    #[test]
    fn lines_that_wait_are_printed_whole_and_in_order() {
        let (printer, reader) = printer(|_| panic!("nothing is lost"));
        // Several times what a pipe holds, and less than what may wait.
        let lines: Vec<String> = (0..1500).map(line).collect();
        assert!(lines.concat().len() < WAITING_MAX);
        for line in &lines {
            printer.print(line.as_bytes());
        }
        let mut read = BufReader::new(reader).lines();
        for line in &lines {
            assert_eq!(read.next().expect("a line").expect("text") + "\n", *line);
        }
        printer.finish(Duration::MAX);
        assert!(printer.queue().is_empty());
        printer.print(b"later\n");
        assert_eq!(read.next().expect("a line").expect("text"), "later");
    }

    #[test]
    fn lines_beyond_what_may_wait_are_lost_and_told() {
        static LOST: AtomicUsize = AtomicUsize::new(0);
        let (printer, reader) = printer(|lost| {
            assert!(matches!(lost, Lost::Unread));
            LOST.fetch_add(1, Ordering::Relaxed);
        });
        let all = 5000;
        for n in 0..all {
            printer.print(line(n).as_bytes());
            assert!(printer.queue().len() <= WAITING_MAX);
        }
        let kept = all - LOST.load(Ordering::Relaxed);
        assert!(kept < all, "nothing is lost");
        let mut read = BufReader::new(reader).lines();
        let mut last = None;
        for _ in 0..kept {
            let line_read = read.next().expect("a line").expect("text") + "\n";
            let n: usize = line_read[..6].parse().expect("a number");
            assert_eq!(line_read, line(n));
            assert!(last.replace(n) < Some(n), "{n} after {last:?}");
        }
    }

    #[test]
    fn a_reader_that_is_gone_is_told_of_each_line() {
        static LOST: AtomicUsize = AtomicUsize::new(0);
        let (printer, reader) = printer(|lost| {
            assert!(matches!(lost, Lost::Broken(_)));
            LOST.fetch_add(1, Ordering::Relaxed);
        });
        drop(reader);
        for n in 0..10 {
            printer.print(line(n).as_bytes());
            printer.finish(Duration::MAX);
        }
        assert_eq!(LOST.load(Ordering::Relaxed), 10);
    }

    /// A server that ends does not wait for its reader.
    #[test]
    fn an_end_is_not_put_off_for_ever() {
        let (printer, reader) = printer(|_| {});
        while printer.queue().is_empty() {
            printer.print(line(9).as_bytes());
        }
        printer.finish(Duration::ZERO);
        assert!(!printer.queue().is_empty());
        drop(reader);
        printer.finish(Duration::MAX);
    }
}
