//! Wrong calculators.

mod arithmetic;
mod host;
mod meaning;
mod spelling;

use super::Mutant;

pub(super) fn mutants() -> Vec<Mutant> {
    [meaning::mutants(), arithmetic::mutants(), spelling::mutants(), host::mutants()].concat()
}
