//! Help, lists and explanations.

use super::*;

#[test]
fn help_of_the_program() {
    told(&Shell::new(), "help", "trueline --help", 0);
}

#[test]
fn help_of_each_command() {
    let shell = Shell::new();
    for command in
        ["check", "diff", "replay", "serve", "call", "init", "list", "matrix", "explain", "doctor"]
    {
        told(&shell, &format!("help-{command}"), &format!("trueline {command} --help"), 0);
    }
    for what in ["dialect", "schema"] {
        told(&shell, &format!("help-init-{what}"), &format!("trueline init {what} --help"), 0);
    }
}

/// Whoever adds a command adds its help above.
#[test]
fn no_command_is_left_out() {
    let (_, help) = Shell::new().run("trueline --help");
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<&str> =
        commands.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let all = [
        "check", "diff", "replay", "serve", "call", "init", "list", "matrix", "explain", "doctor",
        "help",
    ];
    assert_eq!(names, all);
}

#[test]
fn no_command_at_all() {
    told(&Shell::new(), "no-command", "trueline", 2);
}

/// Of each list the first lines: its form, without a word on how long it is.
#[test]
fn lists() {
    let shell = Shell::new();
    for (what, lines) in [("requirements", 6), ("cases", 8), ("mutants", 6), ("dialects", 9)] {
        let line = format!("trueline list {what}");
        let (exit, text) = shell.run(&line);
        assert_eq!(exit, 0, "{text}");
        let first: Vec<&str> = text.lines().take(1 + lines).collect();
        held(shell.folder.path(), &format!("list-{what}"), &first.join("\n"));
    }
    let (_, requirements) = shell.run("trueline list requirements");
    assert_eq!(shell.run("trueline list").1.lines().skip(1).collect::<Vec<_>>(), {
        requirements.lines().skip(1).collect::<Vec<_>>()
    });
}

#[test]
fn explanations() {
    let shell = Shell::new();
    for id in ["FRAME-7", "FRAME-23", "GREET", "frame.cut", "frame.cut.any", "waits-for-more"] {
        told(&shell, &format!("explain-{id}"), &format!("trueline explain {id}"), 0);
    }
    let [upper, lower] = ["FRAME-7", "frame-7"].map(|id| {
        let (exit, text) = shell.run(&format!("trueline explain {id}"));
        (exit, text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>())
    });
    assert_eq!(upper, lower);
}

#[test]
fn nothing_of_that_name_to_explain() {
    told(&Shell::new(), "explain-unknown", "trueline explain FRAME-999", 2);
}

/// Everything that is listed is explained.
#[test]
fn whatever_is_listed_is_explained() {
    let shell = Shell::new();
    for what in ["requirements", "cases", "mutants"] {
        let (_, list) = shell.run(&format!("trueline list {what}"));
        let names: Vec<&str> =
            list.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
        // The last one is the exit code's line.
        for name in names[..names.len() - 1].iter().step_by(9) {
            let (exit, text) = shell.run(&format!("trueline explain {name}"));
            assert!(exit == 0 && text.contains(name), "{text}");
        }
    }
}
