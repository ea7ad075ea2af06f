//! Wrong servers, each with one fault: proof that the suite bites, targets to try it on, and what failures are explained
//! by. Each replaces one seam of the responder, or wraps the whole of it (its host).

mod arithmetic;
mod framing;
mod host;
mod meaning;
mod peer;
mod queue;
mod seam;
mod spelling;

use std::sync::LazyLock;

use trueline_protocol::responder::Server;
use trueline_protocol::service::Service;

use crate::spec::Id;
use crate::transport::Transport;

/// A wrong server.
#[derive(Clone, Copy)]
pub struct Mutant {
    /// Its name.
    pub name: &'static str,
    /// Which part of the responder it replaces.
    pub seam: &'static str,
    /// Where it is wrong; on both when `None`.
    pub transport: Option<Transport>,
    /// The requirements that it breaks, the first one first; ids separated by blanks.
    breaks: &'static str,
    /// What it does, after "a server that".
    pub wrong: &'static str,
    /// What its author should do.
    pub advice: &'static str,
    make: Make,
}

impl Mutant {
    /// The requirements that it breaks, the one that it is told by first.
    pub fn breaks(&self) -> Vec<Id> {
        self.breaks.split(' ').map(|id| Id::parse(id).expect("an id of SPEC.md")).collect()
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

/// What makes the mutants of one seam and transport.
fn on(seam: Word, transport: Option<Transport>) -> impl Fn(Word, Word, Word, Word, Make) -> Mutant {
    move |name, breaks, wrong, advice, make| Mutant {
        name,
        seam,
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
            meaning::mutants(),
            arithmetic::mutants(),
            spelling::mutants(),
            host::mutants(),
            peer::mutants(),
        ];
        families.concat()
    });
    &ALL
}

/// The mutant of this name.
pub fn find(name: &str) -> Option<&'static Mutant> {
    all().iter().find(|mutant| mutant.name == name)
}
