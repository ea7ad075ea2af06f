//! The runner's side: one isolated program, from its set-up to its end.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, PipeReader};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::rc::Rc;
use std::time::Duration;

use rustix::net::RecvFlags;
use tokio::net::unix::pipe;
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

use super::events::{Event, Events};
use super::folder::copy;
use super::lack::{Lack, Step};
use super::message::{Ask, send_plan, take};
use super::plan::Plan;
use super::sockets::Sockets;
use super::start::{Closing, Start, Unset};
use super::view::{About, View};
use super::{Isolation, ROLE, helper, namespaces};
use crate::kernel::SocketTable;

/// How long the set-up may take; it takes some milliseconds, on a machine where everything is slow some hundred.
const SET_UP_MAX: Duration = Duration::from_secs(20);

/// How long a helper may take to end after its socket has.
const FAREWELL_MAX: Duration = Duration::from_secs(2);
/// The wait status of SIGKILL.
const KILLED: i32 = 9;

/// Variables that a program finds as they are; those that begin with `LC_`, too.
const KEPT: [&str; 7] = ["PATH", "LANG", "LANGUAGE", "TZ", "HOME", "USER", "LOGNAME"];

/// The namespaces of users and of network in which a program was, to put another one there.
#[derive(Debug)]
pub(crate) struct Grounds {
    user: OwnedFd,
    network: OwnedFd,
}

/// An isolated program.
#[derive(Debug)]
pub(crate) struct Sandbox {
    helper: Child,
    /// The helper's number, also when it has ended.
    id: u32,
    sockets: Rc<Sockets>,
    table: Option<Rc<SocketTable>>,
    events: Events,
    closing: Option<Closing>,
    /// Where its folder comes from, if that is wanted.
    door: Option<UnixStream>,
}

impl Isolation {
    /// Starts a program in isolation: in `grounds`, or in a network of its own.
    pub(crate) async fn start(
        &self,
        start: Start<'_>,
        grounds: Option<&Grounds>,
    ) -> Result<Sandbox, Unset> {
        let begun = self.begin(start, grounds, false);
        let begun = timeout(SET_UP_MAX, begun).await;
        begun.unwrap_or_else(|_| Err(lack(Step::Helper, io::ErrorKind::TimedOut.into())))
    }

    /// Sets up all that a program in this folder would need, without one.
    pub async fn try_out(&self, directory: Option<&Path>) -> Result<(), Lack> {
        match self.start(nothing(directory), None).await {
            Ok(mut sandbox) => {
                let over = timeout(FAREWELL_MAX, sandbox.over()).await;
                over.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
                    .map(drop)
                    .map_err(|source| Lack { step: Step::Helper, at: None, source })
            }
            Err(Unset::Lack(lack)) => Err(lack),
            Err(Unset::NotStarted(source)) => Err(Lack { step: Step::Init, at: None, source }),
        }
    }

    /// Sets up a network with no program in it, which stays until it is killed or dropped.
    pub(crate) async fn vacant(&self, directory: Option<&Path>) -> Result<Sandbox, Unset> {
        let begun = timeout(SET_UP_MAX, self.begin(nothing(directory), None, true)).await;
        begun.unwrap_or_else(|_| Err(lack(Step::Helper, io::ErrorKind::TimedOut.into())))
    }

    async fn begin(
        &self,
        mut start: Start<'_>,
        grounds: Option<&Grounds>,
        stays: bool,
    ) -> Result<Sandbox, Unset> {
        let keyboard = start.keyboard.take();
        let plan = Plan {
            is_typed: keyboard.is_some(),
            stays,
            ..self.plan(start, grounds.is_some()).map_err(|error| lack(Step::Files, error))?
        };
        let mut sandbox = self
            .start_helper(&plan, grounds, keyboard)
            .await
            .map_err(|error| lack(Step::Helper, error))?;
        loop {
            match sandbox.events.next().await {
                Ok(Some(Event::Apart)) => {
                    namespaces::map_users(sandbox.id)
                        .and_then(|()| sandbox.sockets.tell(Ask::Go))
                        .map_err(|error| lack(Step::Users, error))?;
                }
                Ok(Some(Event::Failed { step, at, errno })) => {
                    let source = io::Error::from_raw_os_error(errno);
                    return Err(Unset::Lack(Lack { step, at, source }));
                }
                Ok(Some(Event::NotStarted { errno })) => {
                    return Err(Unset::NotStarted(io::Error::from_raw_os_error(errno)));
                }
                Ok(Some(Event::Started)) => return sandbox.started(&plan).await,
                Ok(Some(Event::Ended { .. } | Event::Exceeded(_))) => {
                    return Err(lack(Step::Init, io::ErrorKind::InvalidData.into()));
                }
                Ok(None) => {
                    let end = io::Error::other("it ended before all was set up");
                    return Err(lack(Step::Helper, end));
                }
                Err(error) => return Err(lack(Step::Helper, error)),
            }
        }
    }

