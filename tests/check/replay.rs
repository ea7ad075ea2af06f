//! What a check keeps of its failures shows them again: the transcript to `trueline replay`, the program to Python alone.

use super::*;

use std::fs;

/// Wrong servers of different kinds: of the framing, of the meaning, with characters and with silence.
const WRONG: [(&str, &str, &str); 6] = [
    ("calculator", "tcp", "recv-is-message"),
    ("calculator", "tcp", "no-resync"),
    ("calculator", "udp", "keeps-datagram-lf"),
    ("calculator", "udp", "floor-division"),
    ("word-length", "tcp", "counts-octets"),
    ("greeting", "tcp", "waits-for-request"),
];

#[test]
fn what_is_kept_shows_the_fault_and_nothing_else() {
    for (service, transport, mutant) in WRONG {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("failures");
        let any = ["--transport", transport, "--listen", "127.0.0.1:0"];
        let wrong = serve(service, &[&any[..], &["--mutant", mutant]].concat());
        let right = serve(service, &any);
        let [wrong, right] = [&wrong, &right].map(|it| it.address.to_string());
        let options = ["--transport", transport, "--failures", kept.to_str().unwrap()];
        let checked = check_of(service, &options, &[&wrong]);
        let broken = checked.with("fail");
        assert!(!broken.is_empty(), "{mutant} of {service}");
        for id in broken {
            let transcript = kept.join(format!("{id}.transcript"));
            let transcript = transcript.to_str().unwrap();
            let again = checked.failures(id).iter().find_map(|it| it["replay"].as_str());
            let command = format!("trueline replay {transcript} {wrong}");
            assert_eq!(again, Some(&*command), "{mutant} of {service}");
            let script = kept.join(format!("{id}.py"));
            for (address, exit) in [(&wrong, 1), (&right, 0)] {
                let output = trueline(&["replay", transcript, address]).output().unwrap();
                let said = String::from_utf8_lossy(&output.stdout);
                assert_eq!(output.status.code(), Some(exit), "{mutant} of {service}, {id}: {said}");
                let script = Command::new(python()).arg(&script).args(address.split(':')).output();
                let script = script.unwrap();
                let said = String::from_utf8_lossy(&script.stderr);
                assert_eq!(script.status.success(), exit == 0, "{mutant}, {id}: {said}");
                assert!(!said.contains("Traceback"), "{mutant} of {service}, {id}: {said}");
            }
        }
    }
}

#[test]
fn a_folder_beside_the_report_holds_what_is_broken_now() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let kept = folder.path().join("report.failures");
    let check = |options: &[&str]| {
        let server = serve("calculator", &[&["--listen", "127.0.0.1:0"], options].concat());
        let output = report.to_str().unwrap();
        let address = server.address.to_string();
        let words =
            ["check", "calculator", "--only", "CALC-11,CALC-12", "--cases", "8", "--format"];
        let words = [&words[..], &["json", "--output", output, &address]].concat();
        trueline(&words).status().unwrap().code()
    };
    assert_eq!(check(&["--mutant", "floor-division"]), Some(1));
    let transcript = kept.join("CALC-12.transcript");
    assert!(fs::read_to_string(&transcript).unwrap().contains("\ncovers CALC-12\n"));
    // What an earlier check has kept goes, and what somebody else has put there stays.
    fs::write(kept.join("notes.py"), "# mine\n").unwrap();
    assert_eq!(check(&[]), Some(0));
    assert!(!transcript.exists());
    assert_eq!(fs::read_to_string(kept.join("notes.py")).unwrap(), "# mine\n");
    fs::remove_file(kept.join("notes.py")).unwrap();
    assert_eq!(check(&[]), Some(0));
    assert!(!kept.exists());
}

/// A program that is launched, and files that cannot be replayed.
#[test]
fn replay_tells_by_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let server = classroom("line/calculator_threaded.py");
    let replay = |text: &str, target: &[&str]| {
        let file = folder.path().join("own.transcript");
        fs::write(&file, text).unwrap();
        let words = [&["replay", file.to_str().unwrap()], target].concat();
        let output = trueline(&words).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let launched = ["--", python(), &server, "0"];
    let sum = "case sum\nservice calculator\n> 1 2 +\n< Sum of 1 and 2 is 3\n";
    assert_eq!(replay(sum, &launched).0, 0);
    assert_eq!(replay(&sum.replace("is 3", "is 4"), &launched).0, 1);
    assert_eq!(replay(sum, &["127.0.0.1:1"]).0, 3);
    for (text, said) in [
        ("case sum\n> 1 2 +\n", "put a line such as `service calculator`"),
        ("case sum\nservice calculater\n> 1 2 +\n", "no such service"),
        ("case sum\n? what\n", "own.transcript"),
        ("case a\nservice time\ntransport udp\n> a\ncase b\nservice time\n! open\n", "for each"),
    ] {
        let (exit, error) = replay(text, &launched);
        assert_eq!(exit, 2, "{error}");
        assert!(error.contains(said), "{error}");
    }
}
