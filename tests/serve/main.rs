//! The reference server over real sockets on loopback: raw octets in, raw octets out.
//!
//! Nothing here sleeps: what is waited for is an octet, an end, or a clock that jumps. The clock stands still, and jumps
//! when all tasks wait, only where an end is due: while octets are on their way it would jump over them.

mod announcements;
mod calls;
mod datagrams;
mod family;
mod hosts;
mod lifetime;
mod lines;
mod neighbours;
#[cfg(unix)]
mod printing;
#[cfg(unix)]
mod program;
mod services;
mod talks;

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_local};
use trueline::serve::{self, Bound, Serve, ServeError, Transports};
use trueline_protocol::responder::{Action, Event, Now, Responder, Server};
use trueline_protocol::service::Service;

/// A server that runs in the background of a test, and ends with it.
struct Running {
    bound: Vec<Bound>,
    stop: oneshot::Sender<()>,
    done: JoinHandle<Result<(), ServeError>>,
}

impl Running {
    fn address(&self) -> SocketAddr {
        self.bound[0].address
    }

    async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address()).await.expect("a connection"))
    }

    /// Stops it and waits for its end.
    async fn stop(self) {
        let _ = self.stop.send(());
        self.done.await.expect("no panic").expect("a clean end");
    }
}

/// Options for a test: a free port.
fn anywhere(listen: &str) -> Serve {
    Serve { listen: vec![listen.parse().expect("an address")], ..Serve::default() }
}

async fn start(options: Serve, server: impl Server + 'static) -> Running {
    let (stop, stopped) = oneshot::channel::<()>();
    let (ready, bound) = oneshot::channel();
    let done = spawn_local(serve::run(
        options,
        Box::new(server),
        |bound| ready.send(bound.to_vec()).expect("the test waits"),
        async {
            // The test's end drops the sender, and the server with it.
            let _ = stopped.await;
        },
    ));
    Running { bound: bound.await.expect("the server listens"), stop, done }
}

fn calculator() -> Responder {
    Responder::of(Service::Calculator)
}

async fn tcp() -> Running {
    start(anywhere("127.0.0.1:0"), calculator()).await
}

async fn udp() -> Running {
    let options = Serve { transports: Transports::Udp, ..anywhere("127.0.0.1:0") };
    start(options, calculator()).await
}

struct Client(TcpStream);

impl Client {
    async fn send(&mut self, octets: &[u8]) {
        self.0.write_all(octets).await.expect("sent");
    }

    async fn receive(&mut self, expected: &str) {
        let mut octets = vec![0; expected.len()];
        self.0.read_exact(&mut octets).await.expect("received");
        assert_eq!(String::from_utf8_lossy(&octets), expected);
    }

    async fn ask(&mut self, request: &str, reply: &str) {
        self.send(request.as_bytes()).await;
        self.receive(reply).await;
    }

    async fn end(&mut self) {
        self.0.shutdown().await.expect("half-closed");
    }

    /// What is left until the server ends its half.
    async fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).await.map(|_| rest)
    }

    async fn closed(&mut self) {
        assert_eq!(self.rest().await.expect("no reset").escape_ascii().to_string(), "");
    }

    /// Nothing has arrived, as far as the system can tell.
    fn silent(&self) {
        let error = self.0.try_read(&mut [0; 64]).expect_err("nothing to read");
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }

    fn reset(self) {
        self.0.set_zero_linger().expect("no linger");
    }

    /// Sends this again and again, until the server takes no more while `other` is served; the octets it took.
    async fn flood(&mut self, octets: &[u8], other: &mut Self) -> usize {
        let mut sent = 0;
        let mut refused = 0;
        while refused < 100 {
            match self.0.try_write(&octets[sent % octets.len()..]) {
                Ok(count) => (sent, refused) = (sent + count, 0),
                Err(_) => refused += 1,
            }
            assert!(sent < 256 << 20, "the server takes whatever it is sent");
            other.ask("7 8 *\n", "Product of 7 and 8 is 56\n").await;
        }
        sent
    }
}

/// A client whose system takes few octets, either way, before it makes one of both wait.
async fn narrow(address: SocketAddr) -> Client {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    socket.set_send_buffer_size(4096).expect("a small buffer");
    Client(socket.connect(address).await.expect("a connection"))
}

/// Measures what goes in and out of a server.
struct Meter<S> {
    server: S,
    longest: Rc<Longest>,
}

#[derive(Default)]
struct Longest {
    received: Cell<usize>,
    sent: Cell<usize>,
}

impl<S: Server> Server for Meter<S> {
    fn on(&mut self, now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
        if let Event::Received(_, octets) = event {
            self.longest.received.set(self.longest.received.get().max(octets.len()));
        }
        self.server.on(now, event, actions);
        let sent = actions.iter().map(|action| match action {
            Action::Send(_, octets) => octets.len(),
            _ => 0,
        });
        self.longest.sent.set(self.longest.sent.get().max(sent.sum()));
    }
}

/// A server that is a closure.
struct Acts<F>(F);

impl<F: FnMut(Event<'_>, &mut Vec<Action>)> Server for Acts<F> {
    fn on(&mut self, _now: Now, event: Event<'_>, actions: &mut Vec<Action>) {
        (self.0)(event, actions);
    }
}
