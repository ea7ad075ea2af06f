//! A greeting server in Rust: greeting-server [PORT]

use std::env;
use std::io::{Result, Write};
use std::net::TcpListener;

fn main() -> Result<()> {
    let port = env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8043);
    let server = TcpListener::bind(("127.0.0.1", port))?;
    for connection in server.incoming().flatten() {
        // Whoever has left needs no greeting.
        let _ = (&connection).write_all(b"Thank you for connecting\n");
    }
    Ok(())
}
