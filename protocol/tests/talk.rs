//! What a server of chat tells its operator.

use trueline_protocol::responder::{Action, Connection, Event, Now, Responder, Server};
use trueline_protocol::service::Service;

/// Whoever says too much is cut off, and the operator does not go on thinking of a reply.
#[test]
fn the_operator_is_told_that_a_client_was_cut_off() {
    let (mut server, client, mut actions) =
        (Responder::of(Service::Chat), Connection(1), Vec::new());
    let mut on = |event| server.on(Now::ZERO, event, &mut actions);
    on(Event::Accepted(client));
    on(Event::Received(client, b"hello\n"));
    on(Event::Received(client, "more\n".repeat(100).as_bytes()));
    let mut printed = actions.iter().filter_map(|action| match action {
        Action::Print(line) => Some(line.as_str()),
        _ => None,
    });
    assert_eq!(printed.next_back(), Some("(the client has left)"), "{actions:?}");
    assert!(actions.contains(&Action::Abort(client)), "{actions:?}");
}
