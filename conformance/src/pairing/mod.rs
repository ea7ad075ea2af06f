//! Every client with every server: does what the user of one asks come back from the other?
//!
//! ```text
//!             types, line by line             requests
//!   runner  -----------------------> client ------------> server      both launched for this meeting,
//!   (user)  <-----------------------        <------------             in a network of their own
//!             prints, and ends                 replies
//! ```
//!
//! Nothing stands between the two but a `relay` where they mean different ports. Beside the submissions there are a client
//! and a server that are right, the references, so that it is seen who is to blame. In reading order: [`Submission`] is what
//! takes part, `words` tells a client where its server is, `user` plays the user, `meeting` brings two together, `outcome`
//! says what came of it, `table` has all of them, and `human` shows it.

mod grid;
mod human;
mod meeting;
mod outcome;
mod relay;
mod submission;
mod table;
mod user;
mod words;

use std::time::Duration;

use trueline_protocol::service::{Manner, Service};

pub use self::human::{Head, human};
pub use self::outcome::{Fault, Outcome, Unserved};
pub use self::submission::{Submission, Unfit};
pub use self::table::{Conclusion, Event, Parties, Table, pair};
use crate::dialect::Dialect;
use crate::dialogue::Question;
use crate::service::plain;
use crate::transport::Transport;

/// Requests that a user gives a client.
const REQUESTS: usize = 3;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// What both speak.
    pub service: Service,
    /// How; `line` when `None`.
    pub dialect: Option<&'static Dialect>,
    /// Over what.
    pub transport: Transport,
    /// How long a program may take to start, and to end; a reply has a fifth of it.
    pub patience: Duration,
    /// How many may meet at the same time.
    pub jobs: usize,
}

impl Asked {
    /// What a user asks, and what is due: the one place where a meeting gets its words from.
    fn questions(&self) -> Vec<Question> {
        let once = self.dialect.is_some_and(|dialect| dialect.spoken.session.once);
        let count = if self.converses() && !once { REQUESTS } else { 1 };
        let all = plain(self.service).0.iter();
        match self.dialect {
            Some(dialect) => {
                all.filter_map(|question| dialect.typed(question)).take(count).collect()
            }
            None => all.take(count).cloned().collect(),
        }
    }

    /// Whether a user has anything to ask: an announcement is heard.
    fn converses(&self) -> bool {
        self.service.manner() == Manner::Conversation
    }
}
