//! The `trueline` program. All of it is in the library, in `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    trueline::cli::main()
}
