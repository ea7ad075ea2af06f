//! `{port}` in the words of a command, its environment and what is typed: the port that a program is told.

use std::ffi::{OsStr, OsString};
use std::io;
use std::net::{Ipv4Addr, TcpListener};

use super::recipe::Recipe;

const PORT: &[u8] = b"{port}";
/// The port of a program that has a network of its own, where each is free.
const ISOLATED: u16 = 8040;

impl Recipe {
    /// The recipe with a port wherever it says `{port}`: the one that is waited for, the expected one, or a free one. Where it
    /// is told a port, that is also expected. `${port}` is a variable of a shell's, and stays.
    ///
    /// # Errors
    ///
    /// This machine has no free port.
    pub fn told_port(mut self) -> io::Result<Self> {
        let build = self.build.iter_mut().flat_map(|build| build.arguments_mut());
        let values = self.environment.iter_mut().map(|(_, value)| value);
        let words = self.command.iter_mut().chain(&mut self.input).chain(values).chain(build);
        let mut told: Vec<&mut OsString> = words.filter(|word| mentions(word)).collect();
        if told.is_empty() {
            return Ok(self);
        }
        let port = match self.port.or(self.expect_port) {
            Some(port) => port,
            None if !self.place.shares_ports() => ISOLATED,
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port(),
        };
        told.iter_mut().for_each(|word| **word = filled(word, port));
        self.expect_port = Some(port);
        Ok(self)
    }
}

/// Where the port goes.
fn places(word: &OsStr) -> impl Iterator<Item = usize> {
    let octets = word.as_encoded_bytes();
    let is_one = |at: &usize| octets[*at..].starts_with(PORT) && !octets[..*at].ends_with(b"$");
    (0..octets.len()).filter(is_one)
}

fn mentions(word: &OsStr) -> bool {
    places(word).next().is_some()
}

fn filled(word: &OsStr, port: u16) -> OsString {
    let (text, mut filled, mut from) = (word.to_string_lossy(), String::new(), 0);
    if text.as_bytes() != word.as_encoded_bytes() {
        // What is no text holds no place that could be told apart.
        return word.to_owned();
    }
    for at in places(word) {
        filled += &text[from..at];
        filled += &port.to_string();
        from = at + PORT.len();
    }
    (filled + &text[from..]).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Transport;

    fn told(words: &[&str]) -> Vec<String> {
        let recipe = Recipe { port: Some(40), ..Recipe::new(words, Transport::Tcp) };
        let told = recipe.told_port().unwrap();
        told.command.iter().map(|word| word.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_port_stands_where_the_braces_are() {
        assert_eq!(told(&["s", "{port}", "--port={port}é{port}"]), ["s", "40", "--port=40é40"]);
        assert_eq!(told(&["sh", "${port} port {ports} {}"]), ["sh", "${port} port {ports} {}"]);
    }

    #[test]
    fn a_port_that_is_told_is_free_and_expected() {
        let recipe = Recipe { input: vec!["{port}".into()], ..Recipe::new(["s"], Transport::Tcp) };
        let told = recipe.told_port().unwrap();
        assert_eq!(told.input[0].to_str().unwrap(), told.expect_port.unwrap().to_string());
        assert_eq!(Recipe::new(["s"], Transport::Tcp).told_port().unwrap().expect_port, None);
    }
}
