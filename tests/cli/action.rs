//! The action for GitHub: its last step, as GitHub would run it.

use super::*;

use serde_json::Value;

const ACTION: &str = include_str!("../../.github/actions/check/action.yml");
const SERVE: &str = "trueline serve calculator --listen 127.0.0.1:0";

fn action() -> Value {
    serde_saphyr::from_str(ACTION).expect("YAML")
}

/// What the step that checks exits with, given these inputs, and what it prints.
fn check(shell: &Shell, inputs: &[(&str, &str)]) -> (i32, String) {
    let action = action();
    let step = action["runs"]["steps"].as_array().unwrap().last().unwrap();
    let mut bash = shell.command("bash --noprofile --norc -eo pipefail -c");
    bash.arg(step["run"].as_str().unwrap());
    for (name, value) in step["env"].as_object().unwrap() {
        let value = value.as_str().unwrap();
        let input = value.strip_prefix("${{ inputs.").and_then(|it| it.strip_suffix(" }}"));
        let input = input.unwrap_or_else(|| panic!("{value} is no input"));
        let declared = &action["inputs"][input];
        assert!(declared["description"].is_string(), "{input} is not declared");
        let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| *value);
        bash.env(name, given.or_else(|| declared["default"].as_str()).expect("a value"));
    }
    bash.env("GITHUB_STEP_SUMMARY", shell.here().join("summary.md"));
    let output = bash.output().unwrap();
    let told = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
    (output.status.code().unwrap(), told)
}

#[test]
fn every_input_is_used() {
    let action = action();
    let last = &action["runs"]["steps"][1]["env"];
    let used: Vec<&str> = last.as_object().unwrap().values().filter_map(Value::as_str).collect();
    for name in action["inputs"].as_object().unwrap().keys() {
        assert!(used.contains(&&*format!("${{{{ inputs.{name} }}}}")), "{name}");
    }
}

/// README's step names this action, and inputs that it has.
#[test]
fn readme_uses_it_rightly() {
    let readme = include_str!("../../README.md");
    let step = readme.split("<!-- action -->\n```yaml\n").nth(1).expect("an example");
    let steps: Value = serde_saphyr::from_str(step.split("```").next().unwrap()).unwrap();
    let uses = steps[0]["uses"].as_str().unwrap();
    assert!(uses.contains("/.github/actions/check@"), "{uses}");
    let action = action();
    for name in steps[0]["with"].as_object().unwrap().keys() {
        assert!(action["inputs"][name].is_object(), "{name}");
    }
}

#[test]
fn a_right_server_passes() {
    let shell = Shell::new();
    let args = "--only 'frame.reply' --cases 16";
    let (exit, told) =
        check(&shell, &[("service", "calculator"), ("command", SERVE), ("args", args)]);
    assert_eq!(exit, 0, "{told}");
    assert!(told.contains("\n::notice title=calculator%3A Conforming"), "{told}");
}

#[test]
fn a_wrong_one_fails_and_says_so() {
    let shell = Shell::new();
    shell.file("summary.md", "Of another tool.\n");
    let command = format!("{SERVE} --mutant crlf");
    let only = "--only frame.reply";
    let (exit, told) =
        check(&shell, &[("service", "calculator"), ("command", &command), ("args", only)]);
    assert_eq!(exit, 1, "{told}");
    assert!(told.contains("Not conforming.\n::error title=FRAME-3 (MUST) is broken::"), "{told}");
    let summary = std::fs::read_to_string(shell.here().join("summary.md")).unwrap();
    assert!(summary.starts_with("Of another tool.\n"), "{summary}");
    assert!(summary.contains("**Not conforming.**"), "{summary}");
}

#[test]
fn what_is_not_there_fails_with_its_own_code() {
    let shell = Shell::new();
    let address = format!("127.0.0.1:{}", free_port());
    let (exit, told) = check(&shell, &[("service", "calculator"), ("address", &address)]);
    assert_eq!(exit, 3, "{told}");
    let (exit, told) = check(&shell, &[("service", "calculator")]);
    assert_eq!(exit, 2, "{told}");
}