    fn plan(&self, start: Start<'_>, joins: bool) -> io::Result<Plan> {
        let directory = match start.directory {
            Some(directory) => std::path::absolute(directory)?,
            None => std::env::current_dir()?,
        };
        let is_kept = |name: &OsString| {
            name.to_str().is_some_and(|name| KEPT.contains(&name) || name.starts_with("LC_"))
        };
        let mut environment: Vec<(OsString, OsString)> =
            std::env::vars_os().filter(|(name, _)| is_kept(name)).collect();
        environment.extend(start.environment);
        let value = |name: &str| {
            let mut all = environment.iter().rev();
            all.find(|(other, _)| other == name).map(|(_, value)| value.clone())
        };
        let home = value("HOME").map(PathBuf::from);
        let view = View::of(&About {
            directory: &directory,
            command: start.command,
            path: value("PATH").as_deref(),
            home: home.as_deref(),
            shown: &self.shown,
        });
        Ok(Plan {
            command: start.command.to_vec(),
            directory: directory.into(),
            environment,
            input: start.input.to_vec(),
            is_typed: false,
            stays: false,
            is_kept: self.is_kept,
            view,
            limits: self.limits,
            stranger: namespaces::stranger(),
            joins,
        })
    }

    async fn start_helper(
        &self,
        plan: &Plan,
        grounds: Option<&Grounds>,
        keyboard: Option<PipeReader>,
    ) -> io::Result<Sandbox> {
        let (control, its) = UnixStream::pair()?;
        let (told, teller) = io::pipe()?;
        let helper = Command::new(&self.helper)
            .args([ROLE, helper::PART])
            .stdin(Stdio::from(OwnedFd::from(its)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let id = helper.id().ok_or(io::ErrorKind::NotFound)?;
        // It is not waited for without end: it may be no helper at all.
        control.set_write_timeout(Some(SET_UP_MAX))?;
        let door = plan.is_kept.then(UnixStream::pair).transpose()?;
        let mut beside = vec![teller.as_fd()];
        beside.extend(keyboard.iter().map(AsFd::as_fd));
        beside.extend(door.iter().map(|(_, its)| its.as_fd()));
        beside.extend(grounds.iter().flat_map(|it| [it.user.as_fd(), it.network.as_fd()]));
        send_plan(&control, plan, &beside)?;
        let sockets = Rc::new(Sockets::new(control)?);
        Ok(Sandbox {
            helper,
            id,
            sockets,
            table: None,
            events: Events::new(pipe::Receiver::from_owned_fd(OwnedFd::from(told))?),
            closing: None,
            door: door.map(|(door, _)| door),
        })
    }
}

impl Sandbox {
    /// Gets the network's socket table. Of a program that has ended meanwhile there is none, and no fault in that.
    async fn started(mut self, plan: &Plan) -> Result<Self, Unset> {
        if plan.command.is_empty() && !plan.stays {
            return Ok(self);
        }
        match self.sockets.table().await {
            Ok(table) => self.table = Some(table),
            Err(error) => match timeout(FAREWELL_MAX, self.over()).await {
                Ok(Ok(_)) => {}
                _ => return Err(lack(Step::Helper, error)),
            },
        }
        Ok(self)
    }

    /// The number of the helper, whose child is init, whose child is the program.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// The program's two outputs.
    pub(crate) fn take_output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.helper.stdout.take(), self.helper.stderr.take())
    }

    /// Sockets of its network.
    pub(crate) fn sockets(&self) -> Rc<Sockets> {
        Rc::clone(&self.sockets)
    }

    /// Its network's socket table.
    pub(crate) fn table(&self) -> Option<Rc<SocketTable>> {
        self.table.clone()
    }

