//! A client for people: sends messages, hands on the replies.
//!
//! It does not know what a right reply is; it only counts them.

mod spoken;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use miette::Diagnostic;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::ReadHalf;
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use trueline_protocol::framing;
use trueline_protocol::service::Manner;

use crate::serve::Transport;

pub use spoken::call_in;

/// How to call.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// On TCP all messages go over one connection; on UDP each is a datagram from a port of its own, so that a late reply
    /// is not taken for the next one's.
    pub transport: Transport,
    /// How the service is spoken: to an announcement on TCP the connection itself is the request.
    pub manner: Manner,
    /// For how long to wait for a reply, or on TCP for any octet.
    pub patience: Duration,
}

impl Default for Call {
    fn default() -> Self {
        Self {
            transport: Transport::Tcp,
            manner: Manner::Conversation,
            patience: Duration::from_secs(1),
        }
    }
}

/// What a client hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// A reply, without its terminator.
    Reply(&'a [u8]),
    /// Octets that no LF followed before the server ended the connection or fell silent.
    Cut(&'a [u8]),
    /// No reply came in time. On UDP this is said for each message, on TCP at most once.
    Silence(Duration),
    /// The server ended the connection.
    Closed,
    /// The server reset the connection.
    Reset,
    /// The system says that nothing listens there.
    Refused,
}

/// How many requests were sent, and how many replies came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages; on TCP lines, or the one connection to an announcement.
    pub asked: usize,
    /// Whole replies.
    pub answered: usize,
}

impl Tally {
    /// Whether each message got a reply, and none got two.
    pub const fn is_even(self) -> bool {
        self.asked == self.answered
    }
}

