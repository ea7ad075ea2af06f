//! `trueline call`: messages to a server, its replies on standard output.

use std::fmt::Display;
use std::io::Write;
use std::time::Duration;

use clap::Args;
use trueline_conformance::target::parse_address;
use trueline_conformance::transport::Transport;
use trueline_protocol::service::{Manner, Service};

use super::On;
use super::exit::{Exit, Failure};
use super::options::Speech;
use crate::call::{self, Call as Options, Heard};

/// Send messages to a server and print its replies
///
/// An announcement is heard without a message: over TCP by connecting, over UDP for an empty datagram. In a chat each message
/// waits for the reply to the one before; without any they are typed, a line each, and an empty line ends the chat.
///
/// Exits with 0 when each message got one reply, and with 1 when not.
#[derive(Debug, Args)]
pub(super) struct Call {
    /// What is spoken
    #[arg(value_parser = super::service())]
    service: Service,
    /// What to send over [default: tcp, or udp where the dialect has nothing else]
    #[arg(long, value_enum)]
    transport: Option<On>,
    #[command(flatten)]
    speech: Speech,
    /// Seconds to wait for a reply [default: 1; in a chat, as long as it takes]
    #[arg(long, value_name = "SECONDS", value_parser = super::options::seconds)]
    timeout: Option<Duration>,
    /// Call an address that is not this machine's
    #[arg(long)]
    allow_remote: bool,
    /// Where the server listens: host:port
    address: String,
    /// What to send, a request each; `-5 3 +` is a message, not an option
    #[arg(allow_hyphen_values = true, trailing_var_arg = true)]
    messages: Vec<String>,
}

impl Call {
    pub(super) async fn perform(mut self) -> Result<Exit, Failure> {
        let dialect = self.speech.settle(self.service)?;
        let address = parse_address(&self.address, self.allow_remote).map_err(Failure::usage)?;
        let transport = self.speech.over(self.transport)?;
        let manner = self.service.manner();
        super::spoken_over(self.service, transport)?;
        let messages = self.messages(transport, manner)?;
        let patience = if manner == Manner::Talk { Duration::MAX } else { Duration::from_secs(1) };
        let options = Options { transport, manner, patience: self.timeout.unwrap_or(patience) };
        let mut refused = false;
        let hear = |heard: Heard<'_>| match heard {
            Heard::Reply(reply) => {
                let _ = writeln!(std::io::stdout(), "{}", call::printable(reply));
            }
            Heard::Cut(rest) => complain(format_args!("{} (no line end)", call::printable(rest))),
            Heard::Silence(patience) => complain(format_args!("no reply within {patience:?}")),
            Heard::Closed => {}
            Heard::Reset => complain("the server reset the connection"),
            Heard::Refused => {
                refused = true;
                complain("nothing listens there");
            }
        };
        let typed = manner == Manner::Talk && messages.is_empty();
        let called = match dialect {
            Some(dialect) => call::call_in(dialect, address, &messages, &options, hear).await,
            None if typed => {
                let lines = std::io::stdin().lines().map_while(Result::ok);
                call::talk(address, lines, &options, hear).await
            }
            None => call::call(address, &messages, &options, hear).await,
        };
        let tally =
            called.map_err(|error| Failure { report: error.into(), exit: Exit::Unreachable })?;
        if refused && tally.answered == 0 {
            return Ok(Exit::Unreachable);
        }
        if tally.is_even() {
            return Ok(Exit::Conforms);
        }
        complain(format_args!("requests sent: {}, replies: {}", tally.asked, tally.answered));
        Ok(Exit::DoesNotConform)
    }

    /// What is sent: what was given, or what there is to send where nothing need be given.
    fn messages(&self, transport: Transport, manner: Manner) -> Result<Vec<&str>, Failure> {
        let given: Vec<&str> = self.messages.iter().map(String::as_str).collect();
        let service = self.service;
        match (manner, transport) {
            (Manner::Conversation, _) if given.is_empty() => Err(Failure::misused(
                format!("{service} answers messages, and there is none"),
                format!(
                    "put what is to be sent behind the address: `trueline call {service} {} MESSAGE`",
                    self.address
                ),
            )),
            (Manner::Announcement, Transport::Tcp) if !given.is_empty() => Err(Failure::misused(
                format!("{service} announces over TCP: nothing is sent to it"),
                "leave the messages out, or say `--transport udp`",
            )),
            (Manner::Visit, _) if !given.is_empty() => Err(Failure::misused(
                format!("nothing is said to {service}"),
                "leave the messages out",
            )),
            (Manner::Announcement, Transport::Udp) if given.is_empty() => Ok(vec![""]),
            _ => Ok(given),
        }
    }
}

/// Says what went wrong, to whoever listens: the exit code tells, too.
fn complain(what: impl Display) {
    let _ = writeln!(std::io::stderr(), "{what}");
}
