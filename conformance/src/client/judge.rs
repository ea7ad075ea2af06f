//! What was seen of a client, compared with the dialogue that was due. Pure.

use trueline_protocol::dialect::{First, Frame};
use trueline_protocol::framing::datagram;

use crate::exchange::What;
use crate::judge::{Fault, Kind};
use crate::matching::{fixed, matches, told};
use crate::transcript::{Act, Client, Text};
use crate::transport::Transport;

use super::perform::Seen;

/// Octets of what was printed that a report shows.
const SHOWN: usize = 400;

/// The first thing that is wrong.
pub(super) fn judge(
    steps: &[Act],
    seen: &Seen,
    transport: Transport,
    frame: &Frame,
) -> Option<Fault> {
    let mut mark = 0;
    let kinds = steps.iter().enumerate().map(|(step, act)| {
        let kind = match act {
            Act::Open => opened(step, seen),
            Act::Send { text, .. } => sent(step, text, seen, transport, frame),
            Act::Printed(text) => printed(text, &mut mark, seen),
            Act::Quiet => came(step, seen).map(Kind::NotQuiet),
            Act::Closed => left(step, seen),
            Act::Exited if seen.ended.is_none() => Some(Kind::RunsOn(seen.patience)),
            Act::Exited
                if is_broken_off(steps) && seen.crashed && before_its_input(steps, seen) =>
            {
                Some(Kind::Crashed)
            }
            _ => None,
        };
        kind.map(|kind| Fault { step, client: Client::A, kind })
    });
    let mut faults: Vec<Fault> = kinds.flatten().collect();
    // Who was killed has taken along what it had not printed yet.
    if faults.last().is_some_and(|it| matches!(it.kind, Kind::RunsOn(_))) {
        faults.retain(|it| !matches!(it.kind, Kind::Unprinted(_)));
    }
    (!faults.is_empty()).then(|| faults.remove(0))
}

/// Whether a server ends the connection before it replies.
pub(super) fn is_broken_off(steps: &[Act]) -> bool {
    !steps.iter().any(|act| matches!(act, Act::Printed(_)))
}

/// Whether the program ended before its input did.
fn before_its_input(steps: &[Act], seen: &Seen) -> bool {
    let end = steps.iter().position(|act| *act == Act::End);
    seen.ended.zip(end).is_some_and(|((at, _), end)| at <= end)
}

fn opened(step: usize, seen: &Seen) -> Option<Kind> {
    let is_opened = seen.exchange.iter().any(|it| it.step == step && it.what == What::Opened);
    (!is_opened).then(|| nothing_more(step, seen, Vec::new()))
}

/// The octets that came during a step, if some did.
fn came(step: usize, seen: &Seen) -> Option<Vec<u8>> {
    seen.exchange.iter().find_map(|it| match &it.what {
        What::Received(octets) if it.step == step => Some(octets.clone()),
        _ => None,
    })
}

/// Whether the client left without a word.
fn left(step: usize, seen: &Seen) -> Option<Kind> {
    let mut own = seen.exchange.iter().filter(|it| it.step == step);
    match came(step, seen) {
        Some(octets) => Some(Kind::Extra(octets)),
        None if own.any(|it| matches!(it.what, What::Silence(_))) => {
            Some(Kind::StaysOpen(seen.patience))
        }
        None => None,
    }
}

fn sent(step: usize, due: &Text, seen: &Seen, transport: Transport, frame: &Frame) -> Option<Kind> {
    let received = seen.exchange.iter().filter(|it| it.step == step);
    let received = received.filter_map(|it| match &it.what {
        What::Received(octets) => Some(octets.as_slice()),
        _ => None,
    });
    let all: Vec<&[u8]> = received.collect();
    let octets = all.concat();
    let (text, is_ended) = match (transport, frame.first(&octets, true)) {
        (Transport::Tcp, First::Whole(text, _)) => (text, true),
        (Transport::Tcp, First::Part) => (octets.as_slice(), false),
        // A datagram may have an end, too.
        (Transport::Udp, _) => (datagram(&octets).unwrap_or(&octets), !all.is_empty()),
    };
    match (matches(due, text), is_ended) {
        // What is left open is left open: any octets at all.
        _ if is_ended && fixed(due).is_empty() => None,
        (true, true) => None,
        (_, false) if text.is_empty() => Some(nothing_more(step, seen, Vec::new())),
        (true, false) => Some(Kind::Unterminated(octets)),
        (false, true) => Some(Kind::Wrong(octets)),
        (false, false) => Some(nothing_more(step, seen, octets)),
    }
}

