//! Programs that attack whoever runs them. Each is contained, has a clear verdict, and leaves nothing behind.
//!
//! An attacker says on its standard error what came of it, and that is held against what should have: so that an attack
//! which was not even tried fails the test. Most end then, and what they said stands in the report as their last words.

use super::*;

use std::fs;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::UnixListener;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

/// Begins every attacker. `tell` says what came of an attempt, `tried` makes one.
const BEGIN: &str = "\
import errno, os, signal, socket, sys, threading, time

def tell(*words):
    print(*words, file=sys.stderr, flush=True)

def tried(what, attempt):
    try:
        attempt()
    except OSError as error:
        return what + ' ' + errno.errorcode.get(error.errno, '?')
    return what + ' done'
";

/// Serves what the suite asks first, on a port that only root may bind elsewhere.
const SERVE: &str = "
sys.path.insert(0, sys.argv[1])
from arithmetic import reply
from framing import LineReader

def converse(connection):
    reader = LineReader()
    with connection:
        while octets := connection.recv(4096):
            for message in reader.push(octets):
                connection.sendall((reply(message) + '\\n').encode())

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 40))
server.listen(64)
while True:
    threading.Thread(target=converse, args=[server.accept()[0]], daemon=True).start()
";

/// A check of an attacker, with full isolation.
struct Attacked {
    checked: Checked,
    folder: PathBuf,
    _script: Script,
}

impl Attacked {
    /// What became of it, and what it said last.
    fn message(&self) -> String {
        let report = &self.checked.report;
        let lines = report["launch_failure"]["last_words"].as_array();
        let lines = lines.unwrap_or_else(|| panic!("it came up: {report:#}"));
        let lines = lines.iter().filter_map(Value::as_str);
        [report["why"].as_str().unwrap_or_default()]
            .into_iter()
            .chain(lines)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// It ended, or did not come up, by its own fault, and said this.
    #[track_caller]
    fn said(&self, words: &str) {
        let message = self.message();
        assert_eq!(self.checked.exit, 3, "{message}");
        assert!(message.contains(words), "{words:?} is not in {message}");
    }

    /// It served, whatever it did besides.
    #[track_caller]
    fn served(&self) {
        assert_eq!(self.checked.exit, 0, "{:#}", self.checked.report);
        assert_eq!(self.checked.report["isolation"]["level"], "full");
        assert_eq!(self.checked.report["target"]["address"], "127.0.0.1:40");
    }
}

fn attack(source: &str) -> Attacked {
    attack_with(source, &[])
}

/// Checks an attacker whose arguments are the classroom's folder and `arguments`, in its folder.
fn attack_with(source: &str, arguments: &[&str]) -> Attacked {
    attack_within("3", source, arguments)
}

/// The same with so many seconds to come up.
fn attack_within(seconds: &str, source: &str, arguments: &[&str]) -> Attacked {
    let script = Script::new(&format!("{BEGIN}{source}"));
    let folder = Path::new(script.path()).parent().unwrap().to_owned();
    let mut command = check_command(&["--timeout", seconds]);
    command.args([python(), script.path(), &classroom("line")]).args(arguments);
    command.current_dir(&folder);
    let checked = told(&mut command);
    assert_eq!(of_script(script.path()), Vec::<Pid>::new(), "something is left running");
    Attacked { checked, folder, _script: script }
}

fn check_command(options: &[&str]) -> Command {
    let first =
        ["check", "calculator", "--isolation", "full", "--format", "json", "--only", "CALC-1"];
    let mut command = trueline(&[&first, options, &["--"]].concat());
    command.env("TRUELINE_TEST_SECRET", "1.0");
    command
}

/// What came of a check of somebody hostile.
pub(super) fn told(command: &mut Command) -> Checked {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("cannot be isolated"), "these tests need namespaces: {said}");
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("no report ({error}), but {said}"));
    valid(&report);
    Checked { exit: output.status.code().expect("an exit code"), report }
}

/// The processes of this machine in whose command line this path stands.
fn of_script(path: &str) -> Vec<Pid> {
    let is_one = |pid: &Pid| {
        let line = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        line.split('\0').any(|word| word == path) && !line.starts_with(TRUELINE)
    };
    all().filter(is_one).collect()
}

fn all() -> impl Iterator<Item = Pid> {
    let names = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.file_name());
    names.filter_map(|name| Pid::from_raw(name.to_str()?.parse().ok()?))
}

#[test]
fn a_fork_bomb() {
    let attacked = attack(
        "
first = os.getpid()
refused = False
while True:
    try:
        os.fork()
    except OSError as error:
        if os.getpid() == first and not refused:
            refused = True
            tell('no more processes:', errno.errorcode[error.errno])
",
    );
    attacked.said("no more processes: EAGAIN");
}

