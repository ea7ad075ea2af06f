//! trueline's edge: reference servers and clients on real sockets, and the command line.
//!
//! [`serve`] puts sockets around a server of [`trueline_protocol`], [`call`] is its client, [`cli`] is what is typed.

pub mod call;
pub mod cli;
pub mod serve;
