//! How a program came to its end.

use std::fmt;
use std::process::ExitStatus;

use crate::isolation::Excess;

/// How a program ended. Shown, it continues a sentence that starts with the program's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this exit code.
    Exited(i32),
    /// By this signal, which was not the runner's SIGKILL.
    Signalled(i32),
    /// By the runner, which had no more use for it.
    Killed,
    /// By the runner, because it had used more than it may.
    Exceeded(Excess),
}

impl Ending {
    /// Its exit code, if it ended with one.
    pub fn exit_code(self) -> Option<i32> {
        match self {
            Self::Exited(code) => Some(code),
            _ => None,
        }
    }

    /// What the signal is called that ended it, if one did.
    pub fn signal(self) -> Option<String> {
        match self {
            Self::Signalled(signal) => {
                Some(name(signal).map_or_else(|| signal.to_string(), str::to_owned))
            }
            _ => None,
        }
    }

    /// How a status reads, `killed` saying whether the runner had sent SIGKILL before.
    pub(super) fn of(status: ExitStatus, killed: bool) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::process::ExitStatusExt;
            match status.signal() {
                Some(9) if killed => return Self::Killed,
                Some(signal) => return Self::Signalled(signal),
                None => {}
            }
        }
        match status.code() {
            Some(code) if cfg!(unix) || !killed => Self::Exited(code),
            _ => Self::Killed,
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "ended with exit code {code}"),
            Self::Signalled(signal) => match name(*signal) {
                Some(name) => write!(f, "was ended by {name}"),
                None => write!(f, "was ended by signal {signal}"),
            },
            Self::Killed => f.write_str("was still running and was killed by the runner"),
            Self::Exceeded(excess) => write!(f, "{excess} and was ended by the runner"),
        }
    }
}

/// The numbers differ between systems; the names do not.
#[cfg(unix)]
fn name(signal: i32) -> Option<&'static str> {
    use rustix::process::Signal;
    [
        (Signal::HUP, "SIGHUP"),
        (Signal::INT, "SIGINT"),
        (Signal::QUIT, "SIGQUIT"),
        (Signal::ILL, "SIGILL"),
        (Signal::TRAP, "SIGTRAP"),
        (Signal::ABORT, "SIGABRT"),
        (Signal::BUS, "SIGBUS"),
        (Signal::FPE, "SIGFPE"),
        (Signal::KILL, "SIGKILL"),
        (Signal::USR1, "SIGUSR1"),
        (Signal::SEGV, "SIGSEGV"),
        (Signal::USR2, "SIGUSR2"),
        (Signal::PIPE, "SIGPIPE"),
        (Signal::ALARM, "SIGALRM"),
        (Signal::TERM, "SIGTERM"),
        (Signal::XCPU, "SIGXCPU"),
        (Signal::XFSZ, "SIGXFSZ"),
        (Signal::SYS, "SIGSYS"),
    ]
    .into_iter()
    .find_map(|(known, name)| (known.as_raw() == signal).then_some(name))
}

#[cfg(not(unix))]
fn name(_signal: i32) -> Option<&'static str> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn an_ending_is_a_sentence() {
        let shown = |raw, killed| Ending::of(ExitStatus::from_raw(raw), killed).to_string();
        assert_eq!(shown(3 << 8, false), "ended with exit code 3");
        assert_eq!(shown(11, false), "was ended by SIGSEGV");
        assert_eq!(shown(9, false), "was ended by SIGKILL");
        assert_eq!(shown(9, true), "was still running and was killed by the runner");
        assert_eq!(shown(15, true), "was ended by SIGTERM");
        assert_eq!(shown(0, true), "ended with exit code 0");
    }
}
