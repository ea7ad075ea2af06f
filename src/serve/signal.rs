//! The signals that end a server.

use std::io;

/// Completes when this process is asked to end: SIGTERM, SIGINT, SIGHUP or SIGQUIT, and ctrl-c elsewhere. The signal after that ends the
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

    async fn any(signals: &mut [(SignalKind, Signal)]) -> i32 {
        let each = signals.iter_mut().map(|(kind, signal)| {
            Box::pin(async {
                signal.recv().await;
                kind.as_raw_value()
            })
        });
        futures_util::future::select_all(each).await.0
    }

    let kinds = [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
        SignalKind::quit(),
    ];
    let mut signals = Vec::new();
    for kind in kinds {
        signals.push((kind, signal(kind)?));
    }
    Ok(async move {
        any(&mut signals).await;
        tokio::spawn(async move {
            std::process::exit(128 + any(&mut signals).await);
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
