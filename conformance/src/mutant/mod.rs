//! Wrong servers, each with one fault: proof that the suite bites, targets to try it on, and what failures are explained
//! by. Each replaces one seam of the responder, or wraps the whole of it (its host).

mod announcement;
mod calculator;
mod chat;
mod clients;
mod connect;
mod death;
mod framing;
mod host;
mod limit;
mod meaning;
mod memory;
mod message;
mod peer;
mod python;
mod queue;
mod seam;
mod spelling;
mod time;
mod word_length;

pub(crate) use limit::decoding_late;
pub(crate) use seam::wording;

use std::fmt;
use std::sync::LazyLock;

use trueline_protocol::responder::Server;
use trueline_protocol::service::{Manner, Service};

use crate::service::plain;
use crate::spec::{Id, Level, Spec};
use crate::transport::Transport;

/// Stands for every MUST of the service's own section.
const OWN: &str = "OWN";

/// A wrong server.
#[derive(Clone, Copy)]
pub struct Mutant {
    /// Its name.
    pub name: &'static str,
    /// Which part of the responder it replaces.
    pub seam: &'static str,
    /// The service that it is about; every one that what it breaks first binds, when `None`.
    pub service: Option<Service>,
    /// How the services are spoken of which there is such a server; however they are when `None`.
    pub manner: Option<Manner>,
    /// Where it is wrong; on both when `None`.
    pub transport: Option<Transport>,
    /// The requirements that it breaks, the first one first; ids separated by blanks, and [`OWN`].
    breaks: &'static str,
    /// What it does, after "a server that".
    pub wrong: &'static str,
    /// What its author should do.
    pub advice: &'static str,
    make: Make,
}

impl fmt::Debug for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Mutant {
    /// The requirements that a server of this service breaks so, the one that it is told by first.
    pub fn breaks(&self, service: Service) -> Vec<Id> {
        let own = || -> Vec<Id> {
            let (_, first) = plain(service);
            let all = Spec::current().requirements();
            let own = all.filter(|it| it.id.area() == service.area() && it.level == Level::Must);
            let others = own.map(|requirement| requirement.id).filter(|id| *id != first);
            std::iter::once(first).chain(others).collect()
        };
        let ids = self.breaks.split(' ');
        ids.flat_map(|id| if id == OWN { own() } else { Id::parse(id).into_iter().collect() })
            .collect()
    }

    /// The services of which there is such a server, on one transport at least.
    pub fn services(&self) -> impl Iterator<Item = Service> {
        let applies = |service: &Service| {
            Transport::of(*service).iter().any(|it| self.applies(*service, *it))
        };
        Service::ALL.iter().copied().filter(applies)
    }

    /// Whether it is told by this requirement, before any other that it breaks.
    pub fn is_told_by(&self, id: Id) -> bool {
        self.services().any(|service| self.breaks(service).first() == Some(&id))
    }

    /// Whether a server of some service breaks this requirement so.
    pub fn may_break(&self, id: Id) -> bool {
        self.services().any(|service| self.breaks(service).contains(&id))
    }

    /// What it breaks, in words.
    pub fn broken(&self) -> String {
        self.breaks.replace(' ', ", ").replace(OWN, "those of the service itself")
    }

    /// Whether there is anything that a server of this service can do wrong so, on this transport.
    pub fn applies(&self, service: Service, transport: Transport) -> bool {
        let spec = Spec::current();
        let binds = |id: &Id| spec.get(*id).is_some_and(|it| it.binds(service, transport));
        self.transport.is_none_or(|only| only == transport)
            && self.service.is_none_or(|only| only == service)
            && self.manner.is_none_or(|only| only == service.manner())
            // What a service says cannot be wrong where it says nothing by itself.
            && (service.manner().answers() || !self.breaks.contains(OWN))
            && self.breaks(service).first().is_some_and(binds)
    }

    /// A server with this fault.
    pub fn server(&self, service: Service) -> Box<dyn Server> {
        (self.make)(service)
    }
}

/// Makes the server of a mutant.
type Make = fn(Service) -> Box<dyn Server>;

/// A mutant's name, what it breaks, what it does wrong, and advice.
type Word = &'static str;

/// What makes the mutants of one seam and transport, for every service.
fn on(seam: Word, transport: Option<Transport>) -> impl Fn(Word, Word, Word, Word, Make) -> Mutant {
    made(None, None, seam, transport)
}

/// The same, for services of one manner.
fn spoken(
    manner: Manner,
    seam: Word,
    transport: Option<Transport>,
) -> impl Fn(Word, Word, Word, Word, Make) -> Mutant {
    made(None, Some(manner), seam, transport)
}

/// What makes the mutants of one service, seam and transport.
fn of(
    service: Service,
    seam: Word,
    transport: Option<Transport>,
) -> impl Fn(Word, Word, Word, Word, Make) -> Mutant {
    made(Some(service), None, seam, transport)
}

fn made(
    service: Option<Service>,
    manner: Option<Manner>,
    seam: Word,
    transport: Option<Transport>,
) -> impl Fn(Word, Word, Word, Word, Make) -> Mutant {
    move |name, breaks, wrong, advice, make| Mutant {
        name,
        seam,
        service,
        manner,
        transport,
        breaks,
        wrong,
        advice,
        make,
    }
}

/// Every mutant, seam by seam.
pub fn all() -> &'static [Mutant] {
    static ALL: LazyLock<Vec<Mutant>> = LazyLock::new(|| {
        let families = [
            framing::mutants(),
            limit::mutants(),
            meaning::mutants(),
            spelling::mutants(),
            host::mutants(),
            death::mutants(),
            memory::mutants(),
            clients::mutants(),
            peer::mutants(),
            calculator::mutants(),
            word_length::mutants(),
            message::mutants(),
            announcement::mutants(),
            time::mutants(),
            chat::mutants(),
            connect::mutants(),
        ];
        families.concat()
    });
    &ALL
}

/// The mutant of this name.
pub fn find(name: &str) -> Option<&'static Mutant> {
    all().iter().find(|mutant| mutant.name == name)
}
