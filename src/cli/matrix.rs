//! `trueline matrix`: every case against every wrong server.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

use clap::Args;
use trueline_conformance::dialect::Dialect;
use trueline_conformance::matrix::{Extent, IDLE, Matrix, Row, matrix, matrix_in};
use trueline_conformance::mutant;
use trueline_protocol::service::Service;

use super::exit::{Exit, Failure};
use super::options::Speech;

/// Ask every case of every wrong server, in simulation
///
/// Each wrong server must be told by a case of a requirement that it breaks, and each case must tell one. Servers with odd
/// habits must pass everything, and servers that know nothing must pass nothing. Exits with 1 where one of this fails.
///
/// With --dialect they are the wrong servers of that dialect, as far as it declares what holds. A dialect need not tell them
/// all; those that it does not tell are named. Exits with 1 where its own reference fails a case.
#[derive(Debug, Args)]
pub(super) struct TheMatrix {
    /// Which service of the dialect
    #[arg(long, requires = "dialect", default_value = "calculator", value_parser = super::service())]
    service: Service,
    #[command(flatten)]
    speech: Speech,
    /// Where generated cases begin, one after the other
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1,2")]
    seeds: Vec<u64>,
    /// Generated cases for each property and seed
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    cases: u32,
}

impl TheMatrix {
    pub(super) fn perform(mut self) -> Result<Exit, Failure> {
        let began = Instant::now();
        let dialect = self.speech.settle(self.service)?;
        let extent = Extent { seeds: &self.seeds, cases: self.cases };
        if let Some(dialect) = dialect {
            return Ok(in_dialect(dialect, extent));
        }
        let matrix = matrix(extent);
        let mut out = std::io::stdout();
        // Whoever stops reading has read enough.
        let _ = writeln!(out, "{}", shown(&matrix));
        let _ = writeln!(
            out,
            "{} wrong servers in {} services and transports, {} cases idle for a reason, {} rules broken; {:.1} s",
            mutant::all().len(),
            matrix.rows.len(),
            IDLE.len(),
            matrix.broken.len(),
            began.elapsed().as_secs_f64()
        );
        Ok(if matrix.broken.is_empty() { Exit::Conforms } else { Exit::DoesNotConform })
    }
}

/// Which wrong servers of a dialect are told.
fn in_dialect(dialect: &'static Dialect, extent: Extent<'_>) -> Exit {
    let began = Instant::now();
    let mut out = std::io::stdout();
    // Whoever stops reading has read enough.
    let rows = match matrix_in(dialect, extent) {
        Ok(rows) => rows,
        Err(failed) => {
            let failed: Vec<&str> = failed.into_iter().collect();
            let _ =
                writeln!(out, "✗ the reference of {} fails {}", dialect.name, failed.join(", "));
            return Exit::DoesNotConform;
        }
    };
    for Row { name, transport, killed_by, .. } in &rows {
        let first = killed_by.first().copied().unwrap_or("told by none");
        let _ = writeln!(out, "{name:<24} {transport}  {:>3} cases, {first}", killed_by.len());
    }
    let told = rows.iter().filter(|row| !row.killed_by.is_empty()).count();
    let seconds = began.elapsed().as_secs_f64();
    let _ = writeln!(
        out,
        "{told} of {} wrong servers are told in {}; {seconds:.1} s",
        rows.len(),
        dialect.name
    );
    Exit::Conforms
}

/// A line for each mutant: what it breaks, how many cases tell it, and the first of them.
fn shown(matrix: &Matrix) -> String {
    let mut lines: Vec<String> = Vec::new();
    for mutant in mutant::all() {
        let rows = matrix.rows.iter().filter(|row| row.name == mutant.name);
        let mut told: BTreeMap<&str, usize> = BTreeMap::new();
        let mut count = 0;
        for row in rows {
            count += 1;
            for case in &row.killed_by {
                *told.entry(case).or_default() += 1;
            }
        }
        let most = told.iter().max_by_key(|(_, times)| **times).map_or("", |(case, _)| case);
        lines.push(format!(
            "{:<24} {count:>2} kinds  {:>3} cases, {most}",
            mutant.name,
            told.len()
        ));
    }
    lines.extend(matrix.broken.iter().map(|broken| format!("✗ {broken}")));
    lines.join("\n")
}
