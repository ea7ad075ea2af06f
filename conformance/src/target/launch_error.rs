//! Why a launch failed: what happened, whose fault it is, and what mends it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use miette::Diagnostic;
use thiserror::Error;

use super::ending::Ending;
use super::last_words::LastWords;
use super::suggestion::suggestion;
use crate::blame::Blame;
use crate::isolation::Lack;
use crate::kernel::Listener;
use crate::transport::Transport;

/// Why a program could not be launched. `command` is the command as it would be typed.
#[derive(Debug, Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the messages say what the fields are")]
pub enum LaunchError {
    /// The command is empty.
    #[error("no command was given")]
    NoCommand,
    /// The folder to run in does not exist.
    #[error("the folder {} does not exist", path.display())]
    NoDirectory { path: PathBuf },
    /// The program is a path, and nothing is there.
    #[error("{} does not exist", path.display())]
    NoSuchFile { path: PathBuf },
    /// The program is a folder.
    #[error("{} is a folder, not a program", path.display())]
    Folder { path: PathBuf },
    /// The program is a bare name that names a file here, but none on PATH.
    #[error("{name} is not on PATH, though there is a file of that name here")]
    NeedsPath { name: String },
    /// The file may not be executed.
    #[error("{} is not executable", path.display())]
    NotExecutable { path: PathBuf },
    /// The file is neither a binary nor a script that names its interpreter.
    #[error("{} is no program: it does not start with #!", path.display())]
    NotAProgram { path: PathBuf },
    /// Without socket tables, the port must be known.
    #[error("this system does not tell on which port {command} listens")]
    PortUnknown { command: String },

    /// The program is a bare name that is not on PATH.
    #[error("{name} is not on this machine's PATH")]
    NotOnPath { name: String },
    /// The script's interpreter is not on this machine.
    #[error("{} is to be run by {interpreter}, which this machine does not have", path.display())]
    NoInterpreter { path: PathBuf, interpreter: String },
    /// A binary that this machine cannot run.
    #[error("{} was built for another system than this one", path.display())]
    ForeignProgram { path: PathBuf },
    /// Out of processes, descriptors or memory.
    #[error("{command} could not be started, for this machine has too little to spare: {source}")]
    Exhausted { command: String, source: io::Error },
    /// Something else that keeps the machine from starting it.
    #[error("{command} could not be started: {source}")]
    NotStarted { command: String, source: io::Error },
    /// It cannot be isolated.
    #[error("{command} could not be isolated: {lack}")]
    NotIsolated { command: String, lack: Lack },
    /// It was isolated, and is out of sight.
    #[error("{command} was lost sight of: {why}")]
    Lost { command: String, why: String },
    /// It is on this machine, and the isolated program does not see it.
    #[error("{} is not in a folder that an isolated program sees", path.display())]
    NotShown { path: PathBuf },
    /// Another program holds the port that it wants.
    #[error("{command} {ending}, for another program holds its port. {last_words}")]
    PortTaken { command: String, ending: Ending, last_words: LastWords },
    /// The port that it is to bind needs a privilege that it was not given.
    #[error("{command} {ending}, for port {port} needs privilege on this machine. {last_words}")]
    PortPrivileged { command: String, ending: Ending, port: u16, last_words: LastWords },

