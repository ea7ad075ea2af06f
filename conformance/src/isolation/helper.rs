//! The helper: it opens the namespaces, starts init, and then gives the runner sockets of that network until the runner
//! is gone or the program is. It stays outside the program's namespace of processes, where the program cannot reach it.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::num::NonZeroU32;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{
    AddressFamily, Protocol, RecvFlags, SocketFlags, SocketType, netlink, socket_with,
};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::thread::UnshareFlags;

use super::events::{During, Event, Failed, Teller};
use super::lack::Step;
use super::limits::Excess;
use super::message::{Ask, send, send_plan, take, take_plan};
use super::plan::Plan;
use super::{ROLE, inherited, init, namespaces, usage};
use crate::kernel;

/// What the helper is called among the parts to play.
pub(super) const PART: &str = "helper";

/// How often it is looked at how much memory is used.
const LOOK: Duration = Duration::from_millis(50);

/// ETH_P_ALL, in the network's order of octets, as packet(7) wants it.
const ALL_FRAMES: Option<Protocol> = match NonZeroU32::new(3_u16.to_be() as u32) {
    Some(all) => Some(Protocol::from_raw(all)),
    None => None,
};

/// Plays the helper. Returns the exit code: 0 when the program is over, 1 when something else is.
pub(super) fn play() -> u8 {
    let Ok(control) = standard_input().map(UnixStream::from) else { return 1 };
    let Ok((plan, mut beside)) = take_plan(&control) else { return 1 };
    if beside.is_empty() {
        return 1;
    }
    let teller = Teller::new(beside.remove(0));
    let keyboard = (plan.is_typed && !beside.is_empty()).then(|| beside.remove(0));
    let alone = inherited::keep_to_itself().during(Step::Helper);
    let served = alone
        .and_then(|()| begin(&control, &plan, &beside, &teller, keyboard))
        .and_then(|started| started.map_or(Ok(0), |init| init.serve(&control, &plan, &teller)));
    served.unwrap_or_else(|failed| {
        teller.fail(failed);
        1
    })
}

/// The socket that this process was started with. A program that it starts gets nothing there.
pub(super) fn standard_input() -> io::Result<OwnedFd> {
    let socket = io::stdin().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(socket)
}

/// Lets go of the pipes that are the program's.
pub(super) fn let_go_of_output() -> io::Result<()> {
    let nothing = File::options().write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(&nothing)?;
    Ok(())
}

/// Opens the namespaces and starts init in them. `None` if the runner does not want it any more.
fn begin(
    control: &UnixStream,
    plan: &Plan,
    beside: &[OwnedFd],
    teller: &Teller,
    keyboard: Option<OwnedFd>,
) -> Result<Option<Init>, Failed> {
    if plan.joins {
        let [user, network] = beside else {
            let error = io::Error::from(ErrorKind::InvalidInput);
            return Err(error).during(Step::Namespaces);
        };
        namespaces::join(user, network).during(Step::Namespaces)?;
    } else {
        namespaces::open().during(Step::Namespaces)?;
        teller.tell(&Event::Apart);
        let mut octet = [0];
        let (count, _) = take(control, &mut octet, RecvFlags::empty()).during(Step::Users)?;
        if count == 0 || Ask::of(octet[0]) != Some(Ask::Go) {
            return Ok(None);
        }
        namespaces::set_up()?;
    }
    let others = UnshareFlags::NEWPID | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    namespaces::unshare(others).during(Step::Namespaces)?;
    rustix::system::sethostname(namespaces::HOST_NAME.as_bytes()).during(Step::Name)?;
    namespaces::bequeath().during(Step::Init)?;
    let door = beside.first().filter(|_| plan.is_kept);
    Init::start(plan, teller, door, keyboard).during(Step::Init).map(Some)
}

/// The first process of the program's namespace.
struct Init {
    process: Child,
    handle: OwnedFd,
    control: UnixStream,
}

