//! Wrong servers of time.

use jiff::ToSpan;
use jiff::civil::DateTime;
use trueline_protocol::responder::Server;
use trueline_protocol::service::{Reply, Service};
use trueline_protocol::time::Time;

use super::seam::wording;
use super::{Mutant, of};

pub(super) fn mutants() -> Vec<Mutant> {
    let spelling = of(Service::Time, "spelling", None);
    let meaning = of(Service::Time, "meaning", None);
    let form = "Write `YYYY-MM-DD HH:MM:SS`, as str(datetime.now()) does.";
    let now =
        "Ask for the time when you reply: datetime.now(), in the loop, behind accept or recvfrom.";
    vec![
        spelling("iso-time", "TIME-1", "writes `T` between date and time", form, |service| {
            telling(service, |time| time.replace(' ', "T"))
        }),
        spelling("zoned-time", "TIME-1", "writes its distance from UTC", form, |service| {
            telling(service, |time| format!("{time}+00:00"))
        }),
        spelling("milliseconds", "TIME-1", "writes three digits of a fraction", form, |service| {
            telling(service, |time| time.get(..23).unwrap_or(&time).to_owned())
        }),
        spelling("date-only", "TIME-1", "writes the date without the time", form, |service| {
            telling(service, |time| time[..10].to_owned())
        }),
        spelling("day-first", "TIME-1", "writes the day before the month", form, |service| {
            telling(service, |time| {
                format!("{}-{}-{}{}", &time[8..10], &time[5..7], &time[..4], &time[10..])
            })
        }),
        spelling("words-before-time", "TIME-1", "writes words before the time", form, |service| {
            telling(service, |time| format!("Time: {time}"))
        }),
        spelling(
            "minutes-for-months",
            "TIME-2 TIME-1",
            "writes the minutes where the month is due",
            "The month is %m, the minutes are %M.",
            |service| {
                telling(service, |time| format!("{}{}{}", &time[..5], &time[14..16], &time[7..]))
            },
        ),
        meaning(
            "another-zone",
            "TIME-2",
            "tells the time of another zone",
            "The local time is due: datetime.now(), not utcnow().",
            |service| clocked(service, |now, _| now.saturating_sub(2.hours())),
        ),
        meaning(
            "twelve-hours",
            "TIME-2",
            "counts twelve hours",
            "The hours are %H, from 00 to 23.",
            |service| {
                clocked(service, |now, _| now.with().hour(now.hour() % 12).build().unwrap_or(now))
            },
        ),
        meaning(
            "stopped-clock",
            "TIME-2",
            "asks for the time once, when it starts",
            now,
            |service| clocked(service, |now, before| before.first().copied().unwrap_or(now)),
        ),
        meaning("last-time", "TIME-2", "tells the time of the request before", now, |service| {
            clocked(service, |now, before| before.last().copied().unwrap_or(now))
        }),
        meaning(
            "rounds-now-and-then",
            "TIME-3",
            "tells every second time a second too early",
            "Cut the time to seconds in the same way each time, or not at all.",
            |service| {
                clocked(service, |now, before| {
                    if before.len() % 2 == 1 { now.saturating_sub(1.second()) } else { now }
                })
            },
        ),
    ]
}

/// Writes the time otherwise.
fn telling(service: Service, tell: fn(String) -> String) -> Box<dyn Server> {
    wording(service, move |reply| match reply {
        // To the microsecond, whatever they are: a form that is cut needs something to cut.
        Reply::Time(Time(now)) => {
            let now = now.with().subsec_nanosecond(678_901_000).build().unwrap_or(*now);
            tell(Time(now).to_string())
        }
        reply => reply.to_string(),
    })
}

/// Tells another time, made of the right one and of those that it asked for before.
fn clocked(service: Service, tell: fn(DateTime, &[DateTime]) -> DateTime) -> Box<dyn Server> {
    let before = std::cell::RefCell::new(Vec::new());
    wording(service, move |reply| match reply {
        Reply::Time(Time(now)) => {
            let mut before = before.borrow_mut();
            let told = tell(*now, &before);
            before.push(*now);
            Time(told).to_string()
        }
        reply => reply.to_string(),
    })
}
