//! Holds reports to the schema, and to themselves.

use std::sync::LazyLock;

use serde_json::{Value, json};
use trueline_conformance::report::{self, SCHEMA, Told};
use trueline_conformance::transcript;

/// The schema as it is, open to what later versions add.
pub(crate) fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// The schema as this version fulfils it: nothing that it does not name, no word that it does not list.
pub(crate) fn closed(mut schema: Value) -> Value {
    fn close(part: &mut Value) {
        match part {
            Value::Object(members) => {
                members.values_mut().for_each(close);
                if members.get("properties").is_some_and(Value::is_object) {
                    members.insert("additionalProperties".to_owned(), json!(false));
                }
                if let Some(Value::Array(words)) = members.get_mut("anyOf") {
                    words.retain(|word| word["$ref"] != "#/$defs/later");
                }
            }
            Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    close(&mut schema);
    schema
}

/// What is wrong with a report.
pub(crate) fn errors(schema: &Value, report: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    told(&validator, report)
}

fn told(validator: &jsonschema::Validator, report: &Value) -> Vec<String> {
    let errors = validator.iter_errors(report);
    errors.map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The report as JSON, once it has been held to the schema and to itself.
pub(crate) fn valid<'a>(told_of: impl Into<Told<'a>>) -> Value {
    static CLOSED: LazyLock<jsonschema::Validator> =
        LazyLock::new(|| jsonschema::validator_for(&closed(schema())).unwrap());
    let report = report::json(told_of, 0);
    let errors = told(&CLOSED, &report);
    assert!(errors.is_empty(), "{errors:#?}");
    agrees(&report);
    report
}

/// What a script takes for granted when it goes from one part of a report to another.
fn agrees(report: &Value) {
    let cases = report["cases"].as_object().unwrap();
    let timed = report["timing"]["cases"].as_object().unwrap();
    assert!(cases.keys().eq(timed.keys()));
    let requirements = report["requirements"].as_array().unwrap();
    let counted = report["counts"].as_object().unwrap().values().map(|it| it.as_u64().unwrap());
    assert_eq!(counted.sum::<u64>(), requirements.len() as u64);
    let failed = requirements.iter().any(|it| it["counted"] == true && it["verdict"] == "fail");
    assert_eq!(report["conclusion"] == "does-not-conform", failed);
    let told = ["conforms", "does-not-conform"].contains(&report["conclusion"].as_str().unwrap());
    assert_eq!(told, report["why"].is_null());
    for requirement in requirements {
        for name in requirement["cases"].as_array().unwrap() {
            assert!(cases.contains_key(name.as_str().unwrap()), "{name}");
        }
        let failures = requirement["failures"].as_array().unwrap();
        assert_eq!(requirement["verdict"] == "fail", !failures.is_empty(), "{requirement}");
        for failure in failures {
            assert!(cases.contains_key(failure["case"].as_str().unwrap()), "{failure}");
            let steps = failure["transcript"].as_str().unwrap();
            let index = failure["step"]["index"].as_u64().unwrap() as usize;
            assert_eq!(failure["step"]["line"], steps.split('\n').nth(index).unwrap());
            let read = transcript::parse("report", &format!("case a\n{steps}")).unwrap();
            assert_eq!(read[0].dialogue.to_string(), steps);
        }
    }
}
