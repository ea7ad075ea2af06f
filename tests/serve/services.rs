//! SPEC.md 5 to 9: the reference server of each service, over both transports. What `message` prints is in `printing`.

use super::*;

use tokio::net::UdpSocket;
use trueline_protocol::service::Manner;

/// The reference server of a service, on both transports.
async fn both(service: Service) -> Running {
    let options = Serve { transports: Transports::Both, ..anywhere("127.0.0.1:0") };
    start(options, Responder::of(service)).await
}

async fn datagram(server: &Running, request: &[u8], reply: &str) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    socket.connect(server.address()).await.expect("connected");
    socket.send(request).await.expect("sent");
    let mut received = [0; 8192];
    let length = socket.recv(&mut received).await.expect("received");
    assert_eq!(String::from_utf8_lossy(&received[..length]), reply);
}

/// Has these requests answered over both transports.
async fn answers(service: Service, exchanges: &[(&str, &str)]) {
    let server = both(service).await;
    let mut client = server.connect().await;
    for (request, reply) in exchanges {
        client.ask(&format!("{request}\n"), &format!("{reply}\n")).await;
        datagram(&server, request.as_bytes(), reply).await;
    }
    client.end().await;
    client.closed().await;
}

#[tokio::test(flavor = "local")]
async fn calculator_calculates() {
    answers(
        Service::Calculator,
        &[
            ("10 20 +", "Sum of 10 and 20 is 30"),
            ("5/2", "5/2 = 2.5"),
            ("(*, 5, 6)", "5*6 = 30"),
            ("1 0 /", "ERR division-by-zero"),
            ("what", "ERR syntax"),
            ("", "ERR empty"),
        ],
    )
    .await;
}

#[tokio::test(flavor = "local")]
async fn word_length_counts_scalar_values() {
    answers(
        Service::WordLength,
        &[
            ("hello world", "5 h, 5 w"),
            (" \thello\t wörld ", "5 h, 5 w"),
            ("e\u{301}lan \u{e9}lan", "5 e, 4 é"),
            ("😀smile 🇩🇪 👩‍👩‍👧", "6 😀, 2 🇩, 5 👩"),
            ("שלום 10 -5.3,", "4 ש, 2 1, 5 -"),
            (" \t", "ERR empty"),
            ("", "ERR empty"),
        ],
    )
    .await;
    let server = both(Service::WordLength).await;
    let mut client = server.connect().await;
    // Between the octets of one character.
    for octet in b"w\xc3\xb6rter\n" {
        client.send(&[*octet]).await;
        tokio::task::yield_now().await;
    }
    client.receive("6 w\n").await;
    let many = "a ".repeat(511);
    client.ask(&format!("{many}\n"), &format!("1 a{}\n", ", 1 a".repeat(510))).await;
    client.send(b"\xff\n").await;
    client.receive("ERR encoding\n").await;
}

#[tokio::test(flavor = "local")]
async fn greeting_greets() {
    const GREETING: &str = "Thank you for connecting";
    let server = both(Service::Greeting).await;
    let mut client = server.connect().await;
    assert_eq!(client.rest().await.expect("no reset"), format!("{GREETING}\n").as_bytes());
    for request in [&b""[..], b"hello", b"hello\r\n", b"\xff\n\n", &[b'x'; 60_000]] {
        datagram(&server, request, GREETING).await;
    }
}

/// What all services have in common; whoever adds one finds it served here.
#[tokio::test(flavor = "local")]
async fn every_service_is_served() {
    for &service in Service::ALL {
        let server = if service.manner().answers() {
            both(service).await
        } else {
            start(anywhere("127.0.0.1:0"), Responder::of(service)).await
        };
        let mut client = server.connect().await;
        match service.manner() {
            Manner::Conversation => {
                client.ask("\n", "ERR empty\n").await;
                client.ask("\r\n", "ERR empty\n").await;
                client.end().await;
                client.closed().await;
                datagram(&server, b"", "ERR empty").await;
            }
            Manner::Announcement => {
                let said = client.rest().await.expect("no reset");
                assert!(
                    said.len() > 1
                        && said.iter().position(|&it| it == b'\n') == Some(said.len() - 1)
                );
            }
            // Nobody types.
            Manner::Talk => {
                client.send(b"anybody?\n").await;
                assert_eq!(client.rest().await.expect("no reset"), b"");
            }
            Manner::Visit => assert_eq!(client.rest().await.expect("no reset"), b""),
        }
        server.stop().await;
    }
}
