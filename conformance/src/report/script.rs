//! A counterexample as a Python program that needs nothing but Python: what it sends, what came, what was due.

use std::collections::BTreeSet;
use std::fmt::Write;

use trueline_protocol::dialect::Frame;

use super::Counterexample;
use crate::judge::Kind;
use crate::transcript::{Act, Client, Framing, Hole, Piece, Step, Text};
use crate::transport::Transport;

/// Octets alike that are written as a product.
const RUN: usize = 20;

/// What a program says when a reply is not the one that is due.
const DUE: &str = "\
def due(read, wanted):
    try:
        came = read()
    except OSError as error:
        came = str(error).encode()
    print(\"came:\", came)
    if came != wanted if isinstance(wanted, bytes) else not re.fullmatch(wanted, came):
        sys.exit(f\"due:  {wanted}\")
";

/// The program, and `None` where Python alone cannot show the fault: to start the target again, to read what it prints and to
/// tell the right time take more. `about` is what it says of itself; `address` is where it connects when not told otherwise.
pub(super) fn script(
    Counterexample { dialogue, fault, .. }: &Counterexample,
    transport: Transport,
    about: &str,
    address: &str,
) -> Option<String> {
    if matches!(fault.kind, Kind::Clock(..) | Kind::Ended | Kind::Stuck(_)) {
        return None;
    }
    let (host, port) = address.rsplit_once(':')?;
    let host = host.trim_matches(['[', ']']);
    // What would come after the fault nobody knows.
    let steps = &dialogue.steps[..dialogue.steps.len().min(fault.step + 1)];
    let framed = steps.iter().map(|step| in_frame(step, dialogue.framing(), transport));
    let steps = joined(framed.collect::<Option<_>>()?, transport);
    let mut body = String::new();
    let mut open: BTreeSet<Client> = BTreeSet::new();
    for (at, step) in steps.iter().enumerate() {
        let uses = !matches!(step.act, Act::Note(_) | Act::Wait);
        if uses && open.insert(step.client) {
            body += &opened(step.client, transport, host);
        }
        body += &line(step, transport, dialogue.framing().reply)?;
        if goes_on(&steps[at..]) {
            body += "time.sleep(0.1)  # what follows travels by itself\n";
        }
        if matches!(step.act, Act::Close | Act::Reset) {
            open.remove(&step.client);
        }
    }
    let always = ["re", "socket", "sys"];
    let used = |module: &&str| always.contains(module) || body.contains(&format!("{module}."));
    let modules: Vec<&str> =
        ["re", "socket", "struct", "sys", "time"].into_iter().filter(used).collect();
    let modules = modules.join(", ");
    // A backslash, or three quotes, would end what it says.
    let about = about.replace('\\', "\\\\").replace('"', "'");
    Some(format!(
        "\"\"\"{about}\"\"\"\nimport {modules}\n\nhost, port = sys.argv[1:] or (\"{host}\", {port})\n\n\n\
         {DUE}\n\n{body}print(\"All came as it was due.\")\n"
    ))
}

/// What of Python's files reads a message in this frame, whatever is in it.
fn read(frame: &Frame) -> Option<&'static str> {
    match frame {
        Frame::Until(ends) => {
            let first = ends.first()?.iter().position(|octet| *octet == b'\n');
            (first? + 1 == ends.first()?.len()).then_some("readline")
        }
        Frame::Segment => Some("read1"),
        Frame::End => Some("read"),
        Frame::Length(_) | Frame::Digits(_) | Frame::Size(..) => None,
    }
}

/// Whether a text goes on behind an LF.
fn has_lines(text: &Text) -> bool {
    let has = |piece: &Piece| matches!(piece, Piece::Octets(octets) if octets.contains(&b'\n'));
    text.pieces.iter().any(has)
}

/// A step with its message in its frame; `None` where Python alone cannot tell where a reply ends. A reply that stays framed is
/// one that Python reads.
fn in_frame(step: &Step, framing: Framing, transport: Transport) -> Option<Step> {
    let act = match &step.act {
        Act::Send { text, framed: true } if transport == Transport::Tcp => {
            Act::Send { text: Text::octets(framing.request.framed(text.literal()?)?), framed: true }
        }
        Act::Expect { text, framed: true } if transport == Transport::Tcp => {
            match (read(framing.reply), framing.reply) {
                (Some(_), Frame::Until(ends)) if !has_lines(text) => {
                    let mut text = text.clone();
                    text.push(Piece::Octets(ends.first()?.clone()));
                    Act::Expect { text, framed: true }
                }
                (Some(_), Frame::Segment | Frame::End) => return Some(step.clone()),
                (_, frame) => Act::Expect {
                    text: Text::octets(frame.framed(text.literal()?)?),
                    framed: false,
                },
            }
        }
        other => other.clone(),
    };
    Some(Step { act, ..step.clone() })
}

/// How a client connects.
fn opened(client: Client, transport: Transport, host: &str) -> String {
    let name = name(client);
    match transport {
        Transport::Tcp => format!(
            "{name} = socket.create_connection((host, port), timeout=5)\nfrom_{name} = {name}.makefile(\"rb\")\n"
        ),
        Transport::Udp => {
            let family = if host.contains(':') { "AF_INET6" } else { "AF_INET" };
            format!(
                "{name} = socket.socket(socket.{family}, socket.SOCK_DGRAM)\n{name}.settimeout(5)\n\
                 {name}.connect((host, int(port)))\n"
            )
        }
    }
}

/// The steps with messages that a client sends one after the other in one send, so that they arrive together.
fn joined(steps: Vec<Step>, transport: Transport) -> Vec<Step> {
    let mut joined: Vec<Step> = Vec::new();
    for step in steps {
        let last = joined.last_mut().filter(|last| last.client == step.client);
        match (last.map(|last| &mut last.act), &step.act) {
            (Some(Act::Send { text, framed: true }), Act::Send { text: next, framed: true })
                if transport == Transport::Tcp =>
            {
                next.pieces.iter().cloned().for_each(|piece| text.push(piece));
            }
            _ => joined.push(step),
        }
    }
    joined
}

/// Whether a send is followed by one of the same client: the octets of both could arrive as one.
fn goes_on(steps: &[Step]) -> bool {
    let sends = |step: &Step| matches!(step.act, Act::Send { .. });
    match steps {
        [Step { client, act: Act::Send { framed: false, .. } }, next, ..] => {
            sends(next) && *client == next.client
        }
        _ => false,
    }
}

/// What a step is in Python; nothing for a comment.
fn line(Step { client, act }: &Step, transport: Transport, frame: &Frame) -> Option<String> {
    let name = name(*client);
    let reader = match transport {
        Transport::Tcp => format!("from_{name}.{}", read(frame).unwrap_or("read")),
        Transport::Udp => format!("lambda: {name}.recv(65536)"),
    };
    let mut lines = match act {
        Act::Send { text, .. } => {
            let send = if transport == Transport::Tcp { "sendall" } else { "send" };
            format!("{name}.{send}({})", literal(text.literal()?))
        }
        Act::Expect { text, framed: true } => format!("due({reader}, {})", wanted(text)?),
        Act::Expect { text, framed: false } => {
            let octets = text.literal()?;
            format!("due(lambda: from_{name}.read({}), {})", octets.len(), literal(octets))
        }
        Act::Open | Act::Note(_) => return Some(String::new()),
        Act::End => format!("{name}.shutdown(socket.SHUT_WR)"),
        Act::Close if transport == Transport::Tcp => format!("from_{name}.close()\n{name}.close()"),
        Act::Close => format!("{name}.close()"),
        Act::Reset => format!(
            "{name}.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(\"ii\", 1, 0))\n\
             from_{name}.close()\n{name}.close()"
        ),
        Act::Closed => format!("due(from_{name}.read, b\"\")"),
        Act::Wait => "time.sleep(1.5)".to_owned(),
        // Buffers and their sizes are the runner's to find out.
        Act::Deaf
        | Act::WasReset
        | Act::Quiet
        | Act::Restart
        | Act::Unread
        | Act::Unheard
        | Act::Exited
        | Act::Type(_)
        | Act::Printed(_) => return None,
    };
    lines.push('\n');
    Some(lines)
}

fn name(client: Client) -> char {
    client.letter().to_ascii_lowercase()
}

/// What is due: octets, or a pattern where some are left open.
fn wanted(text: &Text) -> Option<String> {
    if let Some(octets) = text.literal() {
        return Some(literal(octets));
    }
    let mut pattern = String::new();
    for piece in &text.pieces {
        match piece {
            Piece::Octets(octets) => pattern += &escaped(octets),
            Piece::Hole(Hole::Detail) => pattern += "( .*)?",
            Piece::Hole(Hole::Any | Hole::Time | Hole::Now) => pattern += ".*",
            Piece::Hole(Hole::Blanks) => pattern += "\\s*",
            Piece::Hole(Hole::Near(_) | Hole::Whatever) => return None,
        }
    }
    Some(format!("re.compile(rb\"{pattern}\")"))
}

/// Octets in a pattern.
fn escaped(octets: &[u8]) -> String {
    let each = octets.iter().map(|&octet| match octet {
        b'\n' => "\\n".to_owned(),
        b' ' | b'-' => char::from(octet).to_string(),
        octet if octet.is_ascii_alphanumeric() => char::from(octet).to_string(),
        octet => format!("\\x{octet:02x}"),
    });
    each.collect()
}

/// Octets as Python writes them, long runs as products.
fn literal(octets: &[u8]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut plain: Vec<u8> = Vec::new();
    for run in octets.chunk_by(|left, right| left == right) {
        if run.len() < RUN {
            plain.extend(run);
            continue;
        }
        if !plain.is_empty() {
            parts.push(quoted(&std::mem::take(&mut plain)));
        }
        parts.push(format!("{} * {}", quoted(&run[..1]), run.len()));
    }
    if !plain.is_empty() || parts.is_empty() {
        parts.push(quoted(&plain));
    }
    parts.join(" + ")
}

fn quoted(octets: &[u8]) -> String {
    let mut out = String::from("b\"");
    for &octet in octets {
        // Writing to a string cannot fail.
        let _ = match octet {
            b'\n' => write!(out, "\\n"),
            b'\r' => write!(out, "\\r"),
            b'\t' => write!(out, "\\t"),
            b'"' | b'\\' => write!(out, "\\{}", char::from(octet)),
            b' '..=b'~' => write!(out, "{}", char::from(octet)),
            _ => write!(out, "\\x{octet:02x}"),
        };
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How Python reads a reply in this frame.
    fn reads(frame: &'static Frame, reply: &str) -> String {
        let framing = Framing { request: frame, reply: frame };
        let act = Act::Expect { text: Text::octets(reply), framed: true };
        let step = in_frame(&Step { client: Client::A, act }, framing, Transport::Tcp);
        line(&step.expect("a step"), Transport::Tcp, frame).expect("a line")
    }

    /// Python's `readline` reads a reply only where the first LF is its end.
    #[test]
    fn a_reply_is_read_to_its_end() {
        for (end, reply, python) in [
            ("\n", "30", "due(from_a.readline, b\"30\\n\")\n"),
            ("\r\n", "30", "due(from_a.readline, b\"30\\r\\n\")\n"),
            ("\n\n", "30", "due(lambda: from_a.read(4), b\"30\\n\\n\")\n"),
            (";\n", "3\n0", "due(lambda: from_a.read(5), b\"3\\n0;\\n\")\n"),
            (";", "30", "due(lambda: from_a.read(3), b\"30;\")\n"),
        ] {
            let frame = Box::leak(Box::new(Frame::Until(vec![end.into()])));
            assert_eq!(reads(frame, reply), python, "{end:?}");
        }
        assert_eq!(reads(&Frame::Segment, "30"), "due(from_a.read1, b\"30\")\n");
        assert_eq!(reads(&Frame::End, "30"), "due(from_a.read, b\"30\")\n");
        assert_eq!(reads(&Frame::Length(1), "30"), "due(lambda: from_a.read(3), b\"\\x0230\")\n");
    }
}