/// Why nobody was called.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum CallError {
    /// Nothing listens there.
    #[error("cannot connect to {address}")]
    #[diagnostic(help("is the server running, and on that port?"))]
    NoConnection {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The system refused a socket.
    #[error("cannot open a socket")]
    NoSocket(#[from] io::Error),
}

/// Sends each message as it is, and hands on what comes back as it comes.
///
/// On TCP each message is followed by LF, the client reads while it sends (FRAME-28), and it ends its half after the last
/// one. An LF in a message makes it two requests there. To an announcement nothing is sent there, not even an end.
///
/// # Errors
///
/// Nobody was called. A server that answers badly or not at all is no error; [`Tally::is_even`] tells.
pub async fn call<M: AsRef<[u8]>>(
    address: SocketAddr,
    messages: &[M],
    options: &Call,
    mut hear: impl FnMut(Heard<'_>),
) -> Result<Tally, CallError> {
    match options.transport {
        Transport::Tcp => {
            let connected = TcpStream::connect(address).await;
            let stream = connected.map_err(|source| CallError::NoConnection { address, source })?;
            stream.set_nodelay(true)?;
            Ok(match options.manner {
                Manner::Talk => in_turns(stream, messages, options.patience, &mut hear).await,
                Manner::Visit => visited(stream, options.patience, &mut hear).await,
                Manner::Conversation => {
                    over_tcp(stream, messages, options.patience, &mut hear).await
                }
                Manner::Announcement => announced(stream, options.patience, &mut hear).await,
            })
        }
        Transport::Udp => over_udp(address, messages, options.patience, &mut hear).await,
    }
}

/// Says each line when the one before has its reply, as [`call`] does to a service that is spoken in turns. An empty line
/// ends it.
///
/// # Errors
///
/// Nobody was called.
pub async fn talk<M: AsRef<[u8]>>(
    address: SocketAddr,
    lines: impl IntoIterator<Item = M>,
    options: &Call,
    mut hear: impl FnMut(Heard<'_>),
) -> Result<Tally, CallError> {
    let connected = TcpStream::connect(address).await;
    let stream = connected.map_err(|source| CallError::NoConnection { address, source })?;
    stream.set_nodelay(true)?;
    Ok(in_turns(stream, lines, options.patience, &mut hear).await)
}

async fn in_turns<M: AsRef<[u8]>>(
    mut stream: TcpStream,
    lines: impl IntoIterator<Item = M>,
    patience: Duration,
    hear: &mut impl FnMut(Heard<'_>),
) -> Tally {
    let mut tally = Tally::default();
    let mut held = Vec::new();
    for line in lines {
        if line.as_ref().is_empty() {
            break;
        }
        // What cannot be sent is not answered, which is found out next.
        let _ = stream.write_all(&[line.as_ref(), b"\n"].concat()).await;
        tally.asked += 1;
        let end = loop {
            if let Some(end) = held.iter().position(|octet| *octet == b'\n') {
                break end;
            }
            let last = match timeout(patience, stream.read_buf(&mut held)).await {
                Ok(Ok(0)) => Heard::Closed,
                Ok(Ok(_)) => continue,
                Ok(Err(_)) => Heard::Reset,
                Err(_) => Heard::Silence(patience),
            };
            if !held.is_empty() {
                hear(Heard::Cut(&held));
            }
            hear(last);
            return tally;
        };
        hear(Heard::Reply(&held[..end]));
        tally.answered += 1;
        held.drain(..=end);
    }
    tally
}

/// Waits for the end: that is all the reply.
async fn visited(
    mut stream: TcpStream,
    patience: Duration,
    hear: &mut impl FnMut(Heard<'_>),
) -> Tally {
    let mut held = Vec::new();
    let last = loop {
        match timeout(patience, stream.read_buf(&mut held)).await {
            Ok(Ok(0)) => break Heard::Closed,
            Ok(Ok(_)) => {}
            Ok(Err(_)) => break Heard::Reset,
            Err(_) => break Heard::Silence(patience),
        }
    };
    if !held.is_empty() {
        hear(Heard::Cut(&held));
    }
    hear(last);
    Tally { asked: 1, answered: usize::from(held.is_empty() && last == Heard::Closed) }
}

async fn over_tcp<M: AsRef<[u8]>>(
    mut stream: TcpStream,
    messages: &[M],
    patience: Duration,
    hear: &mut impl FnMut(Heard<'_>),
) -> Tally {
    let mut octets = Vec::new();
    for message in messages {
        octets.extend_from_slice(message.as_ref());
        octets.push(b'\n');
    }
    let asked = octets.iter().filter(|&&octet| octet == b'\n').count();
    let (from, mut to) = stream.split();

    let send = async {
        // What cannot be sent is not answered, which the reader finds out.
        if to.write_all(&octets).await.is_ok() {
            let _ = to.shutdown().await;
        }
        std::future::pending().await
    };
    tokio::select! {
        tally = replies(from, asked, patience, hear) => tally,
        never = send => never,
    }
}

async fn announced(
    mut stream: TcpStream,
    patience: Duration,
    hear: &mut impl FnMut(Heard<'_>),
) -> Tally {
    replies(stream.split().0, 1, patience, hear).await
}

/// Reads until the server ends the connection or falls silent.
async fn replies(
    mut from: ReadHalf<'_>,
    asked: usize,
    patience: Duration,
    hear: &mut impl FnMut(Heard<'_>),
) -> Tally {
    let mut answered = 0;
    let mut held = Vec::new();
    let last = loop {
        match timeout(patience, from.read_buf(&mut held)).await {
            Ok(Ok(0)) => break Heard::Closed,
            Ok(Ok(_)) => {}
            Ok(Err(_)) => break Heard::Reset,
            Err(_) => break Heard::Silence(patience),
        }
        let mut start = 0;
        while let Some(length) = held[start..].iter().position(|&octet| octet == b'\n') {
            hear(Heard::Reply(&held[start..start + length]));
            answered += 1;
            start += length + 1;
        }
        held.drain(..start);
    };
    if !held.is_empty() {
        hear(Heard::Cut(&held));
    }
    if answered != asked || last == Heard::Reset {
        hear(last);
    }
    Tally { asked, answered }
}

async fn over_udp<M: AsRef<[u8]>>(
    address: SocketAddr,
    messages: &[M],
    patience: Duration,
    hear: &mut impl FnMut(Heard<'_>),
) -> Result<Tally, CallError> {
    let mut tally = Tally::default();
    let mut reply = vec![0; 65_536];
    for message in messages {
        let here = SocketAddr::new(
            if address.is_ipv4() {
                Ipv4Addr::UNSPECIFIED.into()
            } else {
                Ipv6Addr::UNSPECIFIED.into()
            },
            0,
        );
        let socket = UdpSocket::bind(here).await?;
        socket.connect(address).await?;
        socket.send(message.as_ref()).await?;
        tally.asked += 1;
        match timeout(patience, socket.recv(&mut reply)).await {
            Ok(Ok(length)) => {
                tally.answered += 1;
                hear(Heard::Reply(&reply[..length]));
            }
            Ok(Err(_)) => hear(Heard::Refused),
            Err(_) => hear(Heard::Silence(patience)),
        }
    }
    Ok(tally)
}

/// A reply as it may be printed: text as it is, anything else in the transcripts' escapes.
pub fn printable(reply: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = framing::text(Ok(reply)) {
        return text.into();
    }
    let mut escaped = String::new();
    for chunk in reply.utf8_chunks() {
        for c in chunk.valid().chars() {
            // Writing to a `String` cannot fail.
            let _ = match c {
                '\\' => escaped.write_str("\\\\"),
                '\n' => escaped.write_str("\\n"),
                '\r' => escaped.write_str("\\r"),
                '\t' => escaped.write_str("\\t"),
                _ if framing::is_char(c) => escaped.write_char(c),
                _ if c.is_ascii() => write!(escaped, "\\x{:02x}", u32::from(c)),
                _ => write!(escaped, "\\u{{{:x}}}", u32::from(c)),
            };
        }
        for octet in chunk.invalid() {
            let _ = write!(escaped, "\\x{octet:02x}");
        }
    }
    escaped.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_text_is_printed_escaped() {
        assert_eq!(printable(b"5 h, 5 w"), "5 h, 5 w");
        assert_eq!(printable("a\tö \\".as_bytes()), "a\tö \\");
        assert_eq!(printable(b"\x1b[2J\\\r"), "\\x1b[2J\\\\\\r");
        assert_eq!(printable("\u{85}\u{e9}".as_bytes()), "\\u{85}é");
        assert_eq!(printable(b"a\xff\xc3"), "a\\xff\\xc3");
    }
}
