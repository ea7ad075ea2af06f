//! SPEC.md 3.7.

use super::*;

use tokio::net::UdpSocket;

struct Peer(UdpSocket);

impl Peer {
    async fn of(server: &Running) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        // So that replies from elsewhere do not count.
        socket.connect(server.bound.last().expect("a socket").address).await.expect("connected");
        Self(socket)
    }

    async fn send(&self, octets: &[u8]) {
        self.0.send(octets).await.expect("sent");
    }

    async fn receive(&self, expected: &str) {
        let mut reply = [0; 8192];
        let length = self.0.recv(&mut reply).await.expect("received");
        assert_eq!(reply[..length].escape_ascii().to_string(), expected);
    }
}

#[tokio::test(flavor = "local")]
async fn a_datagram_is_a_request() {
    let server = udp().await;
    let peer = Peer::of(&server).await;
    for (request, reply) in [
        (&b"10 20 +"[..], "Sum of 10 and 20 is 30"),
        (b"", "ERR empty"),
        (b"10 20 +\n", "Sum of 10 and 20 is 30"),
        (b"10 20 +\r\n", "Sum of 10 and 20 is 30"),
        (b"10 20 +\r", "ERR encoding"),
        (b"1 2 +\n1 2 +\n", "ERR encoding"),
        (&[b'9'; 60_000], "ERR too-long"),
        (&[b'9'; 65_507], "ERR too-long"),
        (b"10 2", "ERR syntax"),
        (b"1 2 +", "Sum of 1 and 2 is 3"),
    ] {
        peer.send(request).await;
        peer.receive(reply).await;
    }
}

#[tokio::test(flavor = "local")]
async fn each_peer_gets_its_own_replies() {
    let server = udp().await;
    let (a, b) = (Peer::of(&server).await, Peer::of(&server).await);
    for n in 0..100 {
        a.send(format!("{n} 1 +").as_bytes()).await;
        b.send(format!("{n} 2 *").as_bytes()).await;
    }
    for n in 0..100 {
        a.receive(&format!("Sum of {n} and 1 is {}", n + 1)).await;
        b.receive(&format!("Product of {n} and 2 is {}", n * 2)).await;
    }
}

#[tokio::test(flavor = "local")]
async fn a_peer_that_is_gone_harms_nobody() {
    let server = udp().await;
    let peer = Peer::of(&server).await;
    for _ in 0..10 {
        Peer::of(&server).await.send(b"1 2 +").await;
    }
    peer.send(b"1 2 +").await;
    peer.receive("Sum of 1 and 2 is 3").await;
    server.stop().await;
}

#[tokio::test(flavor = "local")]
async fn both_transports_share_a_port() {
    let options = Serve { transports: Transports::Both, ..anywhere("127.0.0.1:0") };
    let server = start(options, calculator()).await;
    let [tcp, udp] = server.bound[..] else { panic!("{:?}", server.bound) };
    assert_eq!(tcp.address, udp.address);
    assert_eq!(tcp.to_string(), format!("{} (tcp)", tcp.address));
    let peer = Peer::of(&server).await;
    peer.send(b"1 2 +").await;
    peer.receive("Sum of 1 and 2 is 3").await;
    server.connect().await.ask("1 2 +\n", "Sum of 1 and 2 is 3\n").await;
    server.stop().await;
}

#[tokio::test(flavor = "local")]
async fn a_stray_datagram_comes_from_another_port() {
    let server = Acts(|event: Event<'_>, actions: &mut Vec<Action>| {
        if let Event::Datagram(peer, octets) = event {
            actions.push(Action::Stray(peer, octets.to_vec()));
        }
    });
    let options = Serve { transports: Transports::Udp, ..anywhere("127.0.0.1:0") };
    let server = start(options, server).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    socket.send_to(b"x", server.address()).await.expect("sent");
    let (_, from) = socket.recv_from(&mut [0; 8]).await.expect("received");
    assert_ne!(from.port(), server.address().port());
}
