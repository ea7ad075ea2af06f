//! Where servers listen, and what they say when they cannot.

use super::*;

async fn refused(options: Serve) -> String {
    let stop = std::future::pending();
    let error = serve::run(options, Box::new(calculator()), |_| {}, stop).await;
    let error = error.expect_err("no place to listen");
    format!("{error}; {}", miette::Diagnostic::help(&error).expect("a help"))
}

#[tokio::test(flavor = "local")]
async fn ipv6_is_served() {
    for listen in ["[::1]:0", "[::]:0"] {
        let options = Serve { transports: Transports::Both, ..anywhere(listen) };
        let server = start(options, calculator()).await;
        let port = server.address().port();
        let stream = TcpStream::connect(("::1", port)).await.expect("a connection");
        Client(stream).ask("1 2 +\n", "Sum of 1 and 2 is 3\n").await;
        server.stop().await;
    }
}

#[tokio::test(flavor = "local")]
async fn localhost_is_all_of_it_on_one_port() {
    let options = Serve { transports: Transports::Both, ..anywhere("localhost:0") };
    let server = start(options, calculator()).await;
    assert!(server.bound.len() >= 2);
    for bound in &server.bound {
        assert!(bound.address.ip().is_loopback());
        assert_eq!(bound.address.port(), server.address().port());
    }
    server.connect().await.ask("1 2 +\n", "Sum of 1 and 2 is 3\n").await;
}

#[tokio::test(flavor = "local")]
async fn a_port_in_use_is_named() {
    let server = tcp().await;
    let address = server.address().to_string();
    assert_eq!(
        refused(anywhere(&address)).await,
        format!(
            "cannot listen on {address} (tcp): the address is in use; stop the program that listens there, or choose \
             another port (port 0 takes a free one)"
        )
    );
    let server = udp().await;
    let options = Serve { transports: Transports::Udp, ..anywhere(&server.address().to_string()) };
    assert!(refused(options).await.contains("(udp): the address is in use"));
}

#[tokio::test(flavor = "local")]
async fn an_address_of_another_machine_is_named() {
    assert!(
        refused(anywhere("192.0.2.1:8040"))
            .await
            .starts_with("cannot listen on 192.0.2.1:8040 (tcp): this machine has no such address")
    );
    assert!(refused(Serve { listen: vec![], ..Serve::default() }).await.starts_with("no address"));
}
