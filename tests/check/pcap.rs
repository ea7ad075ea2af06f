//! `--pcap`: a capture of each failed case, read here as its format says; no other program is needed.

use super::*;

use std::fs;

/// A frame of a capture: when it came, and its octets.
struct Frame {
    at: (u32, u32),
    octets: Vec<u8>,
}

/// Reads a pcap file with nanoseconds, of Ethernet.
fn read(path: &Path) -> Vec<Frame> {
    let file = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
    assert_eq!(number(0), 0xA1B2_3C4D, "nanoseconds");
    assert_eq!((number(4), number(20)), (2 | 4 << 16, 1), "version 2.4, Ethernet");
    let longest = number(16);
    let mut frames = Vec::new();
    let mut at = 24;
    while at < file.len() {
        let (seconds, nanoseconds, kept, length) =
            (number(at), number(at + 4), number(at + 8), number(at + 12));
        assert!(nanoseconds < 1_000_000_000 && kept <= longest);
        assert_eq!(kept, length, "a frame is cut");
        let end = at + 16 + kept as usize;
        frames.push(Frame { at: (seconds, nanoseconds), octets: file[at + 16..end].to_vec() });
        at = end;
    }
    assert_eq!(at, file.len());
    frames
}

impl Frame {
    /// Whether these octets are in it.
    fn holds(&self, octets: &[u8]) -> bool {
        self.octets.windows(octets.len()).any(|it| it == octets)
    }
}

/// Where these octets are, in the one frame that has them.
fn place(frames: &[Frame], octets: &str) -> usize {
    let all: Vec<usize> =
        (0..frames.len()).filter(|at| frames[*at].holds(octets.as_bytes())).collect();
    assert_eq!(all.len(), 1, "{octets:?} is in {all:?} of {} frames", frames.len());
    all[0]
}

/// The names of the files in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn shows_the_exchange_of_a_failed_case() {
    let folder = tempfile::tempdir().unwrap();
    let pcaps = folder.path().join("pcaps");
    let options = ["--only", "calculator.quotient", "--pcap", pcaps.to_str().unwrap()];
    for transport in ["tcp", "udp"] {
        let transport = ["--transport", transport];
        let served = ["--", TRUELINE, "serve", "calculator", "--listen", "127.0.0.1:0"];
        let wrong = [&served[..], &transport, &["--mutant", "floor-division"]].concat();
        let failed = check(&[&options[..], &transport].concat(), &wrong);
        let failure = &failed.failures("CALC-12")[0];
        assert_eq!(names(&pcaps), ["calculator.quotient.pcap"]);
        let path = pcaps.join("calculator.quotient.pcap");
        assert_eq!(failure["capture"], path.to_str().unwrap());

        let frames = read(&path);
        // What the report shows, and nothing of what went before.
        let shown = if failure["smallest"].is_null() { failure } else { &failure["smallest"] };
        let transcript = shown["transcript"].as_str().unwrap();
        let asked = transcript.lines().find_map(|line| line.strip_prefix("> ")).unwrap();
        let came = shown["observed"]["text"].as_str().unwrap();
        assert!(place(&frames, asked) < place(&frames, came), "{transcript}");
        let times: Vec<(u32, u32)> = frames.iter().map(|frame| frame.at).collect();
        assert!(times.is_sorted(), "{times:?}");
        assert!(times[0].0 > 1_700_000_000, "the time of day: {times:?}");
    }
}

/// Also where the program was launched again in between, in another network.
#[test]
fn shows_a_program_that_dies() {
    let dies = Script::new(
        "\
import socket
server = socket.create_server(('', 8040))
connection, _ = server.accept()
words = connection.recv(4096)
raise SystemExit('what a day')
",
    );
    let folder = tempfile::tempdir().unwrap();
    let options = ["--only", "calculator.postfix", "--pcap", folder.path().to_str().unwrap()];
    let failed = check(&options, &["--", python(), dies.path()]);
    assert_eq!(failed.exit, 1, "{:#}", failed.report);
    for name in names(folder.path()) {
        let frames = read(&folder.path().join(&name));
        assert!(frames.iter().any(|frame| frame.holds(b" +\n")), "{name}");
    }
    assert_ne!(names(folder.path()), Vec::<String>::new());
}

/// Captures of an earlier check go; what is not ours stays.
#[test]
fn forgets_earlier_captures_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--only", "calculator.quotient", "--pcap", folder.path().to_str().unwrap()];
    let served = ["--", TRUELINE, "serve", "calculator", "--listen", "127.0.0.1:0"];
    check(&options, &[&served[..], &["--mutant", "floor-division"]].concat());
    fs::write(folder.path().join("mine.pcap"), [0xD4, 0xC3, 0xB2, 0xA1]).unwrap();
    assert_eq!(names(folder.path()), ["calculator.quotient.pcap", "mine.pcap"]);
    check(&options, &served).conforms();
    assert_eq!(names(folder.path()), ["mine.pcap"]);
}
