//! Exit codes: who is to blame, as a number.

use miette::{Diagnostic, Report, miette};
use trueline_conformance::blame::Blame;
use trueline_conformance::diff;
use trueline_conformance::pairing;
use trueline_conformance::report::Conclusion;
use trueline_conformance::run::SelectionError;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// All is well; the server conforms; both answer alike.
    Conforms,
    /// The server does not conform; two do not answer alike; a message got no reply.
    DoesNotConform,
    /// The command cannot be carried out as it was given.
    Usage,
    /// The server never came up by its own fault, or nothing answers at its address.
    Unreachable,
    /// Nobody can tell: the machine or the runner is to blame.
    Inconclusive,
}

/// The codes as the help shows them.
pub(super) const TABLE: &str = "\
Exit codes:
  0  the server conforms; both answer alike; all is well
  1  the server does not conform, one that stays silent included; two do not answer alike
  2  bad usage, a bad file, nothing selected
  3  the server never came up by its own fault, or nothing answers at its address
  4  inconclusive: the machine or the runner is to blame";

impl Exit {
    /// The code.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Conforms => 0,
            Self::DoesNotConform => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Inconclusive => 4,
        }
    }
}

impl From<Conclusion> for Exit {
    fn from(conclusion: Conclusion) -> Self {
        match conclusion {
            Conclusion::Conforms => Self::Conforms,
            Conclusion::DoesNotConform => Self::DoesNotConform,
            Conclusion::NothingAnswers => Self::Unreachable,
            Conclusion::Inconclusive => Self::Inconclusive,
        }
    }
}

impl From<diff::Conclusion> for Exit {
    fn from(conclusion: diff::Conclusion) -> Self {
        match conclusion {
            diff::Conclusion::Alike => Self::Conforms,
            diff::Conclusion::Differ => Self::DoesNotConform,
            diff::Conclusion::NothingAnswers(_) => Self::Unreachable,
            diff::Conclusion::Inconclusive => Self::Inconclusive,
        }
    }
}

impl From<pairing::Conclusion> for Exit {
    fn from(conclusion: pairing::Conclusion) -> Self {
        match conclusion {
            pairing::Conclusion::AllWork => Self::Conforms,
            pairing::Conclusion::SomeFail => Self::DoesNotConform,
            pairing::Conclusion::Inconclusive => Self::Inconclusive,
        }
    }
}

impl From<Blame> for Exit {
    fn from(blame: Blame) -> Self {
        match blame {
            Blame::User => Self::Usage,
            Blame::Target => Self::Unreachable,
            Blame::Machine => Self::Inconclusive,
        }
    }
}

/// A command that was not carried out: what is said, and the code.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) report: Report,
    pub(super) exit: Exit,
}

impl Failure {
    /// Because of how it was given.
    pub(super) fn usage(error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self { report: error.into(), exit: Exit::Usage }
    }

    /// Because of how it was given, in words, with a mend.
    pub(super) fn misused(what: impl std::fmt::Display, mend: impl std::fmt::Display) -> Self {
        let report = miette!(help = mend.to_string(), "{what}");
        Self { report, exit: Exit::Usage }
    }

    /// Because there is nothing in the suite that was asked for.
    pub(super) fn unselected(error: SelectionError) -> Self {
        let mend = "`trueline list requirements` and `trueline list cases` show what there is";
        Self::misused(error, mend)
    }

    /// Because of the machine.
    pub(super) fn machine(what: impl std::fmt::Display) -> Self {
        Self { report: miette!("{what}"), exit: Exit::Inconclusive }
    }

    /// Because of whoever is to blame.
    pub(super) fn blamed(error: impl Diagnostic + Send + Sync + 'static, blame: Blame) -> Self {
        Self { report: error.into(), exit: blame.into() }
    }
}
