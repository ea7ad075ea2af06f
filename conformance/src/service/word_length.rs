//! word-length: words of every kind, and what a wrong reply tells.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use trueline_protocol::word_length::grammar;

use super::{Subject, generator, texts, texts_by};

/// Letters of many scripts, and what goes wrong easily: characters of two, three and four octets, of two units of UTF-16,
/// marks that join the letter before, what is written from right to left, what is not seen.
const SCRIPTS: [&str; 24] = [
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "äöüßéèêàçñøåœŒØÅÇÑıİſﬁ",
    "αβγδεζηθικλμνξοπρςστυφχψωΑΩ",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяІї",
    "אבגדהוזחטיכלמנסעפצקרשת\u{5b0}\u{5bc}",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي\u{64b}\u{651}٠١٢٣",
    "अआइईकखगघचछजटडतदनपबमयरलवशसह\u{93f}\u{94d}\u{902}",
    "กขคงจฉชซญฎฐณดตถทธนบปผฝพฟภมยรลวศษสหอ\u{e34}\u{e48}",
    "அஆஇஈகஙசஞடணதநபமயரலவ\u{bbe}\u{bcd}",
    "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "աբգդեզէըթժիլխծկհձղճմյն",
    "አበገደሀወዘሐጠየከለመነሠዐፈጸቀረሰተ",
    "中文字符网络编程学生服务器",
    "あいうえおかがきぎアイウエオカガ\u{3099}ー",
    "가나다라마바사아자차카타파하\u{1100}\u{1161}\u{11a8}",
    "\u{300}\u{301}\u{302}\u{308}\u{30a}\u{327}\u{20dd}\u{20e3}",
    "😀😂🎉🚀👍🏽👩💻🇩🇪🏳🌈🧑🔬",
    "\u{200d}\u{fe0e}\u{fe0f}\u{200b}\u{200c}\u{2060}\u{ad}\u{feff}\u{200e}\u{202a}\u{202c}\u{202e}\u{2066}",
    "𝒜𝓑𝔄𝔅𝟘𝟙𐍈𐎠𒀀𓀀𠀀𠮷",
    "€₿…–—“”„«»·×÷−≤≠∞",
    "\u{fffd}\u{fffc}\u{e000}\u{f8ff}\u{fffe}\u{ffff}\u{10ffff}\u{d7ff}",
    "𞤀𞤁𞤂𞤢𞤣𐤀𐤁𐤂",
    "ꓐꓑꓒᚠᚢᚦᎠᎡᎢᐊᐋⴰⴱ",
];

/// A letter: of a script of the list, or any.
fn letter() -> impl Strategy<Value = String> {
    let listed = select(&SCRIPTS[..]).prop_flat_map(of).prop_map(String::from);
    // Where many languages split is not specified (SPEC.md 6).
    let black = |letter: &String| !letter.contains(char::is_whitespace);
    prop_oneof![6 => listed.boxed(), 1 => texts("letter").prop_filter("not white", black).boxed()]
}

/// A letter of a script.
fn of(script: &'static str) -> impl Strategy<Value = char> {
    select(script.chars().collect::<Vec<_>>())
}

/// Letters of all scripts, as an expression in ABNF says.
fn letters(expression: &str) -> BoxedStrategy<String> {
    texts_by(&generator().given("letter", letter()), expression)
}

/// A word of one script, or of several.
pub fn word() -> impl Strategy<Value = String> {
    let one = select(&SCRIPTS[..])
        .prop_flat_map(|script| vec(of(script), 1..9).prop_map(String::from_iter));
    prop_oneof![3 => one.boxed(), 1 => letters("1*8letter")]
}

/// A word as most people type it.
pub fn latin() -> BoxedStrategy<String> {
    texts("1*12%x21-7E")
}

/// A word whose first character is none of ASCII.
pub fn foreign() -> impl Strategy<Value = String> {
    let first = letter().prop_filter("not ASCII", |letter| !letter.is_ascii());
    (first, letters("*3letter")).prop_map(|(first, rest)| first + &rest)
}

