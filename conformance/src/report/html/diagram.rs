//! The sequence diagram of a failing exchange, as data: the clients on the left, the server on the right, time downwards.

use serde::Serialize;
use trueline_protocol::dialect::{First, Frame};
use trueline_protocol::limits::REPLY_TEXT_MAX;

use crate::judge::{Fault, Kind};
use crate::report::Counterexample;
use crate::report::words::{cut_short, in_words, steps_in_words};
use crate::transcript::{Act, Client, Framing, Piece, Step, Text};
use crate::transport::Transport;

/// Steps before the failing one that are drawn.
const BEFORE: usize = 12;
/// Octets of a text that are shown in hexadecimal digits.
const HEX_MAX: usize = 32;

/// A diagram.
#[derive(Debug, Serialize)]
pub(super) struct Diagram {
    /// The clients, from left to right.
    clients: Vec<char>,
    rows: Vec<Row>,
}

/// One thing that happens.
#[derive(Debug, Serialize)]
struct Row {
    /// How it is drawn.
    form: Form,
    /// What it is of the failure.
    part: Part,
    /// Whose, counted from the left.
    lane: usize,
    /// What one hears who does not see the arrow.
    heard: String,
    /// What is sent, or done.
    text: String,
    /// Whether it is sent together with what follows, so that one arrow shows both.
    joined: bool,
    /// The message's end, where it is not part of the text.
    end: String,
    /// What is sent, in hexadecimal digits.
    hex: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    /// An arrow from the client to the server.
    Out,
    /// An arrow from the server to the client.
    In,
    /// Where octets are cut.
    Cut,
    /// Something that no arrow shows.
    Note,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    /// It went well.
    Before,
    /// It came in the place of what was due.
    Came,
    /// It was due.
    Due,
}

/// The diagram of a counterexample; there is nothing to draw of a program that ended by itself.
pub(super) fn diagram(shown: &Counterexample, transport: Transport) -> Option<Diagram> {
    let Counterexample { dialogue, fault, .. } = shown;
    if fault.kind == Kind::Ended {
        return None;
    }
    let steps = &dialogue.steps[..fault.step.min(dialogue.steps.len())];
    let mut from = steps.len().saturating_sub(BEFORE);
    // The request whose reply failed is always shown, however many expectations lie between.
    let asks = |step: &Step| step.client == fault.client && matches!(step.act, Act::Send { .. });
    let asked = steps.iter().rposition(asks).filter(|asked| *asked < from);
    from = from.max(asked.map_or(0, |asked| asked + 1));
    let mut drawn: Vec<&Step> = steps[from..].iter().collect();
    drawn.extend(dialogue.steps.get(fault.step));
    drawn.extend(asked.map(|asked| &steps[asked]));
    let mut clients: Vec<Client> = drawn.iter().map(|step| step.client).collect();
    clients.push(fault.client);
    clients.sort_unstable();
    clients.dedup();
    let pen = Pen { clients, transport, framing: dialogue.framing() };
    let mut rows = Vec::new();
    let before = asked.unwrap_or(from);
    if before > 0 {
        rows.push(pen.note(format!("{} before", steps_in_words(before))));
    }
    if let Some(asked) = asked {
        rows.push(pen.step(&steps[asked], Part::Before));
        if from > asked + 1 {
            rows.push(pen.note(steps_in_words(from - asked - 1)));
        }
    }
    for (at, step) in steps[from..].iter().enumerate() {
        let next = &dialogue.steps[from + at + 1..];
        rows.push(Row { joined: pen.joined(step, next), ..pen.step(step, Part::Before) });
        rows.extend(pen.cut(step, next));
    }
    let due = dialogue.steps.get(fault.step);
    rows.extend(pen.came(fault, due));
    rows.extend(due.map(|step| pen.step(step, Part::Due)));
    Some(Diagram { clients: pen.clients.iter().map(|it| it.letter()).collect(), rows })
}

/// What draws: who is where, over what.
struct Pen {
    clients: Vec<Client>,
    transport: Transport,
    framing: Framing,
}

impl Pen {
    fn step(&self, Step { client, act }: &Step, part: Part) -> Row {
        let row = Row { part, ..self.row(*client, act) };
        match part {
            Part::Due => Row { heard: format!("due, but missing: {}", row.heard), ..row },
            Part::Before | Part::Came => row,
        }
    }

    fn row(&self, client: Client, act: &Act) -> Row {
        let act_of_client = |text: &str| self.deed(Form::Out, client, text);
        let act_of_server = |text: &str| self.deed(Form::In, client, text);
        let note = |text: &str| self.note(text.to_owned());
        match act {
            Act::Send { text, framed } => self.octets(Form::Out, client, text, *framed),
            Act::Expect { text, framed } => self.octets(Form::In, client, text, *framed),
            Act::Open => act_of_client("opens a connection"),
            Act::Deaf => act_of_client("opens a connection and never reads"),
            Act::End => act_of_client("ends its half"),
            Act::Close => act_of_client("closes"),
            Act::Reset => act_of_client("resets the connection"),
            Act::Closed => act_of_server("closes the connection"),
            Act::WasReset => act_of_server("resets the connection"),
            Act::Quiet => note("nothing is to come"),
            Act::Wait => note("a second and a half goes by"),
            Act::Restart => note("the program is stopped and launched again"),
            Act::Unread => note("nobody reads what the program prints any more"),
            Act::Unheard => note("the far end of the program's standard output is closed"),
            Act::Exited => note("the program ends"),
            Act::Type(text) => self.note(format!("typed on standard input: {text}")),
            Act::Printed(text) => self.note(format!("printed by the program: {}", in_words(text))),
            Act::Note(text) => self.note(text.clone()),
        }
    }

