//! message: every text is one, and all replies are alike.

use trueline_protocol::grammar::is_blank;

use super::Subject;

pub(super) struct Message;

impl Subject for Message {
    fn request(&self, number: usize) -> String {
        format!("message {number}")
    }

    fn filling(&self, octets: usize) -> String {
        "long ".chars().cycle().take(octets).collect()
    }

    fn is_reply(&self, text: &str) -> bool {
        text.starts_with("Thanks")
    }

    fn exercises(&self, text: &str) -> Vec<&'static str> {
        vec![match text {
            "" => "ERR-6",
            text if text.chars().all(is_blank) => "MSG-2",
            _ => "MSG-1",
        }]
    }

    fn broken_by(
        &self,
        request: &str,
        _expected: &str,
        reply: &str,
        wording: bool,
    ) -> Option<&'static str> {
        let told = request.chars().all(is_blank) || reply.starts_with("ERR");
        (wording && !told).then_some("MSG-1")
    }
}
