//! What a server prints for its operator (MSG-3). Nobody need read it, and nobody is kept waiting by that (MSG-4).

use std::cell::OnceCell;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use tracing::{debug, warn};

/// Octets that wait to be printed, at most; more of them are lost.
const WAITING_MAX: usize = 1 << 20;

/// Prints lines on the standard output, in their order.
///
/// A line is printed at once where the system takes it at once. Otherwise a thread does it, which may stand still for
/// ever, and lines wait for it.
#[derive(Default)]
pub(super) struct Printer {
    waiting: Arc<AtomicUsize>,
    queue: OnceCell<Option<Sender<Vec<u8>>>>,
}

impl Printer {
    pub(super) fn print(&self, line: String) {
        let mut line = line.into_bytes();
        line.push(b'\n');
        let waiting = self.waiting.load(Ordering::Acquire);
        if waiting == 0 && is_writable() {
            written(&line);
        } else if waiting + line.len() > WAITING_MAX {
            debug!("nobody reads the standard output: a line is lost");
        } else if let Some(queue) = self.queue.get_or_init(|| started(Arc::clone(&self.waiting))) {
            self.waiting.fetch_add(line.len(), Ordering::AcqRel);
            // The thread ends with this process and not before.
            let _ = queue.send(line);
        }
    }
}

fn started(waiting: Arc<AtomicUsize>) -> Option<Sender<Vec<u8>>> {
    let (sender, lines) = channel();
    let printing = move || printed(&lines, &waiting);
    match thread::Builder::new().name("printer".to_owned()).spawn(printing) {
        Ok(_) => Some(sender),
        Err(error) => {
            warn!(%error, "messages are not printed");
            None
        }
    }
}

fn printed(lines: &Receiver<Vec<u8>>, waiting: &AtomicUsize) {
    for line in lines {
        written(&line);
        waiting.fetch_sub(line.len(), Ordering::AcqRel);
    }
}

/// A standard output that is closed takes nothing, and that is its reader's business.
fn written(line: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(line).and_then(|()| stdout.flush());
}

/// Whether a line can be printed without waiting: what is writable takes PIPE_BUF octets, and a line has fewer.
#[cfg(unix)]
fn is_writable() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdout = rustix::stdio::stdout();
    let mut fds = [PollFd::new(&stdout, PollFlags::OUT)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    matches!(poll(&mut fds, Some(&at_once)), Ok(1..))
}

#[cfg(not(unix))]
fn is_writable() -> bool {
    false
}
