//! A bar on standard error while a check goes on, where somebody sees it.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use trueline_conformance::diff;
use trueline_conformance::pairing;
use trueline_conformance::report::Verdict;
use trueline_conformance::run::Event;

/// The bar.
pub(super) struct Progress {
    bar: ProgressBar,
    failed: usize,
}

impl Progress {
    /// A bar that shows nothing yet, and never anything where standard error is no terminal.
    pub(super) fn new() -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self { bar: ProgressBar::with_draw_target(None, target), failed: 0 }
    }

    /// Takes note of what happens.
    pub(super) fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::Began(_, cases) => self.began(*cases, "cases"),
            Event::Case(outcome) => {
                self.failed += usize::from(outcome.verdict == Verdict::Fail);
                self.case(&outcome.name, self.failed, "failed");
            }
            Event::Done(_) => self.bar.finish_and_clear(),
        }
    }

    /// Takes note of what happens when two servers are compared.
    pub(super) fn on_diff(&mut self, event: diff::Event<'_>) {
        match event {
            diff::Event::Began(cases) => self.began(cases, "cases"),
            diff::Event::Case(name, differ) => self.case(name, differ, "differ"),
            diff::Event::Shrinking => self.bar.set_message("searching the smallest dialogue"),
            diff::Event::Done => self.bar.finish_and_clear(),
        }
    }

    /// Takes note of what happens when clients meet servers.
    pub(super) fn on_pairing(&mut self, event: pairing::Event) {
        match event {
            pairing::Event::Began(pairs) => self.began(pairs, "pairs"),
            pairing::Event::Met(failed) => self.case("", failed, "failed"),
            pairing::Event::Done => self.bar.finish_and_clear(),
        }
    }

    fn began(&self, count: usize, what: &str) {
        self.bar.set_length(count as u64);
        let style =
            ProgressStyle::with_template(&format!("{{bar:30}} {{pos}}/{{len}} {what}  {{msg}}"));
        self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    }

    /// A case is over; of so many so far this is true.
    fn case(&self, name: &str, count: usize, what: &str) {
        let counted = if count > 0 { format!("{count} {what}  ") } else { String::new() };
        self.bar.set_message(format!("{counted}{name}"));
        self.bar.inc(1);
    }
}
