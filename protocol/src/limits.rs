//! The numbers that SPEC.md states.

use core::time::Duration;

/// Most octets in the text of a request; the terminator does not count (SPEC.md 3.1).
pub const REQUEST_TEXT_MAX: usize = 1023;

/// Most octets in the text of a reply (FRAME-2).
pub const REPLY_TEXT_MAX: usize = 4096;

/// Clients that a TCP server serves at the same time, at least (FRAME-18).
pub const CLIENTS_MIN: usize = 4;

/// For how long a connection may stand still before a server may close it (FRAME-23).
pub const IDLE_MIN: Duration = Duration::from_secs(60);
