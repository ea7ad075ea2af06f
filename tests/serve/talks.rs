//! chat and connect: turns between clients and an operator, who is a script here.

use super::*;

use trueline::call::{Call, Heard, Tally, call};
use trueline::serve::Operator;
use trueline_protocol::service::Manner;

async fn chat(script: &str) -> Running {
    let operator = Operator::script(script.as_bytes());
    start(Serve { operator, ..anywhere("127.0.0.1:0") }, Responder::of(Service::Chat)).await
}

#[tokio::test(flavor = "local")]
async fn lines_are_said_in_turns() {
    let server = chat("one\ntwo ü\n").await;
    let mut client = server.connect().await;
    client.ask("hello\n", "one\n").await;
    client.send(b"hel").await;
    client.ask("lo again\r\n", "two ü\n").await;
    client.end().await;
    client.closed().await;
    server.stop().await;
}

/// What is said ahead of its turn is answered in its turn, and who ends its half is answered all the same.
#[tokio::test(flavor = "local")]
async fn each_line_has_its_reply() {
    let server = chat("one\ntwo\nthree\n").await;
    let mut client = server.connect().await;
    client.send(b"a\nb\nc").await;
    client.end().await;
    assert_eq!(client.rest().await.expect("no reset"), b"one\ntwo\nthree\n");
    server.stop().await;
}

/// An empty line of the script ends the talk, and so does its end. The next client hears it from the beginning.
#[tokio::test(flavor = "local")]
async fn a_script_is_said_to_each_client() {
    for script in ["one\n\nnever\n", "one\n"] {
        let server = chat(script).await;
        for _ in 0..2 {
            let mut client = server.connect().await;
            client.ask("hello\n", "one\n").await;
            client.send(b"go on\n").await;
            assert_eq!(client.rest().await.expect("no reset"), b"");
        }
        server.stop().await;
    }
}

#[tokio::test(flavor = "local")]
async fn what_nobody_can_have_said_ends_the_talk() {
    for line in [&b"\n"[..], b"\xff\n", b"\x1b[2J\n", &[b'x'; 1024]] {
        let server = chat("one\n").await;
        let mut client = server.connect().await;
        client.send(line).await;
        client.closed().await;
        server.stop().await;
    }
}

/// Clients wait for the one operator, however the one before them leaves.
#[tokio::test(flavor = "local")]
async fn there_is_one_talk_at_a_time() {
    let server = chat("one\n").await;
    let mut first = server.connect().await;
    first.ask("first\n", "one\n").await;
    let mut second = server.connect().await;
    second.send(b"second\n").await;
    drop(first);
    second.receive("one\n").await;
    server.stop().await;
}

/// Whoever says more than anybody reads is cut off, and harms nobody else.
#[tokio::test(flavor = "local")]
async fn who_waits_does_not_fill_the_memory() {
    let server = chat("one\n").await;
    let mut talker = server.connect().await;
    talker.ask("hello\n", "one\n").await;
    let mut flood = server.connect().await;
    flood.send(&b"more\n".repeat(1000)).await;
    assert!(flood.rest().await.is_err(), "it is reset");
    talker.end().await;
    talker.closed().await;
    server.stop().await;
}

#[tokio::test(flavor = "local")]
async fn a_chat_is_called() {
    let server = chat("one\ntwo\n").await;
    let options =
        Call { manner: Manner::Talk, patience: Duration::from_secs(60), ..Call::default() };
    let mut heard = Vec::new();
    let tally = call(server.address(), &["a", "b", "c"], &options, |what| {
        heard.push(match what {
            Heard::Reply(reply) => String::from_utf8_lossy(reply).into_owned(),
            other => format!("{other:?}"),
        });
    });
    assert_eq!(tally.await.expect("called"), Tally { asked: 3, answered: 2 });
    assert_eq!(heard, ["one", "two", "Closed"]);
    server.stop().await;
}

#[tokio::test(flavor = "local")]
async fn a_visit_is_called() {
    let server = start(anywhere("127.0.0.1:0"), Responder::of(Service::Connect)).await;
    let options =
        Call { manner: Manner::Visit, patience: Duration::from_secs(60), ..Call::default() };
    let tally = call(server.address(), &[""; 0], &options, |_| {}).await.expect("called");
    assert!(tally.is_even());
    server.stop().await;
}
