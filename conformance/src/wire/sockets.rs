//! A wire over real sockets: tokio's, on one thread.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::{Network, Wire};
use crate::exchange::What;
use crate::kernel::SocketTable;
use crate::transcript::Client;
use crate::transport::Transport;

/// Most octets of one read; larger than any datagram.
const CHUNK: usize = 1 << 16;
/// Most octets that are taken in while sending: whoever floods is not waited for.
const FLOOD: usize = 1 << 23;
/// How often the kernel is asked at once whether the target has read, before a millisecond passes between two questions.
const EAGER: u32 = 50;
/// What is waited between two pieces where the kernel cannot tell.
const UNTOLD: Duration = Duration::from_millis(5);
/// How long a connection may take to arrive at the target, when its queue is full: the kernel tries again after 1 and 3 s.
const ARRIVAL_MAX: Duration = Duration::from_millis(3500);
/// How long nothing has moved when a client that does not read believes that the target cannot send it more. The target's kernel
/// asks for room for the first time after 200 ms (TCP_RTO_MIN), and may find some.
const DEAF_PATIENCE: Duration = Duration::from_millis(450);
/// How often it looks whether there is room to send: there may never be any.
const DEAF_LOOK: Duration = Duration::from_millis(20);
/// How long it waits at most, on a machine where everything is slow.
const DEAF_MAX: Duration = Duration::from_secs(5);

/// The clients of one dialogue with a target that listens at an address.
pub struct Sockets {
    target: SocketAddr,
    transport: Transport,
    network: Network,
    /// Whether the target's local time is known to be the runner's.
    shares_clock: bool,
    began: Instant,
    clients: BTreeMap<Client, Socket>,
    buffer: Vec<u8>,
}

enum Socket {
    /// With the number of octets that were handed to the system.
    Stream {
        stream: TcpStream,
        listens: bool,
        over: Option<What>,
        sent: u64,
    },
    Datagrams(UdpSocket),
}

impl Sockets {
    /// No clients yet.
    pub fn new(
        target: SocketAddr,
        transport: Transport,
        network: Network,
        shares_clock: bool,
    ) -> Self {
        let (began, clients) = (Instant::now(), BTreeMap::new());
        Self { target, transport, network, shares_clock, began, clients, buffer: vec![0; CHUNK] }
    }

    async fn connect(&self, listens: bool) -> io::Result<TcpStream> {
        let socket = self.network.stream(self.target).await?;
        if !listens {
            // Small segments and a small buffer keep the target's own buffer small: it fills soon.
            socket.set_recv_buffer_size(4096)?;
            #[cfg(unix)]
            SockRef::from(&socket).set_tcp_mss(536)?;
        }
        let stream = socket.connect(self.target).await?;
        stream.set_nodelay(true)?;
        self.network.met(stream.local_addr()?);
        Ok(stream)
    }

    /// Waits until the target's end of a new connection is there. Where its queue of connections is full, the kernel tells
    /// the client that it is connected, and the target a second later.
    async fn arrived(&self, client: Client) {
        let (Some(table), Some(stream)) = (self.network.table(), self.stream(client)) else {
            return;
        };
        let Ok(local) = stream.local_addr() else { return };
        let until = Instant::now() + ARRIVAL_MAX;
        while table.unread(self.target, local).is_none() {
            if !table.listens(self.target) || Instant::now() > until {
                return;
            }
            // What can be read has come from somebody who was there.
            if timeout(Duration::from_millis(1), stream.readable()).await.is_ok() {
                return;
            }
        }
    }

    fn stream(&self, client: Client) -> Option<&TcpStream> {
        match self.clients.get(&client) {
            Some(Socket::Stream { stream, .. }) => Some(stream),
            _ => None,
        }
    }
}

/// Whether what the target sends to a client that does not read has nowhere to go.
struct Full {
    waiting: u32,
    since: Instant,
}

impl Full {
    const fn new(now: Instant) -> Self {
        Self { waiting: 0, since: now }
    }

    /// Whether the same octets have waited at the target's end for long enough.
    fn lasts(&mut self, table: &SocketTable, target: SocketAddr, client: SocketAddr) -> bool {
        let waiting = table.unsent(target, client).unwrap_or(0);
        if waiting != self.waiting {
            (self.waiting, self.since) = (waiting, Instant::now());
        }
        waiting > 0 && self.since.elapsed() > DEAF_PATIENCE
    }
}

