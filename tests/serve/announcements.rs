//! FRAME-37: a connection to an announcement is answered and closed, whatever its client does.

use super::*;

use tokio::task::JoinSet;

const GREETING: &[u8] = b"Thank you for connecting\n";

async fn greeting(options: Serve) -> Running {
    start(options, Responder::of(Service::Greeting)).await
}

/// Octets that are unread when a socket is closed would reset the connection, and the greeting might be lost.
#[tokio::test(flavor = "local")]
async fn a_client_that_sends_first_gets_the_whole_greeting() {
    let server = greeting(anywhere("127.0.0.1:0")).await;
    for junk in [&b"x"[..], b"hello\nhello\n", &[b'x'; 300_000]] {
        let mut client = server.connect().await;
        client.send(junk).await;
        assert_eq!(client.rest().await.expect("no reset"), GREETING);
        // After the server has ended its half, too.
        client.send(b"and more").await;
    }
    let mut client = server.connect().await;
    client.send(b"hello\n").await;
    client.end().await;
    assert_eq!(client.rest().await.expect("no reset"), GREETING);
}

/// It reads only when the server has read, and answered, and would have closed.
#[tokio::test(flavor = "local")]
async fn a_client_that_reads_late_gets_the_whole_greeting() {
    let server = greeting(anywhere("127.0.0.1:0")).await;
    let mut late = server.connect().await;
    late.send(b"hello\n").await;
    for _ in 0..10 {
        let mut other = server.connect().await;
        assert_eq!(other.rest().await.expect("no reset"), GREETING);
        late.send(b"hello\n").await;
    }
    assert_eq!(late.rest().await.expect("no reset"), GREETING);
}

#[tokio::test(flavor = "local")]
async fn a_thousand_clients_at_once_are_greeted() {
    serve::raise_open_files_limit();
    let server = greeting(anywhere("127.0.0.1:0")).await;
    let address = server.address();
    let mut connected = JoinSet::new();
    for _ in 0..1000 {
        connected.spawn(TcpStream::connect(address));
    }
    let mut clients = Vec::new();
    while let Some(stream) = connected.join_next().await {
        clients.push(Client(stream.expect("no panic").expect("a connection")));
    }
    for client in &mut clients {
        assert_eq!(client.rest().await.expect("no reset"), GREETING);
    }
    server.stop().await;
}

#[tokio::test(flavor = "local", start_paused = true)]
async fn clients_that_never_close_do_not_use_a_server_up() {
    let server = greeting(Serve { connections: 2, ..anywhere("127.0.0.1:0") }).await;
    let mut held = Vec::new();
    for _ in 0..7 {
        let mut client = server.connect().await;
        assert_eq!(client.rest().await.expect("no reset"), GREETING);
        held.push(client);
    }
}

#[tokio::test(flavor = "local")]
async fn clients_that_never_stop_sending_do_not_use_a_server_up() {
    let server = greeting(Serve { connections: 1, ..anywhere("127.0.0.1:0") }).await;
    for _ in 0..3 {
        let mut client = server.connect().await;
        spawn_local(async move { while client.0.write_all(&[b'x'; 1 << 16]).await.is_ok() {} });
    }
    assert_eq!(server.connect().await.rest().await.expect("no reset"), GREETING);
}

#[tokio::test(flavor = "local")]
async fn clients_that_vanish_harm_nobody() {
    let server = greeting(anywhere("127.0.0.1:0")).await;
    for _ in 0..10 {
        server.connect().await.reset();
        drop(server.connect().await);
        assert_eq!(server.connect().await.rest().await.expect("no reset"), GREETING);
    }
    server.stop().await;
}
