//! What of the cases for clients is performed.

use std::collections::BTreeSet;

use trueline_protocol::service::Service;

use super::case::{ClientCase, of};
use crate::dialect::{Dialect, spec_of};
use crate::run::SelectionError;
use crate::spec::{Id, Party, Spec};
use crate::transport::Transport;

/// The cases that are performed and the requirements that are spoken of.
#[derive(Clone, Debug)]
pub struct Selection {
    /// In the order in which they are performed.
    pub cases: Vec<&'static ClientCase>,
    /// Those that the cases cover.
    pub requirements: BTreeSet<Id>,
}

impl Selection {
    /// The cases for clients of a service on a transport that `only` names (all, when it is empty) and `skip` does not: by
    /// requirements, areas or cases.
    ///
    /// # Errors
    ///
    /// A name that names nothing, or nothing left.
    pub fn new(
        service: Service,
        transport: Transport,
        only: &[String],
        skip: &[String],
        dialect: Option<&'static Dialect>,
    ) -> Result<Self, SelectionError> {
        let named = |case: &ClientCase, names: &[String]| names.iter().any(|it| names_it(case, it));
        let all = of(service, transport, dialect);
        let mut given = only.iter().chain(skip).filter(|name| !name.trim().is_empty());
        if let Some(name) = given.find(|name| !all.iter().any(|case| names_it(case, name))) {
            return Err(unasked(name.trim(), service, spec_of(dialect)));
        }
        let cases: Vec<&ClientCase> = all
            .iter()
            .filter(|case| only.is_empty() || named(case, only))
            .filter(|case| !named(case, skip))
            .collect();
        if cases.is_empty() {
            return Err(SelectionError::Nothing);
        }
        let requirements = if only.is_empty() && skip.is_empty() {
            let binding = spec_of(dialect).binding_party(Party::Client, service, transport);
            binding.map(|requirement| requirement.id).collect()
        } else {
            cases.iter().flat_map(|case| &case.covers).copied().collect()
        };
        Ok(Self { cases, requirements })
    }
}

fn names_it(case: &ClientCase, name: &str) -> bool {
    let name = name.trim();
    let covers =
        |id: &Id| id.to_string().eq_ignore_ascii_case(name) || id.area().eq_ignore_ascii_case(name);
    case.name == name || case.covers.iter().any(covers)
}

/// Why no case answers to a name.
fn unasked(name: &str, service: Service, spec: &Spec) -> SelectionError {
    let Some(requirement) = spec.find(&name.to_uppercase()) else {
        return SelectionError::Unknown(name.to_owned());
    };
    let why = match (&requirement.untested, requirement.party) {
        (_, Party::Server) => "it binds servers; leave out `--client`".to_owned(),
        (Some(reason), Party::Client) => reason.clone(),
        (None, Party::Client) => format!("no case for this client of {service} covers it"),
    };
    SelectionError::Unasked(requirement.id, why)
}
