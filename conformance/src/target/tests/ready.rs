//! Programs that come up: their socket is found.

use std::fs;
use std::io::Read;
use std::net::{TcpStream, UdpSocket};
use std::time::Duration;

use tempfile::TempDir;

use super::*;

#[test]
fn a_listening_socket_is_found_wherever_it_is_bound() {
    for (family, host, at) in [
        ("AF_INET", "127.0.0.1", "127.0.0.1"),
        ("AF_INET", "127.0.1.1", "127.0.1.1"),
        ("AF_INET", "", "127.0.0.1"),
        ("AF_INET6", "::1", "::1"),
    ] {
        let script = format!(
            "import socket\ns = socket.socket(socket.{family})\ns.bind(('{host}', 0))\ns.listen()\n\
             s.accept()[0].send(b'hi')"
        );
        run(async {
            let mut running = python(&script).launch().await.unwrap();
            let address = running.endpoint().address;
            assert_eq!(address.ip().to_string(), at);
            assert_eq!(running.bound().port(), address.port());
            assert_eq!(running.bound().ip().is_unspecified(), host.is_empty());
            assert!(running.start().is_some());
            assert!(running.others().is_empty());

            // It serves one client only, and that is us.
            let mut said = String::new();
            let mut client = TcpStream::connect(address).unwrap();
            client.read_to_string(&mut said).unwrap();
            assert_eq!(said, "hi");
            assert_eq!(running.exited().await, Ending::Exited(0));
            assert_eq!(running.has_exited(), Some(Ending::Exited(0)));
            assert_eq!(running.stop().await.ending, Ending::Exited(0));
        });
    }
}

#[test]
fn an_ipv6_wildcard_is_spoken_to_over_ipv4_if_it_listens() {
    for (only, at) in [(0, "127.0.0.1"), (1, "::1")] {
        let script = format!(
            "import socket\ns = socket.socket(socket.AF_INET6)\n\
             s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, {only})\n\
             s.bind(('::', 0))\ns.listen()\ns.accept()"
        );
        run(async {
            let running = python(&script).launch().await.unwrap();
            assert_eq!(running.bound().ip().to_string(), "::");
            assert_eq!(running.endpoint().address.ip().to_string(), at);
            TcpStream::connect(running.endpoint().address).unwrap();
        });
    }
}

#[test]
fn a_udp_socket_is_found() {
    let mut recipe = python(
        "import socket\ns = socket.socket(type=socket.SOCK_DGRAM)\ns.bind(('', 0))\n\
         s.sendto(b'hi', s.recvfrom(9)[1])\ns.recv(9)",
    );
    recipe.transport = Transport::Udp;
    run(async {
        let running = recipe.launch().await.unwrap();
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        client.connect(running.endpoint().address).unwrap();
        client.send(b"10 20 +").unwrap();
        let mut said = [0; 9];
        assert_eq!(client.recv(&mut said).unwrap(), 2);
        assert_eq!(running.udp_drops(), Some(0));
        assert_eq!(running.stop().await.ending, Ending::Killed);
    });
}

#[test]
fn the_first_socket_that_fits_is_taken_and_the_others_are_told() {
    let script = "import socket, time\n\
                  a = socket.socket(); a.bind(('127.0.0.1', 0))\n\
                  b = socket.socket(); b.bind(('127.0.0.1', 0))\n\
                  print(a.getsockname()[1], b.getsockname()[1])\n\
                  high, low = sorted((a, b), key=lambda s: -s.getsockname()[1])\n";
    // The second to listen does so only after the first has been found, so nothing is left to chance.
    let one_after_another =
        format!("{script}high.listen(); high.accept(); low.listen(); low.accept()");
    run(async {
        let running = python(&one_after_another).launch().await.unwrap();
        assert!(running.others().is_empty(), "the first that fits is taken");
        let bound = running.bound().port();
        let ports = running.stop().await.output.stdout.text();
        let highest = ports.split_whitespace().map(|p| p.parse::<u16>().unwrap()).max();
        assert_eq!(Some(bound), highest);
    });

    let mut recipe = python(
        "import socket, time\na = socket.create_server(('127.0.0.1', 0))\n\
         u = socket.socket(type=socket.SOCK_DGRAM); u.bind(('127.0.0.1', 0)); u.recv(1)",
    );
    recipe.transport = Transport::Udp;
    run(async {
        let running = recipe.launch().await.unwrap();
        assert_eq!(running.endpoint().transport, Transport::Udp);
        let others = running.others();
        assert_eq!(others.len(), 1);
        assert_eq!(others[0].transport, Transport::Tcp);
    });
}

#[test]
fn an_expected_port_that_is_not_used_is_no_error() {
    let mut recipe = python(&format!("{LISTEN}s.accept()"));
    recipe.expect_port = Some(40);
    run(async {
        let running = recipe.launch().await.unwrap();
        assert_ne!(running.bound().port(), 40);
    });
}

#[test]
fn a_long_start_is_waited_for() {
    let folder = TempDir::new().unwrap();
    let go = folder.path().join("go");
    let made = std::process::Command::new("mkfifo").arg(&go).status().unwrap();
    assert!(made.success());
    let mut recipe = python(&format!("open({go:?}).read()\n{LISTEN}s.accept()"));
    recipe.start_limit = Duration::from_secs(60);
    run(async {
        // The program waits for this end of the fifo, which waits for the program.
        let open = tokio::task::spawn_blocking(move || fs::OpenOptions::new().write(true).open(go));
        let launch = async {
            let running = recipe.launch().await.unwrap();
            assert!(running.start().unwrap() > Duration::ZERO);
        };
        let go = async { drop(open.await.unwrap().unwrap()) };
        tokio::join!(launch, go);
    });
}
