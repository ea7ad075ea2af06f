//! `trueline call`: messages to a server, its replies on standard output.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use trueline_conformance::target::parse_address;
use trueline_protocol::service::Service;

use super::On;
use super::exit::{Exit, Failure};
use crate::call::{self, Call as Options, Heard};

/// Send messages to a server and print its replies
///
/// Exits with 0 when each message got one reply, and with 1 when not.
#[derive(Debug, Args)]
pub(super) struct Call {
    /// What is spoken: calculator
    service: Service,
    /// What to send over
    #[arg(long, value_enum, default_value = "tcp")]
    transport: On,
    /// Seconds to wait for a reply
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = super::check::seconds)]
    timeout: Duration,
    /// Call an address that is not this machine's
    #[arg(long)]
    allow_remote: bool,
    /// Where the server listens: host:port
    address: String,
    /// What to send, a request each; `-5 3 +` is a message, not an option
    #[arg(required = true, allow_hyphen_values = true, trailing_var_arg = true)]
    messages: Vec<String>,
}

impl Call {
    pub(super) async fn perform(self) -> Result<Exit, Failure> {
        let address = parse_address(&self.address, self.allow_remote).map_err(Failure::usage)?;
        let options = Options { transport: self.transport.into(), patience: self.timeout };
        let mut refused = false;
        let called = call::call(address, &self.messages, &options, |heard| match heard {
            Heard::Reply(reply) => {
                let _ = writeln!(std::io::stdout(), "{}", call::printable(reply));
            }
            Heard::Cut(rest) => eprintln!("{} (no line end)", call::printable(rest)),
            Heard::Silence(patience) => eprintln!("no reply within {patience:?}"),
            Heard::Closed => {}
            Heard::Reset => eprintln!("the server reset the connection"),
            Heard::Refused => {
                refused = true;
                eprintln!("nothing listens there");
            }
        });
        let tally = called
            .await
            .map_err(|error| Failure { report: error.into(), exit: Exit::Unreachable })?;
        if refused && tally.answered == 0 {
            return Ok(Exit::Unreachable);
        }
        if tally.is_even() {
            return Ok(Exit::Conforms);
        }
        eprintln!("{} requests were sent, {} replies came", tally.asked, tally.answered);
        Ok(Exit::DoesNotConform)
    }
}
