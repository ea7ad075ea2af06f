//! Sockets, from the tables under `/proc/PID/net`.
//!
//! A row of these tables (proc(5)) starts with
//!
//! ```text
//! sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
//! ```
//!
//! and ends, for UDP, with `ref pointer drops`. An address is written as 32-bit words in the machine's
//! own order, each in hexadecimal. The procfs crate reads these tables too, but whole, and leaves out
//! the drops: to read all of `tcp` walks the kernel's hash of connections and takes 0.6 ms even if there
//! are none; its listening sockets, which come first, take 10 µs.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use procfs::process::{FDTarget, Process as Entry};

use super::{Listener, Pid};
use crate::transport::Transport;

/// As many octets as a row of `tcp` has: the kernel then looks no further than the row it is asked for.
const ROW: usize = 150;

const TABLES: [(Transport, &str); 4] = [
    (Transport::Tcp, "tcp"),
    (Transport::Tcp, "tcp6"),
    (Transport::Udp, "udp"),
    (Transport::Udp, "udp6"),
];

/// TCP_LISTEN.
const LISTENING: &str = "0A";
/// TCP_CLOSE, which for UDP says: not connected.
const UNCONNECTED: &str = "07";

/// The sockets on which these processes wait: TCP listening, UDP bound and not connected. In the order
/// of transport and address. Each process is looked for in its own network namespace.
pub fn listeners(pids: &[Pid]) -> Option<Vec<Listener>> {
    if !fs::exists("/proc/self/net/tcp").unwrap_or(false) {
        return None;
    }
    let mut found = Vec::new();
    for (beside, mut owners) in owners(pids) {
        for (transport, table) in TABLES {
            if owners.is_empty() {
                break;
            }
            let path = format!("/proc/{beside}/net/{table}");
            for row in rows(Path::new(&path)) {
                if row.state != waiting(transport) {
                    match transport {
                        // Connections come after the last listening socket.
                        Transport::Tcp => break,
                        Transport::Udp => continue,
                    }
                }
                if let Some(pid) = owners.remove(&row.inode) {
                    found.push(Listener { pid, transport, addr: row.local, inode: row.inode });
                }
                if owners.is_empty() {
                    break;
                }
            }
        }
    }
    found.sort_by_key(|listener| (listener.transport, listener.addr, listener.inode));
    Some(found)
}

fn waiting(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => LISTENING,
        Transport::Udp => UNCONNECTED,
    }
}

/// The sockets that the processes hold and who holds them, by network namespace; and for each namespace a
/// process to look at it through.
fn owners(pids: &[Pid]) -> Vec<(Pid, BTreeMap<u64, Pid>)> {
    let mut namespaces: BTreeMap<_, (Pid, BTreeMap<u64, Pid>)> = BTreeMap::new();
    for &pid in pids {
        let sockets = sockets(pid);
        if sockets.is_empty() {
            continue;
        }
        let namespace = fs::read_link(format!("/proc/{pid}/ns/net")).ok();
        let (_, owners) = namespaces.entry(namespace).or_insert_with(|| (pid, BTreeMap::new()));
        for inode in sockets {
            owners.entry(inode).or_insert(pid);
        }
    }
    namespaces.into_values().collect()
}

fn sockets(pid: Pid) -> Vec<u64> {
    let descriptors = i32::try_from(pid.0).ok().and_then(|pid| Entry::new(pid).ok()?.fd().ok());
    let Some(descriptors) = descriptors else {
        return Vec::new();
    };
    descriptors
        .filter_map(|descriptor| match descriptor.ok()?.target {
            FDTarget::Socket(inode) => Some(inode),
            _ => None,
        })
        .collect()
}

/// How many datagrams the UDP sockets at `address` have dropped since they were opened: those bound to
/// its port, on its address or on the wildcard. `None` also where there is no such socket.
pub fn udp_drops(address: SocketAddr) -> Option<u64> {
    drops_in("/proc/thread-self/net", address)
}

/// As [`udp_drops`], in the network namespace of `pid`.
pub fn udp_drops_beside(pid: Pid, address: SocketAddr) -> Option<u64> {
    drops_in(&format!("/proc/{pid}/net"), address)
}

fn drops_in(tables: &str, address: SocketAddr) -> Option<u64> {
    let tables = Path::new(tables);
    if !tables.join("udp").exists() {
        return None;
    }
    let takes = |local: SocketAddr| {
        let ip = local.ip().to_canonical();
        local.port() == address.port() && (ip.is_unspecified() || ip == address.ip().to_canonical())
    };
    let sockets = ["udp", "udp6"].into_iter().flat_map(|table| rows(&tables.join(table)));
    let drops: Vec<u64> = sockets.filter(|row| takes(row.local)).map(|row| row.drops).collect();
    (!drops.is_empty()).then(|| drops.iter().sum())
}

struct Row {
    local: SocketAddr,
    state: String,
    inode: u64,
    /// Only UDP has them; what stands last in a row of `tcp` is not a count.
    drops: u64,
}

