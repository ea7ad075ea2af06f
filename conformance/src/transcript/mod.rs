//! Transcripts: written dialogues, as SPEC.md's examples, written cases, an instructor's own
//! cases and the shrunk counterexample of a failure have them.
//!
//! ```text
//! case calculator.postfix.sum
//! covers CALC-2 CALC-9
//! # A message, and the reply that is due.
//! > 10 20 +
//! < Sum of 10 and 20 is 30
//! B>> 10 2
//! B>> 0 +\n
//! B<< ERR \{detail}\n
//! ! end
//! ? closed
//! ```

mod model;

pub use self::model::{Act, Client, Dialogue, Hole, Piece, Step, Text, Transcript};