/// Words separated by single blanks, no more of them than have so many octets.
pub fn line(
    words: impl Strategy<Value = Vec<String>>,
    most: usize,
) -> impl Strategy<Value = String> {
    words.prop_map(move |words| {
        let mut line = String::new();
        for word in words {
            if line.len() + 1 + word.len() > most {
                break;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
        line
    })
}

/// Words with blanks of both kinds between and around.
pub fn spaced() -> BoxedStrategy<String> {
    let word = prop_oneof![latin(), word().boxed()];
    texts_by(&generator().given("word", word), "*3blank word *7(1*4blank word) *3blank")
}

pub(super) struct WordLength;

impl Subject for WordLength {
    fn request(&self, number: usize) -> String {
        let letter = |at: usize| char::from(b'a' + (at % 26) as u8);
        let word = |at: usize, length: usize| String::from_iter(vec![letter(at); length % 17 + 1]);
        format!("{} {}", word(number, number / 26), word(number / 7, number / 442))
    }

    fn filling(&self, octets: usize) -> String {
        "x".repeat(octets)
    }

    fn is_reply(&self, text: &str) -> bool {
        text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit())
    }

    fn exercises(&self, text: &str) -> Vec<&'static str> {
        let Ok((_, words)) = grammar::words(text) else {
            return vec![if text.is_empty() { "ERR-6" } else { "WORD-5" }];
        };
        let mut ids = vec!["WORD-1"];
        if !text.is_ascii() || text.len() > LONG {
            ids.push("WORD-2");
        }
        if words.iter().any(|word| !word.starts_with(|c: char| c.is_ascii())) {
            ids.push("WORD-3");
        }
        if words.join(" ") != text {
            ids.push("WORD-4");
        }
        if words.len() > MANY {
            ids.push("WORD-6");
        }
        ids
    }

    fn broken_by(
        &self,
        request: &str,
        expected: &str,
        reply: &str,
        wording: bool,
    ) -> Option<&'static str> {
        let (_, due) = grammar::lengths(expected).ok()?;
        let worded = || {
            let (_, words) = grammar::words(request).ok()?;
            let id = match words.len() {
                _ if words.join(" ") != request => "WORD-4",
                MANY.. => "WORD-6",
                _ => "WORD-1",
            };
            (wording && !reply.starts_with("ERR")).then_some(id)
        };
        let got: Option<Vec<(&str, &str)>> = reply.split(", ").map(read).collect();
        let Some(got) = got.filter(|got| got.len() == due.len()) else { return worded() };
        let both = || due.iter().zip(&got);
        let lengths = both().any(|(due, got)| due.0 != got.0);
        let letters = both().any(|(due, got)| got.1.strip_prefix(due.1) != Some(""));
        match (lengths, letters) {
            // Other words.
            (true, true) if request.is_ascii() => worded(),
            (true, _) => Some("WORD-2"),
            (false, true) => Some("WORD-3"),
            (false, false) => worded(),
        }
    }
}

/// A number and what follows it: a pair, or nearly one.
fn read(pair: &str) -> Option<(&str, &str)> {
    let (number, letter) = pair.split_once(' ')?;
    let digits = !number.is_empty()
        && (number == "0" || !number.starts_with('0'))
        && number.bytes().all(|octet| octet.is_ascii_digit());
    (digits && !letter.trim().is_empty() && letter.trim() == letter).then_some((number, letter))
}

/// More octets than this are counted, not seen.
const LONG: usize = 100;
/// More words than this are many.
const MANY: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_reply_tells_what_it_breaks() {
        for (request, due, got, id) in [
            ("hello wörld", "5 h, 5 w", "5 h, 6 w", Some("WORD-2")),
            ("hello wörld", "5 h, 5 w", "5 h 5 w", Some("WORD-1")),
            ("hello wörld", "5 h, 5 w", "h 5, w 5", Some("WORD-1")),
            ("hello wörld", "5 h, 5 w", "5 o, 5 d", Some("WORD-3")),
            ("hello wörld", "5 h, 5 w", "5 h", Some("WORD-1")),
            ("hello  world", "5 h, 5 w", "5 h, 0 , 5 w", Some("WORD-4")),
            ("hello world", "5 h, 5 w", "ERR syntax", None),
            ("hello", "5 h", "2 t, 3 t", Some("WORD-1")),
        ] {
            assert_eq!(WordLength.broken_by(request, due, got, true), id, "{got} for {due}");
        }
        assert_eq!(WordLength.broken_by("hello", "5 h", "2 t", false), None);
    }
}
