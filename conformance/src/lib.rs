//! The conformance suite: requirement -> case -> delivery -> wire -> exchange -> judge -> verdict -> report.
#![allow(missing_docs)]
pub mod spec;
pub mod transcript;
pub mod transport;
