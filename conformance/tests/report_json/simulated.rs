//! Reports of runs in simulation.

use std::time::Duration;

use trueline_conformance::report::{Check, Report};
use trueline_conformance::run::{self, Patience, Selection};
use trueline_conformance::transport::Transport;
use trueline_conformance::wire::Simulated;
use trueline_conformance::{case, mutant};
use trueline_protocol::responder::{Responder, Server};
use trueline_protocol::service::Service;

/// The whole suite against a server in simulation, which has this fault, or none.
pub(crate) fn simulated(service: Service, transport: Transport, mutant: Option<&str>) -> Report {
    let mutant = mutant.map(|name| mutant::find(name).expect("a mutant"));
    let host = Simulated::new(transport, move || -> Box<dyn Server> {
        match mutant {
            Some(mutant) => mutant.server(service),
            None => Box::new(Responder::of(service)),
        }
    });
    let cases: Vec<_> = case::of(service).iter().collect();
    let selection = Selection::new(&cases, service, transport, &[], &[]).unwrap();
    let patience = Patience { budget: Duration::MAX, ..Patience::default() };
    let check = Check { seed: 1, cases: 24, ..Check::of(service, transport, "simulation") };
    let mut unheard = |_: run::Event<'_>| {};
    let check = run::run(&host, check, patience, &selection, &mut unheard);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(check)
}
