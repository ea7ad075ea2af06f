//! Programs that serve once, launched ahead: a check need not wait for interpreters.

use std::convert::Infallible;

use futures_util::future::join;
use tokio::sync::{Mutex, Notify, mpsc};

use super::launch_error::LaunchError;
use super::recipe::Recipe;
use super::running::Running;

type Launched = Result<Running, LaunchError>;

/// Programs that listen and were not spoken to. Each is in a network of its own: only what is isolated can be launched while
/// another holds its port.
#[derive(Debug)]
pub(crate) struct Pool {
    wanted: Notify,
    sender: mpsc::Sender<Launched>,
    receiver: Mutex<mpsc::Receiver<Launched>>,
}

impl Default for Pool {
    fn default() -> Self {
        // One waits here, and each of those who launch holds another.
        let (sender, receiver) = mpsc::channel(1);
        Self { wanted: Notify::new(), sender, receiver: Mutex::new(receiver) }
    }
}

impl Pool {
    /// From now on programs are launched ahead, as long as `fill` is polled.
    pub(crate) fn open(&self) {
        self.wanted.notify_one();
    }

    /// Launches programs, two at a time, whenever there is room for them.
    pub(crate) async fn fill(&self, recipe: &Recipe) -> Infallible {
        self.wanted.notified().await;
        join(self.launch(recipe), self.launch(recipe)).await.0
    }

    async fn launch(&self, recipe: &Recipe) -> Infallible {
        loop {
            let launched = recipe.launch().await;
            // The receiver is here as long as the sender is.
            let _ = self.sender.send(launched).await;
        }
    }

    /// The next program.
    pub(crate) async fn take(&self) -> Option<Launched> {
        self.receiver.lock().await.recv().await
    }

    /// Stops what was launched and not taken.
    pub(crate) async fn drain(&self) {
        let mut receiver = self.receiver.lock().await;
        while let Ok(launched) = receiver.try_recv() {
            if let Ok(running) = launched {
                running.stop().await;
            }
        }
    }
}
