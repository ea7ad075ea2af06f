//! What a report says of a failure.

use serde_json::{Value, json};
use trueline_conformance::judge::{Kind, Untimely};
use trueline_conformance::report::{Check, SCHEMA_VERSION};
use trueline_conformance::report::{Colours, human};

use super::made::{check, failing, kinds};
use super::schema::words;
use super::valid::valid;

#[test]
fn every_kind_of_fault_has_its_word() {
    let report = valid(&failing(check(), kinds(7)));
    let used = failures(&report).iter().map(|failure| failure["kind"].clone());
    assert_eq!(used.collect::<Value>(), words("/$defs/failure/properties/kind"));
}

/// In simulation time is virtual, and says the same each time.
#[test]
fn what_the_clock_and_the_system_decide_is_left_out() {
    let [one, two] = [7, 9].map(|measured| failing(check(), kinds(measured)));
    assert_eq!(valid(&one), valid(&two));
    // People are told.
    assert_ne!(
        human(&failing(check(), kinds(7)[1..2].to_vec()), Colours::None),
        human(&failing(check(), kinds(9)[1..2].to_vec()), Colours::None)
    );
}

#[test]
fn a_wrong_time_says_in_what_way() {
    let untimely = [Untimely::Off(-3), Untimely::Backwards, Untimely::Still];
    let kinds = untimely.map(|untimely| Kind::Clock(b"12:00:00".to_vec(), untimely));
    let report = valid(&failing(check(), kinds.to_vec()));
    let why = failures(&report).iter().map(|failure| failure["why"].clone());
    assert_eq!(why.collect::<Value>(), json!(["off", "backwards", "still"]));
    assert_eq!(failures(&report)[0]["message"], "The time is behind of what the clock allows.");
}

#[test]
fn a_seed_beyond_binary64_is_kept() {
    let report = valid(&failing(Check { seed: u64::MAX, ..check() }, vec![]));
    assert_eq!(report["seed"], "18446744073709551615");
    assert_eq!(report["schema"], SCHEMA_VERSION);
    assert_eq!(report["target"]["command"], Value::Null);
}

#[test]
fn what_came_is_shown_as_far_as_a_reply_may_reach() {
    let of = |kind| failures(&valid(&failing(check(), vec![kind])))[0]["observed"].clone();
    let observed = of(Kind::NotText(b" a\xff\n".to_vec()));
    let shown = json!({ "text": r"\sa\xff\n", "hex": "2061ff0a", "octets": 4, "truncated": false });
    assert_eq!(observed, shown);
    let observed = of(Kind::NotText(vec![b'7'; 5000]));
    assert_eq!(observed["text"], r"\{7*4096}");
    assert_eq!(observed["hex"].as_str().map(str::len), Some(2 * 4096));
    assert_eq!((&observed["octets"], &observed["truncated"]), (&json!(5000), &json!(true)));
}

fn failures(report: &Value) -> &Vec<Value> {
    report["requirements"][0]["failures"].as_array().unwrap()
}
