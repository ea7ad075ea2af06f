//! chat: every text but the empty one can be said, and what comes back is what the operator types.

use super::Subject;

pub(super) struct Chat;

impl Subject for Chat {
    fn request(&self, number: usize) -> String {
        format!("I say {number}")
    }

    fn filling(&self, octets: usize) -> String {
        "long ".chars().cycle().take(octets).collect()
    }

    fn is_reply(&self, _text: &str) -> bool {
        true
    }

    fn exercises(&self, _text: &str) -> Vec<&'static str> {
        vec!["CHAT-1"]
    }

    fn broken_by(
        &self,
        _request: &str,
        _expected: &str,
        _reply: &str,
        _wording: bool,
    ) -> Option<&'static str> {
        None
    }
}