    /// Its namespaces, to start another program in them. They stay when it ends.
    pub(crate) fn grounds(&self) -> io::Result<Grounds> {
        let helper = self.helper.id().ok_or(io::ErrorKind::NotFound)?;
        let namespace = |name| File::open(format!("/proc/{helper}/ns/{name}")).map(OwnedFd::from);
        Ok(Grounds { user: namespace("user")?, network: namespace("net")? })
    }

    /// Waits until the program itself has ended. May be dropped and called again.
    ///
    /// # Errors
    ///
    /// The helper failed: nobody knows.
    pub(crate) async fn wait(&mut self) -> io::Result<Closing> {
        loop {
            if let Some(closing) = self.closing {
                return Ok(closing);
            }
            match self.events.next().await? {
                Some(event) => self.hear(&event)?,
                None => return self.last().await,
            }
        }
    }

    /// Waits until the program and all that it has started have ended. May be dropped and called again.
    pub(crate) async fn over(&mut self) -> io::Result<Closing> {
        while let Some(event) = self.events.next().await? {
            self.hear(&event)?;
        }
        self.last().await
    }

    /// How the program ended, if it has.
    ///
    /// # Errors
    ///
    /// The helper failed: nobody knows.
    pub(crate) fn closing(&mut self) -> io::Result<Option<Closing>> {
        while let Some(event) = self.events.at_once()? {
            self.hear(&event)?;
        }
        if self.closing.is_none() && self.events.is_over() {
            let status = self.helper.try_wait()?;
            self.closing = status.map(|status| self.last_of(status)).transpose()?;
        }
        Ok(self.closing)
    }

    /// Whether the program and all that it has started have ended.
    ///
    /// # Errors
    ///
    /// The helper failed: nobody knows.
    pub(crate) fn is_over(&mut self) -> io::Result<bool> {
        self.closing()?;
        Ok(self.events.is_over() && self.helper.try_wait()?.is_some())
    }

    /// Asks the program to end, by SIGTERM.
    pub(crate) fn ask_to_end(&self) -> io::Result<()> {
        self.sockets.tell(Ask::End)
    }

    /// Copies what the program has left in its folder, now that it is over with all that it has started. What was written
    /// there was bounded, and nobody changes it any more.
    ///
    /// # Errors
    ///
    /// The folder was not handed over, or is larger than `room`.
    pub(crate) fn bring(
        &self,
        to: &Path,
        room: &mut u64,
        leaves: &dyn Fn(&Path) -> bool,
    ) -> io::Result<()> {
        let door = self.door.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        let (_, mut beside) = take(door, &mut [0], RecvFlags::DONTWAIT)?;
        let folder = beside.pop().map(File::from).ok_or(io::ErrorKind::NotFound)?;
        if !folder.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        copy(Path::new(&format!("/proc/self/fd/{}", folder.as_raw_fd())), to, room, leaves)
    }

    /// Kills the helper, and with it all the others.
    pub(crate) fn kill(&mut self) {
        let _ = self.helper.start_kill();
    }

    fn hear(&mut self, event: &Event) -> io::Result<()> {
        self.closing = match event {
            Event::Ended { status } => Some(Closing::Ended(ExitStatus::from_raw(*status))),
            Event::Exceeded(excess) => Some(Closing::Exceeded(*excess)),
            _ => return Err(io::Error::other("the helper says what cannot be")),
        };
        Ok(())
    }

    /// How the program ended, now that nobody is left who could tell.
    async fn last(&mut self) -> io::Result<Closing> {
        let status = self.helper.wait().await?;
        let closing = self.last_of(status)?;
        self.closing = Some(closing);
        Ok(closing)
    }

    fn last_of(&self, helper: ExitStatus) -> io::Result<Closing> {
        match (self.closing, helper.success()) {
            (Some(closing), _) => Ok(closing),
            // Init was killed before it could tell, which nobody outside does: all of them were.
            (None, true) => Ok(Closing::Ended(ExitStatus::from_raw(KILLED))),
            (None, false) => Err(io::Error::other("the helper that isolates the program failed")),
        }
    }
}

/// No program, in this folder.
fn nothing(directory: Option<&Path>) -> Start<'_> {
    Start { command: &[], directory, environment: Vec::new(), input: &[], keyboard: None }
}

fn lack(step: Step, source: io::Error) -> Unset {
    Unset::Lack(Lack { step, at: None, source })
}
