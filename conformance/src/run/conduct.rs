//! What is noted of a launched program besides its replies, case by case.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use crate::kernel::SocketTable;
use crate::report::{Conduct, Ended};
use crate::target::{Ending, LastWords, Output};

/// How many cases with replies have to go by before a connection that its client has closed was left open. A right server may
/// be slow to see an end; it is not while it answers so many others.
const CASES: u32 = 3;

/// What was noted so far.
#[derive(Debug, Default)]
pub(super) struct Watch {
    first: RefCell<Option<(Ended, Output)>>,
    /// What the last launch that is over has printed.
    last: RefCell<Option<Output>>,
    open: RefCell<LeftOpen>,
    most: Cell<usize>,
}

impl Watch {
    /// A launch is over; how it had ended by itself before, if it had.
    pub(super) fn stopped(&self, by_itself: Option<Ending>, output: Output) {
        let mut first = self.first.borrow_mut();
        if let (Some(ending), None) = (by_itself, &*first) {
            let ended = Ended { ending, case: None, last_words: LastWords::of(&output) };
            *first = Some((ended, output.clone()));
        }
        self.last.replace(Some(output));
        self.most.set(self.most.get().max(self.open.take().count()));
    }

    /// A case is over, and these clients were connected in it; whether any of them got a reply.
    pub(super) fn case_over(
        &self,
        case: &str,
        replied: bool,
        clients: BTreeSet<SocketAddr>,
        left_open: impl Fn(SocketAddr) -> Option<u32>,
    ) {
        if let Some((ended, _)) = &mut *self.first.borrow_mut() {
            ended.case.get_or_insert_with(|| case.to_owned());
        }
        let replied = replied && !clients.is_empty();
        self.open.borrow_mut().look(replied, clients, left_open);
    }

    /// All cases are over; what the program that runs has printed.
    pub(super) fn told(&self, launches: u32, running: Option<Output>) -> Conduct {
        let (ended, output) = self.first.borrow().clone().unzip();
        let output = output.or(running).or_else(|| self.last.borrow().clone()).unwrap_or_default();
        let left_open = self.most.get().max(self.open.borrow().count());
        Conduct::of(launches, ended, &output, left_open)
    }
}

/// A question for the kernel: the socket of a program at the other end of a client that has closed.
pub(super) fn asks(
    table: Option<&SocketTable>,
    server: SocketAddr,
) -> impl Fn(SocketAddr) -> Option<u32> {
    move |client| table?.left_open(server, client)
}

/// The connections of one launch that their clients have closed and it has not, by client and number of the socket, with the
/// cases that have gone by since.
#[derive(Debug, Default)]
struct LeftOpen(BTreeMap<(SocketAddr, u32), u32>);

impl LeftOpen {
    fn look(
        &mut self,
        replied: bool,
        clients: BTreeSet<SocketAddr>,
        left_open: impl Fn(SocketAddr) -> Option<u32>,
    ) {
        // What was closed meanwhile was not left open.
        self.0.retain(|(client, socket), cases| {
            *cases += u32::from(replied);
            left_open(*client) == Some(*socket)
        });
        for client in clients {
            if let Some(socket) = left_open(client) {
                self.0.entry((client, socket)).or_default();
            }
        }
    }

    /// How many were left open.
    fn count(&self) -> usize {
        self.0.values().filter(|cases| **cases >= CASES).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    /// A case: whether there was a reply, the ports of its clients, and those that are left open after it with their sockets.
    type Case<'a> = (bool, &'a [u16], &'a [(u16, u32)]);

    fn looked(cases: &[Case<'_>]) -> usize {
        let watch = Watch::default();
        for (replied, clients, open) in cases {
            let clients = clients.iter().copied().map(client).collect();
            watch.case_over("a.case", *replied, clients, |of| {
                open.iter().find(|(port, _)| client(*port) == of).map(|(_, socket)| *socket)
            });
        }
        watch.told(1, None).left_open
    }

    #[test]
    fn what_stays_open_while_others_are_answered_was_left_open() {
        let open: &[(u16, u32)] = &[(1, 77)];
        let later: Case<'_> = (true, &[9], open);
        let first: Case<'_> = (true, &[1, 2], open);
        assert_eq!(looked(&[first, later, later]), 0);
        assert_eq!(looked(&[first, later, later, later]), 1);
    }

    #[test]
    fn no_right_server_is_accused() {
        let open: &[(u16, u32)] = &[(1, 77)];
        let first: Case<'_> = (true, &[1], open);
        let unanswered: Case<'_> = (false, &[9], open);
        let unasked: Case<'_> = (true, &[], open);
        assert_eq!(looked(&[first, unanswered, unanswered, unanswered]), 0, "nobody was served");
        assert_eq!(looked(&[first, unasked, unasked, unasked]), 0, "nothing was asked");
        let later: Case<'_> = (true, &[9], open);
        let closed: Case<'_> = (true, &[9], &[]);
        assert_eq!(looked(&[first, later, later, later, closed]), 0, "it closed late");
        let other: Case<'_> = (true, &[1], &[(1, 78)]);
        assert_eq!(looked(&[first, later, later, other]), 0, "it is another connection");
    }

    #[test]
    fn each_launch_has_its_own() {
        let watch = Watch::default();
        for _ in 0..=CASES {
            watch.case_over("a.case", true, [client(1)].into(), |_| Some(5));
        }
        watch.stopped(Some(Ending::Exited(3)), Output::default());
        watch.case_over("another.case", true, [client(2)].into(), |_| None);
        let conduct = watch.told(2, None);
        assert_eq!(conduct.left_open, 1);
        let ended = conduct.ended.unwrap();
        assert_eq!(
            (ended.ending, ended.case.as_deref()),
            (Ending::Exited(3), Some("another.case"))
        );
    }
}
