//! Announcements: what is asked does not matter.

use super::Subject;

/// An announcement, and the requirements on what it says.
pub(super) struct Announcement(pub(super) &'static [&'static str]);

impl Subject for Announcement {
    fn request(&self, number: usize) -> String {
        format!("hello {number}")
    }

    fn filling(&self, octets: usize) -> String {
        "x".repeat(octets)
    }

    fn is_reply(&self, _text: &str) -> bool {
        true
    }

    fn exercises(&self, _text: &str) -> Vec<&'static str> {
        self.0.to_vec()
    }

    fn broken_by(
        &self,
        _request: &str,
        _expected: &str,
        _reply: &str,
        wording: bool,
    ) -> Option<&'static str> {
        self.0.first().copied().filter(|_| wording)
    }
}