/// Each process takes less than it may; all of them together take more.
#[test]
fn memory() {
    let attacked = attack_within(
        // To take it takes a while.
        "60",
        "
for _ in range(8):
    if os.fork() == 0:
        taken = bytearray(os.urandom(1 << 20)) * 256
        signal.pause()
signal.pause()
",
        &[],
    );
    attacked.said("used more than 1024 MiB of memory and was ended by the runner");
}

/// Fills whatever it can write to, file by file.
const FILL: &str = "
def fill(folder):
    came = []
    for number in range(8):
        with open(f'{folder}/fill-{number}', 'wb', buffering=0) as file:
            def write():
                while True:
                    file.write(bytes(1 << 20))
            came.append(tried('', write).strip())
    return came
";

#[test]
fn disk() {
    let attacked = attack(&format!("{FILL}tell(fill('.')[-1])"));
    attacked.said("ENOSPC");
    let left: Vec<_> = fs::read_dir(&attacked.folder).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// Memory that looks like files is bounded, too, and is nobody else's.
#[test]
fn files_in_memory() {
    let attacked = attack(&format!("{FILL}tell(fill('/dev/shm')[-1], fill('/tmp')[-1])"));
    attacked.said("ENOSPC ENOSPC");
    for folder in ["/dev/shm", "/tmp"] {
        assert!(!Path::new(folder).join("fill-0").exists(), "{folder}");
    }
}

#[test]
fn endless_output() {
    let attack = attack(&format!(
        "
if os.fork() == 0:
    while True:
        os.write(1, bytes(1 << 16))
{SERVE}"
    ));
    attack.served();
}

#[test]
fn a_daemon_that_forks_twice() {
    let attack = attack(&format!(
        "
if os.fork() > 0:
    os._exit(0)
os.setsid()
if os.fork() > 0:
    os._exit(0)
{SERVE}"
    ));
    attack.served();
}

#[test]
fn killing_everything() {
    let attack = attack(&format!(
        "
for victim in [-1, 1, os.getppid(), *range(2, 400)]:
    if victim != os.getpid():
        try:
            os.kill(victim, signal.SIGKILL)
        except OSError:
            pass
{SERVE}"
    ));
    attack.served();
}

#[test]
fn tracing_whoever_started_it() {
    let attacked = attack(
        "
import ctypes
library = ctypes.CDLL(None, use_errno=True)
def trace():
    if library.ptrace(16, 1, None, None) != 0:
        raise OSError(ctypes.get_errno(), 'ptrace')
tell(tried('trace', trace), *(tried(what, lambda: open('/proc/1/' + what, 'rb').read()) for what in ['mem', 'environ']))
",
    );
    attacked.said("trace EPERM mem EACCES environ EACCES");
}

#[test]
fn reading_what_is_not_its_own() {
    let secret = Script::new("the grade is 1.0");
    let attacked = attack_with(
        "
# Not a word of the command that is a path: the file would be shown.
secret = sys.argv[2].removeprefix('at ')
tell(tried('secret', lambda: open(secret)), tried('shadow', lambda: open('/etc/shadow')),
     tried('neighbour', lambda: open('../neighbour/server.py')), os.environ.get('TRUELINE_TEST_SECRET'))
",
        &[&format!("at {}", secret.path())],
    );
    attacked.said("secret ENOENT shadow EACCES neighbour ENOENT None");
}

/// Submissions lie side by side; each is checked in its own folder.
#[test]
fn reading_other_submissions() {
    let class = tempfile::tempdir().unwrap();
    for (name, source) in [
        (
            "ada",
            "tell(os.listdir('..'), tried('bob', lambda: open('../bob/server.py')), os.listdir('.'))",
        ),
        ("bob", "tell('the answer')"),
    ] {
        fs::create_dir(class.path().join(name)).unwrap();
        fs::write(class.path().join(name).join("server.py"), format!("{BEGIN}{source}")).unwrap();
    }
    let mut command = check_command(&[]);
    command.args([python(), "server.py"]).current_dir(class.path().join("ada"));
    let checked = told(&mut command);
    let message = checked.report["launch_failure"]["last_words"][0].as_str().unwrap();
    assert!(message.contains("['ada'] bob ENOENT ['server.py']"), "{message}");
}

#[test]
fn writing_what_is_not_its_own() {
    let attacked = attack(
        "
def write(path):
    return tried(path, lambda: open(path, 'a').write('harm'))
tell(write('/etc/passwd'), write('/usr/harm'), write('/proc/sys/kernel/hostname'), write(__file__))
",
    );
    attacked.said("/etc/passwd EACCES /usr/harm");
    let script = fs::read_to_string(attacked.folder.join("server.py")).unwrap();
    assert!(!script.contains("harmharm") && script.starts_with(BEGIN), "it was changed");
    assert!(attacked.message().contains("server.py done"), "{}", attacked.message());
    assert!(!Path::new("/usr/harm").exists());
}

#[test]
fn the_network_outside() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("trueline-{}", std::process::id());
    let abstract_name = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
    let _beside = UnixListener::bind_addr(&abstract_name).unwrap();
    let attacked = attack_with(
        "
port, name = sys.argv[2:]
def connect(address, family=socket.AF_INET):
    socket.socket(family).connect(address)
tell(tried('here', lambda: connect(('127.0.0.1', int(port)))), tried('there', lambda: connect(('192.0.2.1', 80))),
     tried('beside', lambda: connect('\\0' + name, socket.AF_UNIX)), socket.gethostbyname(socket.gethostname()))
",
        &[&port.local_addr().unwrap().port().to_string(), &name],
    );
    attacked.said("here ECONNREFUSED there ENETUNREACH beside ECONNREFUSED 127.0.0.1");
}