    fn octets(&self, form: Form, client: Client, text: &Text, framed: bool) -> Row {
        if self.transport == Transport::Udp && text.pieces.is_empty() {
            return self.deed(form, client, "an empty datagram");
        }
        let frame = if form == Form::Out { self.framing.request } else { self.framing.reply };
        let end = match frame {
            Frame::Until(ends) if framed && self.transport == Transport::Tcp => ends.first(),
            _ => None,
        };
        let end = end.map_or(&[][..], Vec::as_slice);
        let hex = hex(&text.pieces, end);
        let end = match end {
            b"\n" => "\\n".to_owned(),
            end => Text::octets(end).to_string(),
        };
        Row { text: cut_short(&in_words(text)), end, hex, ..self.deed(form, client, "") }
    }

    fn deed(&self, form: Form, client: Client, text: &str) -> Row {
        let lane = self.clients.iter().position(|it| *it == client).unwrap_or(0);
        let letter = client.letter();
        let heard = match form {
            Form::In if self.clients.len() > 1 => format!("server to {letter}"),
            Form::In => "server".to_owned(),
            _ if self.clients.len() > 1 => format!("client {letter}"),
            _ => "client".to_owned(),
        };
        let (text, hex) = (text.to_owned(), String::new());
        Row { form, part: Part::Before, lane, heard, text, joined: false, end: String::new(), hex }
    }

    fn note(&self, text: String) -> Row {
        let (heard, hex) = ("note".to_owned(), String::new());
        Row {
            form: Form::Note,
            part: Part::Before,
            lane: 0,
            heard,
            text,
            joined: false,
            end: String::new(),
            hex,
        }
    }

    /// Whether a message is sent in one piece with the next.
    fn joined(&self, step: &Step, next: &[Step]) -> bool {
        let message = |step: &Step| matches!(step.act, Act::Send { framed: true, .. });
        let follows = next.first().is_some_and(|it| it.client == step.client && message(it));
        self.transport == Transport::Tcp && message(step) && follows
    }

    /// Where a line is cut in two: what follows is sent when the server has taken this.
    fn cut(&self, step: &Step, next: &[Step]) -> Option<Row> {
        let Act::Send { text, framed: false } = &step.act else { return None };
        let open = !text.literal().is_some_and(|octets| octets.ends_with(b"\n"));
        let goes_on = next.iter().find(|next| next.client == step.client);
        let goes_on = goes_on.is_some_and(|next| matches!(next.act, Act::Send { .. }));
        (open && goes_on && self.transport == Transport::Tcp)
            .then(|| self.deed(Form::Cut, step.client, "cut"))
    }

    /// What came in the place of what was due.
    fn came(&self, Fault { client, kind, .. }: &Fault, due: Option<&Step>) -> Vec<Row> {
        let octets = kind.octets();
        let line = matches!(due, Some(Step { act: Act::Expect { framed: true, .. }, .. }))
            && octets.len() <= REPLY_TEXT_MAX
            && matches!(
                kind,
                Kind::Wrong(_)
                    | Kind::Terminator(_)
                    | Kind::Late(_)
                    | Kind::Clock(..)
                    | Kind::NotText(_)
            );
        let came = (!octets.is_empty())
            .then(|| self.octets(Form::In, *client, &Text::octets(octets), line));
        let deed = |text| Some(self.deed(Form::In, *client, text));
        let note = |text: &str| Some(self.note(text.to_owned()));
        let then = match kind {
            Kind::Refused => deed("refuses the connection"),
            Kind::Closed(_) => deed("closes the connection"),
            Kind::Reset(_) => deed("resets the connection"),
            Kind::Silence(_, part) if part.is_empty() => note("nothing came"),
            Kind::Silence(_, part)
                if matches!(self.framing.reply.first(part, false), First::Part) =>
            {
                note("no more came")
            }
            Kind::StaysOpen(_) => note("the connection stays open"),
            Kind::Stuck(_) => note("the server takes no more octets"),
            Kind::Unprinted(_) => note("no such line was printed"),
            Kind::NotRestarted(_) => note("it did not start again"),
            Kind::Elsewhere(_) => note("it listens elsewhere now"),
            Kind::Stray(..) => note("from another address than the request was sent to"),
            Kind::Unable(_) => note("this machine could not go on"),
            _ => None,
        };
        let wrong =
            |row: Row| Row { part: Part::Came, heard: format!("wrong: {}", row.heard), ..row };
        came.into_iter().chain(then).map(wrong).collect()
    }
}

/// The octets of a text in hexadecimal digits, and with those of its end; `…` for what is open, and where there are too many.
fn hex(pieces: &[Piece], end: &[u8]) -> String {
    let mut words: Vec<String> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Octets(octets) => {
                words.extend(octets.iter().take(HEX_MAX + 1).map(|octet| format!("{octet:02x}")));
            }
            Piece::Hole(_) => words.push("…".to_owned()),
        }
    }
    if words.len() > HEX_MAX {
        words.truncate(HEX_MAX);
        words.push("…".to_owned());
    }
    words.extend(end.iter().map(|octet| format!("{octet:02x}")));
    words.join(" ")
}
