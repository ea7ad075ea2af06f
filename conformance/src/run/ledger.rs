//! What is known of the requirements while a check goes on, and whom a fault is charged to.

use std::collections::{BTreeMap, BTreeSet};

use trueline_protocol::grammar;
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::service::{Manner, Service};

use super::unanswered;
use crate::dialect::Dialect;
use crate::dialogue::{Ending, Question};
use crate::exchange::Exchange;
use crate::judge::{Fault, Kind, Untimely, judge};
use crate::relies::asked;
use crate::report::{Failure, Outcome, Verdict};
use crate::service::{asking, broken_by, due, is_reply, plain};
use crate::spec::{Id, Spec};
use crate::transcript::{Act, Dialogue, Piece, Step, Text};
use crate::transport::Transport;

/// The requirements that tell how a target may be treated.
pub(super) struct Landmarks {
    terminator: Id,
    text: Id,
    pub(super) one_reply: Id,
    prompt: Id,
    source: Id,
    bare_datagram: Id,
    pub(super) closes: Id,
    resync: Id,
    /// Each datagram as if it were the first.
    pub(super) first_datagram: Id,
    /// Long lines that fit.
    fits: [Id; 2],
    /// The right time, and that it does not go back.
    time: Id,
    forward: Id,
    /// The form of errors.
    error: Id,
    /// The error that an empty request gets.
    empty: Id,
    /// Serving on, whatever was sent.
    pub(super) goes_on: Id,
    /// Many exchanges on a connection.
    pub(super) series: Id,
    /// Errors among them.
    pub(super) errors: Id,
    /// Several clients at once.
    pub(super) clients: Id,
    /// Clients that reset their connection or vanish.
    gone: Id,
}

/// Failures of a requirement after which it is not asked about any more.
const SETTLED: usize = 3;

/// The findings so far.
pub(super) struct Ledger {
    service: Service,
    transport: Transport,
    at: Landmarks,
    failed: BTreeSet<Id>,
    /// What has failed so often, or so slowly, that to ask again would only cost time.
    settled: BTreeSet<Id>,
    failures: BTreeMap<Id, usize>,
    passed: BTreeSet<Id>,
    /// Why the target cannot be spoken to any more.
    pub(super) gone: Option<String>,
    /// Whether the target was reached when it was first spoken to, or was not spoken to yet.
    pub(super) reached: bool,
    /// How often it stopped answering.
    pub(super) deaths: u32,
    /// Whether it was spoken to.
    pub(super) spoken_to: bool,
    /// Whether it has answered the plain question rightly.
    knows_question: bool,
}

impl Ledger {
    pub(super) fn new(service: Service, transport: Transport) -> Self {
        let id = |text| Id::parse(text).expect("an id of SPEC.md");
        let at = Landmarks {
            one_reply: id(match service.manner() {
                Manner::Talk => "CHAT-1",
                Manner::Visit => "CONN-2",
                _ => "FRAME-1",
            }),
            text: id("FRAME-2"),
            terminator: id("FRAME-3"),
            prompt: id("FRAME-7"),
            closes: id(match service.manner() {
                Manner::Conversation => "FRAME-11",
                Manner::Announcement => "FRAME-37",
                Manner::Talk => "CHAT-5",
                Manner::Visit => "CONN-2",
            }),
            fits: [id("FRAME-12"), id("FRAME-13")],
            time: id("TIME-2"),
            forward: id("TIME-3"),
            error: id("ERR-1"),
            empty: id("ERR-6"),
            resync: id("FRAME-14"),
            first_datagram: id("FRAME-34"),
            goes_on: id(match service.manner() {
                Manner::Talk => "CHAT-7",
                Manner::Visit => "CONN-3",
                _ => "FRAME-17",
            }),
            source: id("FRAME-32"),
            bare_datagram: id("FRAME-29"),
            gone: id("FRAME-22"),
            series: id("FRAME-8"),
            errors: id("FRAME-16"),
            clients: id(if transport == Transport::Tcp { "FRAME-18" } else { "FRAME-33" }),
        };
        Self {
            service,
            transport,
            at,
            failed: BTreeSet::new(),
            settled: BTreeSet::new(),
            failures: BTreeMap::new(),
            passed: BTreeSet::new(),
            gone: None,
            reached: true,
            deaths: 0,
            spoken_to: false,
            knows_question: false,
        }
    }

