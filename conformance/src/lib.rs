//! The conformance suite.
//!
//! ```text
//! requirement -> case -> delivery -> wire -> exchange -> judge -> verdict -> report
//! ```
#![allow(missing_docs)]

pub mod blame;
pub mod case;
pub mod delivery;
pub mod dialogue;
pub mod exchange;
pub mod judge;
pub mod kernel;
pub mod matching;
pub mod mutant;
pub mod pace;
pub mod perform;
pub mod relies;
pub mod report;
pub mod run;
pub mod service;
pub mod spec;
pub mod target;
pub mod transcript;
pub mod transport;
pub mod wire;
