//! Descriptors that the runner was started with and that are nobody's here: a shell's pipe, a file of whoever started it. A
//! program that had them would reach what they lead to, whatever it sees else.

use std::io;

/// The first number after standard input, output and error.
const FIRST: libc::c_uint = 3;

/// Sees to it that nothing that this process starts inherits any of them. To be called before it has opened any of its own
/// that is to be inherited.
///
/// # Errors
///
/// The kernel is older than 5.11.
#[allow(
    unsafe_code,
    reason = "no crate has a safe close_range, and every other way has to guess descriptors"
)]
pub(super) fn keep_to_itself() -> io::Result<()> {
    // SAFETY: nothing is closed, and no memory is touched: descriptors get a flag that tells on execve alone.
    let set =
        unsafe { libc::close_range(FIRST, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC as _) };
    if set == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
