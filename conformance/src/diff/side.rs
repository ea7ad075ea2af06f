//! One of the two targets, and how a dialogue is performed with it.

use std::cell::Cell;
use std::rc::Rc;

use trueline_protocol::responder::Responder;
use trueline_protocol::service::Service;

use super::heard::{Heard, REST_MAX};
use crate::dialect::{Dialect, served};
use crate::exchange::What;
use crate::judge::Kind;
use crate::pace::Pace;
use crate::perform::perform;
use crate::run::{Host, Live, Revival};
use crate::transcript::Dialogue;
use crate::transport::Transport;
use crate::wire::{Simulated, Wire};

/// How often a program that has closed a connection is given a moment to end, in vain.
const VAIN_MAX: u32 = 3;

/// One of the two targets.
pub struct Side {
    target: Target,
    pace: Pace,
    /// Whether it is known to have ended in the last dialogue.
    ended: Cell<bool>,
    /// How often it was thought to end, and did not.
    vain: Cell<u32>,
}

enum Target {
    Live(Box<Live>),
    Simulated(Rc<Simulated>),
}

/// What came of a dialogue with one side.
pub(super) struct Performed {
    pub(super) heard: Heard,
    /// Whether the target had ended, unnoticed, after the dialogue before this one.
    pub(super) had_ended: bool,
}

impl Side {
    /// A target over sockets.
    pub fn live(live: Live, pace: Pace) -> Self {
        Self::new(Target::Live(Box::new(live)), pace)
    }

    /// A server in simulation.
    pub fn simulated(server: Rc<Simulated>) -> Self {
        Self::new(Target::Simulated(server), Pace::new(Pace::LONGEST))
    }

    /// The reference server, in simulation.
    pub fn reference(
        service: Service,
        transport: Transport,
        dialect: Option<&'static Dialect>,
    ) -> Self {
        let server = move || served(dialect, Box::new(Responder::of(service)));
        Self::simulated(Simulated::new(transport, server))
    }

    fn new(target: Target, pace: Pace) -> Self {
        Self { target, pace, ended: Cell::new(false), vain: Cell::new(0) }
    }

    /// What it is and where it listens.
    pub fn shown(&self) -> String {
        match &self.target {
            Target::Simulated(_) => "the reference server, in simulation".to_owned(),
            Target::Live(live) => match live.command() {
                Some(command) => format!("{command} listens on {}", live.bound()),
                None => format!("the server at {}", live.bound()),
            },
        }
    }

    /// Stops it, if it was launched.
    pub async fn stop(&self) {
        if let Target::Live(live) = &self.target {
            live.stop().await;
        }
    }

    /// Whether it is launched, and watched.
    pub(super) fn is_launched(&self) -> bool {
        match &self.target {
            Target::Live(live) => live.is_launched(),
            Target::Simulated(_) => true,
        }
    }

    /// How often it can be launched still; nobody launches a server in simulation.
    pub(super) fn launches_left(&self) -> Option<u32> {
        match &self.target {
            Target::Live(live) => Some(live.launches_left()),
            Target::Simulated(_) => None,
        }
    }

    /// Why nobody knows what has become of it, if so.
    pub(super) fn lost(&self) -> Option<String> {
        match &self.target {
            Target::Live(live) => live.lost(),
            Target::Simulated(_) => None,
        }
    }

    /// Whether the kernel knows that nothing is bound to its UDP port.
    pub(super) fn is_absent(&self) -> bool {
        match &self.target {
            Target::Live(live) => live.is_absent(),
            Target::Simulated(_) => false,
        }
    }

    /// How many datagrams its socket has dropped, as far as the kernel tells.
    pub(super) fn drops(&self) -> Option<u64> {
        match &self.target {
            Target::Live(live) => live.drops(),
            Target::Simulated(_) => None,
        }
    }

    /// Performs a dialogue on fresh connections, with a target that runs. `watch` says that it is also seen whether the
    /// target ends when it is over.
    ///
    /// # Errors
    ///
    /// Why the target cannot be launched again.
    pub(super) async fn perform(
        &self,
        dialogue: &Dialogue,
        watch: bool,
    ) -> Result<Performed, String> {
        match &self.target {
            Target::Live(live) => self.perform_with(&**live, dialogue, watch).await,
            Target::Simulated(server) => self.perform_with(server, dialogue, watch).await,
        }
    }

    async fn perform_with(
        &self,
        host: &impl Host,
        dialogue: &Dialogue,
        watch: bool,
    ) -> Result<Performed, String> {
        let known = self.ended.replace(false);
        let fresh = revived(host).await?;
        let mut had_ended = fresh && !known;
        let mut heard = self.heard(host, dialogue).await;
        self.see_whether_it_ends(host, &mut heard, watch).await;
        if heard.ending.is_some() && !fresh && heard.hangs_up() && heard.replies() == 0 {
            // It may have been ending when this dialogue began.
            revived(host).await?;
            let again = self.heard(host, dialogue).await;
            had_ended = !again.hangs_up();
            heard = again;
            self.see_whether_it_ends(host, &mut heard, watch).await;
        }
        Ok(Performed { heard, had_ended })
    }

    /// Whether the program ends when a dialogue is over: where that is asked, or where the last connection looks like it.
    async fn see_whether_it_ends(&self, host: &impl Host, heard: &mut Heard, watch: bool) {
        // Who listens no longer is ending for sure; who has closed a connection may be.
        let refused = matches!(heard.fault(), Some((_, Kind::Refused)));
        let may_end = heard.hangs_up() && self.vain.get() < VAIN_MAX;
        if !(watch || refused || may_end) {
            return;
        }
        heard.ending = host.ending(true).await;
        self.ended.set(heard.ending.is_some());
        self.vain.set(if heard.ending.is_some() { 0 } else { self.vain.get() + 1 });
    }

    async fn heard<H: Host>(&self, host: &H, dialogue: &Dialogue) -> Heard {
        let mut wire = host.wire();
        let mut exchange = perform(&mut wire, dialogue, &self.pace, host).await;
        let heard = Heard::of(dialogue, &exchange, wire.transport());
        let (Transport::Tcp, Some((_, Kind::Extra(_) | Kind::NotQuiet(_)))) =
            (wire.transport(), heard.fault())
        else {
            return heard;
        };
        // All that nobody has asked for belongs to what is compared, however it was cut.
        let Some(last) = exchange.last().cloned() else { return heard };
        let mut octets = 0;
        while octets < REST_MAX
            && let what @ What::Received(_) = wire.receive(last.client, self.pace.quiet()).await
        {
            octets += if let What::Received(more) = &what { more.len() } else { 0 };
            exchange.push(crate::exchange::Observation { what, ..last.clone() });
        }
        Heard::of(dialogue, &exchange, wire.transport())
    }
}

/// Sees to it that the target runs. Whether it had ended.
async fn revived(host: &impl Host) -> Result<bool, String> {
    match host.revive().await {
        Revival::Up => Ok(false),
        Revival::Again => Ok(true),
        Revival::Gone(why) => Err(why),
    }
}
