//! The schema: what it refuses, what it leaves open, and that nothing of version 1 is lost.

use serde_json::{Value, json};
use trueline_conformance::report::{self, Recurrence, Report, SCHEMA_VERSION, Verdict};
use trueline_conformance::transport::Transport;

use super::made::{check, conduct, failing, kinds, unlaunched};
use super::valid::{closed, errors, schema};

/// A report that has something everywhere.
fn full() -> Value {
    let program = Some(conduct());
    let failing = Report { program, ..failing(check(), kinds(7)) };
    let mut report = report::json(&failing, 1);
    report["launch_failure"] = launch_failure();
    assert!(report["program"]["ended"].is_object(), "{}", report["program"]);
    report["requirements"][0]["failures"][0]["diagnosis"] = json!([
        { "mutant": "crlf", "wrong": "ends replies with CRLF", "advice": "Send LF.", "explains": 1 }
    ]);
    report
}

fn launch_failure() -> Value {
    use trueline_conformance::target::LaunchError;
    report::json(&unlaunched(LaunchError::NoCommand), 2)["launch_failure"].clone()
}

/// The places of all objects in a report, as JSON pointers.
fn objects(report: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), report)];
    while let Some((place, part)) = open.pop() {
        match part {
            Value::Object(members) => {
                found.push(place.clone());
                open.extend(members.iter().map(|(name, it)| (format!("{place}/{name}"), it)));
            }
            Value::Array(items) => {
                open.extend(items.iter().enumerate().map(|(at, it)| (format!("{place}/{at}"), it)));
            }
            _ => {}
        }
    }
    found
}

/// Under which names of one's own choice stand.
fn is_dictionary(place: &str) -> bool {
    matches!(place, "/cases" | "/timing/cases")
}

#[test]
fn what_is_filled_later_is_allowed_now() {
    assert_eq!(errors(&closed(schema()), &full()), Vec::<String>::new());
}

/// One member at a time, everywhere.
#[test]
fn a_missing_or_misspelt_member_is_refused() {
    let (full, schema) = (full(), schema());
    for place in objects(&full).into_iter().filter(|place| !is_dictionary(place)) {
        let names: Vec<String> =
            full.pointer(&place).unwrap().as_object().unwrap().keys().cloned().collect();
        for name in names {
            let mut report = full.clone();
            let members = report.pointer_mut(&place).unwrap().as_object_mut().unwrap();
            let member = members.shift_remove(&name).unwrap();
            assert_ne!(errors(&schema, &report), Vec::<String>::new(), "without {place}/{name}");
            let members = report.pointer_mut(&place).unwrap().as_object_mut().unwrap();
            members.insert(format!("{name}s"), member);
            assert_ne!(errors(&schema, &report), Vec::<String>::new(), "{place}/{name}s");
        }
    }
}

/// Whoever holds reports to this file is not stopped by a newer trueline; this one adds nothing to it.
#[test]
fn a_later_member_is_allowed_and_none_of_ours() {
    let (full, open) = (full(), schema());
    let closed = closed(open.clone());
    for place in objects(&full).into_iter().filter(|place| !is_dictionary(place)) {
        let mut report = full.clone();
        report.pointer_mut(&place).unwrap()["more"] = json!("of a later version");
        assert_eq!(errors(&open, &report), Vec::<String>::new(), "{place}");
        assert_ne!(errors(&closed, &report), Vec::<String>::new(), "{place}");
    }
}

#[test]
fn a_later_word_is_allowed_where_the_list_is_open() {
    let schema = schema();
    for (place, is_open) in [
        ("/transport", true),
        ("/isolation/level", true),
        ("/target/role", true),
        ("/requirements/0/failures/0/kind", true),
        ("/requirements/0/failures/0/recurrence", true),
        ("/conclusion", false),
        ("/launch_failure/blame", false),
        ("/requirements/0/level", false),
        ("/requirements/0/verdict", false),
        ("/cases/made.up/verdict", false),
    ] {
        let mut report = full();
        *report.pointer_mut(place).unwrap() = json!("another");
        assert_eq!(errors(&schema, &report).is_empty(), is_open, "{place}");
        *report.pointer_mut(place).unwrap() = json!(1);
        assert!(!errors(&schema, &report).is_empty(), "{place}");
    }
    let mut report = full();
    report["exit_code"] = json!(5);
    assert!(!errors(&schema, &report).is_empty());
}

