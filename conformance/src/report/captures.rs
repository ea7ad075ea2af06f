//! What is kept of a failing check besides its report: the frames of each case that failed, for Wireshark.

use super::{Check, Failure, Kept, Outcome, Report};
use crate::capture::Frames;

impl Failure {
    /// The frames of the exchange that is shown, where they were captured.
    fn frames(&self) -> Option<&Frames> {
        self.shown().frames.as_deref().filter(|frames| !frames.is_empty())
    }
}

impl Outcome {
    /// The frames of its failures.
    fn frames(&self) -> impl Iterator<Item = &Frames> {
        self.failures.iter().filter_map(Failure::frames)
    }
}

/// A capture of each case that failed: the frames of those exchanges that the report shows.
pub fn captures(report: &Report) -> Vec<Kept> {
    let captured = report.cases.iter().filter(|case| case.frames().next().is_some());
    captured.map(|case| Kept { name: name(case), octets: Frames::file(case.frames()) }).collect()
}

/// Where the capture of a case that failed is kept; `None` where nothing is captured.
pub(super) fn captured(check: &Check, case: &Outcome) -> Option<String> {
    let folder = check.captured_in.as_ref()?;
    case.frames().next().map(|_| format!("{folder}/{}", name(case)))
}

/// What captures lack, in sentences.
pub(super) fn gaps(report: &Report) -> Vec<String> {
    let of_case = |case: &Outcome| {
        let all = case.frames().flat_map(Frames::gaps);
        let told = all.map(|gap| format!("The capture of {} is not whole: {gap}.", case.name));
        told.collect::<Vec<_>>()
    };
    report.cases.iter().flat_map(of_case).collect()
}

fn name(case: &Outcome) -> String {
    format!("{}.pcap", case.name)
}
