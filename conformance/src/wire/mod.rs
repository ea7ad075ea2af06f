//! What a dialogue is performed over: sockets, or a simulation in virtual time.

mod network;
mod simulation;
mod sockets;

use std::time::Duration;

use crate::exchange::What;
use crate::transcript::Client;
use crate::transport::Transport;

pub use network::Network;
pub use simulation::{Simulated, Simulation};
pub use sockets::Sockets;

/// The means to perform one dialogue: some clients, each with a connection or a socket of its own.
///
/// What goes wrong is returned as what was observed; there is nothing else to see.
#[allow(async_fn_in_trait, reason = "the runner is one thread: nothing has to be Send")]
pub trait Wire {
    /// What it speaks.
    fn transport(&self) -> Transport;

    /// The time since any fixed moment.
    fn now(&self) -> Duration;

    /// What the clock on the wall shows: [`What::Clock`].
    fn clock(&self) -> What;

    /// Lets some time go by.
    async fn wait(&mut self, time: Duration);

    /// Whether the client is there.
    fn has(&self, client: Client) -> bool;

    /// Connects a client. One that does not `listen` takes in next to nothing and never reads.
    async fn open(&mut self, client: Client, listen: bool, limit: Duration) -> What;

    /// Sends octets, and meanwhile takes in what comes: each of it is observed.
    async fn send(&mut self, client: Client, octets: &[u8], limit: Duration) -> Vec<What>;

    /// Waits until the target has taken what was sent from its receive queue, where the kernel can tell.
    async fn settle(&mut self, client: Client, limit: Duration);

    /// What comes next: [`What::Received`], [`What::Stray`], [`What::Closed`], [`What::Reset`] or [`What::Silence`].
    async fn receive(&mut self, client: Client, limit: Duration) -> What;

    /// Ends the client's half.
    async fn end(&mut self, client: Client);

    /// Closes the client.
    fn close(&mut self, client: Client);

    /// Resets the client's connection.
    fn reset(&mut self, client: Client);
}
