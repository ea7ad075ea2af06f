//! What a dialogue takes for granted besides what its case covers, read off the dialogue itself. Where something of it is
//! known to be broken, the dialogue would show that and nothing new: it is left out, and nothing is charged twice.

use std::collections::BTreeSet;

use trueline_protocol::framing;
use trueline_protocol::limits::REQUEST_TEXT_MAX;
use trueline_protocol::service::{Manner, Service};

use crate::service::exercises;
use crate::spec::Id;
use crate::transcript::{Act, Client, Dialogue, Hole, Piece, Step, Text};
use crate::transport::Transport;

/// The requirements that a dialogue relies on.
pub fn relies_on(dialogue: &Dialogue, service: Service, transport: Transport) -> BTreeSet<Id> {
    let mut found = BTreeSet::new();
    if dialogue.framing.is_some() {
        // It is in the words of a dialect, and about what that declares.
        return found;
    }
    let mut add = |id: &str| found.extend(Id::parse(id));
    let clients: BTreeSet<Client> = dialogue.steps.iter().map(|step| step.client).collect();
    match transport {
        Transport::Tcp => {
            clients.iter().for_each(|&client| stream(dialogue, client, &mut add));
            if most_at_once(dialogue) > 1 {
                add("FRAME-18");
            }
        }
        Transport::Udp => {
            clients.iter().for_each(|&client| datagrams(dialogue, client, &mut add));
            if dialogue.steps.iter().filter(|step| sent(&step.act).is_some()).count() > 1 {
                add("FRAME-34");
            }
            if clients.len() > 1 {
                add("FRAME-33");
            }
        }
    }
    if service.manner() == Manner::Announcement {
        found.extend(announced(dialogue, service, transport));
        return found;
    }
    for client in clients {
        for (request, expected) in asked(dialogue, client, transport) {
            if !expected.pieces.contains(&Piece::Hole(Hole::Any)) {
                found.extend(exercises(service, &request));
            }
        }
    }
    found
}

/// What an announcement is relied on for: what it says, and that it is said whatever is in a datagram.
fn announced(dialogue: &Dialogue, service: Service, transport: Transport) -> BTreeSet<Id> {
    let mut found = BTreeSet::new();
    let opened = dialogue.steps.iter().filter(|step| step.act == Act::Open).count();
    if opened > 1 || dialogue.steps.iter().any(|step| step.client != dialogue.steps[0].client) {
        found.extend(Id::parse("FRAME-17"));
    }
    for Step { act, .. } in &dialogue.steps {
        match act {
            Act::Expect { text, .. } if !text.pieces.contains(&Piece::Hole(Hole::Any)) => {
                found.extend(exercises(service, b""));
            }
            Act::Send { text: sent, .. } if transport == Transport::Udp => {
                let line = framing::datagram(sent.literal().unwrap_or_default());
                let plain = framing::text(line).is_ok();
                found.extend(Id::parse("FRAME-38").filter(|_| !plain));
            }
            _ => {}
        }
    }
    found
}

/// What a client asks, without terminators, each with the reply that is due.
pub fn asked(dialogue: &Dialogue, client: Client, transport: Transport) -> Vec<(Vec<u8>, &Text)> {
    let own = || dialogue.steps.iter().filter(move |step| step.client == client);
    let sends = own().filter_map(|step| sent(&step.act));
    let bare = |octets: &[u8]| {
        let line = octets.strip_suffix(b"\n");
        let rest = transport == Transport::Tcp && line.is_none();
        let line = line.or_else(|| rest.then_some(octets));
        line.map_or(octets, |line| line.strip_suffix(b"\r").unwrap_or(line)).to_vec()
    };
    let requests: Vec<Vec<u8>> = match transport {
        Transport::Udp => sends.map(|(octets, _)| bare(octets)).collect(),
        Transport::Tcp => {
            let stream: Vec<u8> = sends
                .flat_map(|(octets, framed)| octets.iter().copied().chain(framed.then_some(b'\n')))
                .collect();
            stream.split_inclusive(|&octet| octet == b'\n').map(bare).collect()
        }
    };
    let replies = own().filter_map(|step| match &step.act {
        Act::Expect { text, framed: true } => Some(text),
        _ => None,
    });
    requests.into_iter().zip(replies).collect()
}

