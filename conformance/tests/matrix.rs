//! The kill matrix keeps its rules. `trueline matrix` shows the whole of it, with more generated cases.

use trueline_conformance::matrix::{Extent, matrix};

#[test]
fn the_matrix_keeps_its_rules() {
    let matrix = matrix(Extent { seeds: &[1, 2], cases: 24 });
    assert!(matrix.rows.len() > 400, "only {} rows", matrix.rows.len());
    assert!(matrix.broken.is_empty(), "\n{}", matrix.broken.join("\n"));
}
