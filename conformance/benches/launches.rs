//! What a launch costs: a program of one client, plain, isolated, and in a whole check, as ratios in one run.
//!
//!     cargo bench --bench launches

use std::env::args_os;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use trueline_conformance::case;
use trueline_conformance::isolation::{Isolation, play};
use trueline_conformance::report::Check;
use trueline_conformance::run::{Live, Patience, Selection, run};
use trueline_conformance::target::{Place, Recipe, Target};
use trueline_conformance::transport::Transport;
use trueline_protocol::service::Service;

/// Launches of each kind.
const LAUNCHES: u32 = 40;

/// The message server of the lecture notes: one client, one message. It listens on the port that it is given.
const SERVER: &str = "\
import socket, sys
server = socket.socket()
server.bind(('127.0.0.1', int(sys.argv[1])))
server.listen(10)
print(server.getsockname()[1], flush=True)
connection, _ = server.accept()
print(connection.recv(1024).decode())
connection.send(b'Thanks...\\n')
connection.close()
";

fn main() -> ExitCode {
    // Isolated programs are started by this very program.
    if let Some(code) = play(args_os()) {
        return ExitCode::from(code);
    }
    match measured() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measured() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let server = folder.path().join("server.py");
    std::fs::write(&server, SERVER)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;

    let plain = timed(|| (0..LAUNCHES).try_for_each(|_| bare(&server)))?;
    println!("plain      {:>6.1} ms a launch", milliseconds(plain));
    let isolated = timed(|| runtime.block_on(apart(&server)))?;
    let ratio = isolated.div_duration_f64(plain);
    println!("isolated   {:>6.1} ms a launch, {ratio:.2} of plain", milliseconds(isolated));
    let (launches, elapsed) = runtime.block_on(check(&server))?;
    let ratio = (elapsed / launches).div_duration_f64(plain);
    println!(
        "a check    {:>6.1} ms a launch, {ratio:.2} of plain ({launches} launches)",
        milliseconds(elapsed / launches)
    );
    Ok(())
}

/// How long one of the launches took.
fn timed(launches: impl FnOnce() -> io::Result<()>) -> io::Result<Duration> {
    let began = Instant::now();
    launches()?;
    Ok(began.elapsed() / LAUNCHES)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Starts it, is its client, and waits for its end.
fn bare(server: &Path) -> io::Result<()> {
    let mut program =
        Command::new("python3").arg(server).arg("0").stdout(Stdio::piped()).spawn()?;
    let mut port = Vec::new();
    let mut printed = program.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    while !port.ends_with(b"\n") {
        let mut octet = [0];
        printed.read_exact(&mut octet)?;
        port.extend(octet);
    }
    let port = String::from_utf8_lossy(&port).trim().parse().map_err(io::Error::other)?;
    let mut client = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port)))?;
    client.write_all(b"hello\n")?;
    client.read_to_end(&mut Vec::new())?;
    program.wait().map(drop)
}

fn recipe(server: &Path) -> Recipe {
    let place = Place::Isolated(Isolation::by_itself());
    let command = ["python3".as_ref(), server.as_os_str(), "40".as_ref()];
    Recipe { place, ..Recipe::new(command, Transport::Tcp) }
}

async fn apart(server: &Path) -> io::Result<()> {
    for _ in 0..LAUNCHES {
        let running = recipe(server).launch().await.map_err(io::Error::other)?;
        running.stop().await;
    }
    Ok(())
}

/// A whole check: how many launches it took, and how long.
async fn check(server: &Path) -> io::Result<(u32, Duration)> {
    let (service, transport) = (Service::Message, Transport::Tcp);
    let cases: Vec<_> = case::of(service).iter().collect();
    let selection =
        Selection::new(&cases, service, transport, &[], &[]).map_err(io::Error::other)?;
    let began = Instant::now();
    let host = Live::start(Target::Command(recipe(server)), transport).await;
    let host = host.map_err(io::Error::other)?;
    let check = Check::of(service, transport, "");
    let report = run(&host, check, Patience::default(), &selection, &mut |_| {}).await;
    host.stop_all().await;
    let launches = report.program.map_or(1, |program| program.launches);
    Ok((launches, began.elapsed()))
}
