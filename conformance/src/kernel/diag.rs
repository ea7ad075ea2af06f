//! One socket at a time, from the kernel's socket diagnosis (sock_diag(7)).
//!
//! An exact question, no dump: 3 µs however many sockets there are. A question is a `nlmsghdr` and an
//! `inet_diag_req_v2`, an answer a `nlmsghdr` and an `inet_diag_msg`, in octets and in the machine's own
//! order but for ports and addresses:
//!
//! ```text
//! nlmsghdr           length 4, type 2, flags 2, sequence 4, port 4
//! inet_diag_req_v2   family 1, protocol 1, extensions 1, unused 1, states 4, sockid
//! inet_diag_msg      family 1, state 1, timer 1, retransmits 1, sockid,
//!                    expires 4, rqueue 4, wqueue 4, uid 4, inode 4
//! inet_diag_sockid   source port 2, destination port 2, source 16, destination 16,
//!                    interface 4, cookie 8
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::Mutex;

use rustix::net::netlink::{self, SocketAddrNetlink};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with,
};

use crate::transport::Transport;

const HEADER: usize = 16;
const SOCKID: usize = 48;
const REQUEST: usize = HEADER + 8 + SOCKID;
const ANSWER: usize = HEADER + 4 + SOCKID + 20;

const NLMSG_ERROR: u16 = 2;
const NLM_F_REQUEST: u16 = 1;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_TCP: u8 = 6;
const IPPROTO_UDP: u8 = 17;
/// ESTABLISHED, FIN_WAIT1 and 2, CLOSE_WAIT, LAST_ACK, CLOSING: the server's program may still read. In the
/// others nothing is due to it, or what was sent has not got through yet (SYN_RECV).
const READABLE: [u8; 6] = [1, 4, 5, 8, 9, 11];
const CLOSE_WAIT: u8 = 8;
const ENOENT: i32 = 2;

/// The kernel's table of internet sockets, open for questions. Opened once and used for a whole check; it
/// sees the network namespace in which it was opened.
#[derive(Debug)]
pub struct SocketTable {
    socket: OwnedFd,
    /// The number of the last question; held while its answer is waited for.
    sequence: Mutex<u32>,
}

/// What the kernel says of the socket asked for.
enum Answer {
    None,
    Socket(Entry),
}

struct Entry {
    state: u8,
    local_port: u16,
    remote_port: u16,
    unread: u32,
    unsent: u32,
    inode: u32,
}