/// The rows of a table, each read when it is asked for.
fn rows(table: &Path) -> impl Iterator<Item = Row> + use<> {
    let table = File::open(table).ok();
    table
        .into_iter()
        .flat_map(|file| BufReader::with_capacity(ROW, file).lines())
        .map_while(Result::ok)
        .skip(1)
        .filter_map(|line| row(&line))
}

fn row(line: &str) -> Option<Row> {
    let mut fields = line.split_ascii_whitespace();
    let local = address(fields.nth(1)?)?;
    let state = fields.nth(1)?.to_owned();
    let inode = fields.nth(5)?.parse().ok()?;
    let drops = fields.nth(2).and_then(|drops| drops.parse().ok());
    Some(Row { local, state, inode, drops: drops.unwrap_or(0) })
}

fn address(field: &str) -> Option<SocketAddr> {
    let (ip, port) = field.split_once(':')?;
    let word = |at: usize| u32::from_str_radix(ip.get(at * 8..at * 8 + 8)?, 16).ok();
    let ip = match ip.len() {
        8 => IpAddr::from(Ipv4Addr::from(word(0)?.to_ne_bytes())),
        32 => {
            let mut octets = [0; 16];
            for (at, four) in octets.chunks_exact_mut(4).enumerate() {
                four.copy_from_slice(&word(at)?.to_ne_bytes());
            }
            IpAddr::from(Ipv6Addr::from(octets))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

/// Whether `[::]` leaves IPv4 alone unless a program asks otherwise (`net.ipv6.bindv6only`).
pub fn ipv6_only_by_default() -> Option<bool> {
    setting("/proc/sys/net/ipv6/bindv6only").map(|number: u8| number != 0)
}

/// The ports that the system hands out to whoever asks for any (`net.ipv4.ip_local_port_range`).
pub fn ephemeral_ports() -> Option<std::ops::RangeInclusive<u16>> {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut ports = range.split_whitespace().map(str::parse);
    match (ports.next()?, ports.next()?) {
        (Ok(first), Ok(last)) => Some(first..=last),
        _ => None,
    }
}

/// The first port that may be bound without privilege (`net.ipv4.ip_unprivileged_port_start`).
pub fn unprivileged_ports() -> Option<u16> {
    setting("/proc/sys/net/ipv4/ip_unprivileged_port_start")
}

fn setting<N: std::str::FromStr>(path: &str) -> Option<N> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};

    use super::*;

    fn own() -> Vec<Listener> {
        listeners(&[Pid::own()]).unwrap()
    }

    fn has(transport: Transport, addr: SocketAddr) -> bool {
        own().iter().any(|listener| {
            (listener.pid, listener.transport, listener.addr) == (Pid::own(), transport, addr)
        })
    }

    #[test]
    fn listening_sockets_are_found_and_connections_are_not() {
        for host in ["127.0.0.1:0", "127.3.2.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
            let listener = TcpListener::bind(host).unwrap();
            let address = listener.local_addr().unwrap();
            assert!(has(Transport::Tcp, address), "{address}");

            let client = TcpStream::connect(address).unwrap();
            assert!(!has(Transport::Tcp, client.local_addr().unwrap()));
            drop(listener);
            assert!(!has(Transport::Tcp, address), "{address} is closed");
        }
    }

    #[test]
    fn udp_sockets_are_found_until_they_are_connected() {
        for host in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
            let socket = UdpSocket::bind(host).unwrap();
            let address = socket.local_addr().unwrap();
            assert!(has(Transport::Udp, address), "{address}");
            assert!(!has(Transport::Tcp, address));
            socket.connect(address).unwrap();
            assert!(!has(Transport::Udp, address), "{address} is connected");
        }
    }

    #[test]
    fn a_process_without_sockets_and_one_that_is_not_there_have_none() {
        assert_eq!(listeners(&[]), Some(vec![]));
        assert_eq!(listeners(&[Pid(u32::MAX)]), Some(vec![]));
    }

    #[test]
    fn drops_are_counted_at_the_address_and_the_wildcard() {
        let server = UdpSocket::bind("0.0.0.0:0").unwrap();
        let port = server.local_addr().unwrap().port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        assert_eq!(udp_drops(address), Some(0));

        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        for _ in 0..100 {
            client.send_to(&[0; 60_000], address).unwrap();
        }
        let dropped = udp_drops(address).unwrap();
        assert!(dropped > 0 && dropped < 100, "{dropped}");
        assert_eq!(udp_drops_beside(Pid::own(), address), Some(dropped));
    }

    #[test]
    fn a_row_is_read() {
        let line = "  181: 0100007F:1F68 00000000:0000 07 00000000:00000000 00:00000000 00000000  \
                    1000        0 10517 2 00000000210f8ffe 12";
        let row = row(line).unwrap();
        if cfg!(target_endian = "little") {
            assert_eq!(row.local, "127.0.0.1:8040".parse().unwrap());
        }
        assert_eq!((row.state.as_str(), row.inode, row.drops), ("07", 10517, 12));
        assert!(super::row("  sl  local_address").is_none());
    }
}
