//! A check of a client: each case with a launch of its own, what fails once more, and the report.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::time::Instant;

use trueline_protocol::dialect::Frame;

use super::case::ClientCase;
use super::contact::contact;
use super::judge::judge;
use super::perform::{Limits, Seen, perform};
use super::select::Selection;
use super::server::Server;
use crate::dialect::spec_of;
use crate::judge::{Fault, Kind};
use crate::report::{
    Check, Counterexample, Failure, Finding, Outcome, Recurrence, Report, Verdict,
};
use crate::run::{Event, findings};
use crate::spec::{Id, Spec};
use crate::target::{Grounded, LaunchError, Recipe};
use crate::transcript::Act;

/// What stands for the request in the words of a command.
const MESSAGE: &str = "{message}";

/// A client that can be launched, as often as is needed, and is known to come to a server.
#[derive(Debug)]
pub struct Clients {
    recipe: Recipe,
    grounded: Grounded,
    port: u16,
    limits: Limits,
}

impl Clients {
    /// Readies a network and finds out where the client goes, with the first of some cases. `recipe.port`, or the port that its
    /// words were told, is where it should.
    ///
    /// # Errors
    ///
    /// Why it could not be launched, or does not come, and who is to blame.
    pub async fn start(recipe: Recipe, cases: &[&'static ClientCase]) -> Result<Self, LaunchError> {
        let grounded = recipe.grounded().await?;
        let limits = Limits { longest: recipe.start_limit };
        let told = recipe.port.or(recipe.expect_port);
        let Some(first) = cases.first() else { return Err(LaunchError::NoCommand) };
        let spoken = with_message(&recipe, first);
        let port = {
            let typed = first_typed(first);
            contact(&spoken, &grounded, told, typed.as_deref(), limits.longest).await?
        };
        Ok(Self { recipe, grounded, port, limits })
    }

    /// The port that it wants.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Plays a case.
    async fn play(&self, case: &ClientCase) -> Result<Seen, String> {
        let recipe = with_message(&self.recipe, case);
        let server = Server::listen(self.grounded.network(), case.transport, self.port).await;
        let server =
            server.map_err(|error| format!("port {} cannot be listened on: {error}", self.port))?;
        let server = match case.dialogue.framing().request {
            Frame::End => server.answering_the_end(),
            _ => server,
        };
        let server = server.parting(case.farewells.clone());
        let session = recipe.begin(&self.grounded).await.map_err(|error| error.to_string())?;
        let seen = perform(case, session, server, self.limits, !takes_message(&self.recipe)).await;
        seen.map_err(|error| format!("the client cannot be followed: {error}"))
    }
}

fn takes_message(recipe: &Recipe) -> bool {
    recipe.command.iter().any(|word| word.to_string_lossy().contains(MESSAGE))
}

/// What a user types in a case before the first request is whole, line by line.
fn first_typed(case: &ClientCase) -> Option<Vec<u8>> {
    let steps = case.dialogue.steps.iter().take_while(|it| !matches!(it.act, Act::Send { .. }));
    let typed = steps.filter_map(|step| match &step.act {
        Act::Type(text) => text.literal(),
        _ => None,
    });
    let lines: Vec<&[u8]> = typed.collect();
    (!lines.is_empty()).then(|| lines.join(&b'\n'))
}

/// The recipe with the request of a case where its words say so.
fn with_message(recipe: &Recipe, case: &ClientCase) -> Recipe {
    let typed = first_typed(case).unwrap_or_default();
    let text = String::from_utf8_lossy(&typed);
    let filled = |word: &OsString| match word.to_str() {
        Some(word) => word.replace(MESSAGE, &text).into(),
        None => word.clone(),
    };
    let command = recipe.command.iter().map(filled).collect();
    Recipe { command, ..recipe.clone() }
}

/// Performs cases and says what came of it.
pub async fn check(
    clients: &Clients,
    check: Check,
    selection: &Selection,
    on: &mut dyn FnMut(Event<'_>),
) -> Report {
    let Selection { cases, requirements } = selection;
    on(Event::Began(&check, cases.len()));
    let began = Instant::now();
    let mut run = Run { clients, check: &check, failed: BTreeSet::new() };
    let mut outcomes = Vec::new();
    for case in cases {
        let outcome = run.case(case).await;
        on(Event::Case(&outcome));
        outcomes.push(outcome);
    }
    let found = findings(spec_of(check.dialect), check.service, requirements, &outcomes);
    let report = Report {
        requirements: listed(found, spec_of(check.dialect)),
        exchanges: outcomes.iter().map(|outcome| outcome.exchanges).sum(),
        cases: outcomes,
        check,
        diagnoses: Vec::new(),
        baseline: None,
        program: None,
        elapsed: began.elapsed(),
        reached: true,
        lifetime: None,
    };
    on(Event::Done(&report));
    report
}

fn listed(found: BTreeMap<Id, (Verdict, Option<String>)>, spec: &Spec) -> Vec<Finding> {
    let all = found.into_iter().filter_map(|(id, (verdict, why))| {
        let requirement = spec.get(id)?.clone();
        Some(Finding { requirement, verdict, why })
    });
    all.collect()
}

/// What the cases of a check share.
struct Run<'a> {
    clients: &'a Clients,
    check: &'a Check,
    failed: BTreeSet<Id>,
}

impl Run<'_> {
    async fn case(&mut self, case: &ClientCase) -> Outcome {
        let began = Instant::now();
        let mut outcome = Outcome::of(case.name.to_owned(), case.covers.clone());
        outcome.planned = 1;
        if let Some(broken) = self.lacks(case) {
            outcome.stop(Verdict::Blocked, format!("{broken} is broken"));
        } else if takes_message(&self.clients.recipe) && typed(case) > 1 {
            outcome.stop(Verdict::Skip, "it is given one request when it is launched".to_owned());
        } else {
            self.perform(case, &mut outcome).await;
        }
        outcome.elapsed = began.elapsed();
        outcome
    }

