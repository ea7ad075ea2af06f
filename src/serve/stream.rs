//! A stream to print on, as far as the system tells whether it would have its writer wait.

use std::io;
#[cfg(not(unix))]
use std::io::Write;
#[cfg(unix)]
use std::{io::IsTerminal, os::fd::AsFd};

#[cfg(unix)]
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

/// Octets that go whole to whatever can be written to (PIPE_BUF; elsewhere the least that POSIX allows it to be).
#[cfg(target_os = "linux")]
const WHOLE: usize = 4096;
#[cfg(all(unix, not(target_os = "linux")))]
const WHOLE: usize = 512;

/// Something to print on, from any thread.
pub(super) trait Stream: Send + Sync {
    /// Whether this many octets can be written without waiting.
    fn takes_at_once(&self, count: usize) -> bool;

    /// Writes all of it, and waits as long as it takes.
    fn write_whole(&self, octets: &[u8]) -> io::Result<()>;
}

#[cfg(unix)]
impl<S: AsFd + Send + Sync> Stream for S {
    /// A terminal never does: it can be written to when it takes a single octet, and waits for more.
    fn takes_at_once(&self, count: usize) -> bool {
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        count <= WHOLE && !self.as_fd().is_terminal() && is_writable(self, Some(&at_once))
    }

    fn write_whole(&self, octets: &[u8]) -> io::Result<()> {
        let mut rest = octets;
        while !rest.is_empty() {
            // Past the buffer of the standard library, which would keep what the system does not take.
            match rustix::io::write(self, rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => rest = &rest[count..],
                // Somebody who has the other end, too, made it so.
                Err(Errno::AGAIN) => {
                    is_writable(self, None);
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Waits, for this long or for ever, until there is room, or an error to be had.
#[cfg(unix)]
fn is_writable(stream: &impl AsFd, limit: Option<&Timespec>) -> bool {
    matches!(poll(&mut [PollFd::new(stream, PollFlags::OUT)], limit), Ok(1..))
}

#[cfg(not(unix))]
impl<S: Send + Sync> Stream for S
where
    for<'a> &'a S: Write,
{
    /// Nobody tells.
    fn takes_at_once(&self, _count: usize) -> bool {
        false
    }

    fn write_whole(&self, octets: &[u8]) -> io::Result<()> {
        let mut stream = self;
        stream.write_all(octets).and_then(|()| stream.flush())
    }
}
