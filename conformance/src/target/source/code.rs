//! Source code as far as the names in it go: what is in comments and texts is no code.

use std::path::Path;

/// Reads a file and leaves out comments and texts in quotes, as C, C++, Java and Go have them. What is no UTF-8 is replaced.
pub(super) fn read(path: &Path) -> String {
    let octets = std::fs::read(path).unwrap_or_default();
    bare(&String::from_utf8_lossy(&octets))
}

fn bare(text: &str) -> String {
    let (mut bare, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let skipped = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            '"' | '\'' | '`' => quoted(rest, first),
            _ => {
                bare.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            }
        };
        bare.push(' ');
        rest = &rest[skipped..];
    }
    bare
}

/// How long a text in quotes is. One that is not closed ends with its line: it was an apostrophe.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' if quote != '`' => return at,
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The words of code, each with how deep in braces it stands: names, numbers, and every other character for itself.
pub(super) fn words(code: &str) -> Vec<(usize, &str)> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let (mut words, mut depth, mut rest) = (Vec::new(), 0_usize, code.trim_start());
    while let Some(first) = rest.chars().next() {
        let end = if is_name(first) {
            rest.find(|c| !is_name(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        depth = if first == '}' { depth.saturating_sub(1) } else { depth };
        words.push((depth, &rest[..end]));
        depth += usize::from(first == '{');
        rest = rest[end..].trim_start();
    }
    words
}

/// Whether a function `main` stands at this depth, with `before` in front of it.
pub(super) fn has_main(words: &[(usize, &str)], depth: usize, before: &[&str]) -> bool {
    words.windows(3).any(|three| {
        three[1] == (depth, "main") && three[2].1 == "(" && before.contains(&three[0].1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_main_in_a_comment_or_a_text_is_none() {
        let main = |text: &str| has_main(&words(&bare(text)), 0, &["int", "void"]);
        assert!(main("#include <x.h>\nint main(void) { return 0; }"));
        assert!(main("char q = '\"'; // it's\nint\nmain (int argc, char **argv)\n{"));
        assert!(!main("/* int main() */ const char *s = \"int main(\"; int domain(void);"));
        assert!(!main("void f(void) { int main(void); }"));
    }
}
