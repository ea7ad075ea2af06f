//! What may be left out of a dialogue, or made simpler in it, one thing at a time.

use std::collections::{BTreeSet, HashSet};
use std::iter::{once, successors};

use super::requests::requests;
use crate::transcript::{Act, Client, Dialogue, Step, Text};

/// Octets of a text that is tried as one of a single character.
const LONG: usize = 64;
/// Octets of a send beyond which it is not taken to messages.
const SPLIT_MAX: usize = 1 << 14;

/// Smaller dialogues, those that lack most first.
pub fn smaller(dialogue: &Dialogue) -> impl Iterator<Item = Dialogue> + '_ {
    fewer_clients(dialogue)
        .chain(fewer_requests(dialogue))
        .chain(whole(dialogue))
        .chain(fewer_acts(dialogue))
        .chain(fewer_pieces(dialogue))
        .chain(repeated_units(dialogue))
        .chain(shorter_texts(dialogue))
        .chain(smaller_digits(dialogue))
}

/// Without one of the clients.
fn fewer_clients(dialogue: &Dialogue) -> impl Iterator<Item = Dialogue> + '_ {
    let clients: BTreeSet<Client> = dialogue.steps.iter().map(|step| step.client).collect();
    let several = clients.len() > 1;
    let without = |client| kept(dialogue, |_, step| step.client != client);
    clients.into_iter().rev().filter(move |_| several).map(without)
}

/// Without some requests and their replies.
fn fewer_requests(dialogue: &Dialogue) -> impl Iterator<Item = Dialogue> + '_ {
    let requests = requests(dialogue);
    chunks(requests.len()).map(move |chunk| {
        let dropped: HashSet<usize> = requests[chunk].iter().flatten().copied().collect();
        kept(dialogue, |at, _| !dropped.contains(&at))
    })
}

/// With the octets that a client sends one after the other as messages: first all of them, the end of its half with them,
/// then those of one send as far as they are whole lines.
fn whole(dialogue: &Dialogue) -> impl Iterator<Item = Dialogue> + '_ {
    let all = once(()).filter_map(|()| messages(dialogue));
    all.chain(raws(dialogue).filter_map(|at| {
        let octets = octets(dialogue, at)?;
        let end = octets.iter().rposition(|&octet| octet == b'\n')? + 1;
        let (lines, rest) = octets.split_at(end);
        let client = dialogue.steps[at].client;
        let rest = (!rest.is_empty()).then(|| sent(client, rest, false));
        Some(replaced(dialogue, at, framed(client, lines).chain(rest)))
    }))
}

/// Without one of the acts that are neither request nor reply.
fn fewer_acts(dialogue: &Dialogue) -> impl Iterator<Item = Dialogue> + '_ {
    let acts = dialogue
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| !matches!(step.act, Act::Send { .. } | Act::Expect { .. }));
    acts.map(|(dropped, _)| kept(dialogue, |at, _| at != dropped))
}

/// With two sends of a client, one after the other, as one.
fn fewer_pieces(dialogue: &Dialogue) -> impl Iterator<Item = Dialogue> + '_ {
    raws(dialogue).filter_map(|at| {
        let client = dialogue.steps[at].client;
        let next =
            (at + 1..dialogue.steps.len()).find(|&it| dialogue.steps[it].client == client)?;
        let joined = [octets(dialogue, at)?, raw(&dialogue.steps[next])?].concat();
        let mut fewer = replaced(dialogue, at, once(sent(client, &joined, false)));
        fewer.steps.remove(next);
        Some(fewer)
    })
}

/// With a long text that says the same all along, which its reader need not read.
fn repeated_units(dialogue: &Dialogue) -> impl Iterator<Item = Dialogue> + '_ {
    sends(dialogue).filter(|(_, octets, _)| octets.len() >= LONG).filter_map(
        |(at, octets, framed)| {
            let units = units(octets);
            let (first, lines) = (units.first()?, units.contains(&&b"\n"[..]));
            let repeated = first.repeat(octets.len() / first.len());
            let client = dialogue.steps[at].client;
            (!lines && repeated != octets)
                .then(|| replaced(dialogue, at, once(sent(client, &repeated, framed))))
        },
    )
}

/// With a part of what is sent left out, but for line ends: they make a request.
fn shorter_texts(dialogue: &Dialogue) -> impl Iterator<Item = Dialogue> + '_ {
    sends(dialogue).flat_map(move |(at, octets, framed)| {
        let units = units(octets);
        chunks(units.len()).filter_map(move |chunk| {
            let lines = !framed && units[chunk.clone()].contains(&&b"\n"[..]);
            let rest = [units[..chunk.start].concat(), units[chunk.end..].concat()].concat();
            // Octets in a send of their own are none without octets.
            let shorter = !lines && (framed || !rest.is_empty());
            shorter.then(|| {
                replaced(dialogue, at, once(sent(dialogue.steps[at].client, &rest, framed)))
            })
        })
    })
}

