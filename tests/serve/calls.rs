//! `trueline call` against servers.

use super::*;

use trueline::call::{Call, CallError, Heard, Tally, call};
use trueline::serve::Transport;
use trueline_protocol::service::Manner;

/// What is heard, a line each.
async fn heard(address: SocketAddr, transport: Transport, messages: &[&str]) -> (Tally, String) {
    heard_as(Call { transport, ..Call::default() }, address, messages).await
}

async fn heard_as(options: Call, address: SocketAddr, messages: &[&str]) -> (Tally, String) {
    let mut heard = String::new();
    let tally = call(address, messages, &options, |what| {
        heard += &match what {
            Heard::Reply(reply) => format!("{}\n", reply.escape_ascii()),
            other => format!("{other:?}\n"),
        };
    });
    (tally.await.expect("called"), heard)
}

#[tokio::test(flavor = "local")]
async fn messages_are_answered() {
    let (over_tcp, over_udp) = (tcp().await, udp().await);
    for (server, transport) in [(&over_tcp, Transport::Tcp), (&over_udp, Transport::Udp)] {
        let (tally, replies) =
            heard(server.address(), transport, &["-5 3 +", "", "5 / 2", "\x1b"]).await;
        assert_eq!(replies, "Sum of -5 and 3 is -2\nERR empty\n5/2 = 2.5\nERR encoding\n");
        assert_eq!(tally, Tally { asked: 4, answered: 4 });
    }
    let (tally, replies) = heard(over_tcp.address(), Transport::Tcp, &["1 2 +\n3 4 +"]).await;
    assert_eq!(replies, "Sum of 1 and 2 is 3\nSum of 3 and 4 is 7\n");
    assert!(tally.is_even());
}

#[tokio::test(flavor = "local")]
async fn a_client_reads_while_it_sends() {
    let server = tcp().await;
    let many = vec!["1 2 +"; 500_000];
    let options = Call::default();
    let tally = call(server.address(), &many, &options, |_| {}).await;
    assert_eq!(tally.expect("called"), Tally { asked: 500_000, answered: 500_000 });
}

#[tokio::test(flavor = "local")]
async fn an_announcement_is_heard_without_a_message() {
    let both = Serve { transports: Transports::Both, ..anywhere("127.0.0.1:0") };
    let server = start(both, Responder::of(Service::Greeting)).await;
    let hear = async |transport, messages: &[&str]| {
        let manner = Manner::Announcement;
        heard_as(Call { transport, manner, ..Call::default() }, server.address(), messages).await
    };
    let once = Tally { asked: 1, answered: 1 };
    let greeting = "Thank you for connecting\n";
    assert_eq!(hear(Transport::Tcp, &[]).await, (once, greeting.to_owned()));
    assert_eq!(hear(Transport::Udp, &[""]).await, (once, greeting.to_owned()));
    let twice = Tally { asked: 2, answered: 2 };
    assert_eq!(hear(Transport::Udp, &["a", "b"]).await, (twice, greeting.repeat(2)));
}

#[tokio::test(flavor = "local", start_paused = true)]
async fn an_announcement_that_waits_for_something_is_silent() {
    let waits = Acts(|event: Event<'_>, actions: &mut Vec<Action>| {
        if let Event::Received(connection, _) | Event::Ended(connection) = event {
            actions.push(Action::Send(connection, b"at last\n".to_vec()));
        }
    });
    let server = start(anywhere("127.0.0.1:0"), waits).await;
    let options = Call { manner: Manner::Announcement, ..Call::default() };
    let (tally, said) = heard_as(options, server.address(), &[]).await;
    assert_eq!((tally, &*said), (Tally { asked: 1, answered: 0 }, "Silence(1s)\n"));
}

/// What the program makes of it: a line, and an exit code.
#[tokio::test(flavor = "local")]
async fn the_program_needs_no_message_for_an_announcement() {
    let both = Serve { transports: Transports::Both, ..anywhere("127.0.0.1:0") };
    let server = start(both, Responder::of(Service::Greeting)).await;
    for transport in ["tcp", "udp"] {
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_trueline"))
            .args(["call", "greeting", "--transport", transport, &server.address().to_string()])
            .output()
            .await
            .expect("it runs");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "Thank you for connecting\n");
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    }
}

#[tokio::test(flavor = "local", start_paused = true)]
async fn silence_is_said() {
    let silent = || Acts(|_: Event<'_>, _: &mut Vec<Action>| {});
    let server = start(anywhere("127.0.0.1:0"), silent()).await;
    let (tally, said) = heard(server.address(), Transport::Tcp, &["1 2 +", "3 4 +"]).await;
    assert_eq!((tally.answered, &*said), (0, "Silence(1s)\n"));
    let options = Serve { transports: Transports::Udp, ..anywhere("127.0.0.1:0") };
    let server = start(options, silent()).await;
    let (tally, said) = heard(server.address(), Transport::Udp, &["1 2 +", "3 4 +"]).await;
    assert_eq!((tally.answered, &*said), (0, "Silence(1s)\nSilence(1s)\n"));
}

#[tokio::test(flavor = "local")]
async fn a_reply_without_a_line_end_is_not_whole() {
    let server = Acts(|event: Event<'_>, actions: &mut Vec<Action>| {
        if let Event::Received(connection, _) = event {
            actions.push(Action::Send(connection, b"3\nhalf".to_vec()));
            actions.push(Action::Close(connection));
        }
    });
    let server = start(anywhere("127.0.0.1:0"), server).await;
    let (tally, said) = heard(server.address(), Transport::Tcp, &["1 2 +", "3 4 +"]).await;
    assert_eq!(tally, Tally { asked: 2, answered: 1 });
    assert_eq!(said, "3\nCut([104, 97, 108, 102])\nClosed\n");
}

#[tokio::test(flavor = "local")]
async fn where_nothing_listens_nothing_is_called() {
    let server = tcp().await;
    let address = server.address();
    server.stop().await;
    let gone = call(address, &["1 2 +"], &Call::default(), |_| {}).await;
    assert!(matches!(gone, Err(CallError::NoConnection { .. })));
    let (tally, said) = heard(address, Transport::Udp, &["1 2 +"]).await;
    assert_eq!((tally.answered, &*said), (0, "Refused\n"));
}
