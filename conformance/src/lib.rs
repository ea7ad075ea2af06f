//! stub

pub mod transcript;
