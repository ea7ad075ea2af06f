//! Why a server could not start: always its operator's or the machine's doing.

use std::io;

use miette::Diagnostic;

use super::Bound;

/// Why a server could not start; the help says what to do about it.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum ServeError {
    /// No address was given.
    #[error("no address to listen on")]
    #[diagnostic(help("give one, such as 127.0.0.1:8040"))]
    Nowhere,

    /// Something listens there already.
    #[error("cannot listen on {bound}: the address is in use")]
    #[diagnostic(help(
        "stop the program that listens there, or choose another port (port 0 takes a free one)"
    ))]
    InUse {
        /// Where.
        bound: Bound,
    },

    /// The system does not let this user listen there.
    #[error("cannot listen on {bound}: permission denied")]
    #[diagnostic(help(
        "ports below 1024 are often kept for the administrator; choose a higher one"
    ))]
    Denied {
        /// Where.
        bound: Bound,
    },

    /// The address belongs to no interface.
    #[error("cannot listen on {bound}: this machine has no such address")]
    #[diagnostic(help(
        "127.0.0.1 and [::1] reach programs on this machine, 0.0.0.0 and [::] are all its addresses"
    ))]
    NotHere {
        /// Where.
        bound: Bound,
    },

    /// The system refused for another reason.
    #[error("cannot listen on {bound}")]
    Refused {
        /// Where.
        bound: Bound,
        /// Why.
        source: io::Error,
    },
}

impl ServeError {
    pub(super) fn new(bound: Bound, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::InUse { bound },
            io::ErrorKind::PermissionDenied => Self::Denied { bound },
            io::ErrorKind::AddrNotAvailable => Self::NotHere { bound },
            _ => Self::Refused { bound, source },
        }
    }
}