impl Wire for Sockets {
    fn transport(&self) -> Transport {
        self.transport
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn clock(&self) -> What {
        What::Clock { local: jiff::Zoned::now().datetime(), shared: self.shares_clock }
    }

    async fn wait(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn has(&self, client: Client) -> bool {
        self.clients.contains_key(&client)
    }

    async fn open(&mut self, client: Client, listens: bool, limit: Duration) -> What {
        let socket = match self.transport {
            Transport::Udp => self.network.datagrams(self.target).await.map(Socket::Datagrams),
            Transport::Tcp => match timeout(limit.max(ARRIVAL_MAX), self.connect(listens)).await {
                Err(_) => return What::Silence(limit.max(ARRIVAL_MAX)),
                Ok(connected) => {
                    connected.map(|stream| Socket::Stream { stream, listens, over: None, sent: 0 })
                }
            },
        };
        match socket {
            Ok(socket) => {
                self.clients.insert(client, socket);
                self.arrived(client).await;
                What::Opened
            }
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => What::Refused,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => What::Refused,
            Err(error) => What::Unable(format!("a client could not be opened: {error}")),
        }
    }

    async fn send(&mut self, client: Client, octets: &[u8], limit: Duration) -> Vec<What> {
        let mut seen = Vec::new();
        match self.clients.get_mut(&client) {
            Some(Socket::Datagrams(socket)) => {
                if let Err(error) = socket.send_to(octets, self.target).await
                    && error.kind() != ErrorKind::ConnectionRefused
                {
                    seen.push(What::Unable(format!(
                        "a datagram of {} octets could not be sent: {error}",
                        octets.len()
                    )));
                }
            }
            Some(Socket::Stream { stream, listens, over, sent: all }) => {
                let patience = if *listens { limit } else { DEAF_LOOK };
                let (mut sent, mut taken) = (0, 0);
                let (local, began) = (stream.local_addr(), Instant::now());
                let mut full = Full::new(began);
                let table = self.network.table();
                while sent < octets.len() {
                    let interest = if *listens {
                        Interest::READABLE | Interest::WRITABLE
                    } else {
                        Interest::WRITABLE
                    };
                    match stream.try_write(&octets[sent..]) {
                        Ok(count) => {
                            sent += count;
                            *all += count as u64;
                            continue;
                        }
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                        // Whoever reads next learns what has become of the connection.
                        Err(_) => break,
                    }
                    match timeout(patience, stream.ready(interest)).await {
                        Err(_) if *listens => {
                            seen.push(What::Stuck(sent));
                            break;
                        }
                        Err(_) => {
                            let lasts = match (&table, &local) {
                                (Some(table), Ok(local)) => full.lasts(table, self.target, *local),
                                _ => began.elapsed() > DEAF_PATIENCE,
                            };
                            if lasts || began.elapsed() > DEAF_MAX {
                                break;
                            }
                        }
                        Ok(_) if !*listens => continue,
                        Ok(_) => {}
                    }
                    match read(stream, &mut self.buffer) {
                        None => {}
                        Some(What::Received(octets)) => {
                            taken += octets.len();
                            seen.push(What::Received(octets));
                            if taken > FLOOD {
                                break;
                            }
                        }
                        Some(end) => {
                            seen.push(end.clone());
                            *over = Some(end);
                            break;
                        }
                    }
                }
            }
            None => {}
        }
        seen
    }

    async fn settle(&mut self, client: Client, limit: Duration) {
        let Some(Socket::Stream { stream, listens, sent, .. }) = self.clients.get(&client) else {
            return;
        };
        let (Ok(local), Some(table)) = (stream.local_addr(), self.network.table()) else {
            return tokio::time::sleep(UNTOLD).await;
        };
        let began = Instant::now();
        let (mut asked, mut full) = (0, Full::new(began));
        loop {
            let limit = match table.unread(self.target, local) {
                None => return tokio::time::sleep(UNTOLD).await,
                Some(0) => return,
                // Once the target has begun to read it is waited for until it cannot go on, however busy the machine is.
                Some(unread) if !listens => {
                    let unsent = table.unsent(local, self.target).unwrap_or(0);
                    let begun = u64::from(unread) + u64::from(unsent) < *sent;
                    if begun && full.lasts(&table, self.target, local) {
                        return;
                    }
                    if begun { limit.max(DEAF_MAX) } else { limit }
                }
                Some(_) => limit,
            };
            if began.elapsed() > limit {
                return;
            }
            if asked < EAGER {
                tokio::task::yield_now().await;
            } else {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            asked += 1;
        }
    }

    async fn receive(&mut self, client: Client, limit: Duration) -> What {
        let buffer = &mut self.buffer;
        let received = match self.clients.get_mut(&client) {
            None => return What::Reset,
            Some(Socket::Datagrams(socket)) => {
                let target = self.target;
                timeout(limit, async {
                    loop {
                        match socket.recv_from(buffer).await {
                            Ok((count, from)) if from == target => {
                                return What::Received(buffer[..count].to_vec());
                            }
                            Ok((count, from)) => {
                                return What::Stray(from, buffer[..count].to_vec());
                            }
                            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                            Err(error) => return What::Unable(error.to_string()),
                        }
                    }
                })
                .await
            }
            Some(Socket::Stream { stream, over, .. }) => {
                if let Some(over) = over {
                    return over.clone();
                }
                let what = timeout(limit, async {
                    loop {
                        if let Some(what) = read(stream, buffer) {
                            return what;
                        }
                        if let Err(error) = stream.readable().await {
                            return What::Unable(error.to_string());
                        }
                    }
                })
                .await;
                if let Ok(end @ (What::Closed | What::Reset)) = &what {
                    *over = Some(end.clone());
                }
                what
            }
        };
        received.unwrap_or(What::Silence(limit))
    }

    async fn end(&mut self, client: Client) {
        if let Some(stream) = self.stream(client) {
            // A connection that is gone is observed by whoever reads next.
            let _ = SockRef::from(stream).shutdown(std::net::Shutdown::Write);
        }
    }

    fn close(&mut self, client: Client) {
        self.clients.remove(&client);
    }

    fn reset(&mut self, client: Client) {
        if let Some(stream) = self.stream(client) {
            let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
        }
        self.clients.remove(&client);
    }
}

/// What can be read at once; `None` when nothing has come.
fn read(stream: &TcpStream, buffer: &mut [u8]) -> Option<What> {
    match stream.try_read(buffer) {
        Ok(0) => Some(What::Closed),
        Ok(count) => {
            // A target without TCP_NODELAY sends the rest of a line when the beginning is acknowledged: at once.
            #[cfg(target_os = "linux")]
            if buffer[count - 1] != b'\n' {
                let _ = rustix::net::sockopt::set_tcp_quickack(stream, true);
            }
            Some(What::Received(buffer[..count].to_vec()))
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(_) => Some(What::Reset),
    }
}
