//! SPEC.md read as data: its requirements, its grammar and its example transcripts.

mod reader;
mod requirement;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use trueline_protocol::service::Service;

use crate::abnf::Grammar;
use crate::transcript::Transcript;
use crate::transport::Transport;

pub use reader::{SpecError, read};
pub use requirement::{DECLARED, Id, Level, Party, Requirement, areas};

/// The text of the specification.
pub const TEXT: &str = include_str!("../../../SPEC.md");

/// What a specification holds.
#[derive(Clone, Debug)]
pub struct Spec {
    requirements: BTreeMap<Id, Requirement>,
    examples: Vec<Transcript>,
    grammar: Grammar,
}

impl Spec {
    /// The specification of this version of trueline.
    pub fn current() -> &'static Self {
        static CURRENT: LazyLock<Spec> = LazyLock::new(|| match read(TEXT) {
            Ok(spec) => spec,
            Err(error) => panic!("SPEC.md: {error}"),
        });
        &CURRENT
    }

    /// The specification with each requirement as a dialect has it, or without it, and with what the dialect adds.
    pub(crate) fn adapted(
        &self,
        held: impl Fn(&Requirement) -> Option<Requirement>,
        added: impl IntoIterator<Item = Requirement>,
    ) -> Self {
        let held = self.requirements.values().filter_map(held).chain(added);
        Self { requirements: held.map(|it| (it.id, it)).collect(), ..self.clone() }
    }

    /// Every requirement, area by area, in the order of their numbers.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.values()
    }

    /// Every example, in the order of the document.
    pub fn examples(&self) -> &[Transcript] {
        &self.examples
    }

    /// The rules of all sections.
    pub fn grammar(&self) -> &Grammar {
        &self.grammar
    }

    /// The requirement with this id, as a person or a transcript writes it.
    pub fn find(&self, id: &str) -> Option<&Requirement> {
        self.requirements.values().find(|requirement| requirement.id.to_string() == id)
    }

    /// The requirement with this id.
    pub fn get(&self, id: Id) -> Option<&Requirement> {
        self.requirements.get(&id)
    }

    /// The requirements that bind a server of this service on this transport.
    pub fn binding(
        &self,
        service: Service,
        transport: Transport,
    ) -> impl Iterator<Item = &Requirement> {
        self.binding_party(Party::Server, service, transport)
    }

    /// The requirements that bind a client, or a server, of this service on this transport.
    pub fn binding_party(
        &self,
        party: Party,
        service: Service,
        transport: Transport,
    ) -> impl Iterator<Item = &Requirement> {
        self.requirements().filter(move |it| it.party == party && it.binds(service, transport))
    }

    /// What must hold before an implementation of this service can be asked about `id` on this transport, at any remove.
    pub fn needs(&self, id: Id, service: Service, transport: Transport) -> BTreeSet<Id> {
        let mut found = BTreeSet::new();
        let mut open = vec![id];
        while let Some(next) = open.pop() {
            let needs = self.requirements.get(&next).into_iter().flat_map(|next| &next.needs);
            for &need in needs {
                let binds = |requirement: &Requirement| requirement.binds(service, transport);
                if self.requirements.get(&need).is_some_and(binds) && found.insert(need) {
                    open.push(need);
                }
            }
        }
        found
    }
}