    /// What builds or runs it is not on this machine.
    #[error("{file} needs {tool}, which this machine does not have")]
    NoTool { file: String, tool: String, package: &'static str },
    /// It could not be copied to where it is to be built.
    #[error("{} cannot be copied, to be built: {why}", path.display())]
    NotCopied { path: PathBuf, why: io::Error },
    /// The build did not end well.
    #[error("the build failed: `{command}` {ending}. {last_words}")]
    BuildFailed { command: String, ending: Ending, last_words: LastWords },
    /// The build did not end in time.
    #[error("the build took longer than {}: `{command}`. {last_words}", time(*limit))]
    BuildLate { command: String, limit: Duration, last_words: LastWords },
    /// The build wrote more than is taken from it, or what cannot be read.
    #[error("what `{command}` made cannot be taken: {why}")]
    NotTaken { command: String, why: io::Error },
    /// The build went well, and left nothing that could be launched, or too much.
    #[error("`{command}` made no program that could be told: {}", names_or_nothing(made))]
    NothingMade { command: String, made: Vec<String> },

    /// The script's first line ends in CR LF, so the interpreter's name does in CR.
    #[error("the first line of {} ends with a carriage return, so no interpreter is found", path.display())]
    CarriageReturn { path: PathBuf },
    /// It ended before it had bound a socket.
    #[error("{command} {ending} before it listened. {last_words}")]
    EndedEarly { command: String, ending: Ending, last_words: LastWords },
    /// It runs and has not bound a socket of the right transport.
    #[error(
        "{command} did not listen on {} within {}: {}. {last_words}",
        expected.acronym(), time(*limit), bound_instead(bound, *expected)
    )]
    NeverListened {
        command: String,
        expected: Transport,
        limit: Duration,
        bound: Vec<Listener>,
        last_words: LastWords,
    },
    /// It listens, but not on the port that was asked for.
    #[error("{command} did not listen on port {port} within {}: it bound {}", time(*limit), list(bound))]
    OtherPort { command: String, port: u16, limit: Duration, bound: Vec<Listener> },
    /// A client that goes to no server.
    #[error(
        "{command} {} within {}. {last_words}",
        came_not(*ending, *expected), time(*limit)
    )]
    NeverConnected {
        command: String,
        expected: Transport,
        limit: Duration,
        ending: Option<Ending>,
        last_words: LastWords,
    },
    /// Where a client goes cannot be seen on this machine's own network.
    #[error("where {command} connects to cannot be found out without isolation")]
    GoalUnknown { command: String },
    /// Where a client goes cannot be seen, though it should.
    #[error("where {command} connects to cannot be found out: {why}")]
    Unwatched { command: String, why: String },
    /// The port at which a client is to find the runner is somebody else's.
    #[error("port {port} cannot be listened on: {source}")]
    PortHeld { port: u16, source: io::Error },
    /// It listens on an address that is not this machine's.
    #[error("{command} listens on {address}, which is not an address of this machine alone")]
    NotLocal { command: String, address: SocketAddr },
}

