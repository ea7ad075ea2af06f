//! What a client is told in its words: where the server is, and what to ask.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;

use super::Asked;
use crate::dialogue::Question;
use crate::target::Recipe;

/// A word that stands for all requests, each a word of its own.
const MESSAGES: &str = "{messages}";
const MESSAGE: &str = "{message}";
const ADDRESS: &str = "{address}";
const HOST: &str = "{host}";
const PORT: &str = "{port}";

/// What stands for what.
pub(super) struct Words {
    requests: Vec<String>,
    address: SocketAddr,
}

impl Words {
    /// The requests, and where the server is.
    pub(super) fn of(asked: &Asked, address: SocketAddr) -> Self {
        let literal = |question: &Question| {
            String::from_utf8_lossy(question.request.literal().unwrap_or_default()).into_owned()
        };
        let questions = asked.questions();
        let requests = questions.iter().filter(|_| asked.converses()).map(literal).collect();
        Self { requests, address }
    }

    /// Whether a client is told in its words what to ask.
    pub(super) fn are_in(recipe: &Recipe) -> bool {
        mentions(recipe, &[MESSAGE, MESSAGES])
    }

    /// The requests that a client is given in its words: all, or the first.
    pub(super) fn given(recipe: &Recipe, questions: &[Question]) -> usize {
        if mentions(recipe, &[MESSAGE]) { questions.len().min(1) } else { questions.len() }
    }

    /// The recipe with all that stands for something filled in.
    pub(super) fn told(&self, recipe: &Recipe) -> Recipe {
        let command = recipe.command.iter().flat_map(|word| {
            if word == OsStr::new(MESSAGES) {
                return self.requests.iter().map(OsString::from).collect();
            }
            vec![self.filled(word)]
        });
        let input = recipe.input.iter().map(|line| self.filled(line)).collect();
        Recipe { command: command.collect(), input, ..recipe.clone() }
    }

    fn filled(&self, word: &OsString) -> OsString {
        let Some(text) = word.to_str() else { return word.clone() };
        let first = self.requests.first().map(String::as_str).unwrap_or_default();
        let filled = text
            .replace(MESSAGE, first)
            .replace(ADDRESS, &self.address.to_string())
            .replace(HOST, &self.address.ip().to_string())
            .replace(PORT, &self.address.port().to_string());
        filled.into()
    }
}

fn mentions(recipe: &Recipe, signs: &[&str]) -> bool {
    let mut words = recipe.command.iter().chain(&recipe.input);
    words.any(|word| {
        let word = word.to_string_lossy();
        signs.iter().any(|sign| word.contains(sign))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Transport;

    fn told(words: &[&str]) -> Vec<String> {
        let requests = ["1 2 +", "-3 4 *"].map(str::to_owned).into();
        let all = Words { requests, address: "[::1]:40".parse().unwrap() };
        let recipe = all.told(&Recipe::new(words, Transport::Tcp));
        recipe.command.iter().map(|word| word.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn each_word_is_filled_in() {
        assert_eq!(told(&["c", "{host}", "--port={port}"]), ["c", "::1", "--port=40"]);
        assert_eq!(told(&["c", "{address}", "{messages}"]), ["c", "[::1]:40", "1 2 +", "-3 4 *"]);
        assert_eq!(told(&["c", "say {message}!", "{}"]), ["c", "say 1 2 +!", "{}"]);
    }

    #[test]
    fn what_a_client_is_told_is_seen() {
        let recipe = |word: &str| Recipe::new([word], Transport::Tcp);
        assert!(Words::are_in(&recipe("{messages}")) && !Words::are_in(&recipe("client")));
    }
}
