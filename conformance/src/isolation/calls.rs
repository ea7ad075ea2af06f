//! System calls that a server has no use for, and that would get round what watches over it: memory that belongs to no
//! process, doors into the kernel that have been left open before, and the limits of init. They do not exist for a program.

use std::collections::BTreeMap;
use std::io;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

/// What does not exist.
const ABSENT: [i64; 11] = [
    // Memory that no process's size shows.
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_shmget,
    // The kernel's rarely used doors.
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_io_uring_setup,
    libc::SYS_keyctl,
    libc::SYS_kexec_load,
    libc::SYS_perf_event_open,
    libc::SYS_request_key,
    libc::SYS_userfaultfd,
];
/// The number of init, as the program knows it.
const INIT: u64 = 1;

/// The families of sockets that there are. Others, such as that of virtual machines (vsock), know no namespaces of network.
const FAMILIES: [i32; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// Takes them from this process and all that it starts, for good. On a processor that the filter does not know nothing is
/// taken. The process must not be able to gain privileges.
pub(super) fn take_away() -> io::Result<()> {
    let Ok(arch) = TargetArch::try_from(std::env::consts::ARCH) else { return Ok(()) };
    for filter in [calls(arch), sockets(arch)] {
        apply_filter(&filter.map_err(io::Error::other)?).map_err(io::Error::other)?;
    }
    Ok(())
}

fn sockets(arch: TargetArch) -> Result<BpfProgram, seccompiler::BackendError> {
    let other = |family: i32| {
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family as u64)
    };
    let others = FAMILIES.into_iter().map(other).collect::<Result<Vec<_>, _>>()?;
    let rules = BTreeMap::from([(libc::SYS_socket, vec![SeccompRule::new(others)?])]);
    denying(rules, libc::EAFNOSUPPORT, arch)
}

fn calls(arch: TargetArch) -> Result<BpfProgram, seccompiler::BackendError> {
    let of_init = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, INIT)?;
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ABSENT.iter().map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![of_init])?]);
    denying(rules, libc::ENOSYS, arch)
}

/// Lets everything pass but these, which fail so.
fn denying(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    errno: i32,
    arch: TargetArch,
) -> Result<BpfProgram, seccompiler::BackendError> {
    let denied = SeccompAction::Errno(errno as u32);
    SeccompFilter::new(rules, SeccompAction::Allow, denied, arch)?.try_into()
}
