//! The user of a client: gives it requests, each when the reply before it was printed, ends its input, and reads.

use std::io;
use std::time::Duration;

use tokio::time::timeout;

use crate::dialogue::Question;
use crate::matching::{matches_printed, told};
use crate::target::{Ending, Output, Session};
use crate::transcript::{Hole, Piece, Text};

/// Octets of a line in which a reply with a hole is looked for.
const LINE_MAX: usize = 400;

/// What a user has in mind.
pub(super) struct User<'a> {
    /// The requests, and what is due to each.
    pub(super) questions: &'a [Question],
    /// Whether they are typed: else the client knows them.
    pub(super) is_typed: bool,
    /// How long the client may take to end.
    pub(super) patience: Duration,
}

/// How the use of a client came to its end.
#[derive(Debug, Default)]
pub(super) struct Used {
    /// The port to which it went, if that was seen.
    pub(super) went: Option<u16>,
    /// How the client ended by itself, if it has.
    ending: Option<Ending>,
    /// Whether it ended before its input did.
    is_early: bool,
    /// How many octets were printed when a reply was waited for no longer.
    given_up: Option<u64>,
}

/// What a user has seen.
#[derive(Debug)]
pub(super) struct Seen {
    /// How many of the replies were printed, one after the other.
    pub(super) replies: usize,
    /// The last whole line that was printed in the place of the next one.
    pub(super) other: Option<String>,
    /// How the client ended by itself, if it has.
    pub(super) ending: Option<Ending>,
    /// Whether it ended before its input did.
    pub(super) is_early: bool,
}

impl Seen {
    /// Whether the client ended before its input, and says that all is well.
    pub(super) fn ends_well(&self) -> bool {
        self.is_early && self.ending.and_then(Ending::exit_code) == Some(0)
    }
}

impl User<'_> {
    /// Uses a client until it has ended, or does not any more. What was printed is read off its output when it is stopped.
    /// `knock` tells the port to which it goes, when it does: from then on its first reply is waited for.
    ///
    /// # Errors
    ///
    /// Nobody knows what becomes of it.
    pub(super) async fn uses(
        &self,
        session: &mut Session,
        knock: Option<impl Future<Output = io::Result<u16>>>,
    ) -> io::Result<Used> {
        let printing = session.printing();
        let (mut mark, mut used) = (0, Used::default());
        // Where nobody sees it come, it may take the time to start for its first reply.
        let mut limit = if knock.is_some() { self.patience / 5 } else { self.patience };
        let mut knock = knock;
        for question in self.questions {
            if self.is_typed {
                let line = question.request.literal().unwrap_or_default();
                session.types(&[line, b"\n"].concat());
            }
            if used.given_up.is_some() {
                // It may keep back what it prints. Whether it waits for its user or for its server, it sleeps then.
                session.asleep(self.patience / 5).await;
                continue;
            }
            if let Some(knock) = knock.take() {
                tokio::select! {
                    biased;
                    went = timeout(self.patience, knock) => used.went = went.ok().transpose()?,
                    ending = session.over() => {
                        return Ok(Used { ending: Some(ending?), is_early: true, ..used });
                    }
                }
            }
            let end = |printed: &[u8]| end_of(&question.reply, printed);
            tokio::select! {
                biased;
                found = printing.holds(end, &mut mark, limit) => {
                    used.given_up = (!found).then(|| printing.total());
                    limit = self.patience / 5;
                }
                ending = session.over() => {
                    return Ok(Used { ending: Some(ending?), is_early: true, ..used });
                }
            }
        }
        session.end_input();
        let patience = if used.given_up.is_some() { self.patience / 5 } else { self.patience };
        let ending = timeout(patience, session.over()).await;
        Ok(Used { ending: ending.ok().transpose()?, ..used })
    }

    /// What was seen of a client that has been stopped.
    pub(super) fn saw(&self, used: Used, output: &Output) -> Seen {
        let (mut mark, mut replies) = (0, 0);
        for question in self.questions {
            let rest = output.stdout.after(mark).unwrap_or_default();
            let Some(end) = end_of(&question.reply, &rest) else { break };
            mark += end as u64;
            replies += 1;
        }
        let mut rest = output.stdout.after(mark).unwrap_or_default();
        if let Some(seen) =
            used.given_up.and_then(|seen| seen.checked_sub(mark)).filter(|it| *it > 0)
        {
            rest.truncate(seen as usize);
        }
        // Who was ended has not ended.
        let ending = used.ending.filter(|ending| !matches!(ending, Ending::Exceeded(_)));
        Seen { replies, other: last_line(&rest), ending, is_early: used.is_early }
    }
}

/// The last line that is over and not blank: a prompt is not over.
fn last_line(printed: &[u8]) -> Option<String> {
    let whole = printed.iter().rposition(|octet| *octet == b'\n')?;
    let mut lines = printed[..whole].rsplit(|octet| *octet == b'\n');
    let line = lines.find(|line| !line.trim_ascii().is_empty())?;
    let line = line[..line.len().min(LINE_MAX)].trim_ascii();
    Some(String::from_utf8_lossy(line).into_owned())
}

/// Where the text of a reply ends in what a client printed.
fn end_of(reply: &Text, printed: &[u8]) -> Option<usize> {
    if let Some(text) = reply.literal() {
        return told(printed, text).map(|at| at + text.len());
    }
    let any = [Piece::Hole(Hole::Any)];
    let within: Text = any.iter().chain(&reply.pieces).chain(&any).cloned().collect();
    let mut end = 0;
    for line in printed.split_inclusive(|octet| *octet == b'\n') {
        end += line.len();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if matches_printed(&within, &line[..line.len().min(LINE_MAX)]) {
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_found_wherever_it_is_printed() {
        let reply = Text::octets("5+6 = 11");
        assert_eq!(end_of(&reply, b"Enter: 5+6 = 11\n> "), Some(15));
        assert_eq!(end_of(&reply, b"b'5+6 = 11'\n"), None);
        let time: Text = [Piece::Hole(Hole::Time)].into_iter().collect();
        assert_eq!(end_of(&time, b"hello\nNow: 2026-01-02 03:04:05!\n> "), Some(32));
        assert_eq!(end_of(&time, b"2026-13-02 03:04:05"), None);
    }

    #[test]
    fn a_prompt_is_no_line() {
        assert_eq!(last_line(b"Enter: "), None);
        assert_eq!(last_line(b"Hello\n\nEnter: ").as_deref(), Some("Hello"));
        assert_eq!(last_line(b"Hello\nEnter: oops\r\nEnter: ").as_deref(), Some("Enter: oops"));
    }
}
