//! SPEC.md 3.2 to 3.4: requests on one connection.

use super::*;

#[tokio::test(flavor = "local")]
async fn pipelined_requests_are_answered_in_order() {
    let server = tcp().await;
    let mut client = server.connect().await;
    let requests: String = (0..5000).map(|n| format!("{n} 1 +\n")).collect();
    let replies: String = (0..5000).map(|n| format!("Sum of {n} and 1 is {}\n", n + 1)).collect();
    client.ask(&requests, &replies).await;
    client.end().await;
    client.closed().await;
}

#[tokio::test(flavor = "local")]
async fn a_request_may_be_cut_anywhere() {
    let server = tcp().await;
    let mut client = server.connect().await;
    for octet in "10 20 +\r\n5+61\n".bytes() {
        client.send(&[octet]).await;
        // Lets the server read it before the next one.
        tokio::task::yield_now().await;
    }
    client.receive("Sum of 10 and 20 is 30\n5+61 = 66\n").await;
}

#[tokio::test(flavor = "local")]
async fn a_rest_is_answered_when_the_client_ends_its_half() {
    let server = tcp().await;
    for (octets, replies) in [
        ("", ""),
        ("1 2 +\n", "Sum of 1 and 2 is 3\n"),
        ("1 2 +\n10 20 +", "Sum of 1 and 2 is 3\nSum of 10 and 20 is 30\n"),
        ("\r", "ERR empty\n"),
    ] {
        let mut client = server.connect().await;
        client.send(octets.as_bytes()).await;
        client.end().await;
        client.receive(replies).await;
        client.closed().await;
    }
}

#[tokio::test(flavor = "local")]
async fn a_line_that_is_too_long_is_skipped() {
    let server = tcp().await;
    let mut client = server.connect().await;
    client.send(&[b'9'; 1024]).await;
    client.send(&[b'9'; 100_000]).await;
    client.receive("ERR too-long\n").await;
    client.ask("\n1 2 +\n", "Sum of 1 and 2 is 3\n").await;
    let fits = format!("{}1 2 +", "0".repeat(1018));
    let reply = format!("Sum of {}1 and 2 is 3\n", "0".repeat(1018));
    client.ask(&format!("{fits}\r\n"), &reply).await;
    client.ask("what\n\n", "ERR syntax\nERR empty\n").await;
    client.send(b"10\xff\n").await;
    client.receive("ERR encoding\n").await;
}

#[tokio::test(flavor = "local")]
async fn replies_to_one_chunk_are_bounded() {
    // The worst there is: a held line with a long reply, then nothing but empty ones.
    let longest = Rc::new(Longest::default());
    let server = Meter { server: calculator(), longest: Rc::clone(&longest) };
    let server = start(anywhere("127.0.0.1:0"), server).await;
    let mut other = server.connect().await;
    let mut client = narrow(server.address()).await;
    client.flood(&[b'\n'; 1 << 16], &mut other).await;
    assert_eq!(longest.received.get(), serve::CHUNK);
    assert_eq!(longest.sent.get(), serve::CHUNK * "ERR empty\n".len());

    let (mut replies, mut actions) = (calculator(), Vec::new());
    let connection = trueline_protocol::responder::Connection(0);
    let held = format!("{0} {0} *", "9".repeat(510));
    let mut on = |event| replies.on(Now::ZERO, event, &mut actions);
    on(Event::Accepted(connection));
    on(Event::Received(connection, held.as_bytes()));
    on(Event::Received(connection, &[b'\n'; serve::CHUNK]));
    let [Action::Send(_, octets)] = &actions[..] else { panic!("{actions:?}") };
    assert!(octets.len() > serve::CHUNK * 10 && octets.len() <= serve::REPLIES_MAX);
}
