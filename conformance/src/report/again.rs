//! How a case, or a counterexample, is performed again.

use std::fmt::Write;

use super::{Check, DEFAULT_CASES, DEFAULT_SEED};
use crate::spec::Party;
use crate::transport::Transport;

/// The command that performs one case again, as it would be typed.
pub(super) fn again(check: &Check, case: &str) -> String {
    let mut words = format!("trueline check {}", check.service);
    // Writing to a string cannot fail.
    if check.transport != Transport::Tcp {
        let _ = write!(words, " --transport {}", check.transport);
    }
    if check.seed != DEFAULT_SEED {
        let _ = write!(words, " --seed {}", check.seed);
    }
    // Fewer are the first of as many as there are by default.
    if check.cases > DEFAULT_CASES {
        let _ = write!(words, " --cases {}", check.cases);
    }
    if check.strict {
        words += " --strict";
    }
    if check.role == Party::Client {
        words += " --client";
    }
    for option in &check.options {
        let _ = write!(words, " {option}");
    }
    let _ = write!(words, " --only {case} ");
    words + &target(check)
}

/// The command that performs the counterexample of a requirement again; `None` where it is not kept.
pub(super) fn replay(check: &Check, id: &str) -> Option<String> {
    let folder = check.kept_in.as_ref()?;
    // Which cases are asked, and what port is expected, is of no concern to it.
    let concerns =
        |it: &&String| !["--cases-from", "--expect-port"].iter().any(|no| it.starts_with(no));
    let options = check.options.iter().filter(concerns).map(|option| format!(" {option}"));
    let options: String = options.collect();
    let file = format!("{folder}/{id}.transcript");
    Some(format!("trueline replay{options} {file} {}", target(check)))
}

/// The target as it was given.
fn target(check: &Check) -> String {
    match (&check.path, &check.command) {
        (Some(path), _) => path.clone(),
        (None, Some(command)) => format!("-- {command}"),
        (None, None) => check.address.clone(),
    }
}

#[cfg(test)]
mod tests {
    use trueline_protocol::service::Service;

    use super::*;

    #[test]
    fn what_a_case_depends_on_is_said() {
        let check = Check::of(Service::Calculator, Transport::Tcp, "127.0.0.1:8040");
        let plain = "trueline check calculator --only frame.cut 127.0.0.1:8040";
        assert_eq!(again(&check, "frame.cut"), plain);
        assert_eq!(again(&Check { cases: 16, ..check.clone() }, "frame.cut"), plain);
        let check = Check {
            transport: Transport::Udp,
            seed: 5,
            cases: 1000,
            strict: true,
            options: vec!["--timeout 2".to_owned()],
            command: Some("python3 server.py".to_owned()),
            ..check
        };
        assert_eq!(
            again(&check, "err.any"),
            "trueline check calculator --transport udp --seed 5 --cases 1000 --strict --timeout 2 \
             --only err.any -- python3 server.py"
        );
        let found = Check { path: Some("'my server.py'".to_owned()), ..check };
        assert!(again(&found, "err.any").ends_with(" --only err.any 'my server.py'"));
    }
}