#[test]
fn ignoring_all_signals() {
    let attack = attack(&format!(
        "
for number in signal.valid_signals() - {{signal.SIGKILL, signal.SIGSTOP}}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
{SERVE}"
    ));
    attack.served();
}

#[test]
fn closing_its_output() {
    attack(&format!("os.close(1)\nos.close(2)\n{SERVE}")).served();
}

/// It gives itself another name and its child to nobody; its network namespace cannot be given another name.
#[test]
fn renaming_itself() {
    let attacked = attack(
        "
tell(os.readlink('/proc/self/ns/net'))
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve('/bin/sleep', ['[kworker/0:1]', '1000'], {})
    os._exit(0)
",
    );
    let message = attacked.message();
    let (_, rest) = message.split_once("net:[").unwrap_or_else(|| panic!("{message}"));
    let namespace = format!("net:[{}]", rest.split(']').next().unwrap());
    let is_in = |pid: &Pid| {
        let link = fs::read_link(format!("/proc/{}/ns/net", pid.as_raw_nonzero()));
        link.is_ok_and(|link| link.as_os_str() == namespace.as_str())
    };
    assert_eq!(all().filter(is_in).count(), 0);
}

/// What would give it power over the machine is out of its reach from the first.
#[test]
fn gaining_privilege() {
    let attacked = attack(
        "
import ctypes
library = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    def attempt():
        if getattr(library, name)(*arguments) != 0:
            raise OSError(ctypes.get_errno(), name)
    return tried(name, attempt)
status = dict(line.split(':', 1) for line in open('/proc/self/status'))
tell(call('unshare', 0x10000000), call('mount', b'none', b'/tmp', b'tmpfs', 0, None), call('setuid', 0),
     call('memfd_create', b'', 0), call('prlimit', 1, 0, None, None),
     status['CapEff'].strip(), status['CapBnd'].strip(), status['NoNewPrivs'].strip())
",
    );
    attacked.said("unshare ENOSPC mount EPERM");
    attacked.said("memfd_create ENOSYS prlimit ENOSYS");
    attacked.said("0000000000000000 0000000000000000 1");
}

/// What whoever starts a check has open is nobody else's, and no socket leads out beside the network.
#[test]
fn it_reaches_for_what_is_open() {
    let script = Script::new(&format!(
        "{BEGIN}
open_here = [fd for fd in range(3, 64) if 'done' in tried('', lambda: os.fstat(fd))]
tell('open:', open_here, tried('vsock', lambda: socket.socket(40, socket.SOCK_STREAM)))
sys.exit(3)
"
    ));
    let command = check_command(&[]);
    let arguments = command.get_args().map(|it| it.to_str().unwrap().to_owned());
    let typed = shell_words::join(arguments.chain([python().to_owned(), script.path().to_owned()]));
    let line = format!("exec 9</ && exec {} {typed}", shell_words::quote(TRUELINE));
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let said = &report["launch_failure"]["last_words"][0];
    assert_eq!(said, "open: [] vsock EAFNOSUPPORT", "{report:#}");
}

/// Nobody is there any more to end what was launched: it ends.
#[test]
fn the_runner_is_killed() {
    let script = Script::new(&format!(
        "{BEGIN}
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
while True:
    signal.pause()
"
    ));
    let mut command = check_command(&["--timeout", "600"]);
    command.args([python(), script.path()]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut runner = command.spawn().unwrap();
    let launched = loop {
        // Nothing tells when an isolated program has started: it can reach nobody.
        let found = of_script(script.path());
        if found.len() >= 2 {
            break found;
        }
        assert!(runner.try_wait().unwrap().is_none(), "the check is over");
        std::thread::yield_now();
    };
    let handles: Vec<_> =
        launched.iter().filter_map(|pid| pidfd_open(*pid, PidfdFlags::empty()).ok()).collect();
    kill_process(Pid::from_child(&runner), Signal::KILL).unwrap();
    runner.wait().unwrap();
    // Long enough for any machine; they would stay for ever.
    let limit = Timespec::try_from(Duration::from_secs(20)).unwrap();
    for handle in &handles {
        let ended = poll(&mut [PollFd::new(handle, PollFlags::IN)], Some(&limit)).unwrap();
        assert_eq!(ended, 1, "it runs on");
    }
    assert_eq!(of_script(script.path()), Vec::<Pid>::new());
}