fn sent(act: &Act) -> Option<(&[u8], bool)> {
    match act {
        Act::Send { text, framed } => text.literal().map(|octets| (octets, *framed)),
        _ => None,
    }
}

fn stream(dialogue: &Dialogue, client: Client, add: &mut impl FnMut(&str)) {
    let own: Vec<&Act> =
        dialogue.steps.iter().filter(|step| step.client == client).map(|step| &step.act).collect();
    let (mut stream, mut since_reply, mut ended, mut replies) = (Vec::new(), 0, false, Vec::new());
    for (at, act) in own.iter().enumerate() {
        match act {
            Act::Send { .. } => {
                let Some((octets, framed)) = sent(act) else { continue };
                since_reply +=
                    octets.iter().filter(|&&octet| octet == b'\n').count() + usize::from(framed);
                let more = own[at + 1..].iter().any(|later| sent(later).is_some());
                if !framed && !octets.ends_with(b"\n") && more {
                    add("FRAME-5");
                }
                stream.extend_from_slice(octets);
                stream.extend(framed.then_some(b'\n'));
                // A line that is as yet no longer than it may be, if its CR is one of the terminator.
                let begun = stream.rsplit(|&octet| octet == b'\n').next().unwrap_or_default();
                if begun.ends_with(b"\r") && begun.len() > REQUEST_TEXT_MAX {
                    add("FRAME-15");
                }
                // Octets behind an LF are another request, or the beginning of one.
                let inner = octets.iter().position(|&octet| octet == b'\n');
                if since_reply > 1 || inner.is_some_and(|at| at + 1 < octets.len()) {
                    add("FRAME-6");
                }
            }
            Act::Expect { text, .. } => {
                since_reply = 0;
                replies.push(text);
                if ended {
                    add("FRAME-9");
                }
            }
            Act::End => {
                ended = true;
                if !stream.is_empty() && !stream.ends_with(b"\n") {
                    add("FRAME-10");
                }
            }
            Act::Closed if ended => add("FRAME-11"),
            Act::Reset => add("FRAME-22"),
            Act::Deaf => add("FRAME-21"),
            _ => {}
        }
    }
    let lines: Vec<&[u8]> = stream.split_inclusive(|&octet| octet == b'\n').collect();
    if lines.len() > 1 {
        add("FRAME-8");
    }
    // A request behind one that gets an error.
    if replies.iter().take(lines.len().saturating_sub(1)).any(|reply| is_error(reply)) {
        add("FRAME-16");
        add("FRAME-17");
    }
    for (at, line) in lines.iter().enumerate() {
        let crlf = line.ends_with(b"\r\n");
        let text = line.len() - if crlf { 2 } else { usize::from(line.ends_with(b"\n")) };
        if crlf || line.ends_with(b"\r") {
            add("FRAME-4");
        }
        if (REQUEST_TEXT_MAX - 23..=REQUEST_TEXT_MAX).contains(&text) {
            add(if crlf { "FRAME-13" } else { "FRAME-12" });
        }
        if text > REQUEST_TEXT_MAX && at + 1 < lines.len() {
            add("FRAME-14");
            add("FRAME-16");
            add("FRAME-17");
        } else if text > REQUEST_TEXT_MAX && !line.ends_with(b"\n") {
            add("FRAME-15");
        }
    }
}

fn is_error(reply: &Text) -> bool {
    matches!(reply.pieces.first(), Some(Piece::Octets(octets)) if octets.starts_with(b"ERR"))
}

