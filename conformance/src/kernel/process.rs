//! Processes, from `/proc`.
//!
//! A process may be gone between two looks; it is then as if it had not been there.

use std::ffi::{OsStr, OsString};
use std::fs;

use procfs::process::{self, Process as Entry, Stat};

use super::{Pid, Process, kin};

impl Process {
    fn read(entry: &Entry) -> Option<Self> {
        let stat = entry.stat().ok()?;
        let pid = |number: i32| u32::try_from(number).ok().map(Pid);
        Some(Self {
            pid: pid(stat.pid)?,
            parent: pid(stat.ppid)?,
            group: pid(stat.pgrp)?,
            session: pid(stat.session)?,
            started: stat.starttime,
            living: is_living(&stat),
        })
    }

    /// The process of this number, if there is one.
    pub fn find(pid: Pid) -> Option<Self> {
        Self::read(&open(pid)?)
    }
}

fn is_living(stat: &Stat) -> bool {
    !matches!(stat.state, 'Z' | 'X' | 'x')
}

fn open(pid: Pid) -> Option<Entry> {
    Entry::new(i32::try_from(pid.0).ok()?).ok()
}

/// All processes. Reads a file for each, some microseconds long.
pub fn processes() -> Option<Vec<Process>> {
    let entries = process::all_processes().ok()?;
    Some(entries.filter_map(|entry| Process::read(&entry.ok()?)).collect())
}

/// `root` and its descendants, by asking each for its children: cheaper than [`super::descendants`] by
/// as much as there are other processes. Who has lost its parent is not found, and a look while children
/// come and go may miss one (proc(5)); look again.
pub fn tree(root: Pid) -> Option<Vec<Pid>> {
    let mut tree = vec![root];
    let mut looked_at = 0;
    while let Some(&parent) = tree.get(looked_at) {
        let tasks = fs::read_dir(format!("/proc/{parent}/task"));
        for task in tasks.into_iter().flatten().flatten() {
            match fs::read_to_string(task.path().join("children")) {
                Ok(children) => {
                    tree.extend(children.split(' ').filter_map(|c| c.parse().ok().map(Pid)))
                }
                // A kernel without these lists has none for us either.
                Err(_) if looked_at == 0 && !lists_children() => {
                    let kin = kin(&processes()?, |p| p.pid == root);
                    return Some(kin.into_iter().map(|p| p.pid).collect());
                }
                Err(_) => {}
            }
        }
        looked_at += 1;
    }
    Some(tree)
}

fn lists_children() -> bool {
    fs::exists("/proc/thread-self/children").unwrap_or(false)
}

/// How often all threads of a process have gone to sleep or were interrupted, if all of them sleep now: as long as that is the
/// same, it has slept.
pub fn asleep(pid: Pid) -> Option<u64> {
    let mut switches = 0;
    for task in open(pid)?.tasks().ok()? {
        let task = task.ok()?;
        if task.stat().ok()?.state != 'S' {
            return None;
        }
        let status = task.status().ok()?;
        switches += status.voluntary_ctxt_switches? + status.nonvoluntary_ctxt_switches?;
    }
    Some(switches)
}

/// Whether a process was started with this variable. `None` if its environment cannot be read: it is a
/// zombie, is just starting another program, or has none at all.
pub fn has_in_environment(pid: Pid, name: &str, value: &str) -> Option<bool> {
    let environment = open(pid)?.environ().ok().filter(|all| !all.is_empty())?;
    Some(environment.get(OsStr::new(name)).is_some_and(|v| v == value))
}

/// A variable of a process's environment, as it was started; `None` where it has none of this name, or nobody can tell.
pub fn variable(pid: Pid, name: &str) -> Option<OsString> {
    open(pid)?.environ().ok()?.remove(OsStr::new(name))
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;
    use crate::kernel::descendants;

    /// A shell with a child, both alive until their standard input ends.
    fn shell_with_child() -> Child {
        let mut shell = Command::new("sh")
            .args(["-c", "exec 3<&0; cat <&3 & echo up; wait"])
            .env("TRUELINE_KERNEL_TEST", "yes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = [0; 3];
        std::io::Read::read_exact(shell.stdout.as_mut().unwrap(), &mut said).unwrap();
        shell
    }

    #[test]
    fn children_are_found_both_ways() {
        let mut shell = shell_with_child();
        let root = Pid(shell.id());
        let found = descendants(root).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found.contains(&root));
        assert_eq!(tree(root).unwrap().len(), 2);
        assert!(descendants(Pid::own()).unwrap().contains(&root));

        let shells = Process::find(root).unwrap();
        assert_eq!(shells.parent, Pid::own());
        assert!(shells.living);
        assert_eq!(has_in_environment(root, "TRUELINE_KERNEL_TEST", "yes"), Some(true));
        assert_eq!(has_in_environment(root, "TRUELINE_KERNEL_TEST", "no"), Some(false));

        drop(shell.stdin.take());
        shell.wait().unwrap();
        assert_eq!(descendants(root).unwrap(), []);
    }
}
