//! Keeping a launched program apart from the machine. The one module that asks the kernel for this.
//!
//! ```text
//!                  control: a plan in, sockets out
//!   runner  <-------------------------------------->  helper      in the program's user and network
//!      ^                                                |         namespaces, but beside its processes
//!      |            events: started, ended ...          v
//!      +---------------------------------------------  init       process 1 of the program's own namespace
//!                                                       |         of processes; it has built what is seen there
//!                                                    program      no privilege, no capability, bounded
//! ```
//!
//! The runner (`Sandbox`) starts the helper, which is the same executable again ([`play`]), and gives it a `Plan`.
//! The helper opens the namespaces, sets up their network, starts init and then opens sockets for the runner and
//! watches how much memory is used. Init mounts what the program may see, gives up what it could do, and starts it.
//! Whatever dies first, the others follow: the helper when the runner's end of the control socket is closed, init when the
//! helper is gone, and all processes with init, which the kernel sees to.
//!
//! What helper and init say is not trusted: a socket is looked at before it is used, every answer has a deadline, and what
//! they get wrong is never charged to the program. The program itself can reach neither of them.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod events;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod helper;
#[cfg(target_os = "linux")]
mod inherited;
#[cfg(target_os = "linux")]
mod init;
#[cfg(target_os = "linux")]
mod message;
#[cfg(target_os = "linux")]
mod namespaces;
#[cfg(target_os = "linux")]
mod overlay;
#[cfg(target_os = "linux")]
mod plan;
#[cfg(target_os = "linux")]
mod sandbox;
#[cfg(target_os = "linux")]
mod sockets;
#[cfg(target_os = "linux")]
mod usage;
#[cfg(target_os = "linux")]
mod view;

#[cfg(target_os = "linux")]
pub(crate) use self::{
    sandbox::{Grounds, Sandbox},
    sockets::Sockets,
};

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(not(target_os = "linux"))]
pub(crate) use self::elsewhere::{Grounds, Sandbox, Sockets};

mod common;
mod folder;
mod lack;
mod limits;
mod start;
mod typed;

use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) use self::common::is_common;
pub(crate) use self::folder::{copy, copy_file};
pub use self::lack::{Lack, Step};
pub use self::limits::{Excess, Limits};
pub(crate) use self::start::{Closing, Start, Unset};
pub use self::typed::TYPED_MAX;
pub(crate) use self::typed::typed;

/// The first argument of an executable that is to play the helper or init.
pub const ROLE: &str = "isolated";

/// How launched programs are isolated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Isolation {
    /// The executable that plays the helper: its `main` begins with [`play`].
    pub helper: PathBuf,
    /// What a program may use.
    pub limits: Limits,
    /// Files and folders that the program may read besides the system's and its own.
    pub shown: Vec<PathBuf>,
    /// Whether what a program leaves in its folder is wanted when it is over, as that of a build is.
    pub is_kept: bool,
}

impl Isolation {
    /// Isolation with the usual limits.
    pub fn new(helper: impl Into<PathBuf>) -> Self {
        Self { helper: helper.into(), limits: Limits::default(), shown: Vec::new(), is_kept: false }
    }

    /// Isolation by this very executable, whose `main` begins with [`play`].
    pub fn by_itself() -> Self {
        // The link leads to the file that runs, even if its name has come to mean another one.
        Self::new("/proc/self/exe")
    }
}

/// Plays helper or init, if that is what this process was started for: `arguments` are those of the process, its own name
/// first. Returns the exit code then, and `None` for any other process. To be called first of all, while there is one
/// thread only: the kernel gives no namespace of users to a process with several.
pub fn play(arguments: impl IntoIterator<Item = OsString>) -> Option<u8> {
    let mut arguments = arguments.into_iter().skip(1);
    if arguments.next()? != ROLE {
        return None;
    }
    let part = arguments.next()?;
    #[cfg(target_os = "linux")]
    match part.to_str() {
        Some(helper::PART) => return Some(helper::play()),
        Some(init::PART) => return Some(init::play()),
        _ => {}
    }
    let _ = part;
    None
}