    /// The first of these that is broken.
    pub(super) fn broken(&self, mut ids: impl Iterator<Item = Id>) -> Option<Id> {
        ids.find(|id| self.failed.contains(id))
    }

    pub(super) const fn landmarks(&self) -> &Landmarks {
        &self.at
    }

    pub(super) fn has_failed(&self, id: Id) -> bool {
        self.failed.contains(&id)
    }

    /// Whether nothing is to be learnt from another failure.
    pub(super) fn is_settled(&self, id: Id) -> bool {
        self.settled.contains(&id)
    }

    pub(super) fn has_passed(&self, id: Id) -> bool {
        self.passed.contains(&id) && !self.has_failed(id)
    }

    /// Takes in what came of a case. Called between the waves, in the order of the suite.
    pub(super) fn record(&mut self, outcome: &Outcome) {
        for Failure { charged, seen, .. } in &outcome.failures {
            self.failed.insert(*charged);
            let failures = self.failures.entry(*charged).or_default();
            *failures += 1;
            if seen.fault.kind.is_timing() || *failures >= SETTLED {
                self.settled.insert(*charged);
            }
        }
        if outcome.verdict == Verdict::Pass {
            self.passed.extend(&outcome.covers);
        }
    }

    /// The plain question.
    pub(super) fn question(&self) -> Dialogue {
        asking(self.service, self.transport, &plain(self.service).0[0])
    }

    /// The plain question, once anything was answered.
    pub(super) fn answered_question(&self) -> Option<Dialogue> {
        self.has_passed(self.at.one_reply).then(|| self.question())
    }

    /// The plain question, once it was answered rightly.
    pub(super) fn known_question(&self) -> Option<Dialogue> {
        self.knows_question.then(|| self.question())
    }

    /// Takes note of an exchange that began with the plain question, whatever reply was due in it.
    pub(super) fn hear(
        &mut self,
        dialogue: &Dialogue,
        exchange: &Exchange,
        dialect: Option<&Dialect>,
    ) {
        let question = self.question();
        if dialogue.steps.first() != question.steps.first() {
            return;
        }
        let asked = match dialect {
            Some(dialect) => dialect.speak(&question, self.transport).map(|it| it.dialogue),
            None => Some(question),
        };
        let rightly = |asked: Dialogue| judge(&asked, exchange, self.transport).is_none();
        self.knows_question |= asked.is_some_and(rightly);
    }

    /// How dialogues are brought to their end.
    pub(super) fn ending(&self) -> Ending {
        let (_, proves) = plain(self.service);
        match (self.transport, self.service.manner()) {
            (Transport::Tcp, _) if self.has_failed(self.at.closes) => Ending::Close,
            (Transport::Tcp, Manner::Conversation | Manner::Talk) => Ending::HalfClose,
            (Transport::Tcp, Manner::Announcement | Manner::Visit) => Ending::Await,
            (Transport::Udp, _) if self.has_passed(proves) => Ending::Ask(self.questions()),
            (Transport::Udp, _) => Ending::Close,
        }
    }

    /// Questions that are answered rightly, with other replies as far as the service has any.
    fn questions(&self) -> Vec<Question> {
        let (questions, _) = plain(self.service);
        let mut questions = questions[..questions.len().min(2)].to_vec();
        if self.has_passed(self.at.empty) {
            let request = Text::default();
            questions.push(Question { request, reply: due(self.service, "") });
        }
        questions
    }

