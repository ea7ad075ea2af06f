//! Launching small real programs.

use super::*;
use crate::transport::Transport;

mod over;
mod ready;
mod refused;

/// A TCP server that listens, then does what follows.
const LISTEN: &str = "import socket, os, sys, time, signal\n\
                      s = socket.create_server(('127.0.0.1', 0))\n";

fn python(script: &str) -> Recipe {
    Recipe::new(["python3", "-c", script], Transport::Tcp)
}

fn shell(script: &str) -> Recipe {
    Recipe::new(["sh", "-c", script], Transport::Tcp)
}

fn run<T>(test: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(test)
}

fn refused(recipe: &Recipe) -> LaunchError {
    run(recipe.launch()).expect_err("it came up")
}
