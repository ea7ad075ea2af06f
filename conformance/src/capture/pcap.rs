//! The file format of captures: pcap, as Wireshark, tshark and tcpdump read it. Pure.
//!
//! The classic format with nanoseconds, least significant octet first (draft-ietf-opsawg-pcap):
//!
//! ```text
//! file     magic 4, major 2, minor 2, zone 4, accuracy 4, longest 4, link type 4; then records
//! record   seconds 4, nanoseconds 4, octets in the file 4, octets of the frame 4; then the frame
//! ```

use std::time::Duration;

/// Octets of a record before its frame.
pub const RECORD_HEADER: usize = 16;

/// Octets of a frame that are captured at most: the largest datagram of a loopback interface, and the header of Ethernet. So
/// none is cut; and no other program writes just this into its files.
pub const LONGEST: usize = 65_536 + 14;

const NANOSECONDS: u32 = 0xA1B2_3C4D;
const MAJOR: u16 = 2;
const MINOR: u16 = 4;
const ETHERNET: u32 = 1;

/// What a file begins with. It is the same in all of ours, so that those of an earlier check are known.
pub fn header() -> Vec<u8> {
    let mut header = Vec::with_capacity(24);
    header.extend(NANOSECONDS.to_le_bytes());
    header.extend(MAJOR.to_le_bytes());
    header.extend(MINOR.to_le_bytes());
    // Times are those of UTC, and nobody says how accurate they are.
    header.extend([0; 8]);
    header.extend((LONGEST as u32).to_le_bytes());
    header.extend(ETHERNET.to_le_bytes());
    header
}

/// Adds a frame that came at a time since 1970; it had so many octets, of which these were captured.
pub fn push(records: &mut Vec<u8>, at: Duration, captured: &[u8], length: usize) {
    // Good until the year 2106, as the format is.
    records.extend((at.as_secs() as u32).to_le_bytes());
    records.extend(at.subsec_nanos().to_le_bytes());
    records.extend((captured.len() as u32).to_le_bytes());
    records.extend((length as u32).to_le_bytes());
    records.extend(captured);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_word_for_word_what_the_format_says() {
        let mut file = header();
        push(&mut file, Duration::new(0x0102_0304, 5), b"frame", 5);
        push(&mut file, Duration::new(0x0102_0305, 999_999_999), b"cut", 0x0001_0000);
        let expected: &[&[u8]] = &[
            &[0x4D, 0x3C, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x0E, 0, 1, 0, 1, 0, 0, 0],
            &[4, 3, 2, 1, 5, 0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0],
            b"frame",
            &[5, 3, 2, 1, 0xFF, 0xC9, 0x9A, 0x3B, 3, 0, 0, 0, 0, 0, 1, 0],
            b"cut",
        ];
        assert_eq!(file, expected.concat());
        assert_eq!(file.len(), 24 + 2 * RECORD_HEADER + 8);
    }
}
