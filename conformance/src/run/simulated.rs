//! A target in simulation: it runs until it ends, and is started again at no cost.

use std::convert::Infallible;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use super::host::{Host, LAUNCHES_MAX, Revival};
use crate::exchange::What;
use crate::perform::Program;
use crate::target::Lifetime;
use crate::wire::{Simulated, Simulation};

impl Host for Rc<Simulated> {
    type Wire = Simulation;

    fn wire(&self) -> Simulation {
        self.life().begin();
        Simulation::new(Self::clone(self), self.transport())
    }

    async fn revive(&self) -> Revival {
        if self.runs() && !self.life().is_over() { Revival::Up } else { self.renew().await }
    }

    async fn renew(&self) -> Revival {
        Simulated::restart(self);
        self.life().renew();
        Revival::Again
    }

    fn is_launched(&self) -> bool {
        true
    }

    fn lifetime(&self) -> Option<Lifetime> {
        self.life().known()
    }

    fn found(&self, lifetime: Lifetime) {
        self.life().find(lifetime);
    }

    fn launches_left(&self) -> u32 {
        LAUNCHES_MAX
    }

    async fn launch_ahead(&self) -> Infallible {
        pending().await
    }

    async fn ending(&self, _closed: bool) -> Option<String> {
        (!self.runs()).then(|| "the server ended".to_owned())
    }

    fn lost(&self) -> Option<String> {
        None
    }

    fn is_absent(&self) -> bool {
        false
    }

    fn drops(&self) -> Option<u64> {
        None
    }
}

impl Program for Rc<Simulated> {
    async fn restart(&self) -> What {
        Simulated::restart(self);
        What::Restarted
    }

    fn prints(&self) -> u64 {
        Simulated::prints(self)
    }

    async fn printed(&self, mark: &mut u64, _part: Option<&[u8]>, limit: Duration) -> What {
        match Simulated::printed(self, *mark, limit) {
            Some(line) => {
                *mark += 1;
                What::Printed(line.into_bytes())
            }
            None => What::Silence(limit),
        }
    }

    async fn types(&self, line: &[u8]) {
        Simulated::types(self, line);
    }

    /// It prints to nobody's trouble.
    async fn hush(&self, _closed: bool) {}
}
