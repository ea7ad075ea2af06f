//! Why isolation is not to be had.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

/// What is done to isolate a program, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Starting the helper.
    Helper,
    /// Opening the namespaces.
    Namespaces,
    /// Saying who is who in the namespace of users.
    Users,
    /// Bringing up the loopback interface and opening all ports.
    Network,
    /// Naming the machine.
    Name,
    /// Starting the first process.
    Init,
    /// Mounting what the program sees.
    Files,
    /// Mounting its `/proc`.
    Processes,
    /// Setting limits.
    Limits,
    /// Giving up all privilege.
    Privilege,
    /// Taking away system calls that no server needs.
    Calls,
}

impl Step {
    /// All of them, in their order.
    pub const ALL: [Self; 11] = [
        Self::Helper,
        Self::Namespaces,
        Self::Users,
        Self::Network,
        Self::Name,
        Self::Init,
        Self::Files,
        Self::Processes,
        Self::Limits,
        Self::Privilege,
        Self::Calls,
    ];
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Helper => "a process beside the program",
            Self::Namespaces => "namespaces of users, network, processes, names and IPC",
            Self::Users => "its own users",
            Self::Network => "a network of its own, with all ports",
            Self::Name => "a host name of its own",
            Self::Init => "a first process of its own",
            Self::Files => "a read-only system, a private folder, bounded /tmp and /dev/shm",
            Self::Processes => "a /proc of its own",
            Self::Limits => "limits on memory, processes, files and time",
            Self::Privilege => "no privilege and no capability",
            Self::Calls => "no system calls but those that servers need",
        })
    }
}

/// A step that failed, and why. Shown, it is a clause: `its own users: Operation not permitted (os error 1)`.
#[derive(Debug)]
pub struct Lack {
    /// What was to be had.
    pub step: Step,
    /// More of where it failed, if there is more to say.
    pub at: Option<String>,
    /// What the system said.
    pub source: io::Error,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.source)?;
        self.at.iter().try_for_each(|at| write!(f, " ({at})"))
    }
}

impl std::error::Error for Lack {}

/// What keeps programs from opening namespaces: whether it does here, what it is, and what mends it.
#[cfg(target_os = "linux")]
type Hindrance = (fn() -> bool, &'static str, &'static str);

/// Those that are known.
#[cfg(target_os = "linux")]
const HINDRANCES: [Hindrance; 5] = [
    (
        || setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"),
        "AppArmor restricts namespaces of users, as Ubuntu 24.04 and later have it",
        "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`, or an AppArmor profile for trueline with `userns,`",
    ),
    (
        || setting("/proc/sys/kernel/unprivileged_userns_clone", "0"),
        "the kernel is set to refuse namespaces to ordinary users",
        "`sudo sysctl kernel.unprivileged_userns_clone=1`",
    ),
    (
        || setting("/proc/sys/user/max_user_namespaces", "0"),
        "the number of namespaces of users is limited to 0",
        "`sudo sysctl user.max_user_namespaces=10000`",
    ),
    (
        || line("/proc/self/status", "Seccomp:\t2"),
        "a seccomp filter is in force, as Docker and Podman have it",
        "start the container with `--security-opt seccomp=unconfined --security-opt systempaths=unconfined` and, where \
         AppArmor is used, `--security-opt apparmor=unconfined`",
    ),
    (
        || !std::path::Path::new("/proc/self/ns/user").exists(),
        "this kernel has no namespaces of users",
        "use a kernel with CONFIG_USER_NS",
    ),
];

#[cfg(target_os = "linux")]
fn setting(path: &str, value: &str) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| text.trim() == value)
}

#[cfg(target_os = "linux")]
fn line(path: &str, line: &str) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| text.lines().any(|it| it == line))
}

impl Lack {
    /// What on this machine is known to be in the way, and what mends it.
    pub fn hindrances() -> Vec<(&'static str, &'static str)> {
        #[cfg(target_os = "linux")]
        {
            let there = HINDRANCES.iter().filter(|(is_there, ..)| is_there());
            there.map(|(_, what, mend)| (*what, *mend)).collect()
        }
        #[cfg(not(target_os = "linux"))]
        vec![("only Linux has namespaces", "check on Linux, or in a Linux container")]
    }

    /// What mends it, as far as anybody can tell.
    pub fn mend(&self) -> String {
        let hindrances = Self::hindrances();
        match hindrances.as_slice() {
            [] => "`trueline doctor` tells more; `--isolation none` does without".to_owned(),
            known => {
                let known = known.iter().map(|(what, mend)| format!("{what}: {mend}"));
                known.collect::<Vec<_>>().join("; ")
            }
        }
    }
}
