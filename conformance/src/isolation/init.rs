//! Init: process 1 of the program's namespace. It builds what the program sees, gives up what could be misused, starts
//! the program, and reaps whoever has lost his parent until nobody is left.

use std::ffi::OsString;
use std::fs::File;
use std::io::{PipeWriter, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;

use rustix::process::{
    DumpableBehavior, Pid, PidfdFlags, Signal, WaitOptions, pidfd_open, pidfd_send_signal,
    set_dumpable_behavior, set_parent_process_death_signal, setsid, wait,
};
use rustix::thread::CapabilitySet;

use super::events::{During, Event, Failed, Teller};
use super::helper::{let_go_of_output, standard_input};
use super::lack::Step;
use super::message::{Ask, send, take_plan};
use super::plan::Plan;
use super::typed::typed;
use super::{calls, files, namespaces};

/// What init is called among the parts to play.
pub(super) const PART: &str = "init";

/// What is needed to start a program as somebody else, and to send it a signal.
const AS_ANOTHER: CapabilitySet =
    CapabilitySet::SETUID.union(CapabilitySet::SETGID).union(CapabilitySet::KILL);

/// Plays init. Returns the exit code: 0 when nobody is left, 1 when something failed.
pub(super) fn play() -> u8 {
    let Ok(control) = standard_input().map(UnixStream::from) else { return 1 };
    // The helper's end is the end of all: its socket's end says so, too, if this comes too late.
    let orphaned = set_parent_process_death_signal(Some(Signal::KILL));
    let Ok((plan, mut beside)) = take_plan(&control) else { return 1 };
    // A session has its own share of the processors, where the kernel groups by sessions: whatever the program does there,
    // the runner can go on. And no terminal is theirs.
    let session = setsid();
    if beside.is_empty() {
        return 1;
    }
    let (Ok(()), Ok(_), pipe) = (orphaned, session, beside.remove(0)) else { return 1 };
    let teller = Teller::new(pipe);
    let keyboard = (plan.is_typed && !beside.is_empty()).then(|| beside.remove(0));
    if let Err(failed) = prepare(&plan).and_then(|()| hand_over(&plan, beside)) {
        teller.fail(failed);
        return 1;
    }
    if plan.command.is_empty() {
        teller.tell(&Event::Started);
        if plan.stays {
            // The end of the helper's socket is the end of all.
            let _ = File::from(OwnedFd::from(control)).read(&mut [0]);
        }
        return 0;
    }
    let (started, _typing) = match start(&plan, keyboard) {
        Ok(started) => started,
        Err(error) => {
            let errno = error.raw_os_error().unwrap_or(5);
            teller.tell(&Event::NotStarted { errno });
            return 0;
        }
    };
    if let Err(failed) = withdraw() {
        teller.fail(failed);
        return 1;
    }
    teller.tell(&Event::Started);
    let Ok(handle) = pidfd_open(started, PidfdFlags::empty()) else { return 1 };
    attend(control, handle);
    reap(started, &teller);
    0
}

/// Builds what the program sees, and takes away what it must not have.
fn prepare(plan: &Plan) -> Result<(), Failed> {
    files::build(&plan.view, plan.stranger, plan.limits.disk)?;
    plan.limits.bind().during(Step::Limits)?;
    let kept = if plan.stranger.is_some() { AS_ANOTHER } else { CapabilitySet::empty() };
    namespaces::renounce(kept).during(Step::Privilege)?;
    calls::take_away().during(Step::Calls)?;
    // The program may be the same user: it must not trace init, nor look into it.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).during(Step::Privilege)
}

/// Hands over the program's folder, so that what it leaves there outlives this namespace.
fn hand_over(plan: &Plan, beside: Vec<OwnedFd>) -> Result<(), Failed> {
    let Some(door) = beside.into_iter().next().filter(|_| plan.is_kept) else { return Ok(()) };
    let folder = File::open(&plan.directory).during(Step::Files)?;
    send(&UnixStream::from(door), &[0], &[folder.as_fd()]).during(Step::Files)
}

/// Starts the program. Beside its number comes what keeps its standard input open.
fn start(plan: &Plan, keyboard: Option<OwnedFd>) -> std::io::Result<(Pid, Option<PipeWriter>)> {
    let mut command =
        Command::new(plan.command.first().map_or(&OsString::new(), |program| program));
    command
        .args(plan.command.iter().skip(1))
        .env_clear()
        .envs(plan.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&plan.directory)
        .process_group(0);
    let typing = if let Some(keyboard) = keyboard {
        command.stdin(keyboard);
        None
    } else if plan.input.is_empty() {
        command.stdin(Stdio::null());
        None
    } else {
        let (its, typing) = typed(&plan.input)?;
        command.stdin(its);
        Some(typing)
    };
    if let Some(stranger) = plan.stranger {
        command.uid(stranger).gid(stranger);
    }
    Ok((Pid::from_child(&command.spawn()?), typing))
}

/// Lets go of everything but what it takes to reap, and to send a signal.
fn withdraw() -> Result<(), Failed> {
    let_go_of_output().during(Step::Init)?;
    namespaces::keep(CapabilitySet::KILL).during(Step::Privilege)
}

/// Does what the helper asks, beside everything else: asks the program to end. Without a helper it ends all.
fn attend(control: UnixStream, program: OwnedFd) {
    thread::spawn(move || {
        let mut control = File::from(OwnedFd::from(control));
        let mut octet = [0];
        while let Ok(1) = control.read(&mut octet) {
            if Ask::of(octet[0]) == Some(Ask::End) {
                let _ = pidfd_send_signal(&program, Signal::TERM);
            }
        }
        std::process::exit(1);
    });
}

/// Waits for all who end, and tells of the program.
fn reap(program: Pid, teller: &Teller) {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == program => {
                teller.tell(&Event::Ended { status: status.as_raw() });
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            // Nobody is left.
            Err(_) => return,
        }
    }
}
