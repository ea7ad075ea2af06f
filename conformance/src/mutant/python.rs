//! What Python makes of octets that are printed as they are.

use std::fmt::Write;

/// Octets as Python writes them in a program: `b'Hello'`.
pub(super) fn literal(octets: &[u8]) -> String {
    let quote = if octets.contains(&b'\'') && !octets.contains(&b'"') { '"' } else { '\'' };
    let mut shown = format!("b{quote}");
    for &octet in octets {
        match char::from(octet) {
            c if c == quote || c == '\\' => shown.extend(['\\', c]),
            '\t' => shown += "\\t",
            c @ ' '..='~' => shown.push(c),
            // Writing to a `String` cannot fail.
            _ => drop(write!(shown, "\\x{octet:02x}")),
        }
    }
    shown.push(quote);
    shown
}
