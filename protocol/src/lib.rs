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
//! holds the rules that services share; [`calculator`], [`word_length`], [`message`], [`greeting`], [`time`], [`chat`] and
//! [`connect`] are the services, [`service`] their list and what comes back; [`responder`] is a whole server made of these,
//! with octets, events and the time handed in and actions handed out, and `talk` its part for those who take turns.

extern crate alloc;

pub mod calculator;
pub mod chat;
pub mod connect;
pub mod dialect;
pub mod error;
pub mod framing;
pub mod grammar;
pub mod greeting;
pub mod limits;
pub mod message;
pub mod responder;
pub mod service;
mod talk;
pub mod time;
pub mod word_length;
