//! What is typed to a program: a pipe that holds it from the start, and stays open.

use std::io::{self, PipeReader, PipeWriter, Write};

/// Most octets that are typed to a program: every pipe takes them at once.
pub const TYPED_MAX: usize = 4096;

/// The program's end, which it finds as its standard input, and the other one, to be kept for as long as it runs.
///
/// # Errors
///
/// The system has no pipe to spare, or it is more than [`TYPED_MAX`].
pub(crate) fn typed(input: &[u8]) -> io::Result<(PipeReader, PipeWriter)> {
    if input.len() > TYPED_MAX {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let (reader, mut writer) = io::pipe()?;
    writer.write_all(input)?;
    Ok((reader, writer))
}