/// Why nothing more came.
fn nothing_more(step: usize, seen: &Seen, part: Vec<u8>) -> Kind {
    let own = seen.exchange.iter().filter(|it| it.step == step);
    let mut why = own.filter_map(|it| match &it.what {
        What::Closed => Some(Kind::Closed(part.clone())),
        What::Reset => Some(Kind::Reset(part.clone())),
        What::Silence(limit) => Some(Kind::Unasked(*limit, part.clone())),
        _ => None,
    });
    why.next_back().unwrap_or(Kind::Unasked(seen.patience, part))
}

/// Whether a text is printed, after what was printed before.
fn printed(due: &Text, mark: &mut u64, seen: &Seen) -> Option<Kind> {
    let fixed = fixed(due);
    // What is not all kept is not judged: no reply is that long.
    let after = seen.stdout.after(*mark)?;
    if let Some(at) = told(&after, &fixed) {
        *mark += (at + fixed.len()) as u64;
        return None;
    }
    let last = after.split(|octet| *octet == b'\n').rfind(|line| !line.trim_ascii().is_empty());
    Some(match last {
        Some(line) => Kind::Wrong(line[..line.len().min(SHOWN)].to_vec()),
        None => Kind::Unprinted(seen.patience),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::exchange::Observation;
    use crate::target::{Captured, Ending, LastWords};
    use crate::transcript;

    const ENDS: &str = "$> a\n> a\n< 30\n$< \\{any}30\\{any}\n! end\n? exited\n";

    fn acts(steps: &str) -> Vec<Act> {
        let mut cases = transcript::parse("test", &format!("case a\n{steps}")).unwrap();
        cases.remove(0).dialogue.steps.into_iter().map(|step| step.act).collect()
    }

    fn seen(sent: &[u8], stdout: &[u8], ended: Option<usize>) -> Seen {
        let (at, client) = (Duration::ZERO, Client::A);
        let exchange = vec![Observation { at, step: 1, client, what: What::Received(sent.into()) }];
        Seen {
            exchange,
            stdout: Captured::from(stdout),
            ended: ended.map(|at| (at, Ending::Exited(1))),
            last_words: LastWords::default(),
            crashed: true,
            patience: Duration::from_secs(1),
        }
    }

    fn judged(steps: &str, seen: &Seen) -> Option<&'static str> {
        judge(&acts(steps), seen, Transport::Tcp, &Frame::line()).map(|fault| fault.kind.word())
    }

    #[test]
    fn what_a_right_client_may_do_is_right() {
        for printed in ["30\n", "Reply: 30", "> '30'.\n> ", "\x1b[1m30\x1b[0m\r\n", "b'30' 30\n"] {
            for sent in [&b"a\n"[..], b"a\r\n"] {
                assert_eq!(judged(ENDS, &seen(sent, printed.as_bytes(), Some(5))), None);
            }
        }
    }

    #[test]
    fn each_fault_is_told() {
        for (sent, printed, ended, due) in [
            (&b"a"[..], "30", Some(5), "unterminated"),
            (b"c\n", "30", Some(5), "wrong"),
            (b"", "30", Some(5), "unasked"),
            (b"a\n", "", Some(5), "unprinted"),
            (b"a\n", "b'30'\n", Some(5), "wrong"),
            (b"a\n", "30\n", None, "runs-on"),
            // Perhaps it had it in hand when it was killed.
            (b"a\n", "", None, "runs-on"),
        ] {
            assert_eq!(judged(ENDS, &seen(sent, printed.as_bytes(), ended)), Some(due));
        }
    }

    #[test]
    fn only_who_gets_no_reply_may_crash_and_only_before_its_input_ends() {
        let closed = "$> a\n> a\n! close\n! wait\n! end\n? exited\n";
        assert_eq!(judged(closed, &seen(b"a\n", b"", Some(3))), Some("crashed"));
        assert_eq!(judged(closed, &seen(b"a\n", b"", Some(5))), None);
        assert_eq!(judged(ENDS, &seen(b"a\n", b"30", Some(3))), None);
    }
}
