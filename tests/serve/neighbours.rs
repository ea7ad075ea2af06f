//! SPEC.md 3.5: several clients, some of them bad.

use super::*;

#[tokio::test(flavor = "local")]
async fn four_clients_are_served_at_the_same_time() {
    let server = tcp().await;
    let mut clients = Vec::new();
    for _ in 0..4 {
        clients.push(server.connect().await);
    }
    for (n, client) in clients.iter_mut().enumerate().rev() {
        client.ask(&format!("{n} 1 *\n"), &format!("Product of {n} and 1 is {n}\n")).await;
    }
}

#[tokio::test(flavor = "local")]
async fn a_half_sent_line_delays_nobody() {
    let server = tcp().await;
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    a.send(b"10 2").await;
    b.ask("7 8 *\n", "Product of 7 and 8 is 56\n").await;
    a.ask("0 +\n", "Sum of 10 and 20 is 30\n").await;
}

#[tokio::test(flavor = "local")]
async fn a_reset_harms_nobody_else() {
    let server = tcp().await;
    let mut b = server.connect().await;
    for octets in ["", "10 2", "1 2 +\n"] {
        let mut a = server.connect().await;
        a.send(octets.as_bytes()).await;
        a.reset();
        b.ask("7 8 *\n", "Product of 7 and 8 is 56\n").await;
    }
}

#[tokio::test(flavor = "local")]
async fn a_client_that_does_not_read_is_not_read_and_delays_nobody() {
    let server = tcp().await;
    let mut other = server.connect().await;
    let mut deaf = narrow(server.address()).await;
    let sent = deaf.flood(b"1 2 +\n", &mut other).await;
    // Once it reads, it finds each of its replies.
    let (mut from, mut to) = deaf.0.into_split();
    let end = spawn_local(async move { to.shutdown().await });
    let mut replies = Vec::new();
    from.read_to_end(&mut replies).await.expect("no reset");
    end.await.expect("no panic").expect("half-closed");
    let whole = "Sum of 1 and 2 is 3\n".repeat(sent / 6);
    let rest = ["", "ERR syntax\n", "ERR syntax\n", "ERR syntax\n", "ERR syntax\n"];
    let last = if sent % 6 == 5 { "Sum of 1 and 2 is 3\n" } else { rest[sent % 6] };
    assert!(replies == (whole + last).as_bytes(), "{sent} octets, {} of replies", replies.len());
}

#[tokio::test(flavor = "local")]
async fn a_client_that_never_stops_delays_nobody() {
    let server = tcp().await;
    let busy = server.connect().await;
    let (mut from, mut to) = busy.0.into_split();
    spawn_local(async move {
        let requests = b"1 2 +\n".repeat(10_000);
        while to.write_all(&requests).await.is_ok() {}
    });
    let read = Rc::new(Cell::new(0));
    let counted = Rc::clone(&read);
    spawn_local(async move {
        let mut replies = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from.read(&mut replies).await {
            counted.set(counted.get() + count);
        }
    });
    let mut other = server.connect().await;
    while read.get() < 2 << 20 {
        other.ask("7 8 *\n", "Product of 7 and 8 is 56\n").await;
    }
}

#[tokio::test(flavor = "local")]
async fn beyond_its_capacity_a_server_leaves_clients_waiting() {
    let options = Serve { connections: 2, ..anywhere("127.0.0.1:0") };
    let server = start(options, calculator()).await;
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    a.ask("1 1 +\n", "Sum of 1 and 1 is 2\n").await;
    let mut c = server.connect().await;
    c.send(b"3 3 +\n").await;
    for _ in 0..10 {
        b.ask("2 2 +\n", "Sum of 2 and 2 is 4\n").await;
        c.silent();
    }
    a.end().await;
    a.closed().await;
    c.receive("Sum of 3 and 3 is 6\n").await;
}
