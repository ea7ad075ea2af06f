//! trueline's edge: reference servers on real sockets, and the command line.
//!
//! [`serve`] puts sockets around a server of [`trueline_protocol`].

pub mod serve;
