//! A packet socket (packet(7)): each frame of a network once, with the time at which the kernel took it.

use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use nix::sys::socket::sockopt::{ReceiveTimestampns, RxqOvfl};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt};
use nix::sys::time::TimeSpec;
use rustix::net::sockopt::{set_socket_recv_buffer_size, set_socket_recv_buffer_size_force};
use socket2::{SockFilter, SockRef};

use super::pcap::LONGEST;

/// How many octets may wait to be read, the kernel's own account of each frame included.
const BUFFER: usize = 64 << 20;

/// What passes, as the kernel's socket filters say it (the kernel's networking/filter.rst). What goes over a loopback
/// interface is seen when it goes and when it comes: it is taken when it comes.
const COMING: [SockFilter; 4] = {
    const LOAD: u16 = 0x20;
    const IS_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const PACKET_TYPE: u32 = (-0x1000_i32 + 4) as u32;
    const OUTGOING: u32 = 4;
    [
        SockFilter::new(LOAD, 0, 0, PACKET_TYPE),
        SockFilter::new(IS_EQUAL, 0, 1, OUTGOING),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ]
};

/// An end of a network at which all its frames are seen.
#[derive(Debug)]
pub(crate) struct Tap(OwnedFd);

/// One frame; its octets are in the reader's buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// When it came, since 1970.
    pub(super) at: Duration,
    /// How many octets it had.
    pub(super) length: usize,
    /// How many the kernel had dropped before.
    pub(super) dropped: u32,
}

impl Tap {
    /// A packet socket of that network, which has seen nothing yet that is of interest.
    pub(crate) fn of(socket: OwnedFd) -> io::Result<Self> {
        SockRef::from(&socket).set_nonblocking(true)?;
        SockRef::from(&socket).attach_filter(&COMING)?;
        setsockopt(&socket, ReceiveTimestampns, &true)?;
        setsockopt(&socket, RxqOvfl, &1)?;
        // Who is not root has to do with what this machine allows.
        if set_socket_recv_buffer_size_force(&socket, BUFFER).is_err() {
            set_socket_recv_buffer_size(&socket, BUFFER)?;
        }
        Ok(Self(socket))
    }

    /// Reads one frame; `None` when there is none.
    pub(super) fn next(&self, buffer: &mut [u8; LONGEST]) -> io::Result<Option<Seen>> {
        let mut space = nix::cmsg_space!(TimeSpec, u32);
        let mut parts = [IoSliceMut::new(buffer)];
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_TRUNC;
        let came = match recvmsg::<()>(self.0.as_raw_fd(), &mut parts, Some(&mut space), flags) {
            Ok(came) => came,
            Err(nix::errno::Errno::EAGAIN) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut seen = Seen { at: Duration::ZERO, length: came.bytes, dropped: 0 };
        for message in came.cmsgs()? {
            match message {
                ControlMessageOwned::ScmTimestampns(time) => seen.at = Duration::from(time),
                ControlMessageOwned::RxqOvfl(count) => seen.dropped = count,
                _ => {}
            }
        }
        Ok(Some(seen))
    }

    /// The same socket once more, to wait for.
    pub(super) fn ready(&self) -> io::Result<OwnedFd> {
        self.0.try_clone()
    }
}

impl AsFd for Tap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
