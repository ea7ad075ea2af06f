//! What a program said last: the one line of its output that tells why it ended.

use std::fmt;

use super::output::Output;

const LINES: usize = 3;
const WIDTH: usize = 300;

/// The last lines that a program printed, or of a trace of calls, as Python, Node and Java print it, the line that names the
/// exception.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastWords(Vec<String>);

impl LastWords {
    /// Of what a program printed.
    pub fn of(output: &Output) -> Self {
        let stderr = output.stderr.text();
        if let Some(exception) = exception(&stderr).or_else(|| thrown(&stderr)) {
            return Self(vec![printable(exception)]);
        }
        let lines = last_lines(&stderr);
        if !lines.is_empty() {
            return Self(lines);
        }
        Self(last_lines(&output.stdout.text()))
    }

    /// Of a build: the first line that tells an error, and the place, if that comes in the next lines.
    pub(super) fn of_build(output: &Output) -> Self {
        let (stderr, stdout) = (output.stderr.text(), output.stdout.text());
        let found = [&stderr, &stdout].into_iter().find_map(|text| first_error(text));
        found.map_or_else(|| Self::of(output), Self)
    }

    /// The lines, none if nothing was printed.
    pub fn lines(&self) -> &[String] {
        &self.0
    }

    pub(super) fn mention(&self, text: &str) -> bool {
        self.0.iter().any(|line| line.to_lowercase().contains(&text.to_lowercase()))
    }
}

/// As the end of a message: a sentence, and the lines indented below it.
impl fmt::Display for LastWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("It printed nothing.");
        }
        f.write_str("Its last words:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// The line after the last traceback's frames: `SyntaxError: '(' was never closed`.
fn exception(stderr: &str) -> Option<&str> {
    let frame = stderr.rfind("  File \"")?;
    stderr[frame..].lines().find(|line| line.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

/// The line before the last trace's `    at server.js:3:5`: `Error: listen EACCES`.
fn thrown(stderr: &str) -> Option<&str> {
    let is_frame =
        |line: &str| line.starts_with([' ', '\t']) && line.trim_start().starts_with("at ");
    let lines: Vec<&str> = stderr.lines().collect();
    let pairs = lines.windows(2).rev();
    let mut heads = pairs.filter(|pair| is_frame(pair[1]) && !is_frame(pair[0]));
    heads.next().map(|pair| pair[0]).filter(|line| !line.trim().is_empty())
}

/// `server.c:3:5: error: …`, or `error: …` and `  --> src/main.rs:2:5`, or `./server.go:3:5: …`.
fn first_error(text: &str) -> Option<Vec<String>> {
    let lines: Vec<&str> = text.lines().collect();
    let error = lines.iter().position(|line| {
        line.contains("error:") || line.starts_with("error") || line.contains("undefined reference")
    });
    let at = error.or_else(|| lines.iter().position(|line| is_placed(line)))?;
    let place = lines[at + 1..].iter().take(2).find(|line| line.trim_start().starts_with("--> "));
    let place = place.filter(|_| !is_placed(lines[at]));
    Some([Some(&lines[at]), place].into_iter().flatten().map(|line| printable(line)).collect())
}

/// Whether a line begins with a file, a line and perhaps a column.
fn is_placed(line: &str) -> bool {
    let mut parts = line.split(':').skip(1);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    parts.next().is_some_and(is_number) && parts.next().is_some()
}

fn last_lines(text: &str) -> Vec<String> {
    let lines = text.lines().rev().filter(|line| !line.trim().is_empty());
    let mut last: Vec<String> = lines.take(LINES).map(printable).collect();
    last.reverse();
    last
}

/// A line that cannot move a terminal's cursor, of bounded length.
fn printable(line: &str) -> String {
    let line = line.trim_end();
    let mut chars = line.chars();
    let printable = chars.by_ref().take(WIDTH).collect::<String>();
    let more = if chars.next().is_some() { "…" } else { "" };
    harmless(&printable) + more
}

/// A line without what moves a terminal's cursor.
pub(crate) fn harmless(line: &str) -> String {
    let mut harmless = String::with_capacity(line.len());
    for c in line.chars() {
        if c.is_control() && c != '\t' {
            harmless.extend(c.escape_default());
        } else {
            harmless.push(c);
        }
    }
    harmless
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceback_is_told_by_its_exception() {
        let runtime = "starting\nTraceback (most recent call last):\n  File \"s.py\", line 3, in <module>\n    \
                       s.bind(x)\n    ^^^^^^^^^\nOSError: [Errno 98] Address already in use\nbye\n";
        assert_eq!(exception(runtime), Some("OSError: [Errno 98] Address already in use"));
        let syntax =
            "  File \"s.py\", line 1\n    print(\n         ^\nSyntaxError: '(' was never closed\n";
        assert_eq!(exception(syntax), Some("SyntaxError: '(' was never closed"));
        assert_eq!(exception("node: oh no\n"), None);
        assert_eq!(exception("  File \"s.py\", line 1\n"), None);
    }

    #[test]
    fn a_trace_of_node_or_java_is_told_by_its_exception() {
        let node = "/s/server.js:1\nthrow new Error('x');\n^\n\nError: x\n    at Object.<anonymous> \
                    (/s/server.js:1:7)\n    at node:internal/main:28:49\n\nNode.js v20.20.2\n";
        assert_eq!(thrown(node), Some("Error: x"));
        let java = "Exception in thread \"main\" java.lang.IllegalStateException: y\n\tat S.run(S.java:3)\n\t\
                    at S.main(S.java:2)\n";
        let told = "Exception in thread \"main\" java.lang.IllegalStateException: y";
        assert_eq!(thrown(java), Some(told));
        assert_eq!(thrown("looking\nat the door\n"), None);
    }

    #[test]
    fn the_first_error_of_a_build_is_told() {
        let told = |text| first_error(text).map(|lines| lines.join(" | "));
        let some = |text: &str| Some(text.to_owned());
        let c = "server.c: In function 'main':\nserver.c:3:5: error: expected ';'\nserver.c:9:1: error: x\n";
        assert_eq!(told(c), some("server.c:3:5: error: expected ';'"));
        let go = "# command-line-arguments\n./server.go:3:2: undefined: x\n";
        assert_eq!(told(go), some("./server.go:3:2: undefined: x"));
        let rust = "   Compiling s\nerror[E0425]: no x\n --> src/main.rs:2:5\n  |\n";
        assert_eq!(told(rust), some("error[E0425]: no x |  --> src/main.rs:2:5"));
        assert_eq!(told("make: *** [Makefile:2: server] Killed\n"), None);
    }

    #[test]
    fn other_words_are_the_last_lines_made_harmless() {
        assert_eq!(last_lines("a\nb\n\nc\nd\x1b[2J\r\n \n"), ["b", "c", "d\\u{1b}[2J"]);
        assert_eq!(printable(&"x".repeat(999)).chars().count(), WIDTH + 1);
        assert_eq!(LastWords::default().to_string(), "It printed nothing.");
    }
}
