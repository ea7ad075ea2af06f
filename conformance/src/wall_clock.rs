//! Whether a time that a server tells is right (TIME-2, TIME-3): compared with the runner's clock, and with the time told
//! before.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use trueline_protocol::time::date_time;

/// What a time may be off besides the time that its reply took (SPEC.md section 9): a server may cut it to seconds, and a
/// clock is read in steps.
const TOLERANCE: SignedDuration = SignedDuration::from_millis(1200);
/// After so much a time that is cut to seconds has changed.
const TICK: Duration = Duration::from_millis(1050);
/// Local times differ by multiples of this.
const ZONE_STEP: i128 = 15 * 60;
/// The farthest that two local times are apart: from UTC-12 to UTC+14.
const ZONES_APART: i128 = 26 * 60 * 60;

/// In what way a time is not right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untimely {
    /// It is off by so many seconds: negative when it is in the past.
    Off(i64),
    /// It is before a time that came earlier.
    Backwards,
    /// It is one that came a second earlier.
    Still,
}

/// The runner's clock on the wall, and the last time that was told.
pub(crate) struct WallClock {
    local: DateTime,
    at: Duration,
    shared: bool,
    /// And when it had been received.
    last: Option<(DateTime, Duration)>,
}

impl WallClock {
    /// A clock that showed `local` at `at`; `shared` when the target is known to keep the same local time.
    pub(crate) fn new(local: DateTime, at: Duration, shared: bool) -> Self {
        Self { local, at, shared, last: None }
    }

    /// What is wrong with a time that was asked for and received at these times.
    pub(crate) fn untimely(
        &mut self,
        reply: &[u8],
        asked: Duration,
        received: Duration,
    ) -> Option<Untimely> {
        let told = date_time(std::str::from_utf8(reply).ok()?)?;
        let before = self.last.replace((told, received));
        let off = self.off(told, asked, received);
        if !off.is_zero() {
            // A fraction of a second is more than none.
            let seconds = off.as_secs() + i64::from(off.subsec_nanos().signum());
            return Some(Untimely::Off(seconds));
        }
        let (last, then) = before.filter(|(_, then)| *then <= asked)?;
        if told < last {
            return Some(Untimely::Backwards);
        }
        (told == last && asked - then >= TICK).then_some(Untimely::Still)
    }

    /// By how much a time is out of what is allowed.
    fn off(&self, told: DateTime, asked: Duration, received: Duration) -> SignedDuration {
        let told = told.duration_since(self.local);
        let at = |time: Duration| {
            let elapsed = i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
            let began = i64::try_from(self.at.as_nanos()).unwrap_or(i64::MAX);
            SignedDuration::from_nanos(elapsed - began)
        };
        let (earliest, latest) = (at(asked) - TOLERANCE, at(received) + TOLERANCE);
        let told = if self.shared { told } else { elsewhere(told, earliest) };
        if told < earliest {
            told - earliest
        } else if told > latest {
            told - latest
        } else {
            SignedDuration::ZERO
        }
    }
}

/// The same time in the zone in which it is soonest after the earliest that is right, where there is such a zone.
fn elsewhere(told: SignedDuration, earliest: SignedDuration) -> SignedDuration {
    let step = ZONE_STEP * 1_000_000_000;
    let ahead = (told - earliest).as_nanos();
    if ahead.abs() > ZONES_APART * 1_000_000_000 {
        return told;
    }
    earliest + SignedDuration::from_nanos(ahead.rem_euclid(step) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    fn clock(shared: bool) -> WallClock {
        WallClock::new(datetime(2026, 3, 1, 12, 0, 0, 0), Duration::from_secs(10), shared)
    }

    fn told(clock: &mut WallClock, reply: &str, asked: f64, received: f64) -> Option<Untimely> {
        let time = Duration::from_secs_f64;
        clock.untimely(reply.as_bytes(), time(asked), time(received))
    }

    #[test]
    fn a_time_is_right_within_its_round_trip_and_little_more() {
        for (reply, untimely) in [
            ("2026-03-01 12:00:05", None),
            ("2026-03-01 12:00:05.999999", None),
            ("2026-03-01 12:00:04", None),
            ("2026-03-01 12:00:07", None),
            ("2026-03-01 12:00:03.700000", Some(Untimely::Off(-1))),
            ("2026-03-01 12:00:08", Some(Untimely::Off(1))),
            ("2026-03-01 13:00:05", Some(Untimely::Off(3598))),
            ("2026-02-28 12:00:05", Some(Untimely::Off(-86399))),
        ] {
            assert_eq!(told(&mut clock(true), reply, 15.0, 16.0), untimely, "{reply}");
        }
    }

    #[test]
    fn elsewhere_it_may_be_another_hour() {
        for (reply, untimely) in [
            ("2026-03-01 12:00:05", None),
            ("2026-03-01 06:15:05", None),
            ("2026-03-02 02:00:05", None),
            ("2026-03-01 00:00:05", None),
            ("2026-03-01 12:07:05", Some(Untimely::Off(418))),
            ("2026-03-03 12:00:05", Some(Untimely::Off(172798))),
        ] {
            assert_eq!(told(&mut clock(false), reply, 15.0, 16.0), untimely, "{reply}");
        }
    }

    #[test]
    fn it_goes_on_and_never_back() {
        let mut clock = clock(true);
        assert_eq!(told(&mut clock, "2026-03-01 12:00:05.9", 15.0, 15.1), None, "no time");
        assert_eq!(told(&mut clock, "2026-03-01 12:00:05.900000", 15.0, 15.1), None);
        assert_eq!(told(&mut clock, "2026-03-01 12:00:05.900000", 15.2, 15.3), None);
        assert_eq!(
            told(&mut clock, "2026-03-01 12:00:05.900000", 16.4, 16.5),
            Some(Untimely::Still)
        );
        assert_eq!(told(&mut clock, "2026-03-01 12:00:07", 16.6, 16.7), None);
        assert_eq!(told(&mut clock, "2026-03-01 12:00:06", 16.6, 16.7), None, "asked before");
        assert_eq!(told(&mut clock, "2026-03-01 12:00:05.8", 16.8, 16.9), None, "no time");
        let earlier = told(&mut clock, "2026-03-01 12:00:05.800000", 16.8, 16.9);
        assert_eq!(earlier, Some(Untimely::Backwards));
    }
}
