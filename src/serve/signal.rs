//! The signals that end a server.

use std::io;

/// Completes when this process is asked to end: SIGTERM or SIGINT, and ctrl-c elsewhere. The signal after that ends the
/// process on the spot, with the exit code that a shell gives to a program that a signal ended.
///
/// # Errors
///
/// The system refused to hand over the signals.
///
/// # Panics
///
/// Outside a tokio runtime with I/O enabled.
#[cfg(unix)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    async fn either(term: &mut Signal, int: &mut Signal) -> i32 {
        let kind = tokio::select! {
            _ = term.recv() => SignalKind::terminate(),
            _ = int.recv() => SignalKind::interrupt(),
        };
        kind.as_raw_value()
    }

    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    Ok(async move {
        either(&mut term, &mut int).await;
        tokio::spawn(async move {
            std::process::exit(128 + either(&mut term, &mut int).await);
        });
    })
}

/// Completes when this process is asked to end: ctrl-c. The one after that ends the process on the spot.
///
/// # Errors
///
/// The system refused to hand over the signals.
///
/// # Panics
///
/// Outside a tokio runtime with I/O enabled.
#[cfg(not(unix))]
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without signals nothing asks: such a server ends with its process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::spawn(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(130);
            }
        });
    })
}
