//! Where a client wants to go, seen on the wire: the port of the first connection that it asks for, or of its first
//! datagram. Nothing has to listen there.

use std::io;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::pcap::LONGEST;
use super::tap::Tap;
use crate::transport::Transport;

/// Octets of an Ethernet header, which a loopback interface writes, too.
const ETHERNET: usize = 14;
/// The fixed header of IPv6.
const IPV6: usize = 40;
/// Where names are looked up: no service of SPEC.md.
const DNS: u16 = 53;

impl Tap {
    /// Waits for a client that connects, or sends a datagram, and tells the port that it wants.
    ///
    /// # Errors
    ///
    /// The kernel shows no frames.
    pub(crate) async fn knock(&self, transport: Transport) -> io::Result<u16> {
        #[expect(
            deprecated,
            reason = "its successor is unsafe, and asks for no more than OwnedFd guarantees"
        )]
        let ready = AsyncFd::with_interest(self.ready()?, Interest::READABLE)?;
        let mut buffer = Box::new([0; LONGEST]);
        loop {
            let mut awake = ready.readable().await?;
            while let Some(seen) = self.next(&mut buffer)? {
                if let Some(port) = wanted(&buffer[..seen.length.min(LONGEST)], transport) {
                    return Ok(port);
                }
            }
            awake.clear_ready();
        }
    }
}

/// The port to which a frame asks for a connection, or to which it brings a datagram.
fn wanted(frame: &[u8], transport: Transport) -> Option<u16> {
    const TCP: u8 = 6;
    const UDP: u8 = 17;
    let packet = frame.get(ETHERNET..)?;
    let (protocol, segment) = match frame.get(ETHERNET - 2..ETHERNET)? {
        [0x08, 0x00] => {
            let header = usize::from(packet.first()? & 0x0F) * 4;
            (*packet.get(9)?, packet.get(header..)?)
        }
        [0x86, 0xDD] => (*packet.get(6)?, packet.get(IPV6..)?),
        _ => return None,
    };
    let port = u16::from_be_bytes([*segment.get(2)?, *segment.get(3)?]);
    let is_first = match transport {
        // SYN, and no ACK.
        Transport::Tcp => protocol == TCP && segment.get(13)? & 0x12 == 0x02,
        Transport::Udp => protocol == UDP && port != DNS,
    };
    is_first.then_some(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: [u8; 2], header: &[u8], segment: &[u8]) -> Vec<u8> {
        [&[0; 12][..], &kind, header, segment].concat()
    }

    fn segment(flags: u8) -> Vec<u8> {
        let mut segment = vec![0; 20];
        segment[2..4].copy_from_slice(&8040_u16.to_be_bytes());
        segment[13] = flags;
        segment
    }

    #[test]
    fn the_first_segment_of_a_connection_tells_its_port() {
        let mut ipv4 = [0; 24];
        // With an option, so that the header is longer than it is as a rule.
        (ipv4[0], ipv4[9]) = (0x46, 6);
        let mut ipv6 = [0; 40];
        ipv6[6] = 6;
        for (kind, header) in [([0x08, 0x00], &ipv4[..]), ([0x86, 0xDD], &ipv6[..])] {
            assert_eq!(wanted(&frame(kind, header, &segment(0x02)), Transport::Tcp), Some(8040));
            // The answer to it, a reset, and what is no TCP.
            assert_eq!(wanted(&frame(kind, header, &segment(0x12)), Transport::Tcp), None);
            assert_eq!(wanted(&frame(kind, header, &segment(0x14)), Transport::Tcp), None);
            assert_eq!(wanted(&frame(kind, header, &segment(0x02)), Transport::Udp), None);
        }
    }

    #[test]
    fn a_datagram_tells_its_port_unless_it_looks_up_a_name() {
        let mut ipv4 = [0; 20];
        (ipv4[0], ipv4[9]) = (0x45, 17);
        let mut datagram = frame([0x08, 0x00], &ipv4, &segment(0));
        assert_eq!(wanted(&datagram, Transport::Udp), Some(8040));
        datagram[36..38].copy_from_slice(&DNS.to_be_bytes());
        assert_eq!(wanted(&datagram, Transport::Udp), None);
        for length in 0..datagram.len() - 16 {
            assert_eq!(wanted(&datagram[..length], Transport::Tcp), None);
        }
    }
}
