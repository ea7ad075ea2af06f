//! All meetings: the references first, then everybody with the reference, then all others, as many at once as are wanted.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt, stream};

use super::Asked;
use super::meeting::Meeting;
use super::outcome::{Fault, Outcome};
use super::submission::{Client, Submission, Unfit};
use crate::blame::Blame;
use crate::target::Recipe;

/// Who meets whom.
#[derive(Clone, Debug)]
pub struct Parties {
    /// The clients; the last is the reference.
    pub clients: Vec<Submission>,
    /// The servers; the last is the reference.
    pub servers: Vec<Submission>,
}

/// What came of all of them.
#[derive(Clone, Debug)]
pub struct Table {
    /// The names of the clients; the last is the reference.
    pub clients: Vec<String>,
    /// The names of the servers; the last is the reference.
    pub servers: Vec<String>,
    /// What came of each client with each server, by their places.
    pub outcomes: BTreeMap<(usize, usize), Outcome>,
    /// How long it took.
    pub elapsed: Duration,
}

/// What a table comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Every client works with every server.
    AllWork,
    /// Some do not.
    SomeFail,
    /// Nobody can tell.
    Inconclusive,
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// So many are to meet.
    Began(usize),
    /// One meeting is over; so many failed so far.
    Met(usize),
    /// It is over.
    Done,
}

impl Table {
    /// What came of the submissions with each other.
    pub fn of_submissions(&self) -> impl Iterator<Item = &Outcome> {
        let (client, server) = (self.clients.len() - 1, self.servers.len() - 1);
        let all = self.outcomes.iter();
        all.filter(move |((one, other), _)| *one < client && *other < server).map(|(_, it)| it)
    }

    /// What it comes to. The references are no submissions.
    pub fn conclusion(&self) -> Conclusion {
        let any = |is_one: fn(&Outcome) -> bool| self.of_submissions().any(is_one);
        if any(|outcome| matches!(outcome, Outcome::Fails(_))) {
            Conclusion::SomeFail
        } else if any(|outcome| !outcome.works()) {
            Conclusion::Inconclusive
        } else {
            Conclusion::AllWork
        }
    }

    /// What came of a client with the reference server.
    pub fn of_client(&self, client: usize) -> &Outcome {
        &self.outcomes[&(client, self.servers.len() - 1)]
    }

    /// What came of a server with the reference client.
    pub fn of_server(&self, server: usize) -> &Outcome {
        &self.outcomes[&(self.clients.len() - 1, server)]
    }

    /// Those who do not understand each other though both are right with the references.
    pub fn estranged(&self) -> Vec<(usize, usize)> {
        let failed =
            self.outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Fails(_)));
        let both = failed.filter(|((client, server), _)| {
            self.of_client(*client).works() && self.of_server(*server).works()
        });
        both.map(|(pair, _)| *pair).collect()
    }
}

/// Brings every client together with every server. What fails is tried once more, and counts when it fails again.
///
/// # Errors
///
/// The references do not understand each other, so that nothing can be said of anybody.
pub async fn pair(
    parties: &Parties,
    asked: &Asked,
    on: &mut dyn FnMut(Event),
) -> Result<Table, String> {
    let began = Instant::now();
    let Parties { clients, servers } = parties;
    let Some((client, server)) = clients.len().checked_sub(1).zip(servers.len().checked_sub(1))
    else {
        return Err("there are no references".to_owned());
    };
    on(Event::Began(clients.len() * servers.len()));
    let ready_servers: Vec<_> =
        stream::iter(servers).map(Submission::server).buffered(asked.jobs).collect().await;
    let ready_clients: Vec<_> =
        stream::iter(clients).map(|it| it.client(asked)).buffered(asked.jobs).collect().await;
    let mut round =
        Round { asked, clients: ready_clients, servers: ready_servers, outcomes: BTreeMap::new() };
    round.hold(vec![(client, server)], on).await;
    match &round.outcomes[&(client, server)] {
        Outcome::Works(_) => {}
        outcome => {
            on(Event::Done);
            return Err(format!("the references do not work together here: {outcome}"));
        }
    }
    round.hold((0..client).map(|client| (client, server)).collect(), on).await;
    round.hold((0..server).map(|server| (client, server)).collect(), on).await;
    round.leave_out_who_is_not_there();
    let others = (0..client).flat_map(|client| (0..server).map(move |server| (client, server)));
    round.hold(others.collect(), on).await;
    on(Event::Done);
    let names = |all: &[Submission]| all.iter().map(|it| it.name.clone()).collect();
    Ok(Table {
        clients: names(clients),
        servers: names(servers),
        outcomes: round.outcomes,
        elapsed: began.elapsed(),
    })
}

/// Meetings, and what came of those that were held.
struct Round<'a> {
    asked: &'a Asked,
    clients: Vec<Result<Client, Unfit>>,
    servers: Vec<Result<Recipe, Unfit>>,
    outcomes: BTreeMap<(usize, usize), Outcome>,
}

impl Round<'_> {
    async fn hold(&mut self, pairs: Vec<(usize, usize)>, on: &mut dyn FnMut(Event)) {
        let mut failed = self.outcomes.values().filter(|outcome| !outcome.works()).count();
        let meetings = pairs.into_iter().map(|pair| self.meet(pair).map(move |it| (pair, it)));
        let meetings = stream::iter(meetings).buffer_unordered(self.asked.jobs);
        let met = meetings.inspect(|(_, outcome)| {
            failed += usize::from(!outcome.works());
            on(Event::Met(failed));
        });
        let held: Vec<_> = met.collect().await;
        self.outcomes.extend(held);
    }

    async fn meet(&self, (client, server): (usize, usize)) -> Outcome {
        let (client, due) = match &self.clients[client] {
            Ok(it) => (it, self.due(client)),
            Err(unfit) => return Outcome::no_client(unfit.clone()),
        };
        let server = match &self.servers[server] {
            Ok(server) => server,
            Err(unfit) => return Outcome::no_server(unfit.clone()),
        };
        let meeting = Meeting { client, server, asked: self.asked, due };
        match meeting.held().await {
            Outcome::Works(replies) => Outcome::Works(replies),
            // Whatever it was, it counts when it comes again.
            _ => meeting.held().await,
        }
    }

    /// Waits no more for those that did not come up for the references.
    fn leave_out_who_is_not_there(&mut self) {
        for ((client, server), outcome) in &self.outcomes {
            let unfit = |why: &String| Unfit { why: why.clone(), blame: Blame::Target };
            match outcome {
                Outcome::Fails(Fault::NoServer(why)) => self.servers[*server] = Err(unfit(why)),
                Outcome::Fails(Fault::NoClient(why)) => self.clients[*client] = Err(unfit(why)),
                _ => {}
            }
        }
    }

    /// How many replies a client prints with the reference server; if none, nobody knows how many it asks for.
    fn due(&self, client: usize) -> Option<usize> {
        match self.outcomes.get(&(client, self.servers.len() - 1))? {
            Outcome::Works(replies) => Some(*replies),
            _ => None,
        }
    }
}
