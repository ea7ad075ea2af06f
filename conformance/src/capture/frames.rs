//! The frames of one attempt.

use super::pcap;

/// Frames in the order in which they came, and what is known to be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    /// As records of a pcap file.
    pub(super) records: Vec<u8>,
    /// How many there was no room for.
    pub(super) left_out: u64,
    /// How many the kernel dropped.
    pub(super) dropped: u64,
    /// Why there are none of a later launch, if so.
    pub(super) lack: Option<String>,
}

impl Frames {
    /// As a pcap file: those of several attempts, one after the other.
    pub fn file<'a>(all: impl IntoIterator<Item = &'a Self>) -> Vec<u8> {
        let mut all: Vec<&Self> = all.into_iter().collect();
        all.sort_by_key(|frames| frames.began());
        all.iter().fold(pcap::header(), |file, frames| [file, frames.records.clone()].concat())
    }

    /// Whether a file is one of ours, as far as it can tell.
    pub fn are_in(file: &[u8]) -> bool {
        file.starts_with(&pcap::header())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// What is missing, as clauses.
    pub fn gaps(&self) -> Vec<String> {
        let left_out = (self.left_out > 0).then(|| {
            format!("{} frames more than are kept are left out at its end", self.left_out)
        });
        let dropped = (self.dropped > 0)
            .then(|| format!("{} frames came too fast, and the kernel dropped them", self.dropped));
        let lack =
            self.lack.as_ref().map(|why| format!("a later launch could not be captured: {why}"));
        [left_out, dropped, lack].into_iter().flatten().collect()
    }

    /// When the first came: seconds and nanoseconds since 1970.
    fn began(&self) -> Option<(u32, u32)> {
        let field = |at: usize| {
            let octets = self.records.get(at..at + 4)?;
            Some(u32::from_le_bytes(octets.try_into().ok()?))
        };
        field(0).zip(field(4))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn frames(seconds: u64, frame: &[u8]) -> Frames {
        let mut frames = Frames::default();
        pcap::push(&mut frames.records, Duration::from_secs(seconds), frame, frame.len());
        frames
    }

    #[test]
    fn what_came_first_stands_first() {
        let (early, late) = (frames(1, b"early"), frames(256, b"late"));
        let file = Frames::file([&late, &early]);
        assert!(Frames::are_in(&file));
        assert_eq!(file, [pcap::header(), early.records, late.records].concat());
        assert!(!Frames::are_in(&file[1..]));
    }

    #[test]
    fn what_is_missing_is_told() {
        assert_eq!(frames(1, b"all").gaps(), Vec::<String>::new());
        let gaps = Frames { left_out: 3, dropped: 2, ..frames(1, b"some") }.gaps();
        assert_eq!(
            gaps,
            [
                "3 frames more than are kept are left out at its end",
                "2 frames came too fast, and the kernel dropped them"
            ]
        );
    }
}