impl LaunchError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        match self {
            Self::NoCommand
            | Self::NoDirectory { .. }
            | Self::NoSuchFile { .. }
            | Self::Folder { .. }
            | Self::NeedsPath { .. }
            | Self::NotExecutable { .. }
            | Self::NotAProgram { .. }
            | Self::NotShown { .. }
            | Self::NotCopied { .. }
            | Self::GoalUnknown { .. }
            | Self::PortHeld { .. }
            | Self::PortUnknown { .. } => Blame::User,
            Self::NotOnPath { .. }
            | Self::NoTool { .. }
            | Self::NoInterpreter { .. }
            | Self::ForeignProgram { .. }
            | Self::Exhausted { .. }
            | Self::NotStarted { .. }
            | Self::NotIsolated { .. }
            | Self::Lost { .. }
            | Self::Unwatched { .. }
            | Self::PortTaken { .. }
            | Self::PortPrivileged { .. } => Blame::Machine,
            Self::CarriageReturn { .. }
            | Self::BuildFailed { .. }
            | Self::BuildLate { .. }
            | Self::NotTaken { .. }
            | Self::NothingMade { .. }
            | Self::EndedEarly { .. }
            | Self::NeverListened { .. }
            | Self::OtherPort { .. }
            | Self::NeverConnected { .. }
            | Self::NotLocal { .. } => Blame::Target,
        }
    }

    /// What mends it.
    pub fn mend(&self) -> String {
        match self {
            Self::NoCommand => "put it after `--`, such as `-- python3 server.py`".to_owned(),
            Self::NoDirectory { .. } | Self::NoSuchFile { .. } => {
                "check how it is spelled, and from which folder it is reached".to_owned()
            }
            Self::Folder { .. } => "name the program in it".to_owned(),
            Self::NeedsPath { name } => match interpreter(name.as_ref()) {
                Some(interpreter) => format!("run it with `{interpreter} {name}`"),
                None => format!("run it with `./{name}`"),
            },
            Self::NotExecutable { path } | Self::NotAProgram { path } => {
                match (interpreter(path), self) {
                    (Some(interpreter), _) => format!("run it with `{interpreter} {}`", path.display()),
                    (None, Self::NotAProgram { .. }) => "name its interpreter before it".to_owned(),
                    (None, _) => {
                        format!("`chmod +x {}`, or name its interpreter before it", path.display())
                    }
                }
            }
            Self::PortUnknown { .. } => "name the port with `--port`".to_owned(),
            Self::NotOnPath { name } => format!("install {name}, or give the path of the program"),
            Self::NoInterpreter { interpreter, .. } => format!("install {interpreter}"),
            Self::ForeignProgram { .. } => "build it on this system, from its source".to_owned(),
            Self::Exhausted { .. } => "end other programs, or raise the limits (`ulimit -a`)".to_owned(),
            Self::NotStarted { command, .. } => format!("see whether `{command}` starts in a shell"),
            Self::NotIsolated { lack, .. } => lack.mend(),
            Self::Lost { .. } => "check again, and see what `trueline doctor` says".to_owned(),
            Self::NotShown { .. } => {
                "start it from its own folder, or check it with `--isolation none`".to_owned()
            }
            Self::PortTaken { .. } => {
                "end the program that holds it (`ss -ltunp` lists them), and check again".to_owned()
            }
            Self::PortPrivileged { .. } => {
                "check with isolation, or lower net.ipv4.ip_unprivileged_port_start".to_owned()
            }
            Self::CarriageReturn { .. } => "save it with Unix line ends (LF)".to_owned(),
            Self::EndedEarly { command, last_words, .. } => match suggestion(last_words) {
                Some(suggestion) => suggestion.to_owned(),
                None => format!("run `{command}` by hand: it must stay, and wait for clients"),
            },
            Self::NoTool { package, .. } => format!("install {package}"),
            Self::NotCopied { .. } => "put the program into a folder of its own".to_owned(),
            Self::BuildFailed { command, .. } => format!("mend it until `{command}` succeeds by hand"),
            Self::BuildLate { .. } => {
                "mend what keeps it; if it only takes its time, raise `--build-timeout`".to_owned()
            }
            Self::NotTaken { .. } => "let it leave less than 256 MiB, all of it readable".to_owned(),
            Self::NothingMade { .. } => {
                "let it make one executable file, called server, or have a target `run`".to_owned()
            }
            Self::NeverListened { expected, bound, .. } => match (expected, bound.is_empty()) {
                (_, true) => "bind and listen before anything else; if it only starts slowly, raise `--timeout`"
                    .to_owned(),
                (Transport::Tcp, false) => {
                    "open a SOCK_STREAM socket and listen, or check it with `--transport udp`".to_owned()
                }
                (Transport::Udp, false) => {
                    "open a SOCK_DGRAM socket, or check it with `--transport tcp`".to_owned()
                }
            },
            Self::OtherPort { .. } => "mend the port, or leave out `--port`: it is found".to_owned(),
            Self::NeverConnected { expected, .. } => format!(
                "let it connect to 127.0.0.1 over {}; what it wants to be told is given with `--arg '{{port}}'` or `--input`",
                expected.acronym()
            ),
            Self::GoalUnknown { .. } => {
                "name the port with `--port`, or tell it one with `--arg '{port}'`".to_owned()
            }
            Self::Unwatched { .. } => "check again, and see what `trueline doctor` says".to_owned(),
            Self::PortHeld { .. } => "end what listens there, or name another port".to_owned(),
            Self::NotLocal { .. } => {
                "bind 127.0.0.1 or 0.0.0.0; what is not this machine's needs `--allow-remote`".to_owned()
            }
        }
    }
}

impl Diagnostic for LaunchError {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.mend()))
    }
}

fn came_not(ending: Option<Ending>, expected: Transport) -> String {
    let ended = ending.map(|ending| format!("{ending} and "));
    let what = match expected {
        Transport::Tcp => "did not connect to any server over TCP",
        Transport::Udp => "did not send any datagram",
    };
    ended.unwrap_or_default() + what
}

fn bound_instead(bound: &[Listener], expected: Transport) -> String {
    if bound.is_empty() {
        return "nothing is bound".to_owned();
    }
    format!("it bound {}, expected {}", list(bound), expected.acronym())
}

fn names_or_nothing(made: &[String]) -> String {
    if made.is_empty() { "no new file is executable".to_owned() } else { made.join(", ") }
}

fn list(bound: &[Listener]) -> String {
    let bound: Vec<String> = bound.iter().map(Listener::to_string).collect();
    bound.join(" and ")
}

fn time(limit: Duration) -> String {
    match limit.subsec_millis() {
        0 => format!("{} s", limit.as_secs()),
        _ => format!("{} ms", limit.as_millis()),
    }
}

/// What runs files of this kind.
fn interpreter(path: &std::path::Path) -> Option<&'static str> {
    Some(match path.extension()?.to_str()? {
        "py" => "python3",
        "js" | "mjs" => "node",
        "sh" => "sh",
        "rb" => "ruby",
        "jar" => "java -jar",
        _ => return None,
    })
}
