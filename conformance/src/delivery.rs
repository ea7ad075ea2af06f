//! How the octets of a dialogue reach the target: the same messages, cut or joined.

use crate::transcript::{Act, Client, Dialogue, Step, Text};

/// A series of messages with the octets of its requests cut at these places, each piece in a send of its own. Places
/// past the end count from the start again.
pub fn cut(requests: &[String], replies: &[Text], places: &[usize]) -> Dialogue {
    let octets: Vec<u8> =
        requests.iter().flat_map(|request| request.bytes().chain([b'\n'])).collect();
    let mut bounds: Vec<usize> = places.iter().map(|place| place % octets.len()).collect();
    bounds.extend([0, octets.len()]);
    bounds.sort_unstable();
    bounds.dedup();
    let pieces = bounds.windows(2).map(|pair| sent(&octets[pair[0]..pair[1]]));
    Dialogue { steps: pieces.chain(replies.iter().map(due)).collect() }
}

/// A series of messages sent at once, as octets of one send, with this terminator.
pub fn coalesced(requests: &[String], replies: &[Text], terminator: &str) -> Dialogue {
    let octets: String = requests.iter().flat_map(|request| [request, terminator]).collect();
    let steps = std::iter::once(sent(octets.as_bytes())).chain(replies.iter().map(due)).collect();
    Dialogue { steps }
}

fn sent(octets: &[u8]) -> Step {
    Step { client: Client::A, act: Act::Send { text: Text::octets(octets), framed: false } }
}

fn due(text: &Text) -> Step {
    Step { client: Client::A, act: Act::Expect { text: text.clone(), framed: true } }
}
