//! SPEC.md and the suite agree: what is required is asked about, what is shown is run, and what is asked can be failed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod abnf;
mod coverage;
mod examples;
mod generated;
mod ids;
mod pages;
mod vectors;

use trueline_conformance::transport::Transport;
use trueline_protocol::service::Service;

const TRANSPORTS: [Transport; 2] = [Transport::Tcp, Transport::Udp];

/// Every service on every transport that it is spoken over.
fn kinds() -> impl Iterator<Item = (Service, Transport)> {
    Transport::kinds()
}
