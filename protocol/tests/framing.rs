//! What holds of framing, and of a responder, however its octets are cut.

use jiff::civil::DateTime;
use proptest::collection::vec;
use proptest::prelude::*;
use trueline_protocol::framing::{LineDecoder, TooLong, datagram, text};
use trueline_protocol::responder::{Action, Connection, Event, Now, Responder, Server};
use trueline_protocol::service::Service;

/// Streams that hold many line ends, long lines, and text of every kind.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(b"\n".to_vec()),
        2 => Just(b"\r\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        3 => Just(b"10 20 +".to_vec()),
        2 => Just("5 − 6 é".as_bytes().to_vec()),
        2 => vec(any::<u8>(), 0..8),
        1 => (1020usize..1028).prop_map(|n| vec![b'7'; n]),
        1 => (1usize..4000).prop_map(|n| vec![b'\t'; n]),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Everything a right calculator sends on a connection on which these pieces arrive and then the end.
fn replies<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut responder = Responder::of(Service::Calculator);
    let (connection, mut actions) = (Connection(1), Vec::new());
    let mut on = |event| responder.on(Now::ZERO, event, &mut actions);
    on(Event::Accepted(connection));
    pieces.into_iter().for_each(|piece| on(Event::Received(connection, piece)));
    on(Event::Ended(connection));
    assert_eq!(actions.pop(), Some(Action::Close(connection)));
    let sent = actions.into_iter().map(|action| match action {
        Action::Send(_, octets) => octets,
        other => panic!("unexpected {other:?}"),
    });
    sent.flatten().collect()
}

/// SPEC.md 3.1 to 3.4, word by word and without a thought for speed.
fn expected(stream: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = stream.split(|&octet| octet == b'\n').collect();
    if lines.last().is_some_and(|rest| rest.is_empty()) {
        lines.pop();
    }
    let reply = |line: &&[u8]| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let text = text(if line.len() > 1023 { Err(TooLong) } else { Ok(line) });
        let reply = text.map_or_else(
            |code| format!("ERR {code}"),
            |text| Service::Calculator.answer(text, DateTime::ZERO).to_string(),
        );
        (reply + "\n").into_bytes()
    };
    lines.iter().flat_map(reply).collect()
}

proptest! {
    #[test]
    fn any_cutting_gives_the_same_replies(stream in stream(), mut cuts in vec(any::<prop::sample::Index>(), 0..12)) {
        let mut cuts: Vec<usize> = cuts.drain(..).map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        let bounds = [vec![0], cuts, vec![stream.len()]].concat();
        let pieces = bounds.windows(2).map(|pair| &stream[pair[0]..pair[1]]);
        let expected = expected(&stream);
        prop_assert_eq!(&replies(pieces), &expected);
        prop_assert_eq!(&replies([&stream[..]]), &expected);
        prop_assert_eq!(&replies(stream.chunks(1)), &expected);
    }

    #[test]
    fn a_datagram_is_answered_once_and_nothing_is_kept(datagrams in vec(vec(any::<u8>(), 0..1100), 1..6)) {
        let mut responder = Responder::of(Service::Calculator);
        let peer = "127.0.0.1:9".parse().unwrap();
        for octets in &datagrams {
            let (mut actions, mut afresh) = (Vec::new(), Vec::new());
            responder.on(Now::ZERO, Event::Datagram(peer, octets), &mut actions);
            Responder::of(Service::Calculator).on(Now::ZERO, Event::Datagram(peer, octets), &mut afresh);
            prop_assert_eq!(actions.len(), 1);
            prop_assert_eq!(actions, afresh);
        }
    }
}

fn lines(pieces: &[&[u8]]) -> Vec<Result<usize, TooLong>> {
    let (mut decoder, mut lines) = (LineDecoder::default(), Vec::new());
    for piece in pieces {
        decoder.push(piece, &mut |line| lines.push(line.map(<[u8]>::len)));
    }
    lines
}

#[test]
fn the_limit_applies_after_the_terminator_is_removed() {
    for (octets, fits) in [(1022, true), (1023, true), (1024, false), (1025, false)] {
        let line = vec![b'7'; octets];
        let due = vec![if fits { Ok(octets) } else { Err(TooLong) }];
        assert_eq!(lines(&[&line, b"\n"]), due, "{octets} octets and LF");
        assert_eq!(lines(&[&line, b"\r\n"]), due, "{octets} octets and CRLF");
        assert_eq!(lines(&[&line, b"\r", b"\n"]), due, "{octets} octets, CR, then LF");
        assert_eq!(datagram(&line).map(<[u8]>::len), due[0]);
        assert_eq!(datagram(&[&line, &b"\r\n"[..]].concat()).map(<[u8]>::len), due[0]);
    }
}

#[test]
fn a_line_is_refused_as_soon_as_it_cannot_fit_and_not_before() {
    assert_eq!(lines(&[&[b'7'; 1024]]), [Err(TooLong)]);
    assert_eq!(lines(&[&[b'7'; 1023], b"\r"]), []);
    assert_eq!(lines(&[&[b'7'; 1023], b"\r", b"\r"]), [Err(TooLong)]);
    assert_eq!(lines(&[&[b'7'; 5000], b"7777\n", b"5+6\n"]), [Err(TooLong), Ok(3)]);
}

#[test]
fn a_datagram_loses_one_terminator() {
    assert_eq!(datagram(b"5+6\n"), Ok(&b"5+6"[..]));
    assert_eq!(datagram(b"5+6\r\n"), Ok(&b"5+6"[..]));
    assert_eq!(datagram(b"5+6\r"), Ok(&b"5+6\r"[..]));
    assert_eq!(datagram(b"5+6\n\n"), Ok(&b"5+6\n"[..]));
    assert_eq!(datagram(b"\n"), Ok(&b""[..]));
}

#[test]
fn a_decoder_keeps_no_more_of_a_line_than_tells_its_length() {
    let mut decoder = LineDecoder::default();
    for _ in 0..10_000 {
        decoder.push(&[b'7'; 4096], &mut |_| {});
    }
    assert!(format!("{decoder:?}").len() < 10_000);
}
