//! How much memory a program uses, with all of its processes.

use std::fs;

use crate::kernel::{Pid, tree};

/// Whether `root` and its descendants use more octets than this. What they share is counted once; to find that out takes
/// its time, and is done only where they might.
pub(super) fn exceeds(root: Pid, most: u64) -> bool {
    let all = tree(root).unwrap_or_default();
    let sum = |of: fn(Pid) -> Option<u64>| all.iter().filter_map(|pid| of(*pid)).sum::<u64>();
    sum(resident) > most && sum(proportional) > most
}

/// What is in memory of a process.
fn resident(pid: Pid) -> Option<u64> {
    let sizes = fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = sizes.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// The same, but of each page only a process's share.
fn proportional(pid: Pid) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kibibytes: u64 = pss.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}
