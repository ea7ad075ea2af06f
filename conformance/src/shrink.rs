//! The smallest dialogue that still shows something: smaller ones are tried until none of them does.
//!
//! Nothing here performs a dialogue or knows what is looked for; whoever asks says of each whether it still shows it. It is
//! tried in a fixed order, so that the same dialogue leads to the same smallest one.

mod requests;
mod smaller;

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::time::{Duration, Instant};

pub use smaller::smaller;

use crate::transcript::Dialogue;

/// What the search may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Dialogues that are tried.
    pub tries: u32,
    /// Time after which no other is tried.
    pub time: Duration,
}

/// What came of the search.
#[derive(Clone, Debug)]
pub struct Smallest {
    /// The smallest dialogue found.
    pub dialogue: Dialogue,
    /// Whether everything smaller was tried.
    pub exhausted: bool,
}

/// Searches for the smallest dialogue of which `shows` still holds, beginning with one of which it does. `None` says that
/// nobody can tell any more, and ends the search.
pub async fn smallest(
    dialogue: Dialogue,
    budget: Budget,
    mut shows: impl AsyncFnMut(&Dialogue) -> Option<bool>,
) -> Smallest {
    let began = Instant::now();
    let key = BuildHasherDefault::<DefaultHasher>::default();
    let mut tried = HashSet::from([key.hash_one(&dialogue)]);
    let mut best = dialogue;
    loop {
        let (mut found, mut exhausted) = (None, true);
        for candidate in smaller(&best) {
            if !tried.insert(key.hash_one(&candidate)) {
                continue;
            }
            let spent = tried.len() - 1 > budget.tries as usize || began.elapsed() > budget.time;
            let shown = if spent { None } else { shows(&candidate).await };
            exhausted = shown.is_some();
            if shown == Some(true) {
                found = Some(candidate);
            }
            if shown != Some(false) {
                break;
            }
        }
        match found {
            Some(smaller) => best = smaller,
            None => return Smallest { dialogue: best, exhausted },
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::transcript;

    const BUDGET: Budget = Budget { tries: 10_000, time: Duration::MAX };

    fn shrunk(steps: &str, shows: impl Fn(&str) -> bool) -> String {
        let written = transcript::parse("test", &format!("case a\n{steps}")).unwrap().remove(0);
        let shows = async |dialogue: &Dialogue| Some(shows(&dialogue.to_string()));
        let smallest = smallest(written.dialogue, BUDGET, shows).now_or_never().unwrap();
        assert!(smallest.exhausted);
        smallest.dialogue.to_string()
    }

    #[test]
    fn what_is_not_needed_goes() {
        let long = "> 10 20 +\n< \\{any}\nB> 3 4 *\n> 17 -27 /\nB< \\{any}\n< \\{any}\n! end\n";
        assert_eq!(shrunk(long, |it| it.contains('/')), "> /\n< \\{any}\n");
        assert_eq!(shrunk(long, |it| it.contains("7 /")), "> 7 /\n< \\{any}\n");
        let two = "> +\n< \\{any}\n> /\n< \\{any}\n";
        assert_eq!(shrunk(long, |it| it.contains('+') && it.contains('/')), two);
    }

    #[test]
    fn pieces_stay_pieces_only_where_they_must() {
        let cut = ">> 10 2\n>> 0 \n>> +\\n1\n>> 2 +\\n\n< \\{any}\n< \\{any}\n";
        assert_eq!(shrunk(cut, |it| it.contains('+')), "> +\n< \\{any}\n");
        let in_pieces = |it: &str| it.matches(">> ").count() > 1 && it.contains("\\n");
        assert_eq!(shrunk(cut, in_pieces), ">> 0\n>> \\n\n< \\{any}\n");
        let rest = ">> 10 20 +\\r\n! end\n< \\{any}\n? closed\n";
        assert_eq!(shrunk(rest, |it| it.contains('+')), "> +\n< \\{any}\n");
        assert_eq!(shrunk(rest, |it| it.contains("! end")), "! end\n");
    }

    #[test]
    fn digits_become_small_and_characters_stay_whole() {
        assert_eq!(shrunk("> 987\n< a\n", |it| it.len() > 9), "> 000\n< a\n");
        assert_eq!(shrunk("> 98877\n< a\n", |it| it.contains("8")), "> 8\n< a\n");
        let seven = |it: &str| it.contains(|c: char| ('5'..='9').contains(&c));
        assert_eq!(shrunk("> 987\n< a\n", seven), "> 5\n< a\n");
        let broken = |it: &str| it.contains("\\x");
        assert_eq!(shrunk("> größe\\xff\n< a\n", |it| it.contains('ö')), "> ö\n< a\n");
        assert_eq!(shrunk("> größe\\xff\n< a\n", broken), "> \\xff\n< a\n");
    }

    #[test]
    fn a_search_ends_when_nobody_can_tell_or_its_budget_is_spent() {
        let written = transcript::parse("test", "case a\n> 12345678\n< a\n").unwrap().remove(0);
        let dialogue = &written.dialogue;
        let all = async |it: &Dialogue| Some(!it.steps.is_empty());
        let few = Budget { tries: 2, time: Duration::MAX };
        let search = smallest(dialogue.clone(), few, all).now_or_never().unwrap();
        assert!(!search.exhausted && search.dialogue != *dialogue);
        let none = async |_: &Dialogue| None;
        let search = smallest(dialogue.clone(), BUDGET, none).now_or_never().unwrap();
        assert!(!search.exhausted && search.dialogue == *dialogue);
    }
}
