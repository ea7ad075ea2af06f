//! The namespaces of a program: opened or joined by the helper, who is who in them said by the runner.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with,
};
use rustix::thread::{
    CapabilitySet, CapabilitySets, LinkNameSpaceType, UnshareFlags, capabilities,
    configure_capability_in_ambient_set, move_into_link_name_space,
    remove_capability_from_bounding_set, set_capabilities,
};

use super::events::{During, Failed};
use super::lack::Step;

/// As whom programs run that root launches: the user and the group that own nothing.
const NOBODY: u32 = 65534;
/// What a program finds as the name of its machine.
pub(super) const HOST_NAME: &str = "trueline";

/// Settings of a network namespace and of a namespace of users: every port is open to all, and within there is no
/// further namespace of users, in which a program would have capabilities.
const SETTINGS: [(&str, &str); 2] = [
    ("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0"),
    ("/proc/sys/user/max_user_namespaces", "0"),
];

/// Leaves namespaces of this process for new ones.
pub(super) fn unshare(flags: UnshareFlags) -> io::Result<()> {
    #[expect(
        deprecated,
        reason = "its successor is unsafe for the sake of CLONE_FILES, which is not asked for here"
    )]
    rustix::thread::unshare(flags)?;
    Ok(())
}

/// Opens namespaces of users and of network, for one program or for several, one after the other.
pub(super) fn open() -> io::Result<()> {
    unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNET)
}

/// Goes where another helper was.
pub(super) fn join(user: &OwnedFd, network: &OwnedFd) -> io::Result<()> {
    move_into_link_name_space(user.as_fd(), Some(LinkNameSpaceType::User))?;
    move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))?;
    Ok(())
}

/// Whether this process may say who others are: it is root, as far as this machine or container goes.
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The ranges of users, or of groups, that this process knows: each the first and how many.
fn ranges(map: &str) -> io::Result<Vec<(u32, u32)>> {
    let text = fs::read_to_string(map)?;
    let range = |line: &str| {
        let mut fields = line.split_ascii_whitespace();
        let (first, _, count) = (fields.next()?, fields.next()?, fields.next()?);
        Some((first.parse().ok()?, count.parse().ok()?))
    };
    Ok(text.lines().filter_map(range).collect())
}

/// As whom a program is to run, if not as whoever runs the suite: root's files are no stranger's to read.
pub(super) fn stranger() -> Option<u32> {
    let knows = |map| {
        let nobody =
            |(first, count): &(u32, u32)| (*first..first.saturating_add(*count)).contains(&NOBODY);
        ranges(map).is_ok_and(|ranges| ranges.iter().any(nobody))
    };
    (is_root() && knows("/proc/self/uid_map") && knows("/proc/self/gid_map")).then_some(NOBODY)
}

/// Says who is who in the namespace of users of the process `helper`: everybody is who he was, as far as it is for this
/// process to say.
pub(super) fn map_users(helper: u32) -> io::Result<()> {
    let lines = |ranges: Vec<(u32, u32)>| {
        let lines = ranges.iter().map(|(first, count)| format!("{first} {first} {count}\n"));
        lines.collect::<String>()
    };
    let (users, groups) = if is_root() {
        (ranges("/proc/self/uid_map")?, ranges("/proc/self/gid_map")?)
    } else {
        fs::write(format!("/proc/{helper}/setgroups"), "deny")?;
        let user = rustix::process::geteuid().as_raw();
        (vec![(user, 1)], vec![(rustix::process::getegid().as_raw(), 1)])
    };
    fs::write(format!("/proc/{helper}/uid_map"), lines(users))?;
    fs::write(format!("/proc/{helper}/gid_map"), lines(groups))
}

/// Sets up a new network namespace, and settles what its namespace of users allows.
pub(super) fn set_up() -> Result<(), Failed> {
    loopback_up().during_at(Step::Network, "lo")?;
    SETTINGS
        .iter()
        .try_for_each(|(path, value)| fs::write(path, value).during_at(Step::Network, *path))
}

/// Brings up the loopback interface, which is the first of every network namespace: a `nlmsghdr` and an `ifinfomsg`
/// (rtnetlink(7)), in the machine's own order.
fn loopback_up() -> io::Result<()> {
    const NEWLINK: u16 = 16;
    const REQUEST_AND_ACKNOWLEDGE: u16 = 1 | 4;
    const LOOPBACK: i32 = 1;
    const UP: u32 = 1;
    let mut request = Vec::with_capacity(32);
    request.extend(32_u32.to_ne_bytes());
    request.extend(NEWLINK.to_ne_bytes());
    request.extend(REQUEST_AND_ACKNOWLEDGE.to_ne_bytes());
    request.extend([0; 8]);
    request.extend([0; 4]);
    request.extend(LOOPBACK.to_ne_bytes());
    request.extend(UP.to_ne_bytes());
    request.extend(UP.to_ne_bytes());
    // NETLINK_ROUTE is 0, which is no protocol to choose.
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    sendto(&socket, &request, SendFlags::empty(), &SocketAddrNetlink::new(0, 0))?;
    let mut answer = [0; 512];
    let (length, _) = recv(&socket, &mut answer[..], RecvFlags::empty())?;
    // An error message in every case; 0 says that it went well.
    match answer.get(16..20).filter(|_| length >= 20) {
        Some(&[a, b, c, d]) => match i32::from_ne_bytes([a, b, c, d]) {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(-error)),
        },
        _ => Err(io::Error::from(io::ErrorKind::InvalidData)),
    }
}

/// Lets the next program keep this one's capabilities, whoever it runs as: init has things to mount.
pub(super) fn bequeath() -> io::Result<()> {
    let own = capabilities(None)?;
    set_capabilities(None, CapabilitySets { inheritable: own.permitted, ..own })?;
    for capability in own.permitted.iter() {
        configure_capability_in_ambient_set(capability, true)?;
    }
    Ok(())
}

/// Gives up for good whatever a program could inherit or get by a file. `kept` is what this process keeps for itself.
pub(super) fn renounce(kept: CapabilitySet) -> io::Result<()> {
    for capability in capabilities(None)?.permitted.iter() {
        remove_capability_from_bounding_set(capability)?;
    }
    keep(kept)?;
    rustix::thread::set_no_new_privs(true)?;
    Ok(())
}

/// Gives up all capabilities but these, of those that it has.
pub(super) fn keep(kept: CapabilitySet) -> io::Result<()> {
    let kept = capabilities(None)?.permitted & kept;
    let inheritable = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: kept, permitted: kept, inheritable })?;
    Ok(())
}
