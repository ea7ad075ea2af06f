//! stub

pub mod blame;
pub mod kernel;
pub mod target;
pub mod transport;
