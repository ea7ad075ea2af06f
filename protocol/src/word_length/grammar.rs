//! The grammar of word-length requests and replies (SPEC.md section 6). Each parser bears the name of its rule.

use alloc::vec::Vec;

use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, satisfy};
use nom::combinator::all_consuming;
use nom::multi::separated_list1;
use nom::sequence::{delimited, separated_pair};
use nom::{IResult, Parser};

use crate::framing::is_char;
use crate::grammar::{blanks, blanks1, is_blank, positive};

/// `words = *blank word *(1*blank word) *blank`, to the end of the text.
pub fn words(input: &str) -> IResult<&str, Vec<&str>> {
    all_consuming(delimited(blanks, separated_list1(blanks1, word), blanks)).parse(input)
}

/// `word = 1*letter`
pub fn word(input: &str) -> IResult<&str, &str> {
    take_while1(is_letter).parse(input)
}

/// `letter = %x21-7E / %xA0-D7FF / %xE000-10FFFF`: `char` but the blanks.
pub fn letter(input: &str) -> IResult<&str, char> {
    satisfy(is_letter).parse(input)
}

fn is_letter(c: char) -> bool {
    is_char(c) && !is_blank(c)
}

/// `lengths = pair *("," SP pair)`: of each word its number of characters, as it is spelled, and the first of them.
pub fn lengths(input: &str) -> IResult<&str, Vec<(&str, char)>> {
    all_consuming(separated_list1(tag(", "), pair)).parse(input)
}

/// `pair = positive SP letter`
pub fn pair(input: &str) -> IResult<&str, (&str, char)> {
    separated_pair(positive, char(' '), letter).parse(input)
}
