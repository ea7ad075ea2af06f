//! What passes over the control socket.
//!
//! First a plan and descriptors go to the helper, and from the helper to init: the length in four octets, then JSON.
//! After that, the runner asks by single octets ([`Ask`]). A socket that is asked for is answered by four octets, 0 or the
//! number of an error, and with 0 by the socket.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use super::plan::Plan;

/// Most octets of a plan: an environment is long, but not that long.
const PLAN_MAX: usize = 1 << 22;
/// Most descriptors that come with a plan.
const DESCRIPTORS_MAX: usize = 4;

/// What is asked of the helper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Ask {
    /// Go on: it has been said who is who.
    Go = b'g',
    /// Ask the program to end, by SIGTERM. Goes on to init.
    End = b'e',
    /// An IPv4 socket for a connection.
    Tcp4 = b't',
    /// An IPv6 socket for a connection.
    Tcp6 = b'T',
    /// An IPv4 socket for datagrams.
    Udp4 = b'u',
    /// An IPv6 socket for datagrams.
    Udp6 = b'U',
    /// A socket that asks the kernel about sockets.
    Table = b'k',
    /// A socket that sees every frame of the network.
    Frames = b'f',
}

impl Ask {
    pub(super) fn of(octet: u8) -> Option<Self> {
        let sockets = [Self::Tcp4, Self::Tcp6, Self::Udp4, Self::Udp6, Self::Table, Self::Frames];
        [Self::Go, Self::End].into_iter().chain(sockets).find(|ask| *ask as u8 == octet)
    }
}

/// Sends octets, with descriptors beside the first of them.
pub(super) fn send(to: &UnixStream, octets: &[u8], beside: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !beside.is_empty() && !control.push(SendAncillaryMessage::ScmRights(beside)) {
        return Err(io::Error::from(ErrorKind::InvalidInput));
    }
    let sent = sendmsg(to, &[IoSlice::new(octets)], &mut control, SendFlags::NOSIGNAL)?;
    let mut to = to;
    to.write_all(&octets[sent..])
}

/// Takes what has come: how many octets, and the descriptors beside them. No octets: the other end is closed.
pub(super) fn take(
    from: impl AsFd,
    octets: &mut [u8],
    flags: RecvFlags,
) -> io::Result<(usize, Vec<OwnedFd>)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let flags = flags | RecvFlags::CMSG_CLOEXEC;
    let came = recvmsg(from, &mut [IoSliceMut::new(octets)], &mut control, flags)?;
    let mut beside = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            beside.extend(descriptors);
        }
    }
    if came.flags.contains(ReturnFlags::CTRUNC) {
        return Err(io::Error::other("more descriptors came than there should be"));
    }
    Ok((came.bytes, beside))
}

pub(super) fn send_plan(to: &UnixStream, plan: &Plan, beside: &[BorrowedFd<'_>]) -> io::Result<()> {
    let json = serde_json::to_vec(plan)?;
    if json.len() > PLAN_MAX {
        return Err(io::Error::from(ErrorKind::ArgumentListTooLong));
    }
    send(to, &[&(json.len() as u32).to_ne_bytes(), json.as_slice()].concat(), beside)
}

pub(super) fn take_plan(from: &UnixStream) -> io::Result<(Plan, Vec<OwnedFd>)> {
    let mut length = [0; 4];
    let (count, beside) = take(from, &mut length, RecvFlags::empty())?;
    let mut from = from;
    from.read_exact(&mut length[count..])?;
    let length = u32::from_ne_bytes(length) as usize;
    if length > PLAN_MAX {
        return Err(io::Error::from(ErrorKind::InvalidData));
    }
    let mut json = vec![0; length];
    from.read_exact(&mut json)?;
    Ok((serde_json::from_slice(&json)?, beside))
}
