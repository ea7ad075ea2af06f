//! What is kept of a failing check besides its report: each counterexample as a transcript, and as a program that shows it.

use super::again::replay;
use super::script::script;
use super::words::wrapped;
use super::{Failure, Finding, Outcome, Report};
use crate::dialect::name_of;
use crate::transcript::{Step, Transcript};

/// How each kept file begins, so that those of an earlier check are known.
pub const MARK: &str = "trueline keeps this:";

/// A file to keep.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its name: that of a requirement or a case, with an ending that tells its kind.
    pub name: String,
    /// What is in it.
    pub octets: Vec<u8>,
}

/// A transcript of each requirement that is broken, and a program where Python alone can show it.
pub fn kept(report: &Report) -> Vec<Kept> {
    report.requirements.iter().flat_map(|finding| of(report, finding)).collect()
}

fn of(report: &Report, Finding { requirement, .. }: &Finding) -> Vec<Kept> {
    let Some((case, failure)) = report.to_show(requirement.id) else { return Vec::new() };
    let id = requirement.id.to_string();
    let about = [
        format!("{MARK} {id} ({})", report.check.weight(requirement.level)),
        wrapped(&requirement.sentence, 0),
        replay(&report.check, &id).map(|command| format!("Again: {command}")).unwrap_or_default(),
    ];
    let transcript = transcript(report, case, failure, &about);
    let transcript = Kept { name: format!("{id}.transcript"), octets: transcript.into_bytes() };
    let address = &report.check.address;
    let usage = format!("Start the server, and then: python3 {id}.py [HOST PORT]");
    let about = [&about[..2], &[usage]].concat().join("\n");
    let script = script(failure.shown(), report.check.transport, &about, address);
    let script = script.map(|text| Kept { name: format!("{id}.py"), octets: text.into_bytes() });
    [Some(transcript), script].into_iter().flatten().collect()
}

fn transcript(report: &Report, case: &Outcome, failure: &Failure, about: &[String]) -> String {
    let check = &report.check;
    let mut dialogue = failure.shown().dialogue.clone();
    let notes = about.iter().flat_map(|text| text.lines()).map(Step::note);
    dialogue.steps.splice(0..0, notes);
    let transcript = Transcript {
        name: case.name.clone(),
        covers: vec![failure.charged.to_string()],
        service: Some(check.service.to_string()),
        dialect: Some(name_of(check.dialect).to_owned()),
        transport: Some(check.transport.to_string()),
        dialogue,
        ..Transcript::default()
    };
    transcript.to_string()
}
