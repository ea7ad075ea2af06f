//! SPEC.md 3.3 and 3.6: how connections and servers end.

use super::*;

use tokio::time::{Instant, advance, pause, resume};
use trueline_protocol::responder::Connection;

#[tokio::test(flavor = "local")]
async fn an_idle_connection_is_closed_after_the_limit_and_not_sooner() {
    let server = tcp().await;
    let mut client = server.connect().await;
    client.ask("1 2 +\n", "Sum of 1 and 2 is 3\n").await;
    pause();
    advance(serve::IDLE - Duration::from_secs(5)).await;
    resume();
    let asked = Instant::now();
    client.ask("1 2 +\n", "Sum of 1 and 2 is 3\n").await;
    pause();
    client.closed().await;
    let idle = asked.elapsed();
    assert!(idle >= serve::IDLE && idle < serve::IDLE * 2, "{idle:?}");
}

#[tokio::test(flavor = "local")]
async fn a_client_that_does_not_read_is_reset_when_idle() {
    let server = tcp().await;
    let mut other = server.connect().await;
    let mut deaf = narrow(server.address()).await;
    deaf.flood(b"1 2 +\n", &mut other).await;
    pause();
    other.closed().await;
    advance(Duration::from_secs(1)).await;
    // Half a reply must not look like the last one.
    let error = deaf.rest().await.expect_err("a reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test(flavor = "local")]
async fn a_stopping_server_finishes_its_replies() {
    let server = tcp().await;
    let mut other = server.connect().await;
    let mut client = narrow(server.address()).await;
    let sent = client.flood(b"1 2 +\n", &mut other).await;
    let stopped = spawn_local(server.stop());
    let replies = client.rest().await.expect("no reset");
    let whole = "Sum of 1 and 2 is 3\n".len();
    assert_eq!(replies.len() % whole, 0, "half a reply");
    assert!(replies.len() / whole <= sent / 6);
    other.closed().await;
    drop((client, other));
    stopped.await.expect("no panic");
}

#[tokio::test(flavor = "local")]
async fn past_the_drain_limit_half_a_reply_is_a_reset() {
    let server = tcp().await;
    let mut other = server.connect().await;
    let mut deaf = narrow(server.address()).await;
    deaf.flood(b"1 2 +\n", &mut other).await;
    pause();
    let asked = Instant::now();
    server.stop().await;
    assert!(asked.elapsed() >= serve::DRAIN);
    let error = deaf.rest().await.expect_err("a reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test(flavor = "local")]
async fn a_stopped_server_starts_again_at_once_on_its_port() {
    let server = tcp().await;
    let address = server.address().to_string();
    let mut client = server.connect().await;
    client.ask("1 2 +\n", "Sum of 1 and 2 is 3\n").await;
    server.stop().await;
    let server = start(anywhere(&address), calculator()).await;
    client.closed().await;
    server.connect().await.ask("1 2 +\n", "Sum of 1 and 2 is 3\n").await;
}

#[tokio::test(flavor = "local")]
async fn a_server_that_closes_first_loses_no_reply() {
    let server = Acts(|event: Event<'_>, actions: &mut Vec<Action>| {
        if let Event::Received(connection, _) = event {
            actions.push(Action::Send(connection, b"bye\n".to_vec()));
            actions.push(Action::Close(connection));
            actions.push(Action::Send(connection, b"more\n".to_vec()));
        }
    });
    let server = start(anywhere("127.0.0.1:0"), server).await;
    let mut client = server.connect().await;
    // More than the server reads before it closes.
    client.send(&[b'x'; 300_000]).await;
    assert_eq!(client.rest().await.expect("no reset"), b"bye\n");
    client.send(b"and more").await;
}

#[tokio::test(flavor = "local", start_paused = true)]
async fn a_server_that_closes_first_does_not_wait_for_ever() {
    let server = Acts(|event: Event<'_>, actions: &mut Vec<Action>| {
        if let Event::Accepted(connection) = event {
            actions.push(Action::Send(connection, b"hello\n".to_vec()));
            actions.push(Action::Close(connection));
        }
    });
    let options = Serve { connections: 1, ..anywhere("127.0.0.1:0") };
    let server = start(options, server).await;
    let mut first = server.connect().await;
    assert_eq!(first.rest().await.expect("no reset"), b"hello\n");
    let mut second = server.connect().await;
    assert_eq!(second.rest().await.expect("no reset"), b"hello\n");
}

#[tokio::test(flavor = "local")]
async fn an_abort_is_a_reset_of_one_connection() {
    let gone = Rc::new(Cell::new(None));
    let told = Rc::clone(&gone);
    let server = Acts(move |event: Event<'_>, actions: &mut Vec<Action>| match event {
        Event::Received(connection, b"abort") => actions.push(Action::Abort(connection)),
        Event::Received(connection, octets) => {
            actions.push(Action::Send(connection, octets.to_vec()));
        }
        Event::Gone(connection) => told.set(Some(connection)),
        _ => {}
    });
    let server = start(anywhere("127.0.0.1:0"), server).await;
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    b.ask("x", "x").await;
    a.send(b"abort").await;
    let error = a.rest().await.expect_err("a reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    b.ask("x", "x").await;
    assert_eq!(gone.get(), Some(Connection(0)));
}

#[tokio::test(flavor = "local")]
async fn a_server_may_stop_itself() {
    let server = Acts(|event: Event<'_>, actions: &mut Vec<Action>| {
        if let Event::Received(connection, _) = event {
            actions.push(Action::Send(connection, b"bye\n".to_vec()));
            actions.push(Action::Stop);
        }
    });
    let server = start(anywhere("127.0.0.1:0"), server).await;
    let mut idle = server.connect().await;
    server.connect().await.ask("x", "bye\n").await;
    idle.closed().await;
    server.done.await.expect("no panic").expect("a clean end");
}

#[tokio::test(flavor = "local")]
async fn a_server_that_panics_goes_on_with_others() {
    let server = Acts(|event: Event<'_>, actions: &mut Vec<Action>| {
        if let Event::Received(connection, octets) = event {
            actions.push(Action::Send(connection, octets.to_vec()));
            assert_ne!(octets, b"panic", "as the test wants it");
        }
    });
    let server = start(anywhere("127.0.0.1:0"), server).await;
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    a.send(b"panic").await;
    a.closed().await;
    b.ask("x", "x").await;
}

/// Says what it hears to every connection, a while later.
#[derive(Default)]
struct Echoes {
    connections: Vec<Connection>,
    heard: Vec<u8>,
    due: Option<Duration>,
}

impl Server for Echoes {
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
        match event {
            Event::Accepted(connection) => self.connections.push(connection),
            Event::Received(_, octets) => {
                self.heard = octets.to_vec();
                self.due = Some(now.elapsed + Duration::from_secs(10));
            }
            Event::Due => {
                self.due = None;
                let send = |&connection| Action::Send(connection, self.heard.clone());
                actions.extend(self.connections.iter().map(send));
            }
            _ => {}
        }
    }

    fn due(&self) -> Option<Duration> {
        self.due
    }
}

#[tokio::test(flavor = "local", start_paused = true)]
async fn a_server_may_speak_later_and_to_others() {
    let options = Serve { idle: Duration::MAX, ..anywhere("127.0.0.1:0") };
    let server = start(options, Echoes::default()).await;
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    for _ in 0..3 {
        let asked = Instant::now();
        a.ask("hello", "hello").await;
        b.receive("hello").await;
        assert!(asked.elapsed() >= Duration::from_secs(10));
    }
}
