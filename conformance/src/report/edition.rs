//! Which words a target was held to: SPEC.md and the dialect, told apart from those of other versions.

use sha2::{Digest, Sha256};

use crate::spec;

/// The SHA-256 of SPEC.md, in hexadecimal digits.
pub(super) fn specification() -> String {
    Sha256::digest(spec::TEXT).iter().map(|octet| format!("{octet:02x}")).collect()
}

/// The version of a dialect that SPEC.md is about, as its status line has it: "version 1 of the `line` dialect".
pub(super) fn dialect(name: &str) -> Option<u32> {
    let (before, _) = spec::TEXT.split_once(&format!(" of the `{name}` dialect"))?;
    let (_, number) = before.rsplit_once("version ")?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_stands_in_the_specification() {
        assert_eq!(dialect("line"), Some(1));
        assert_eq!(dialect("nobody's"), None);
        assert_eq!(specification().len(), 64);
    }
}