fn datagrams(dialogue: &Dialogue, client: Client, add: &mut impl FnMut(&str)) {
    let own = dialogue.steps.iter().filter(|step| step.client == client);
    for (octets, _) in own.filter_map(|step| sent(&step.act)) {
        let text = octets.strip_suffix(b"\n").unwrap_or(octets);
        if text.len() < octets.len() {
            add("FRAME-30");
        }
        let crlf = text.len() < octets.len() && text.ends_with(b"\r");
        let text = if crlf { &text[..text.len() - 1] } else { text };
        if text.iter().any(|octet| b"\r\n".contains(octet)) {
            add("FRAME-31");
        }
        if octets.is_empty() {
            add("FRAME-35");
        }
        if (REQUEST_TEXT_MAX - 23..=REQUEST_TEXT_MAX).contains(&text.len()) {
            add("FRAME-12");
        }
    }
}

/// The most clients that are connected at the same time.
pub(crate) fn most_at_once(dialogue: &Dialogue) -> usize {
    let mut open = BTreeSet::new();
    let mut most = 0;
    for step in &dialogue.steps {
        match step.act {
            Act::Close | Act::Reset | Act::Closed | Act::WasReset => {
                open.remove(&step.client);
            }
            Act::Restart => open.clear(),
            Act::Wait | Act::Unread | Act::Unheard | Act::Printed(_) | Act::Note(_) => {}
            _ => {
                open.insert(step.client);
            }
        }
        most = most.max(open.len());
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript;

    fn relied(transport: Transport, steps: &str) -> String {
        let dialogue =
            transcript::parse("test", &format!("case a\n{steps}")).unwrap().remove(0).dialogue;
        let ids = relies_on(&dialogue, Service::Calculator, transport);
        ids.iter().map(Id::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_taken_for_granted_is_read_off() {
        let plain = "CALC-1 CALC-4";
        for (steps, due) in [
            ("> 1 2 +\n< Sum of 1 and 2 is 3\n", plain.to_owned()),
            ("> 1 2 +\n< \\{any}\n", String::new()),
            (
                "> 1 2 +\n< Sum of 1 and 2 is 3\n> 1 2 +\n< Sum of 1 and 2 is 3\n",
                format!("FRAME-8 {plain}"),
            ),
            (">> 1 2\n>> \\s+\\n\n< Sum of 1 and 2 is 3\n", format!("FRAME-5 {plain}")),
            (
                ">> 1 2 +\\n3 4 +\n! end\n< \\{any}\n< \\{any}\n",
                "FRAME-6 FRAME-8 FRAME-9 FRAME-10".to_owned(),
            ),
            (">> 1 2 +\\r\\n\n< Sum of 1 and 2 is 3\n", format!("FRAME-4 {plain}")),
            (">> 1 2 +\n! end\n< Sum of 1 and 2 is 3\n", format!("FRAME-9 FRAME-10 {plain}")),
            ("> 5+6\n< 5+6 = 11\n", "CALC-2 CALC-5 CALC-7".to_owned()),
            (
                "> 7 -2 /\n< Div of 7 and -2 is -3.5\n",
                "CALC-1 CALC-4 CALC-8 CALC-12 CALC-13 CALC-14".to_owned(),
            ),
            ("> 1 0 /\n< ERR division-by-zero\\{detail}\n", "CALC-1 CALC-19".to_owned()),
            ("A! open\nB> 1 2 +\nB< Sum of 1 and 2 is 3\n", format!("FRAME-18 {plain}")),
            ("A> 1 2 +\nA< \\{any}\nA! close\nB> 1 2 +\nB< \\{any}\n", String::new()),
        ] {
            assert_eq!(relied(Transport::Tcp, steps), due, "{steps}");
        }
        assert_eq!(
            relied(Transport::Udp, "> 1 2 +\\n\n< Sum of 1 and 2 is 3\n"),
            format!("FRAME-30 {plain}")
        );
    }
}
