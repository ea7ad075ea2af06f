//! `trueline call` against servers.

use super::*;

use trueline::call::{Call, CallError, Heard, Tally, call};
use trueline::serve::Transport;

/// What is heard, a line each.
async fn heard(address: SocketAddr, transport: Transport, messages: &[&str]) -> (Tally, String) {
    let mut heard = String::new();
    let options = Call { transport, ..Call::default() };
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