    /// The requirement that a fault in a dialogue breaks. `about` is what its case covers first; `written` is the number of
    /// steps before its end was written out.
    pub(super) fn charge(
        &self,
        about: Option<Id>,
        dialogue: &Dialogue,
        written: usize,
        fault: &Fault,
    ) -> Id {
        let first = about.unwrap_or(self.at.one_reply);
        let framing = first.area() == "FRAME";
        let closed = matches!(fault.kind, Kind::Closed(_) | Kind::Reset(_));
        // Whoever answers no more, or wrongly, has not closed the connection because of an error.
        let own = if first == self.at.errors && !closed { self.at.goes_on } else { first };
        let terminator = match self.transport {
            Transport::Tcp => self.at.terminator,
            Transport::Udp => self.at.bare_datagram,
        };
        if !self.service.manner().answers() {
            return unanswered::charge(self.service, first, dialogue, fault);
        }
        if dialogue.takes_output_away() {
            // Whatever comes of that comes of that.
            return first;
        }
        match &fault.kind {
            Kind::Unterminated(_) | Kind::Terminator(_) => terminator,
            Kind::Late(_) => self.at.prompt,
            Kind::Clock(_, Untimely::Backwards) => self.at.forward,
            Kind::Clock(_, Untimely::Off(_) | Untimely::Still) => self.at.time,
            Kind::NotText(_) => self.at.text,
            Kind::Stray(..) => self.at.source,
            Kind::StaysOpen(_) if ended(dialogue, fault) || self.announces() => self.at.closes,
            Kind::Extra(octets) if matches!(octets.as_slice(), b"\n" | b"\r\n") => terminator,
            Kind::Extra(_) if self.holds_long_line(dialogue, fault) => self.at.resync,
            Kind::Extra(_) if !framing => self.at.one_reply,
            Kind::Wrong(reply)
                if self.transport == Transport::Udp && repeats(dialogue, fault, reply) =>
            {
                self.at.one_reply
            }
            // What it was asked it answered, and then it served no more.
            kind if fault.step >= written && kind.is_lost() => self.at.goes_on,
            // The last question got another answer than it gets by itself.
            Kind::Wrong(_) if fault.step >= written && !framing => self.at.first_datagram,
            // Nothing else can be meant than what is announced, or an error that nobody may have.
            Kind::Wrong(reply) if self.announces() && !reply.starts_with(b"ERR") => {
                plain(self.service).1
            }
            // By its length alone it differs from what is answered rightly.
            Kind::Wrong(_) if self.at.fits.contains(&first) => first,
            // It belongs to another request, and shows nothing of what the service makes of this one.
            Kind::Wrong(reply) if framing && repeats(dialogue, fault, reply) => own,
            Kind::Wrong(reply) if self.is_formless(dialogue, fault, reply) => self.at.error,
            Kind::Wrong(reply) => self.broken_by(dialogue, fault, reply, !framing).unwrap_or(own),
            _ => own,
        }
    }
}

impl Ledger {
    /// The requirement that a program breaks which ends by itself after a case that went well and covers these. One that
    /// ends at other times, too, is not charged anew for each.
    pub(super) fn charge_end(&self, covers: &[Id]) -> Id {
        let goes_on = self.at.goes_on;
        if covers.contains(&self.at.gone) && !self.has_failed(goes_on) {
            self.at.gone
        } else {
            goes_on
        }
    }

    /// The requirement that a fault breaks which depends on what was asked before.
    pub(super) fn charge_memory(&self, dialogue: &Dialogue, fault: &Fault) -> Id {
        match (self.transport, &fault.kind) {
            (Transport::Udp, _) => self.at.first_datagram,
            (Transport::Tcp, _)
                if self.has_failed(self.at.resync) && self.holds_long_line(dialogue, fault) =>
            {
                self.at.resync
            }
            (Transport::Tcp, Kind::Closed(_) | Kind::Reset(_)) => self.at.errors,
            (Transport::Tcp, _) => self.at.goes_on,
        }
    }

    fn announces(&self) -> bool {
        self.service.manner() == Manner::Announcement
    }

    /// Whether an error is due, none was ever reported rightly, and this reply looks neither like an error nor like that
    /// to a request that was served.
    fn is_formless(&self, dialogue: &Dialogue, fault: &Fault, reply: &[u8]) -> bool {
        let due = match dialogue.steps.get(fault.step).map(|step| &step.act) {
            Some(Act::Expect { text, .. }) => text.pieces.first(),
            _ => None,
        };
        let error = matches!(due, Some(Piece::Octets(due)) if due.starts_with(b"ERR "));
        let text = std::str::from_utf8(reply).unwrap_or("");
        let formed = grammar::error(text).is_ok_and(|(rest, _)| rest.is_empty());
        let formless = !formed && !is_reply(self.service, text);
        error && formless && !self.has_passed(self.at.error)
    }

