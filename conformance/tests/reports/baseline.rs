//! What a baseline says decides what fails, in every report that CI reads.

use trueline_conformance::baseline::{Compared, Held};
use trueline_conformance::judge::Kind;
use trueline_conformance::report::{annotations, html, junit};

use super::made::{check, failing};

#[test]
fn what_is_as_known_does_not_fail_and_what_is_not_does() {
    let text = || "of the moon".to_owned();
    for (broken, compared) in [
        (true, Compared::Known(text())),
        (true, Compared::New),
        (true, Compared::Changed(text(), text())),
        (false, Compared::Mended),
        (false, Compared::Stale),
    ] {
        let kinds = if broken { vec![Kind::Refused] } else { vec![] };
        let mut report = failing(check(), kinds);
        let id = report.requirements[0].requirement.id.to_string();
        let fails = !compared.is_expected();
        let told = vec![(id, compared.clone())];
        report.baseline = Some(Held { file: "known.toml".to_owned(), compared: told });
        assert_eq!(junit(&report).contains("<failure"), fails, "{compared:?}");
        assert_eq!(annotations(&report).contains("::error"), fails, "{compared:?}");
        assert_eq!(annotations(&report).contains("::notice"), !fails, "{compared:?}");
        // A diagram is drawn of what is new.
        assert_eq!(html(&report).contains("<article"), broken && fails, "{compared:?}");
    }
}
