//! Other systems than Linux: no isolation.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::rc::Rc;

use tokio::process::{ChildStderr, ChildStdout};

use super::{Closing, Isolation, Lack, Start, Step, Unset};
use crate::capture::Tap;
use crate::kernel::SocketTable;

/// Never there on this system.
#[derive(Debug)]
pub(crate) struct Grounds(Infallible);

/// Never there on this system.
#[derive(Debug)]
pub(crate) struct Sandbox(Infallible);

/// Never there on this system.
#[derive(Debug)]
pub(crate) struct Sockets(Infallible);

fn lack() -> Lack {
    Lack { step: Step::Namespaces, at: None, source: io::ErrorKind::Unsupported.into() }
}

impl Isolation {
    pub(crate) async fn start(
        &self,
        _start: Start<'_>,
        _grounds: Option<&Grounds>,
    ) -> Result<Sandbox, Unset> {
        Err(Unset::Lack(lack()))
    }

    pub(crate) async fn vacant(&self, _directory: Option<&Path>) -> Result<Sandbox, Unset> {
        Err(Unset::Lack(lack()))
    }

    /// Cannot be had on this system.
    ///
    /// # Errors
    ///
    /// Always.
    pub async fn try_out(&self, _directory: Option<&Path>) -> Result<(), Lack> {
        Err(lack())
    }
}

impl Sandbox {
    pub(crate) fn id(&self) -> u32 {
        match self.0 {}
    }

    pub(crate) fn take_output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        match self.0 {}
    }

    pub(crate) fn sockets(&self) -> Rc<Sockets> {
        match self.0 {}
    }

    pub(crate) fn table(&self) -> Option<Rc<SocketTable>> {
        match self.0 {}
    }

    pub(crate) fn grounds(&self) -> io::Result<Grounds> {
        match self.0 {}
    }

    pub(crate) async fn wait(&mut self) -> io::Result<Closing> {
        match self.0 {}
    }

    pub(crate) async fn over(&mut self) -> io::Result<Closing> {
        match self.0 {}
    }

    pub(crate) fn closing(&mut self) -> io::Result<Option<Closing>> {
        match self.0 {}
    }

    pub(crate) fn is_over(&mut self) -> io::Result<bool> {
        match self.0 {}
    }

    pub(crate) fn ask_to_end(&self) -> io::Result<()> {
        match self.0 {}
    }

    pub(crate) fn bring(
        &self,
        _to: &Path,
        _room: &mut u64,
        _leaves: &dyn Fn(&Path) -> bool,
    ) -> io::Result<()> {
        match self.0 {}
    }

    pub(crate) fn kill(&mut self) {
        match self.0 {}
    }
}

impl Sockets {
    pub(crate) async fn stream(&self, _target: SocketAddr) -> io::Result<TcpStream> {
        match self.0 {}
    }

    pub(crate) async fn tap(&self) -> io::Result<Tap> {
        match self.0 {}
    }

    pub(crate) async fn datagrams(&self, _local: IpAddr) -> io::Result<UdpSocket> {
        match self.0 {}
    }

    pub(crate) async fn listener(&self, _local: SocketAddr) -> io::Result<TcpListener> {
        match self.0 {}
    }

    pub(crate) async fn datagrams_at(&self, _local: SocketAddr) -> io::Result<UdpSocket> {
        match self.0 {}
    }
}
