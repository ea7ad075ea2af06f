//! What a transcript says, apart from how it is written.
//!
//! Nothing here reads or prints: `grammar` and `text` read, `printer` prints.

use std::sync::LazyLock;

use trueline_protocol::dialect::Frame;

/// A written case: a dialogue with its name and what it covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The case's name, of letters, digits, `.` and `-`.
    pub name: String,
    /// The ids of the requirements that the case covers.
    pub covers: Vec<String>,
    /// The ids of the requirements that must hold for the case to mean anything.
    pub needs: Vec<String>,
    /// What is spoken; whoever runs the case says so where this is `None`.
    pub service: Option<String>,
    /// The dialect it is written in.
    pub dialect: Option<String>,
    /// `tcp` or `udp`, where the case is for one of them only.
    pub transport: Option<String>,
    /// The delivery, where the case is for one only.
    pub deliver: Option<String>,
    /// What is said.
    pub dialogue: Dialogue,
}

/// Steps in time order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dialogue {
    /// The steps, the first one first.
    pub steps: Vec<Step>,
    /// Where a message ends on TCP, when it is in the words of a dialect; it is in those of `line` otherwise.
    pub framing: Option<Framing>,
}

impl Dialogue {
    /// Some steps in the words of `line`.
    pub fn of(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), framing: None }
    }

    /// Where a message ends on TCP.
    pub fn framing(&self) -> Framing {
        self.framing.unwrap_or_default()
    }
}

/// Where the messages of a dialogue end: as its dialect says, and not in its transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Framing {
    /// Those of clients.
    pub request: &'static Frame,
    /// Those of the server.
    pub reply: &'static Frame,
}

impl Default for Framing {
    /// That of `line`.
    fn default() -> Self {
        static LINE: LazyLock<Frame> = LazyLock::new(Frame::line);
        Self { request: &LINE, reply: &LINE }
    }
}

impl Framing {
    /// What ends messages in this frame, for people; `None` where no octets do.
    pub(crate) fn terminator(frame: &Frame) -> Option<String> {
        let Frame::Until(ends) = frame else { return None };
        Some(match ends.first()?.as_slice() {
            b"\n" => "LF".to_owned(),
            b"\r\n" => "CRLF".to_owned(),
            end => format!("`{}`", Text::octets(end)),
        })
    }
}

/// One act of one client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Who acts, or who observes.
    pub client: Client,
    /// What is done, or what is expected.
    pub act: Act,
}

impl Step {
    /// A comment; it belongs to no client, which is written as client A.
    pub fn note(value: impl Into<String>) -> Self {
        Self { client: Client::A, act: Act::Note(value.into()) }
    }
}

/// A client's capital letter; client A when not said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client(char);

impl Client {
    /// The first client, whose letter need not be written.
    pub const A: Self = Self('A');
    /// The second client.
    pub(crate) const B: Self = Self('B');

    /// The client of a letter; `None` unless it is one of `'A'..='Z'`.
    pub fn new(letter: char) -> Option<Self> {
        letter.is_ascii_uppercase().then_some(Self(letter))
    }

    /// The letter.
    pub fn letter(self) -> char {
        self.0
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::A
    }
}

/// What a step does or expects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// `>` sends a message, to which the transport adds the terminator (`framed`);
    /// `>>` sends octets as they are, in a send of their own. The text has no holes.
    Send {
        /// What is sent.
        text: Text,
        /// Whether the transport adds the terminator.
        framed: bool,
    },
    /// `<` expects a message (`framed`); `<<` expects octets, the terminator written out.
    Expect {
        /// What is expected.
        text: Text,
        /// Whether the transport takes the terminator off.
        framed: bool,
    },
    /// `! open` opens the client, where doing so at its first use would be too late.
    Open,
    /// `! deaf` opens the client and never reads what it is sent.
    Deaf,
    /// `! end` ends the client's sending and leaves its receiving open (half-close).
    End,
    /// `! close` closes the client.
    Close,
    /// `! reset` resets the client's connection.
    Reset,
    /// `! wait` lets a second and a half go by.
    Wait,
    /// `! restart` stops the target and launches it again.
    Restart,
    /// `! unread` no longer reads the program's standard output.
    Unread,
    /// `! unheard` closes the far end of the program's standard output.
    Unheard,
    /// `? closed` expects the target to close the connection.
    Closed,
    /// `? reset` expects the target to reset the connection.
    WasReset,
    /// `? exited` expects the target's process to end.
    Exited,
    /// `? quiet` expects nothing to come.
    Quiet,
    /// `$>` types on the program's standard input. The text has no holes.
    Type(Text),
    /// `$<` expects on the program's standard output.
    Printed(Text),
    /// `#` says something to the reader only: one line, without control characters.
    Note(String),
}

/// Octets with holes.
///
/// It is normalised, so that equal texts compare equal: no empty [`Piece::Octets`], no two of
/// them side by side. [`Text::push`] and collecting [`Piece`]s keep it so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Text {
    /// The pieces in order.
    pub pieces: Vec<Piece>,
}

/// A part of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// These octets exactly.
    Octets(Vec<u8>),
    /// Octets that the transcript does not fix.
    Hole(Hole),
}

/// Which octets a text leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hole {
    /// `\{detail}`: the words in which an error is described.
    Detail,
    /// `\{time}`: a time as the service writes it.
    Time,
    /// `\{now}`: the time at which the reply was made.
    Now,
    /// `\{any}`: anything.
    Any,
    /// `\{blanks}`: white space, or nothing.
    Blanks,
    /// `\{2.5~0.01}`: a number, and how far from it another may be.
    Near(Near),
    /// Any octets at all, be they text or not. Nobody writes this: it is for whoever only listens.
    Whatever,
}

/// A number, and how far from it another may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Near([u64; 2]);

impl Near {
    /// Numbers around one; `None` where either is infinite or none, or the distance below zero.
    pub fn new(value: f64, within: f64) -> Option<Self> {
        let known = value.is_finite() && within.is_finite() && within >= 0.0;
        known.then(|| Self([value, within].map(f64::to_bits)))
    }

    /// The number.
    pub const fn value(self) -> f64 {
        f64::from_bits(self.0[0])
    }

    /// How far from it another may be.
    pub const fn within(self) -> f64 {
        f64::from_bits(self.0[1])
    }
}

impl Text {
    /// A text without holes.
    pub fn octets(octets: impl Into<Vec<u8>>) -> Self {
        [Piece::Octets(octets.into())].into_iter().collect()
    }

    /// The octets of a text without holes; `None` where there is a hole.
    pub fn literal(&self) -> Option<&[u8]> {
        match self.pieces.as_slice() {
            [] => Some(&[]),
            [Piece::Octets(octets)] => Some(octets),
            _ => None,
        }
    }

    /// Appends a piece, joining octets to octets.
    pub fn push(&mut self, piece: Piece) {
        match piece {
            Piece::Octets(octets) => self.extend(&octets),
            Piece::Hole(_) => self.pieces.push(piece),
        }
    }

    /// Appends octets.
    pub(super) fn extend(&mut self, octets: &[u8]) {
        match self.pieces.last_mut() {
            _ if octets.is_empty() => {}
            Some(Piece::Octets(before)) => before.extend_from_slice(octets),
            _ => self.pieces.push(Piece::Octets(octets.to_vec())),
        }
    }
}

impl FromIterator<Piece> for Text {
    fn from_iter<I: IntoIterator<Item = Piece>>(pieces: I) -> Self {
        let mut text = Self::default();
        pieces.into_iter().for_each(|piece| text.push(piece));
        text
    }
}