    /// Whether the client sent a line that is too long, whose rest may have been taken for a line of its own.
    fn holds_long_line(&self, dialogue: &Dialogue, fault: &Fault) -> bool {
        let asked = asked(dialogue, fault.client, self.transport);
        asked.iter().any(|(request, _)| request.len() > REQUEST_TEXT_MAX)
    }

    fn broken_by(
        &self,
        dialogue: &Dialogue,
        fault: &Fault,
        reply: &[u8],
        wording: bool,
    ) -> Option<Id> {
        let expects =
            |step: &&Step| step.client == fault.client && matches!(step.act, Act::Expect { .. });
        let nth = dialogue.steps[..fault.step].iter().filter(expects).count();
        let asked = asked(dialogue, fault.client, self.transport);
        let (request, expected) = asked.get(nth)?;
        broken_by(self.service, request, expected, reply, wording)
    }
}

/// Whether a reply is that to the request before, once more.
fn repeats(dialogue: &Dialogue, fault: &Fault, reply: &[u8]) -> bool {
    let before = dialogue.steps[..fault.step].iter().rev().find_map(|step| match &step.act {
        Act::Expect { text, .. } if step.client == fault.client => Some(text),
        _ => None,
    });
    before.and_then(Text::literal) == Some(reply)
}

/// Whether the client had ended its half.
pub(super) fn ended(dialogue: &Dialogue, fault: &Fault) -> bool {
    let before = &dialogue.steps[..fault.step.min(dialogue.steps.len())];
    before.iter().any(|step| step.client == fault.client && step.act == Act::End)
}

/// What was found of each requirement, when everything has been performed.
pub(crate) fn findings(
    spec: &Spec,
    service: Service,
    selected: &BTreeSet<Id>,
    cases: &[Outcome],
) -> BTreeMap<Id, (Verdict, Option<String>)> {
    let failures: Vec<&Failure> = cases.iter().flat_map(|case| &case.failures).collect();
    let charged = failures.iter().map(|failure| failure.charged);
    let ids: BTreeSet<Id> = selected.iter().copied().chain(charged).collect();
    let finding = |id: Id| {
        if failures.iter().any(|failure| failure.charged == id) {
            return (Verdict::Fail, None);
        }
        let covering: Vec<&Outcome> =
            cases.iter().filter(|case| case.covers.contains(&id)).collect();
        let first = |verdict| covering.iter().find(|case| case.verdict == verdict);
        let why = |case: &&Outcome| case.why.clone();
        if let Some(case) = first(Verdict::Inconclusive) {
            return (Verdict::Inconclusive, why(case));
        }
        if covering.iter().any(|case| case.verdict == Verdict::Pass) {
            return (Verdict::Pass, None);
        }
        if let Some(case) = first(Verdict::Blocked) {
            return (Verdict::Blocked, why(case));
        }
        if let Some(case) = first(Verdict::Fail) {
            let by = case.failures.first().map(|failure| failure.charged);
            return (Verdict::Blocked, by.map(|by| format!("{by} is broken")));
        }
        if let Some(case) = first(Verdict::Skip) {
            return (Verdict::Skip, why(case));
        }
        let untested = spec.get(id).and_then(|it| it.untested.clone());
        (
            Verdict::Skip,
            Some(untested.unwrap_or_else(|| "no case of the selection covers it".to_owned())),
        )
    };
    let mut found: BTreeMap<_, _> = ids.into_iter().map(|id| (id, finding(id))).collect();
    let own = |case: &&Outcome| case.covers.iter().any(|id| id.area() == service.area());
    let mut own = cases.iter().filter(own).peekable();
    if own.peek().is_some() && own.all(|case| case.held == 0) {
        nothing_of_nothing(&mut found, service);
    }
    found
}

/// Whoever answers nothing of the service itself keeps nothing: to send back what is sent is no framing of replies.
fn nothing_of_nothing(found: &mut BTreeMap<Id, (Verdict, Option<String>)>, service: Service) {
    let mut own = found.iter().filter(|(id, _)| id.area() == service.area());
    if !own.any(|(_, (verdict, _))| *verdict == Verdict::Fail) {
        return;
    }
    for (verdict, why) in found.values_mut().filter(|(verdict, _)| *verdict == Verdict::Pass) {
        *verdict = Verdict::Blocked;
        *why = Some(format!("nothing of {service} itself is answered rightly"));
    }
}