impl Init {
    fn start(
        plan: &Plan,
        teller: &Teller,
        door: Option<&OwnedFd>,
        keyboard: Option<OwnedFd>,
    ) -> io::Result<Self> {
        let (control, its) = UnixStream::pair()?;
        let process = Command::new("/proc/self/exe")
            .args([ROLE, init::PART])
            .env_clear()
            .stdin(Stdio::from(OwnedFd::from(its)))
            .spawn()?;
        let_go_of_output()?;
        let handle = pidfd_open(Pid::from_child(&process), PidfdFlags::empty())?;
        let beside = [
            Some(teller.pipe().as_fd()),
            keyboard.as_ref().map(AsFd::as_fd),
            door.map(AsFd::as_fd),
        ];
        let beside: Vec<_> = beside.into_iter().flatten().collect();
        send_plan(&control, plan, &beside)?;
        Ok(Self { process, handle, control })
    }

    /// Serves the runner until it is gone or init is.
    fn serve(mut self, control: &UnixStream, plan: &Plan, teller: &Teller) -> Result<u8, Failed> {
        let began = Instant::now();
        let root = kernel::Pid(self.process.id());
        let mut looked = began;
        loop {
            let mut ready =
                [PollFd::new(control, PollFlags::IN), PollFd::new(&self.handle, PollFlags::IN)];
            let wait = Timespec::try_from(LOOK).ok();
            match poll(&mut ready, wait.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error).during(Step::Helper),
            }
            let [asked, over] = ready.map(|it| !it.revents().is_empty());
            if over {
                break;
            }
            if asked && !self.answer(control) {
                let _ = self.process.kill();
                break;
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                let excess = if began.elapsed() > plan.limits.wall {
                    Some(Excess::Time(plan.limits.wall))
                } else {
                    usage::exceeds(root, plan.limits.memory)
                        .then_some(Excess::Memory(plan.limits.memory))
                };
                if let Some(excess) = excess {
                    teller.tell(&Event::Exceeded(excess));
                    let _ = self.process.kill();
                    break;
                }
            }
        }
        // When init has ended, the kernel has ended all the others.
        let status = self.process.wait().during(Step::Init)?;
        Ok(u8::from(!status.success() && status.signal().is_none()))
    }

    /// Answers what the runner asks. Whether it is still there.
    fn answer(&mut self, control: &UnixStream) -> bool {
        let mut octets = [0; 64];
        let count = match take(control, &mut octets, RecvFlags::DONTWAIT) {
            Ok((0, _)) => return false,
            Ok((count, _)) => count,
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        };
        octets[..count].iter().all(|octet| match Ask::of(*octet) {
            None => false,
            Some(Ask::Go) => true,
            // Init may be gone already.
            Some(Ask::End) => {
                let _ = self.control.write_all(&[*octet]);
                true
            }
            Some(ask) => match socket(ask) {
                Ok(socket) => send(control, &[0; 4], &[socket.as_fd()]).is_ok(),
                Err(error) => {
                    let number = error.raw_os_error().unwrap_or(5);
                    send(control, &number.to_ne_bytes(), &[]).is_ok()
                }
            },
        })
    }
}

fn socket(ask: Ask) -> io::Result<OwnedFd> {
    let (family, kind, protocol) = match ask {
        Ask::Tcp4 => (AddressFamily::INET, SocketType::STREAM, None),
        Ask::Tcp6 => (AddressFamily::INET6, SocketType::STREAM, None),
        Ask::Udp4 => (AddressFamily::INET, SocketType::DGRAM, None),
        Ask::Udp6 => (AddressFamily::INET6, SocketType::DGRAM, None),
        Ask::Table => (AddressFamily::NETLINK, SocketType::RAW, Some(netlink::SOCK_DIAG)),
        Ask::Frames => (AddressFamily::PACKET, SocketType::RAW, ALL_FRAMES),
        Ask::Go | Ask::End => return Err(io::Error::from(ErrorKind::InvalidInput)),
    };
    Ok(socket_with(family, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, protocol)?)
}