/// With a smaller digit in the place of one, and of those beside it that are alike.
fn smaller_digits(dialogue: &Dialogue) -> impl Iterator<Item = Dialogue> + '_ {
    sends(dialogue).flat_map(move |(at, octets, framed)| {
        let client = dialogue.steps[at].client;
        let mut past = 0;
        let runs = octets.chunk_by(|left, right| left == right).map(move |run| {
            past += run.len();
            past - run.len()..past
        });
        runs.filter(|run| octets[run.start].is_ascii_digit()).flat_map(move |run| {
            (b'0'..octets[run.start]).map(move |smaller| {
                let mut octets = octets.to_vec();
                octets[run.clone()].fill(smaller);
                replaced(dialogue, at, once(sent(client, &octets, framed)))
            })
        })
    })
}

/// All pieces as messages, where there are pieces; a rest that the end of the client's half completes is one of them.
fn messages(dialogue: &Dialogue) -> Option<Dialogue> {
    raws(dialogue).next()?;
    let mut steps: Vec<Step> = Vec::new();
    let mut pieces: Vec<(Client, Vec<u8>)> = Vec::new();
    for (at, step) in dialogue.steps.iter().enumerate() {
        let begun = pieces.iter().position(|(client, _)| *client == step.client);
        match (&step.act, begun) {
            (Act::Send { framed: false, .. }, _) => {
                let mut octets = octets(dialogue, at)?.to_vec();
                if let Some(begun) = begun {
                    octets = [pieces.remove(begun).1, octets].concat();
                }
                let end = octets.iter().rposition(|&octet| octet == b'\n').map_or(0, |end| end + 1);
                steps.extend(framed(step.client, &octets[..end]));
                if end < octets.len() {
                    pieces.push((step.client, octets.split_off(end)));
                }
            }
            (Act::End, Some(begun)) => {
                let (client, rest) = pieces.remove(begun);
                steps.push(sent(client, &rest, true));
            }
            _ => steps.push(step.clone()),
        }
    }
    let rests = pieces.into_iter().map(|(client, rest)| sent(client, &rest, false));
    Some(Dialogue::of(steps.into_iter().chain(rests)))
}

/// What remains of so many when a run of them is left out: half of them, a quarter, and so on to a single one.
fn chunks(count: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let sizes = successors(Some(count.div_ceil(2)), |size| (*size > 1).then(|| size.div_ceil(2)));
    sizes.filter(|size| *size > 0).flat_map(move |size| {
        (0..count).step_by(size).map(move |from| from..(from + size).min(count))
    })
}

/// The characters of a text, and the octets that are in none.
fn units(octets: &[u8]) -> Vec<&[u8]> {
    let chunks = octets.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid();
        let chars = valid.char_indices().map(|(at, c)| &valid.as_bytes()[at..at + c.len_utf8()]);
        chars.chain(chunk.invalid().chunks(1))
    });
    chunks.collect()
}

fn kept(dialogue: &Dialogue, keep: impl Fn(usize, &Step) -> bool) -> Dialogue {
    let steps = dialogue.steps.iter().enumerate().filter(|(at, step)| keep(*at, step));
    Dialogue::of(steps.map(|(_, step)| step.clone()))
}

fn replaced(dialogue: &Dialogue, at: usize, by: impl Iterator<Item = Step>) -> Dialogue {
    let (before, after) = (&dialogue.steps[..at], &dialogue.steps[at + 1..]);
    Dialogue::of(before.iter().cloned().chain(by).chain(after.iter().cloned()))
}

fn sent(client: Client, octets: &[u8], framed: bool) -> Step {
    Step { client, act: Act::Send { text: Text::octets(octets), framed } }
}

/// Whole lines as messages.
fn framed(client: Client, lines: &[u8]) -> impl Iterator<Item = Step> {
    lines
        .split_inclusive(|&octet| octet == b'\n')
        .map(move |line| sent(client, line.strip_suffix(b"\n").unwrap_or(line), true))
}

/// The octets of a step that sends some by themselves.
fn raw(step: &Step) -> Option<&[u8]> {
    match &step.act {
        Act::Send { text, framed: false } => text.literal(),
        _ => None,
    }
}

/// The same, unless there are very many.
fn octets(dialogue: &Dialogue, at: usize) -> Option<&[u8]> {
    raw(&dialogue.steps[at]).filter(|octets| octets.len() <= SPLIT_MAX)
}

fn raws(dialogue: &Dialogue) -> impl Iterator<Item = usize> + '_ {
    (0..dialogue.steps.len()).filter(|&at| raw(&dialogue.steps[at]).is_some())
}

fn sends(dialogue: &Dialogue) -> impl Iterator<Item = (usize, &[u8], bool)> {
    dialogue.steps.iter().enumerate().filter_map(|(at, step)| match &step.act {
        Act::Send { text, framed } => Some((at, text.literal()?, *framed)),
        _ => None,
    })
}
