#![no_std]
//! The `line` dialect and its services, without I/O and without a clock.
//!
//! ```text
//!            framing            text             service            spelling
//!   octets ----------> Line ----------> &str ----------> Reply ----------> octets
//!                        \                \                ^
//!                         `- too-long      `- encoding  ---'  (ErrorCode)
//! ```
//!
//! In reading order: [`limits`] and [`error`] are SPEC.md's tables; [`framing`] turns octets into lines; [`grammar`]
//! holds the rules that services share; [`calculator`] is a service; [`reply`] is what comes back; [`responder`] is a
//! whole server made of these, with octets, events and the time handed in and actions handed out.

extern crate alloc;

pub mod calculator;
pub mod error;
pub mod framing;
pub mod grammar;
pub mod limits;
pub mod reply;
pub mod responder;
pub mod service;
