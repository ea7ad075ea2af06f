//! Generated dialogues repeat: the same seed gives the same, another seed others, and fewer are the first of more.

use std::collections::BTreeMap;

use trueline_conformance::case::{self, Body, Case};
use trueline_protocol::service::Service;

fn properties() -> impl Iterator<Item = &'static Case> {
    case::all().filter(|case| matches!(case.body, Body::Generated(_)))
}

fn of(case: &Case, seed: u64, count: u32) -> Vec<String> {
    case.dialogues(seed, count).map(|dialogue| dialogue.to_string()).collect()
}

#[test]
fn the_same_seed_gives_the_same_dialogues_and_another_seed_others() {
    for case in properties() {
        let dialogues = of(case, 1, 24);
        assert_eq!(dialogues, of(case, 1, 24), "{}", case.name);
        assert_ne!(dialogues, of(case, 2, 24), "{}", case.name);
        assert_ne!(dialogues, of(case, u64::MAX, 24), "{}", case.name);
    }
}

#[test]
fn fewer_dialogues_are_the_first_of_more() {
    for case in properties() {
        let dialogues = of(case, 7, 32);
        assert_eq!(dialogues.len(), 32, "{} has too few", case.name);
        for count in [0, 1, 16] {
            assert_eq!(dialogues[..count as usize], of(case, 7, count), "{}", case.name);
        }
    }
}

/// What is asked again and again is asked for nothing.
#[test]
fn dialogues_of_a_property_differ() {
    for case in properties() {
        let mut times: BTreeMap<String, u32> = BTreeMap::new();
        for dialogue in of(case, 3, 64) {
            *times.entry(dialogue).or_default() += 1;
        }
        assert!(times.len() >= 16, "{}: {} of 64", case.name, times.len());
    }
}

/// A server that ignores what is like the message before is told by the cases that are about it, and by no luck.
#[test]
fn no_dialogue_is_like_the_one_before() {
    for case in properties() {
        let dialogues = of(case, 3, 256);
        assert!(dialogues.windows(2).all(|two| two[0] != two[1]), "{}", case.name);
    }
}

/// Random numbers come from the seed and the name of the case, so two cases with the same strategy ask other things.
#[test]
fn cases_do_not_share_their_dialogues() {
    for service in Service::ALL {
        let mut seen: BTreeMap<Vec<String>, &str> = BTreeMap::new();
        for case in properties().filter(|case| case.service == *service) {
            let other = seen.insert(of(case, 5, 8), &case.name);
            assert_eq!(other, None, "{} of {service} asks the same", case.name);
        }
    }
}
