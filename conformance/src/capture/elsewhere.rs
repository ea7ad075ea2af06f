//! Other systems than Linux: no program has a network of its own, and nothing is captured.

use std::convert::Infallible;
use std::io;

use super::Frames;
use crate::transport::Transport;

/// Never there on this system.
#[derive(Debug)]
pub(crate) struct Tap(Infallible);

/// Never there on this system.
#[derive(Debug)]
pub(crate) struct Recorder(Infallible);

/// Never there on this system.
#[derive(Debug)]
pub struct Recording(Infallible);

impl Tap {
    pub(crate) async fn knock(&self, _transport: Transport) -> io::Result<u16> {
        match self.0 {}
    }
}

impl Recorder {
    pub(crate) fn of(tap: Tap) -> io::Result<Self> {
        match tap.0 {}
    }

    pub(crate) fn follow(&self, _tap: Tap) -> io::Result<()> {
        match self.0 {}
    }

    pub(crate) fn lose(&self, _why: &io::Error) {
        match self.0 {}
    }

    pub(crate) fn begin(&self) -> Recording {
        match self.0 {}
    }
}

impl Recording {
    /// There are none.
    pub fn frames(&self) -> Frames {
        match self.0 {}
    }
}
