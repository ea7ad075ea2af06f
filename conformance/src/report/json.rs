//! A report as JSON. What each member means stands in the schema, `conformance/schema/report-1.json`.
//!
//! Each member is always there, `null` where there is nothing to say, so that a script need not ask. What depends on
//! the clock stands under `timing` or nowhere: of [`Kind`], how long was waited and how much a send buffer took are
//! left out, and so is the port that a stray datagram came from, which the system chose. The exchange of a failure is
//! left out for the same reason: in how many pieces octets arrive differs from run to run. The transcript says what was
//! sent, and what came up to the fault is what it expects.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::again::{again, replay};
use super::broken::{advised, wrong};
use super::captures::captured;
use super::words::{Measured, said};
use super::{
    Conduct, Counterexample, Ended, Failure, Finding, Outcome, Printed, Report, Told, Unlaunched,
    Verdict, edition,
};
use crate::baseline::{Compared, Held};
use crate::diagnosis::Diagnosis;
use crate::dialect::name_of;
use crate::judge::{Kind, Untimely};
use crate::mutant::Mutant;
use crate::target::Lifetime;
use crate::transcript::{Act, Text};

/// The version of the schema that a report keeps.
pub const SCHEMA_VERSION: u32 = 1;

/// The JSON Schema of a report.
pub const SCHEMA: &str = include_str!("../../schema/report-1.json");

/// How many of the observed octets are shown: whatever the target sends, no more than the longest right reply.
const OBSERVED_MAX: usize = trueline_protocol::limits::REPLY_TEXT_MAX;

/// A report as JSON; `exit_code` is what the check ends with. The order of the members is fixed, and all but `timing` is
/// the same for the same check of a target that does the same.
pub fn json<'a>(told: impl Into<Told<'a>>, exit_code: u8) -> Value {
    let told = told.into();
    let (check, part) = (told.check(), &told.check().part);
    // Nothing was found of what was not launched.
    let (report, unlaunched) = match told {
        Told::Checked(report) => (Some(report), None),
        Told::Unlaunched(unlaunched) => (None, Some(unlaunched)),
    };
    let findings = report.map(|it| it.requirements.as_slice()).unwrap_or_default();
    let requirements =
        report.map(|it| findings.iter().map(|found| requirement(it, found)).collect());
    json!({
        "schema": SCHEMA_VERSION,
        "trueline": env!("CARGO_PKG_VERSION"),
        "specification": { "sha256": edition::specification() },
        "service": check.service.as_str(),
        "dialect": { "name": name_of(check.dialect), "version": edition::dialect(name_of(check.dialect)) },
        "transport": check.transport,
        // Many readers keep numbers as binary64, which has not every u64.
        "seed": check.seed.to_string(),
        "cases_per_property": check.cases,
        "strict": check.strict,
        "selection": {
            "whole": part.is_whole(),
            "only": part.only,
            "skip": part.skip,
            "own_cases": { "asked": part.own, "unasked": part.unasked },
        },
        "options": check.options,
        "isolation": { "level": check.apart.word(), "why": check.apart.why() },
        "target": {
            "role": check.role.word(),
            "command": check.command,
            "path": check.path,
            "address": report.map(|_| &check.address),
            "lifetime": report.and_then(|it| it.lifetime).map(Lifetime::word),
            "notes": check.notes,
        },
        "conclusion": told.conclusion(),
        "exit_code": exit_code,
        "why": report.map_or_else(|| unlaunched.map(Unlaunched::why), Report::why),
        "launch_failure": unlaunched.map(launch_failure),
        "baseline": report.and_then(|it| it.baseline.as_ref()).map(baseline),
        "program": report.and_then(|it| it.program.as_ref()).map(program),
        "counts": counts(findings),
        "requirements": requirements.unwrap_or_else(|| json!([])),
        "cases": by_name(report, case),
        "timing": {
            "began": check.began.map(|began| began.to_string()),
            "elapsed_ms": milliseconds(told.elapsed()),
            "exchanges": report.map_or(0, |it| it.exchanges),
            "program": report.and_then(|it| it.program.as_ref()).map(program_measured),
            "cases": by_name(report, |case| milliseconds(case.elapsed).into()),
        },
    })
}

fn launch_failure(unlaunched: &Unlaunched) -> Value {
    json!({
        "blame": unlaunched.blame(),
        "advice": unlaunched.error.mend(),
        "ending": unlaunched.ending(),
        "last_words": unlaunched.last_words(),
    })
}

fn program(Conduct { ended, left_open, .. }: &Conduct) -> Value {
    let ended = ended.as_ref().map(|Ended { ending, case, last_words }| {
        json!({
            "case": case,
            "how": format!("the program {ending}"),
            "exit_code": ending.exit_code(),
            "signal": ending.signal(),
            "last_words": last_words.lines(),
        })
    });
    json!({ "ended": ended, "leaves_connections_open": *left_open > 0 })
}

fn program_measured(conduct: &Conduct) -> Value {
    let stream = |Printed { text, octets }: &Printed| json!({ "text": text, "octets": octets });
    json!({
        "launches": conduct.launches,
        "left_open": conduct.left_open,
        "standard_output": stream(&conduct.stdout),
        "standard_error": stream(&conduct.stderr),
    })
}

fn baseline(held: &Held) -> Value {
    let entry = |(id, compared): &(String, Compared)| {
        let (was, reason) = match compared {
            Compared::Known(reason) => (None, Some(reason)),
            Compared::Changed(was, _) => (Some(was), None),
            _ => (None, None),
        };
        let is = match compared {
            Compared::Changed(_, is) => Some(is),
            _ => None,
        };
        json!({ "id": id, "state": compared.word(), "was": was, "is": is, "reason": reason })
    };
    json!({
        "file": held.file,
        "expected": held.is_expected(),
        "requirements": held.compared.iter().map(entry).collect::<Value>(),
    })
}