    /// What a case needs and the client does not keep.
    fn lacks(&self, case: &ClientCase) -> Option<Id> {
        let needs = |id: &Id| spec_of(self.check.dialect).needs(*id, case.service, case.transport);
        let needs: BTreeSet<Id> = case.covers.iter().flat_map(needs).collect();
        needs.into_iter().find(|id| self.failed.contains(id))
    }

    async fn perform(&mut self, case: &ClientCase, outcome: &mut Outcome) {
        let Some(first) = self.attempt(case, outcome).await else { return };
        // Whatever it was, it counts when it comes again.
        let Some((fault, seen)) = self.attempt(case, outcome).await else {
            if outcome.verdict == Verdict::Pass {
                let what = first.0.kind.word();
                outcome.notes.push(format!("another exchange came than was due ({what})"));
            }
            return;
        };
        let charged = charge(case, &fault);
        self.failed.insert(charged);
        outcome.verdict = Verdict::Fail;
        // Who ended well has said what it had to say on its standard output.
        let ended = seen.ended.filter(|(_, ending)| ending.exit_code() != Some(0));
        let ending = ended.map(|(_, ending)| {
            let words = seen.last_words.lines().join(" / ");
            let words = if words.is_empty() { words } else { format!(": {words}") };
            format!("the program {ending}{words}")
        });
        let dialogue = case.dialogue.clone();
        outcome.failures.push(Failure {
            charged,
            seen: Counterexample {
                written: dialogue.steps.len(),
                dialogue,
                exchange: seen.exchange,
                fault,
                frames: None,
                spoken: None,
            },
            smallest: None,
            recurrence: Recurrence::Alone,
            ending,
        });
    }

    /// Plays a case once. What is wrong, if something is; what is nobody's fault is noted.
    async fn attempt(&self, case: &ClientCase, outcome: &mut Outcome) -> Option<(Fault, Seen)> {
        let seen = match self.clients.play(case).await {
            Ok(seen) => seen,
            Err(why) => {
                outcome.stop(Verdict::Inconclusive, why);
                return None;
            }
        };
        let acts: Vec<Act> = case.dialogue.steps.iter().map(|step| step.act.clone()).collect();
        let frame = case.dialogue.framing().request;
        let fault = judge(&acts, &seen, self.check.transport, frame);
        let fault = fault.filter(|it| self.counts(case, it));
        let Some(fault) = fault else {
            outcome.held = 1;
            outcome.exchanges +=
                acts.iter().filter(|act| matches!(act, Act::Printed(_))).count() as u64;
            return None;
        };
        if let Some(why) = excuse(case, &acts, &fault, &seen) {
            outcome.stop(Verdict::Skip, why.to_owned());
            return None;
        }
        Some((fault, seen))
    }

    /// Whether a fault says anything new: who never ends is told so once.
    fn counts(&self, case: &ClientCase, fault: &Fault) -> bool {
        let is_end = matches!(fault.kind, Kind::RunsOn(_));
        !(is_end
            && self.failed.contains(&charge(case, fault))
            && !case.covers.contains(&charge(case, fault)))
    }
}

fn typed(case: &ClientCase) -> usize {
    case.dialogue.steps.iter().filter(|step| matches!(step.act, Act::Type(_))).count()
}

/// Why a fault is none.
fn excuse(case: &ClientCase, acts: &[Act], fault: &Fault, seen: &Seen) -> Option<&'static str> {
    let sends = |act: &Act| matches!(act, Act::Send { .. });
    let before = acts[..fault.step].iter().filter(|act| sends(act)).count();
    let nothing_came = sends(&acts[fault.step]) && fault.kind.octets().is_empty();
    if nothing_came && before > 0 && seen.ended.is_some() && !seen.crashed {
        return Some("it ends after one request, as it may");
    }
    let refuses = nothing_came && case.name == "client.error";
    refuses.then_some("it does not send a request that draws an error")
}

/// The requirement that a fault breaks.
fn charge(case: &ClientCase, fault: &Fault) -> Id {
    let id = |name: &str| Id::parse(name).expect("an id of SPEC.md");
    let first = case.covers[0];
    let breaks_off =
        ["client.closed", "client.reset", "client.lost", "client.empty", "client.visit"];
    let breaks_off = breaks_off.contains(&case.name);
    match &fault.kind {
        Kind::Unterminated(_) => id("FRAME-27"),
        Kind::Crashed => id("CLIENT-8"),
        Kind::RunsOn(_) if !breaks_off => id("CLIENT-6"),
        // How it ends is no matter of what it prints.
        _ if case.name == "client.ends" => id("CLIENT-2"),
        _ => first,
    }
}