impl SocketTable {
    /// `None` if this kernel offers no socket diagnosis, or a sandbox forbids it.
    pub fn open() -> Option<Self> {
        let socket = socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC,
            Some(netlink::SOCK_DIAG),
        );
        let table = Self::from(socket.ok()?);
        // Some kernels give the socket and answer no question.
        let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        table.ask(Transport::Tcp, nobody, nobody)?;
        Some(table)
    }

    /// How many octets wait unread at the server's end of an established connection, where `client` is
    /// our own address; `None` if there is no such connection any more, or not in this network namespace.
    /// An end of the stream that was not yet read counts as one octet more.
    pub fn unread(&self, server: SocketAddr, client: SocketAddr) -> Option<u32> {
        self.connection(server, client).map(|entry| entry.unread)
    }

    /// How many octets that our own end has sent, or is to send, the other has not yet acknowledged.
    pub fn unsent(&self, client: SocketAddr, server: SocketAddr) -> Option<u32> {
        self.connection(client, server).map(|entry| entry.unsent)
    }

    /// The server's end of a connection that its client has closed and its server, which took it, has not (CLOSE_WAIT): the
    /// number of the socket.
    pub fn left_open(&self, server: SocketAddr, client: SocketAddr) -> Option<u32> {
        let entry = self.connection(server, client)?;
        // Nobody has taken a connection whose socket has no number yet.
        (entry.state == CLOSE_WAIT && entry.inode != 0).then_some(entry.inode)
    }

    /// One end of a connection.
    fn connection(&self, local: SocketAddr, remote: SocketAddr) -> Option<Entry> {
        match self.ask(Transport::Tcp, local, remote)? {
            // Where there is no connection the kernel tells of the listening socket instead.
            Answer::Socket(entry)
                if READABLE.contains(&entry.state)
                    && (entry.local_port, entry.remote_port) == (local.port(), remote.port()) =>
            {
                Some(entry)
            }
            _ => None,
        }
    }

    /// Whether something listens at a TCP address, in this network namespace.
    pub fn listens(&self, server: SocketAddr) -> bool {
        let anyone: IpAddr = match server {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        matches!(self.ask(Transport::Tcp, server, (anyone, 0).into()), Some(Answer::Socket(_)))
    }

    /// Whether what is sent to `address` would come to one of these sockets: a connection is asked for
    /// in the table, not made. So it is told whether `[::]` takes IPv4, too.
    pub fn answered_by(
        &self,
        transport: Transport,
        address: SocketAddr,
        inodes: &[u64],
    ) -> Option<bool> {
        let anyone: IpAddr = match address {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        Some(match self.ask(transport, address, (anyone, 0).into())? {
            Answer::None => false,
            Answer::Socket(entry) => inodes.contains(&u64::from(entry.inode)),
        })
    }

    fn ask(&self, transport: Transport, local: SocketAddr, remote: SocketAddr) -> Option<Answer> {
        let mut sequence = self.sequence.lock().ok()?;
        *sequence = sequence.wrapping_add(1);
        let request = request(*sequence, transport, local, remote);
        let kernel = SocketAddrNetlink::new(0, 0);
        sendto(&self.socket, &request, SendFlags::empty(), &kernel).ok()?;
        let mut buffer = [0; 512];
        loop {
            // The kernel answers before the question's send returns: there is nothing to wait for.
            let (length, _) = recv(&self.socket, &mut buffer[..], RecvFlags::DONTWAIT).ok()?;
            let message = buffer.get(..length)?;
            if u32::from_ne_bytes(field(message, 8)?) == *sequence {
                return answer(message);
            }
        }
    }
}

/// A socket of another network namespace, opened there as `open` opens one and handed over.
impl From<OwnedFd> for SocketTable {
    fn from(socket: OwnedFd) -> Self {
        Self { socket, sequence: Mutex::new(0) }
    }
}

fn request(sequence: u32, transport: Transport, local: SocketAddr, remote: SocketAddr) -> Vec<u8> {
    let (family, protocol) = match (local, transport) {
        (SocketAddr::V4(_), Transport::Tcp) => (AF_INET, IPPROTO_TCP),
        (SocketAddr::V4(_), Transport::Udp) => (AF_INET, IPPROTO_UDP),
        (SocketAddr::V6(_), Transport::Tcp) => (AF_INET6, IPPROTO_TCP),
        (SocketAddr::V6(_), Transport::Udp) => (AF_INET6, IPPROTO_UDP),
    };
    // The source is the socket's own end; for UDP the kernel has it the other way round.
    let (source, destination) = match transport {
        Transport::Tcp => (local, remote),
        Transport::Udp => (remote, local),
    };
    let mut request = Vec::with_capacity(REQUEST);
    request.extend((REQUEST as u32).to_ne_bytes());
    request.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    request.extend(NLM_F_REQUEST.to_ne_bytes());
    request.extend(sequence.to_ne_bytes());
    request.extend(0_u32.to_ne_bytes());

    request.extend([family, protocol, 0, 0]);
    request.extend(u32::MAX.to_ne_bytes());
    request.extend(source.port().to_be_bytes());
    request.extend(destination.port().to_be_bytes());
    for ip in [source.ip(), destination.ip()] {
        match ip {
            IpAddr::V4(ip) => {
                request.extend(ip.octets());
                request.extend([0; 12]);
            }
            IpAddr::V6(ip) => request.extend(ip.octets()),
        }
    }
    request.extend(0_u32.to_ne_bytes());
    request.extend([0xFF; 8]);
    request
}

fn answer(message: &[u8]) -> Option<Answer> {
    let kind = u16::from_ne_bytes(field(message, 4)?);
    if kind == NLMSG_ERROR {
        let code = i32::from_ne_bytes(field(message, HEADER)?);
        return (code == -ENOENT).then_some(Answer::None);
    }
    if kind != SOCK_DIAG_BY_FAMILY || message.len() < ANSWER {
        return None;
    }
    let sockid = HEADER + 4;
    let after = sockid + SOCKID;
    Some(Answer::Socket(Entry {
        state: *message.get(HEADER + 1)?,
        local_port: u16::from_be_bytes(field(message, sockid)?),
        remote_port: u16::from_be_bytes(field(message, sockid + 2)?),
        unread: u32::from_ne_bytes(field(message, after + 4)?),
        unsent: u32::from_ne_bytes(field(message, after + 8)?),
        inode: u32::from_ne_bytes(field(message, after + 16)?),
    }))
}

fn field<const N: usize>(message: &[u8], at: usize) -> Option<[u8; N]> {
    message.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};

    use socket2::{Domain, Socket, Type};

    use super::*;
    use crate::kernel::{Pid, listeners};

    /// A bound TCP or UDP socket on `[::]`, with or without IPv4.
    fn on_wildcard(kind: Type, ipv6_only: bool) -> (Socket, u16) {
        let socket = Socket::new(Domain::IPV6, kind, None).unwrap();
        socket.set_only_v6(ipv6_only).unwrap();
        socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)).into()).unwrap();
        if kind == Type::STREAM {
            socket.listen(8).unwrap();
        }
        let port = socket.local_addr().unwrap().as_socket().unwrap().port();
        (socket, port)
    }

    fn follows_a_connection(listener: &TcpListener, address: SocketAddr) {
        let table = SocketTable::open().unwrap();
        let mut client = TcpStream::connect(address).unwrap();
        let ours = client.local_addr().unwrap();
        let unread = || table.unread(address, ours);

        client.write_all(b"10 2\n").unwrap();
        assert_eq!(unread(), Some(5), "{address}: not even accepted");
        let (mut server, _) = listener.accept().unwrap();
        let mut octets = [0; 5];
        server.read_exact(&mut octets[..2]).unwrap();
        assert_eq!(unread(), Some(3));
        server.read_exact(&mut octets[2..]).unwrap();
        assert_eq!(unread(), Some(0));

        assert_eq!(table.left_open(address, ours), None);
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(unread(), Some(1), "an end is due");
        let left_open = table.left_open(address, ours);
        assert_eq!(server.read(&mut octets).unwrap(), 0);
        assert_eq!(unread(), Some(0));
        assert!(left_open.is_some() && table.left_open(address, ours) == left_open);
        drop(server);
        assert_eq!(table.left_open(address, ours), None);
        assert_eq!(client.read(&mut octets).unwrap(), 0);
        assert_eq!(unread(), None, "closed, though {address} still listens");
    }

    #[test]
    fn a_connection_that_nobody_took_is_not_left_open() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let client = TcpStream::connect(address).unwrap();
        let ours = client.local_addr().unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let table = SocketTable::open().unwrap();
        assert_eq!(table.unread(address, ours), Some(1));
        assert_eq!(table.left_open(address, ours), None);
        let taken = listener.accept().unwrap();
        assert!(table.left_open(address, ours).is_some());
        drop(taken);
    }

    #[test]
    fn what_is_unread_is_told_for_ipv4() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        follows_a_connection(&listener, listener.local_addr().unwrap());
    }

    #[test]
    fn what_is_unread_is_told_for_ipv6() {
        let listener = TcpListener::bind("[::1]:0").unwrap();
        follows_a_connection(&listener, listener.local_addr().unwrap());
    }

    #[test]
    fn what_is_unread_is_told_for_ipv4_at_a_socket_of_both() {
        let (socket, port) = on_wildcard(Type::STREAM, false);
        let listener = TcpListener::from(socket);
        follows_a_connection(&listener, (Ipv4Addr::LOCALHOST, port).into());
        follows_a_connection(&listener, (Ipv6Addr::LOCALHOST, port).into());
    }

    #[test]
    fn whether_a_wildcard_takes_ipv4_is_told_without_connecting() {
        let table = SocketTable::open().unwrap();
        for (kind, transport) in [(Type::STREAM, Transport::Tcp), (Type::DGRAM, Transport::Udp)] {
            for ipv6_only in [false, true] {
                let (_socket, port) = on_wildcard(kind, ipv6_only);
                let own = listeners(&[Pid::own()]).unwrap();
                let inodes: Vec<u64> = own
                    .iter()
                    .filter(|l| l.transport == transport && l.addr.port() == port)
                    .map(|l| l.inode)
                    .collect();
                let takes =
                    |host: IpAddr| table.answered_by(transport, (host, port).into(), &inodes);
                assert_eq!(inodes.len(), 1);
                assert_eq!(takes(Ipv4Addr::LOCALHOST.into()), Some(!ipv6_only));
                assert_eq!(takes(Ipv6Addr::LOCALHOST.into()), Some(true));
                assert_eq!(
                    table.answered_by(transport, (Ipv6Addr::LOCALHOST, port).into(), &[]),
                    Some(false)
                );
            }
        }
    }

    #[test]
    fn nobody_is_told_from_somebody() {
        let table = SocketTable::open().unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        drop(socket);
        assert_eq!(table.answered_by(Transport::Udp, address, &[1]), Some(false));
        assert_eq!(table.unread(address, address), None);
    }
}
