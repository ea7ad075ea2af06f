//! Servers of several services in one process, each at a place of its own.

use futures_util::future::{FutureExt, join_all};
use miette::Diagnostic;
use trueline_protocol::responder::Responder;
use trueline_protocol::service::Service;

use super::listening::Listening;
use super::{Bound, Serve, ServeError, limits};

/// A service, and how it is served.
#[derive(Clone, Debug)]
pub struct Member {
    /// What is spoken.
    pub service: Service,
    /// Where and how. Its limit on connections is its own.
    pub options: Serve,
}

/// Why no server was started: one of them cannot listen where it is to.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{service} cannot be served")]
#[diagnostic(forward(source))]
pub struct MemberError {
    /// Which one.
    pub service: Service,
    /// Where, and why not.
    pub source: ServeError,
}

/// Serves all of them, as [`run`](super::run) serves one, until `stop` completes; then drains them all at the same time.
///
/// `ready` is handed what was bound for each member, in their order, when all of them listen.
///
/// # Errors
///
/// An address that could not be listened on. None is served then.
///
/// # Panics
///
/// As [`run`](super::run).
pub async fn run_all(
    members: Vec<Member>,
    ready: impl FnOnce(&[(Service, &[Bound])]),
    stop: impl Future<Output = ()>,
) -> Result<(), MemberError> {
    let mut all = Vec::new();
    for Member { service, options } in members {
        let opened = Listening::open(options);
        all.push((service, opened.map_err(|source| MemberError { service, source })?));
    }
    let bound: Vec<_> = all.iter().map(|(service, it)| (*service, it.bound())).collect();
    let sockets = bound.iter().map(|(_, bound)| bound.len()).sum();
    ready(&bound);

    let wanted = all.iter().map(|(_, it)| it.wanted()).max().unwrap_or_default();
    let possible = limits::connections(wanted, all.len(), sockets);
    let stop = stop.shared();
    join_all(all.into_iter().map(|(service, listening)| {
        let connections = listening.wanted().min(possible);
        listening.serve(Box::new(Responder::of(service)), connections, stop.clone())
    }))
    .await;
    Ok(())
}
