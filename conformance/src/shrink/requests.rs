//! Which steps of a dialogue belong together: a request, in one send or in pieces, and its replies.

use std::collections::{BTreeMap, VecDeque};

use crate::transcript::{Act, Client, Dialogue};

/// The steps of each request and of its replies. Several requests in one send belong together; where a client sends
/// nothing, its connection is the request.
pub(super) fn requests(dialogue: &Dialogue) -> Vec<Vec<usize>> {
    let mut requests: Vec<Vec<usize>> = Vec::new();
    let mut clients: BTreeMap<Client, Asked> = BTreeMap::new();
    for (at, step) in dialogue.steps.iter().enumerate() {
        let asked = clients.entry(step.client).or_default();
        match &step.act {
            Act::Open if !speaks(dialogue, step.client) => {
                asked.due.push_back(requests.len());
                asked.last = Some(requests.len());
                requests.push(vec![at]);
            }
            Act::Close => {
                if let Some(last) = asked.last.take() {
                    requests[last].push(at);
                }
            }
            Act::Send { text, framed } => {
                let request = asked.begun.take().unwrap_or_else(|| {
                    requests.push(Vec::new());
                    requests.len() - 1
                });
                requests[request].push(at);
                let octets = text.literal().unwrap_or_default();
                let lines = octets.iter().filter(|&&octet| octet == b'\n').count();
                let replies = if *framed { 1 } else { lines };
                asked.due.extend(std::iter::repeat_n(request, replies));
                if !framed && !octets.ends_with(b"\n") {
                    asked.begun = Some(request);
                }
            }
            Act::End => asked.due.extend(asked.begun.take()),
            Act::Expect { .. } => {
                if let Some(request) = asked.due.pop_front() {
                    requests[request].push(at);
                }
            }
            _ => {}
        }
    }
    requests
}

/// What a client has asked so far.
#[derive(Default)]
struct Asked {
    /// The requests whose replies have not come, one for each reply.
    due: VecDeque<usize>,
    /// The request of which only a part is sent.
    begun: Option<usize>,
    /// The connection that is a request.
    last: Option<usize>,
}

fn speaks(dialogue: &Dialogue, client: Client) -> bool {
    let own = |act: &Act| matches!(act, Act::Send { .. });
    dialogue.steps.iter().any(|step| step.client == client && own(&step.act))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript;

    #[test]
    fn replies_belong_to_their_requests() {
        for (steps, expected) in [
            ("> a\n> b\n< c\n< d\n", vec![vec![0, 2], vec![1, 3]]),
            (">> a\n>> b\\nc\\n\n< d\n< e\n> f\n< g\n", vec![vec![0, 1, 2, 3], vec![4, 5]]),
            ("> a\nB> b\nB< c\n< d\n", vec![vec![0, 3], vec![1, 2]]),
            (">> a\n! end\n< b\n? closed\n", vec![vec![0, 2]]),
            ("! open\n< a\n! close\n! open\n< b\n", vec![vec![0, 1, 2], vec![3, 4]]),
        ] {
            let written = transcript::parse("test", &format!("case a\n{steps}")).unwrap();
            assert_eq!(requests(&written[0].dialogue), expected, "{steps}");
        }
    }
}
