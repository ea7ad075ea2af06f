//! A client of a dialect: one request after the other, each with its reply.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use trueline_conformance::dialect::Dialect;
use trueline_protocol::dialect::{First, Frame};
use trueline_protocol::service::Manner;

use super::{Call, CallError, Heard, Tally, over_udp};
use crate::serve::Transport;

/// Sends each request in the words of a dialect, and hands on what comes back as it comes: greetings and prompts, too. On TCP a
/// request is sent when the one before it is answered, and the client ends its half after the last one.
///
/// # Errors
///
/// Nobody was called.
pub async fn call_in(
    dialect: &Dialect,
    address: SocketAddr,
    requests: &[&str],
    options: &Call,
    mut hear: impl FnMut(Heard<'_>),
) -> Result<Tally, CallError> {
    let requests: Vec<Vec<String>> = requests.iter().map(|it| dialect.messages(it)).collect();
    if options.transport == Transport::Udp {
        return over_udp(address, &requests.concat(), options.patience, &mut hear).await;
    }
    let mut tally = Tally::default();
    let mut line = None;
    let announced = options.manner == Manner::Announcement;
    let requests = if announced { vec![Vec::new()] } else { requests };
    for messages in &requests {
        let mut open = match line.take() {
            Some(open) => open,
            None => Line::open(dialect, address, options, &mut hear).await?,
        };
        tally.asked += 1;
        match open.ask(messages, &mut hear).await {
            Ok(()) => tally.answered += 1,
            Err(()) => break,
        }
        line = Some(open).filter(|_| !dialect.spoken.session.once);
    }
    if let Some(mut open) = line {
        let _ = open.stream.shutdown().await;
    }
    Ok(tally)
}

/// Octets of a reply that is not whole after which no more is read.
const HELD_MAX: usize = 1 << 20;

/// A connection.
struct Line<'a> {
    dialect: &'a Dialect,
    options: &'a Call,
    stream: TcpStream,
    /// What came and is no whole reply.
    held: Vec<u8>,
}

impl<'a> Line<'a> {
    async fn open(
        dialect: &'a Dialect,
        address: SocketAddr,
        options: &'a Call,
        hear: &mut impl FnMut(Heard<'_>),
    ) -> Result<Self, CallError> {
        let connected = TcpStream::connect(address).await;
        let stream = connected.map_err(|source| CallError::NoConnection { address, source })?;
        stream.set_nodelay(true)?;
        let mut line = Self { dialect, options, stream, held: Vec::new() };
        if dialect.spoken.session.greeting.is_some() {
            // Whoever does not greet is asked all the same.
            let _ = line.next(hear).await;
        }
        Ok(line)
    }

    /// Sends the messages of a request. Whether it was answered.
    async fn ask(
        &mut self,
        messages: &[String],
        hear: &mut impl FnMut(Heard<'_>),
    ) -> Result<(), ()> {
        let frame = &self.dialect.spoken.request;
        let mut prompts = self.dialect.spoken.forms[0].prompts.iter();
        for (at, message) in messages.iter().enumerate() {
            let octets = frame.framed(message.as_bytes()).unwrap_or_default();
            // What cannot be sent is not answered, which the reader finds out.
            let _ = self.stream.write_all(&octets).await;
            if at + 1 < messages.len() && prompts.next().is_some_and(Option::is_some) {
                self.next(hear).await?;
            }
        }
        if *frame == Frame::End {
            let _ = self.stream.shutdown().await;
        }
        self.next(hear).await
    }

    /// Hands on the next message of the server.
    async fn next(&mut self, hear: &mut impl FnMut(Heard<'_>)) -> Result<(), ()> {
        let (frame, patience) = (&self.dialect.spoken.reply, self.options.patience);
        let until = Instant::now() + patience;
        let mut is_over = false;
        let last = loop {
            if let First::Whole(text, all) = frame.first(&self.held, is_over) {
                hear(Heard::Reply(text));
                self.held.drain(..all);
                return Ok(());
            }
            if is_over {
                break Heard::Closed;
            }
            if self.held.len() > HELD_MAX {
                break Heard::Silence(patience);
            }
            match timeout_at(until, self.stream.read_buf(&mut self.held)).await {
                Ok(Ok(0)) => is_over = true,
                Ok(Ok(_)) => {}
                Ok(Err(_)) => break Heard::Reset,
                Err(_) => break Heard::Silence(patience),
            }
        };
        if !self.held.is_empty() {
            hear(Heard::Cut(&self.held));
        }
        hear(last);
        Err(())
    }
}
