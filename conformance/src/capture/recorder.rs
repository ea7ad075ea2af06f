//! Keeping what a tap sees while an attempt is made.
//!
//! A thread reads the tap, so that the kernel's buffer is emptied whatever else the runner does. What has come when an
//! attempt ends is read before it is looked at: a frame waits in the tap before whoever it is for can have read it.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};

use super::Frames;
use super::pcap::{self, LONGEST, RECORD_HEADER};
use super::tap::{Seen, Tap};

/// Octets that are kept of an attempt at most.
const KEPT_MAX: usize = 16 << 20;

/// Keeps frames of one network after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    tap: Option<Watched>,
    /// How many attempts are made at the same time.
    recordings: u32,
    /// What has come since the first of them began.
    frames: Frames,
}

/// A tap with a thread that reads it.
#[derive(Debug)]
struct Watched {
    tap: Tap,
    buffer: Box<[u8; LONGEST]>,
    /// How many frames the kernel has dropped there.
    dropped: u32,
    /// Closed, it ends the thread.
    _stop: io::PipeWriter,
}

impl Recorder {
    /// Reads this tap from now on.
    pub(crate) fn of(tap: Tap) -> io::Result<Self> {
        let recorder = Self::default();
        recorder.follow(tap)?;
        Ok(recorder)
    }

    /// Turns to the network of this tap.
    pub(crate) fn follow(&self, tap: Tap) -> io::Result<()> {
        let (stopped, stop) = io::pipe()?;
        let ready = tap.ready()?;
        let mut watched = Watched { tap, buffer: Box::new([0; LONGEST]), dropped: 0, _stop: stop };
        // What came before nobody is concerned with, and some of it has come twice.
        watched.drain(|_, _, _| {});
        let mut state = self.state();
        state.read();
        state.tap = Some(watched);
        drop(state);
        let state = Arc::downgrade(&self.0);
        thread::Builder::new().name("capture".to_owned()).spawn(move || {
            while is_ready(&ready, &stopped) {
                let Some(state) = state.upgrade() else { return };
                Self(state).state().read();
            }
        })?;
        Ok(())
    }

    /// A later launch cannot be captured; why.
    pub(crate) fn lose(&self, why: &io::Error) {
        let mut state = self.state();
        state.tap = None;
        state.frames.lack = Some(why.to_string());
    }

    /// Begins to keep what comes.
    pub(crate) fn begin(&self) -> Recording {
        let mut state = self.state();
        state.read();
        state.recordings += 1;
        let from = Mark::of(&state.frames);
        drop(state);
        Recording { recorder: self.clone(), from }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a frame. False when nobody wants any more.
fn is_ready(tap: &OwnedFd, stopped: &io::PipeReader) -> bool {
    loop {
        let mut both = [PollFd::new(tap, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
        match poll(&mut both, None) {
            Ok(_) => return both[1].revents().is_empty(),
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

impl Watched {
    /// Takes what has come: each frame, its octets, and how many were dropped before it.
    fn drain(&mut self, mut take: impl FnMut(Seen, &[u8], u32)) {
        // An interface that goes down says so by an error, once: what is behind that is read later.
        while let Ok(Some(seen)) = self.tap.next(&mut self.buffer) {
            let dropped =
                seen.dropped.wrapping_sub(std::mem::replace(&mut self.dropped, seen.dropped));
            take(seen, &self.buffer[..seen.length.min(LONGEST)], dropped);
        }
    }
}

impl State {
    /// Takes in what has come.
    fn read(&mut self) {
        let Some(mut watched) = self.tap.take() else { return };
        watched.drain(|seen, octets, dropped| {
            self.frames.dropped += u64::from(dropped);
            self.keep(seen, octets);
        });
        self.tap = Some(watched);
    }

    fn keep(&mut self, seen: Seen, octets: &[u8]) {
        let records = &mut self.frames.records;
        if self.recordings == 0 {
            return;
        }
        if records.len() + RECORD_HEADER + octets.len() > KEPT_MAX {
            self.frames.left_out += 1;
        } else {
            pcap::push(records, seen.at, octets, seen.length);
        }
    }
}

/// How much there was at a moment.
#[derive(Clone, Copy, Debug)]
struct Mark {
    records: usize,
    left_out: u64,
    dropped: u64,
}

impl Mark {
    fn of(frames: &Frames) -> Self {
        let Frames { records, left_out, dropped, .. } = frames;
        Self { records: records.len(), left_out: *left_out, dropped: *dropped }
    }
}

/// The frames of an attempt while it is made.
#[derive(Debug)]
pub struct Recording {
    recorder: Recorder,
    from: Mark,
}

impl Recording {
    /// What has come since it began.
    pub fn frames(&self) -> Frames {
        let mut state = self.recorder.state();
        state.read();
        let frames = &state.frames;
        Frames {
            records: frames.records[self.from.records..].to_vec(),
            left_out: frames.left_out - self.from.left_out,
            dropped: frames.dropped - self.from.dropped,
            lack: frames.lack.clone(),
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let mut state = self.recorder.state();
        state.read();
        state.recordings -= 1;
        if state.recordings == 0 {
            state.frames.records.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_the_rest_is_counted() {
        let seen = Seen { at: Duration::from_secs(1), length: LONGEST, dropped: 0 };
        let octets = vec![0; LONGEST];
        let mut state = State::default();
        state.keep(seen, &octets);
        assert!(state.frames.is_empty(), "nobody records");
        state.recordings = 1;
        let fit = KEPT_MAX / (RECORD_HEADER + LONGEST);
        for _ in 0..fit + 3 {
            state.keep(seen, &octets);
        }
        assert_eq!(state.frames.records.len(), fit * (RECORD_HEADER + LONGEST));
        assert_eq!(state.frames.left_out, 3);
    }
}
