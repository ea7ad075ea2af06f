//! Which of a program's sockets is the service's. Pure: the same sockets give the same choice.

use std::net::IpAddr;

use super::recipe::Recipe;
use crate::kernel::Listener;
use crate::transport::Transport;

/// Where Linux starts to give out ports to sockets that have bound none.
const EPHEMERAL: u16 = 32768;

/// The service's socket, and the program's others.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) listener: Listener,
    pub(super) others: Vec<Listener>,
}

/// Chooses among `found` a socket of the recipe's transport, at its port if it names one, on an address of
/// this machine. Among several: the expected port; a UDP port that a client would hardly have got by
/// chance; the lowest port; IPv4; the lowest address.
pub(super) fn choose(
    recipe: &Recipe,
    found: &[Listener],
    is_own: impl Fn(IpAddr) -> bool,
) -> Option<Choice> {
    let fits = |listener: &&Listener| {
        listener.transport == recipe.transport
            && recipe.port.is_none_or(|port| port == listener.addr.port())
            && (recipe.allow_remote || is_own(listener.addr.ip()))
    };
    let rank = |listener: &&Listener| {
        let port = listener.addr.port();
        let by_chance = listener.transport == Transport::Udp && port >= EPHEMERAL;
        (recipe.expect_port != Some(port), by_chance, port, listener.addr, listener.inode)
    };
    let listener = found.iter().filter(fits).min_by_key(rank)?;
    Some(Choice {
        listener: listener.clone(),
        others: found.iter().filter(|l| *l != listener).cloned().collect(),
    })
}

/// Why nothing was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// Only sockets that are not on this machine's addresses fit.
    NotOwn(Listener),
    /// The right transport, but not the port that was named.
    OtherPort(u16),
    /// No socket of the right transport.
    None,
}

/// What kept `choose` from choosing one of `found`.
pub(super) fn lack(recipe: &Recipe, found: &[Listener]) -> Lack {
    let mut fitting = found.iter().filter(|l| l.transport == recipe.transport);
    match (fitting.next(), recipe.port) {
        (None, _) => Lack::None,
        (Some(_), Some(port)) if found.iter().all(|l| l.addr.port() != port) => {
            Lack::OtherPort(port)
        }
        (Some(listener), _) => Lack::NotOwn(listener.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Pid;

    fn sockets(text: &str) -> Vec<Listener> {
        text.split_whitespace()
            .zip(100..)
            .map(|(socket, inode)| {
                let (transport, addr) = socket.split_once('@').unwrap();
                Listener {
                    pid: Pid(7),
                    transport: transport.parse().unwrap(),
                    addr: addr.parse().unwrap(),
                    inode,
                }
            })
            .collect()
    }

    fn chosen(recipe: &Recipe, found: &str) -> Option<(String, usize)> {
        let own = |ip: IpAddr| ip.is_loopback() || ip.is_unspecified();
        let choice = choose(recipe, &sockets(found), own)?;
        Some((choice.listener.addr.to_string(), choice.others.len()))
    }

    fn some(addr: &str, others: usize) -> Option<(String, usize)> {
        Some((addr.to_owned(), others))
    }

    #[test]
    fn the_transport_decides_first() {
        let found = "udp@0.0.0.0:40 tcp@127.0.0.1:8040";
        let mut recipe = Recipe::new(["server"], Transport::Tcp);
        assert_eq!(chosen(&recipe, found), some("127.0.0.1:8040", 1));
        recipe.transport = Transport::Udp;
        assert_eq!(chosen(&recipe, found), some("0.0.0.0:40", 1));
        assert_eq!(chosen(&recipe, "tcp@0.0.0.0:40"), None);
    }

    #[test]
    fn a_named_port_is_waited_for_and_an_expected_one_preferred() {
        let found = "tcp@0.0.0.0:80 tcp@[::]:8040 tcp@0.0.0.0:8040 tcp@0.0.0.0:9000";
        let mut recipe = Recipe::new(["server"], Transport::Tcp);
        assert_eq!(chosen(&recipe, found), some("0.0.0.0:80", 3));
        recipe.expect_port = Some(8040);
        assert_eq!(chosen(&recipe, found), some("0.0.0.0:8040", 3));
        recipe.port = Some(9000);
        assert_eq!(chosen(&recipe, found), some("0.0.0.0:9000", 3));
        recipe.port = Some(1);
        assert_eq!(chosen(&recipe, found), None);
        assert_eq!(lack(&recipe, &sockets(found)), Lack::OtherPort(1));
    }

    #[test]
    fn a_udp_port_got_by_chance_comes_last() {
        let recipe = Recipe::new(["server"], Transport::Udp);
        let found = "udp@0.0.0.0:33000 udp@127.0.0.1:40000";
        assert_eq!(chosen(&recipe, found), some("0.0.0.0:33000", 1));
        let mut recipe = Recipe::new(["server"], Transport::Tcp);
        recipe.transport = Transport::Udp;
        let found = "udp@0.0.0.0:50000 udp@127.0.0.1:8040 udp@0.0.0.0:33000";
        assert_eq!(chosen(&recipe, found), some("127.0.0.1:8040", 2));
    }

    #[test]
    fn an_address_of_another_machine_needs_leave() {
        let found = "tcp@192.0.2.1:8040";
        let mut recipe = Recipe::new(["server"], Transport::Tcp);
        assert_eq!(chosen(&recipe, found), None);
        assert!(matches!(lack(&recipe, &sockets(found)), Lack::NotOwn(_)));
        recipe.allow_remote = true;
        assert_eq!(chosen(&recipe, found), some("192.0.2.1:8040", 0));
    }
}
