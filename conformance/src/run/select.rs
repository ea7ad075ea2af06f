//! What of the suite is performed.

use std::collections::BTreeSet;

use thiserror::Error;
use trueline_protocol::service::Service;

use crate::case::Case;
use crate::spec::{Id, Spec};
use crate::transport::Transport;

/// The cases that are performed and the requirements that are spoken of.
#[derive(Clone)]
pub struct Selection<'c> {
    /// In the order of the suite.
    pub cases: Vec<&'c Case>,
    /// Those that the cases cover.
    pub requirements: BTreeSet<Id>,
}

/// Why nothing can be selected.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SelectionError {
    /// A selector that names nothing.
    #[error("`{0}` is no requirement, area or case")]
    Unknown(String),
    /// A requirement that is not asked about, and why.
    #[error("{0} is not asked about: {1}")]
    Unasked(Id, String),
    /// All selectors together leave nothing.
    #[error("nothing is left to check: `--only` and `--skip` leave no case")]
    Nothing,
}

impl<'c> Selection<'c> {
    /// The cases for a service on a transport that `only` names (all, when it is empty) and `skip` does not. Both name
    /// requirements (`FRAME-3`), areas (`CALC`) or cases (`frame.cut.any`).
    ///
    /// # Errors
    ///
    /// A name that names nothing, or nothing left.
    pub fn new(
        cases: &[&'c Case],
        service: Service,
        transport: Transport,
        only: &[String],
        skip: &[String],
    ) -> Result<Self, SelectionError> {
        Self::held_to(Spec::current(), cases, service, transport, only, skip)
    }

    /// The same, where what binds says a dialect's specification.
    ///
    /// # Errors
    ///
    /// Those of [`Self::new`].
    pub fn held_to(
        spec: &Spec,
        cases: &[&'c Case],
        service: Service,
        transport: Transport,
        only: &[String],
        skip: &[String],
    ) -> Result<Self, SelectionError> {
        let binding: BTreeSet<Id> =
            spec.binding(service, transport).map(|requirement| requirement.id).collect();
        let mut cases: Vec<&Case> = cases
            .iter()
            .copied()
            .filter(|case| case.service == service)
            .filter(|case| case.transport.is_none_or(|it| it == transport))
            .filter(|case| case.covers.iter().all(|id| binding.contains(id)))
            .collect();
        let [only, skip] = [only, skip].map(|names| {
            let trimmed = names.iter().map(|name| name.trim());
            trimmed.filter(|name| !name.is_empty()).collect::<Vec<&str>>()
        });
        for name in only.iter().chain(&skip) {
            if !cases.iter().any(|case| names(case, name)) {
                return Err(unasked(name, service, transport, spec));
            }
        }
        cases.retain(|case| only.is_empty() || only.iter().any(|name| names(case, name)));
        cases.retain(|case| !skip.iter().any(|name| names(case, name)));
        if cases.is_empty() {
            return Err(SelectionError::Nothing);
        }
        let requirements = if only.is_empty() && skip.is_empty() {
            binding
        } else {
            let asked = |id: &Id| !skip.iter().any(|name| covers(*id, name));
            cases.iter().flat_map(|case| &case.covers).copied().filter(asked).collect()
        };
        Ok(Self { cases, requirements })
    }
}

/// Whether a selector names a case, or something that it covers.
fn names(case: &Case, name: &str) -> bool {
    case.name == name || case.covers.iter().any(|id| covers(*id, name))
}

/// Whether a selector names a requirement, or its area.
fn covers(id: Id, name: &str) -> bool {
    id.to_string().eq_ignore_ascii_case(name) || id.area().eq_ignore_ascii_case(name)
}

/// Why no case answers to a selector.
fn unasked(name: &str, service: Service, transport: Transport, spec: &Spec) -> SelectionError {
    let known = spec.find(&name.to_uppercase());
    let Some(requirement) = known.or_else(|| Spec::current().find(&name.to_uppercase())) else {
        return SelectionError::Unknown(name.to_owned());
    };
    if known.is_none() {
        let why = "it does not hold in the dialect".to_owned();
        return SelectionError::Unasked(requirement.id, why);
    }
    let why = match (&requirement.untested, requirement.transport) {
        (Some(reason), _) => reason.clone(),
        (None, Some(only)) if only != transport => format!("it is about {}", only.acronym()),
        _ => format!("no case of {service} covers it"),
    };
    SelectionError::Unasked(requirement.id, why)
}
