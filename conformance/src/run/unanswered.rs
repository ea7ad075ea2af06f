//! Whom a fault of a talk or a visit is charged to.

use trueline_protocol::service::{Manner, Service};

use super::ledger::ended;
use crate::judge::{Fault, Kind};
use crate::spec::Id;
use crate::transcript::Dialogue;

/// The requirement that a fault breaks. `first` is what its case covers first.
pub(super) fn charge(service: Service, first: Id, dialogue: &Dialogue, fault: &Fault) -> Id {
    let id = |text| Id::parse(text).expect("an id of SPEC.md");
    let visit = service.manner() == Manner::Visit;
    match &fault.kind {
        Kind::Extra(_) if visit => id("CONN-1"),
        // One that came before was served.
        Kind::StaysOpen(_) if visit && dialogue.steps[0].client != fault.client => id("CONN-3"),
        Kind::StaysOpen(_) if visit => id("CONN-2"),
        Kind::Unterminated(_) | Kind::Terminator(_) => id("CHAT-1"),
        Kind::StaysOpen(_) if ended(dialogue, fault) => id("CHAT-5"),
        // More than the operator has typed in turn, but for what the end of a talk is about.
        Kind::Extra(_) if ended(dialogue, fault) => id("CHAT-3"),
        _ => first,
    }
}
