//! How a launched program conducted itself besides its replies: what it printed, how it ended, what it left open.

use super::Report;
use super::words::sentence;
use crate::target::{Captured, Ending, LastWords, Output, harmless};

/// Octets of what was printed that a report shows.
const SHOWN: usize = 4096;

/// How a program conducted itself until all cases were over.
#[derive(Clone, Debug, Default)]
pub struct Conduct {
    /// How often it was launched.
    pub launches: u32,
    /// How it ended by itself, the first time that it did.
    pub ended: Option<Ended>,
    /// What that launch printed on its standard output; where it never ended by itself, the last one.
    pub stdout: Printed,
    /// What it printed on its standard error.
    pub stderr: Printed,
    /// The last that it said there, in a few lines.
    pub complaint: Vec<String>,
    /// Connections that their clients had closed some cases before, and the program never did: of the launch with most.
    pub left_open: usize,
}

/// How a program ended by itself.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How.
    pub ending: Ending,
    /// In which case that was seen.
    pub case: Option<String>,
    /// What it said last.
    pub last_words: LastWords,
}

/// The end of what was printed on one stream, without what moves a terminal's cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// Its last lines.
    pub text: String,
    /// How many octets were printed in all.
    pub octets: u64,
}

impl Printed {
    /// The end of a stream.
    pub fn of(captured: &Captured) -> Self {
        let last = captured.last(SHOWN);
        let text = String::from_utf8_lossy(&last);
        let whole = last.len() as u64 == captured.total();
        // The first line may be the rest of one.
        let text = if whole { &*text } else { text.split_once('\n').map_or(&*text, |(_, it)| it) };
        let lines: String = text
            .split_inclusive('\n')
            .map(|line| match line.strip_suffix('\n') {
                Some(line) => harmless(line.trim_end_matches('\r')) + "\n",
                None => harmless(line),
            })
            .collect();
        Self { text: lines, octets: captured.total() }
    }
}

impl Conduct {
    /// That of a program of which this was printed.
    pub fn of(launches: u32, ended: Option<Ended>, output: &Output, left_open: usize) -> Self {
        let errors = Output { stderr: output.stderr.clone(), ..Output::default() };
        Self {
            launches,
            ended,
            stdout: Printed::of(&output.stdout),
            stderr: Printed::of(&output.stderr),
            complaint: LastWords::of(&errors).lines().to_vec(),
            left_open,
        }
    }
}

/// What there is to say of a program besides its replies, in sentences; nothing of most.
pub(super) fn conducted(report: &Report) -> Vec<String> {
    let Some(conduct) = &report.program else { return Vec::new() };
    let quoted = |lines: &[String]| lines.join(" / ");
    let ended = conduct.ended.as_ref().map(|ended| {
        let case = ended.case.iter().map(|case| format!(", first in {case}"));
        let words = ended.last_words.lines();
        let words = if words.is_empty() { None } else { Some(format!(": {}", quoted(words))) };
        let how = format!("the program {} by itself", ended.ending);
        sentence(&std::iter::once(how).chain(case).chain(words).collect::<String>())
    });
    let complained = conduct.ended.is_none() && !conduct.complaint.is_empty();
    let complained = complained
        .then(|| format!("The last on its standard error: {}", quoted(&conduct.complaint)));
    let left_open = match conduct.left_open {
        0 => None,
        1 => Some("a connection".to_owned()),
        several => Some(format!("{several} connections")),
    };
    let left_open = left_open.map(|these| {
        format!("The program keeps {these} open that the client has closed: it forgets close().")
    });
    [ended, complained, left_open].into_iter().flatten().collect()
}