#[test]
fn every_word_stands_in_the_schema() {
    use Verdict::{Blocked, Fail, Pass, Skip};
    let verdicts = [Pass, Fail, Blocked, Skip, Verdict::Inconclusive];
    assert_eq!(json!(verdicts), words("/$defs/verdict"));
    use Recurrence::{AfterTheSame, Alone, Once, Untried};
    let recurrences = [Alone, AfterTheSame, Once, Untried];
    assert_eq!(json!(recurrences), words("/$defs/failure/properties/recurrence"));
    assert_eq!(json!([Transport::Tcp, Transport::Udp]), words("/properties/transport"));
    let blames = ["user", "target", "machine"];
    assert_eq!(json!(blames), words("/properties/launch_failure/properties/blame"));
}

#[test]
fn the_schema_says_what_everything_is() {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    assert_eq!(schema["$id"], format!("urn:trueline:report:{SCHEMA_VERSION}"));
    assert_eq!(schema["properties"]["schema"]["const"], SCHEMA_VERSION);
    let mut open = vec![&schema];
    while let Some(part) = open.pop() {
        if let Some(members) =
            part["properties"].as_object().filter(|_| !part["required"].is_null())
        {
            assert_eq!(part["required"], members.keys().map(String::as_str).collect::<Value>());
            for (name, member) in members {
                assert!(member["description"].is_string(), "{name}");
            }
        }
        match part {
            Value::Object(members) => open.extend(members.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
}

/// What version 1 has, it keeps: `version-1.txt` gains lines, but for words of lists that are closed, and loses none.
#[test]
fn nothing_of_version_1_is_lost() {
    let now = outline();
    let frozen: Vec<&str> = include_str!("version-1.txt").lines().collect();
    let lost: Vec<&&str> = frozen.iter().filter(|line| !now.iter().any(|it| it == *line)).collect();
    assert!(lost.is_empty(), "version 1 of the schema no longer has {lost:#?}");
    let new: Vec<&String> = now.iter().filter(|line| !frozen.contains(&line.as_str())).collect();
    assert!(new.is_empty(), "add to version-1.txt, if it may be passed over: {new:#?}");
}

/// Every place of the schema with what may stand there, each word of a list on a line of its own.
fn outline() -> Vec<String> {
    fn said(part: &Value) -> String {
        let keys = ["const", "enum", "type", "$ref", "items", "pattern", "minimum", "maximum"];
        let said = keys.iter().filter(|key| !part[**key].is_null());
        said.map(|key| format!("{key} {}", part[*key])).collect::<Vec<_>>().join(", ")
    }
    fn walk(place: &str, part: &Value, into: &mut Vec<String>) {
        into.push(format!("{place}: {}", said(part)).trim_end().to_owned());
        let words = part["oneOf"].as_array().or_else(|| part["anyOf"].as_array());
        into.extend(words.into_iter().flatten().map(|word| format!("{place}: or {}", said(word))));
        let required = part["required"].as_array();
        for (name, member) in part["properties"].as_object().into_iter().flatten() {
            let needed = required.is_some_and(|names| names.iter().any(|it| it == name));
            let mark = if needed { "" } else { "?" };
            walk(&format!("{place}/{name}{mark}"), member, into);
        }
        if part["additionalProperties"].is_object() {
            walk(&format!("{place}/*"), &part["additionalProperties"], into);
        }
    }
    let schema = schema();
    let mut lines = Vec::new();
    walk("report", &schema, &mut lines);
    for (name, part) in schema["$defs"].as_object().unwrap() {
        walk(name, part, &mut lines);
    }
    lines
}

/// The words that the schema lists at a place, in its order.
pub(crate) fn words(place: &str) -> Value {
    let schema = schema();
    let place = schema.pointer(place).unwrap();
    let words = place["oneOf"].as_array().or_else(|| place["anyOf"].as_array()).unwrap();
    words.iter().map(|word| word["const"].clone()).filter(|word| !word.is_null()).collect()
}
