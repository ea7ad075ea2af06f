//! Reports for those who read neither the text of a terminal nor JSON: CI systems and browsers.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod baseline;
mod browser;
mod github;
mod html;
mod junit;
#[path = "../report_json/made.rs"]
mod made;
#[path = "../report_json/simulated.rs"]
mod simulated;
