//! What an isolated program may use.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

const MIB: u64 = 1 << 20;

/// What a program may use, all of its processes together unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Memory in octets, looked at some twenty times a second; whoever uses more is ended.
    pub memory: u64,
    /// Data of one process in octets, touched or not: at once, by the kernel. Large, for there are runtimes that reserve
    /// much and use little.
    pub data: u64,
    /// Processes and threads.
    pub processes: u64,
    /// Octets of a file.
    pub file: u64,
    /// Octets of all files that are written: in the program's folder, and once more everywhere else.
    pub disk: u64,
    /// Open files of one process.
    pub open_files: u64,
    /// Processor time of one process, in whole seconds.
    pub cpu: Duration,
    /// How long it may run. Longer than any check, so that only what was forgotten meets it.
    pub wall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 1024 * MIB,
            data: 4096 * MIB,
            processes: 256,
            file: 64 * MIB,
            disk: 64 * MIB,
            open_files: 16_384,
            cpu: Duration::from_secs(600),
            wall: Duration::from_secs(3600),
        }
    }
}

/// What an isolated program was ended for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Excess {
    /// It used more memory than this, in octets.
    Memory(u64),
    /// It ran longer than this.
    Time(Duration),
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(octets) => write!(f, "used more than {} MiB of memory", octets / MIB),
            Self::Time(time) => write!(f, "ran for more than {} s", time.as_secs()),
        }
    }
}

#[cfg(target_os = "linux")]
impl Limits {
    /// Binds this process, and all that it starts, to what the kernel watches over. In a namespace of users the number of
    /// processes is counted there.
    pub(super) fn bind(&self) -> rustix::io::Result<()> {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let soft_files = getrlimit(Resource::Nofile).current.unwrap_or(self.open_files);
        for (resource, soft, hard) in [
            (Resource::Nproc, self.processes, self.processes),
            (Resource::Data, self.data, self.data),
            (Resource::Fsize, self.file, self.file),
            (Resource::Nofile, soft_files.min(self.open_files), self.open_files),
            // A second between the signal that tells and the one that kills.
            (Resource::Cpu, self.cpu.as_secs(), self.cpu.as_secs() + 1),
            (Resource::Core, 0, 0),
        ] {
            let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
            let (soft, hard) = (soft.min(most), hard.min(most));
            setrlimit(resource, Rlimit { current: Some(soft), maximum: Some(hard) })?;
        }
        Ok(())
    }
}