fn counts(findings: &[Finding]) -> Value {
    let count = |verdict| findings.iter().filter(|it| it.verdict == verdict).count();
    json!({
        "pass": count(Verdict::Pass),
        "fail": count(Verdict::Fail),
        "blocked": count(Verdict::Blocked),
        "skip": count(Verdict::Skip),
        "inconclusive": count(Verdict::Inconclusive),
    })
}

fn requirement(report: &Report, Finding { requirement, verdict, why }: &Finding) -> Value {
    let covering = report.cases.iter().filter(|case| case.covers.contains(&requirement.id));
    let failures = report.all_failures().enumerate();
    let failures = failures.filter(|(_, (_, failure))| failure.charged == requirement.id);
    json!({
        "id": requirement.id.to_string(),
        "level": requirement.level.to_string(),
        "counted": report.counts(requirement.level),
        "sentence": requirement.sentence,
        "section": requirement.section,
        "verdict": verdict,
        "why": why,
        "cases": covering.map(|case| case.name.as_str()).collect::<Value>(),
        "failures": failures.map(|(at, (case, it))| failure(report, case, at, it)).collect::<Value>(),
    })
}

/// The cases in the order of the suite, which keeps their names apart.
fn by_name(report: Option<&Report>, value: impl Fn(&Outcome) -> Value) -> Value {
    let cases = report.iter().flat_map(|report| &report.cases);
    let members = cases.map(|case| (case.name.clone(), value(case)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn case(case: &Outcome) -> Value {
    json!({
        "verdict": case.verdict,
        "why": case.why,
        "held": case.held,
        "planned": case.planned,
        "hurried": case.hurried,
        "notes": case.notes,
    })
}

fn failure(report: &Report, case: &Outcome, at: usize, failure: &Failure) -> Value {
    let check = &report.check;
    let seen = Seen::of(&failure.seen.fault.kind);
    // One of each requirement is kept.
    let shown = report.to_show(failure.charged).is_some_and(|(_, it)| std::ptr::eq(it, failure));
    let Shown { transcript, step, expected, observed } = Shown::of(&failure.seen);
    json!({
        "case": case.name,
        "kind": seen.word,
        "message": said(&failure.seen, check.transport, Measured::LeftOut),
        "why": seen.why,
        "transcript": transcript,
        "step": step,
        "expected": expected,
        "observed": observed,
        "smallest": failure.smallest.as_ref().map(smallest),
        "replay": replay(check, &failure.charged.to_string()).filter(|_| shown),
        "capture": captured(check, case),
        "recurrence": failure.recurrence,
        "ending": failure.ending,
        "again": again(check, &case.name),
        "diagnosis": report.diagnoses_of(at).flat_map(|it| diagnosis(report, it)).collect::<Value>(),
    })
}

fn smallest(counterexample: &Counterexample) -> Value {
    let Shown { transcript, step, expected, observed } = Shown::of(counterexample);
    json!({ "transcript": transcript, "step": step, "expected": expected, "observed": observed })
}

/// What there is to see of a counterexample.
struct Shown {
    transcript: String,
    step: Value,
    expected: Option<String>,
    observed: Value,
}

impl Shown {
    fn of(Counterexample { dialogue, fault, .. }: &Counterexample) -> Self {
        let step = &dialogue.steps[fault.step];
        let expected = match &step.act {
            Act::Expect { text, .. } | Act::Printed(text) => Some(text.to_string()),
            _ => None,
        };
        Self {
            transcript: dialogue.to_string(),
            step: json!({ "index": fault.step, "line": step.to_string() }),
            expected,
            observed: observed(Seen::of(&fault.kind).octets),
        }
    }
}

fn diagnosis(
    report: &Report,
    Diagnosis { mutants, explains }: &Diagnosis,
) -> impl Iterator<Item = Value> {
    let wrong_server = |mutant: &&Mutant| {
        json!({
            "mutant": mutant.name,
            "wrong": wrong(report, mutant),
            "advice": advised(report, mutant),
            "explains": explains.len(),
        })
    };
    mutants.iter().map(wrong_server)
}

fn observed(octets: &[u8]) -> Value {
    let shown = &octets[..octets.len().min(OBSERVED_MAX)];
    json!({
        "text": Text::octets(shown).to_string(),
        "hex": shown.iter().map(|octet| format!("{octet:02x}")).collect::<String>(),
        "octets": octets.len(),
        "truncated": shown.len() < octets.len(),
    })
}

/// What a fault tells besides its place.
struct Seen<'a> {
    word: &'static str,
    octets: &'a [u8],
    why: Option<&'a str>,
}

impl<'a> Seen<'a> {
    fn of(kind: &'a Kind) -> Self {
        let (octets, why) = match kind {
            Kind::NotRestarted(reason) | Kind::Unable(reason) => (&[][..], Some(reason.as_str())),
            Kind::Clock(reply, Untimely::Off(_)) => (reply.as_slice(), Some("off")),
            Kind::Clock(reply, Untimely::Backwards) => (reply.as_slice(), Some("backwards")),
            Kind::Clock(reply, Untimely::Still) => (reply.as_slice(), Some("still")),
            kind => (kind.octets(), None),
        };
        Self { word: kind.word(), octets, why }
    }
}

/// To the microsecond.
fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}
