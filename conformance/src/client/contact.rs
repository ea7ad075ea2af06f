//! Finding out where a client wants to go: it is launched once, and its first frame is looked at. Nothing listens there.

use std::time::Duration;

use tokio::time::timeout;

use super::server::Server;
use crate::target::{Ending, Grounded, LastWords, LaunchError, Recipe, Session};

/// The port to which a client connects, or sends its first datagram, when this line is typed. On this machine's own network
/// nobody sees that: there `told` is believed, if the client comes.
///
/// # Errors
///
/// It goes nowhere, or cannot be launched.
pub(crate) async fn contact(
    recipe: &Recipe,
    grounded: &Grounded,
    told: Option<u16>,
    typed: Option<&[u8]>,
    limit: Duration,
) -> Result<u16, LaunchError> {
    let transport = recipe.transport;
    let lost = |error: std::io::Error| LaunchError::Unwatched {
        command: recipe.shown(),
        why: error.to_string(),
    };
    let tap = grounded.network().tap().await.map_err(lost)?;
    let mut server = match (&tap, told) {
        (Some(_), _) => None,
        (None, None) => {
            return Err(LaunchError::GoalUnknown { command: recipe.shown() });
        }
        (None, Some(port)) => {
            let server = Server::listen(grounded.network(), transport, port).await;
            Some((server.map_err(|source| LaunchError::PortHeld { port, source })?, port))
        }
    };
    let mut session = recipe.begin(grounded).await?;
    if let Some(line) = typed {
        session.types(&[line, b"\n"].concat());
    }
    let knock = async {
        match (&tap, &mut server) {
            (Some(tap), _) => tap.knock(transport).await,
            (None, Some((server, port))) => server.take().await.map(|_| *port),
            (None, None) => std::future::pending().await,
        }
    };
    let mut ended = None;
    let found = tokio::select! {
        biased;
        found = timeout(limit, knock) => found.ok(),
        ending = over(&mut session) => {
            ended = ending;
            None
        }
    };
    let found = match found {
        // It may have come just before it ended, and be seen a moment later.
        None if ended.is_some() => match &tap {
            Some(tap) => timeout(LAST_FRAME, tap.knock(transport)).await.ok(),
            None => None,
        },
        found => found,
    };
    let (_, output) = session.stop().await;
    match found {
        Some(port) => port.map_err(lost),
        None => Err(LaunchError::NeverConnected {
            command: recipe.shown(),
            expected: transport,
            limit,
            ending: ended,
            last_words: LastWords::of(&output),
        }),
    }
}

/// How long a frame may be on its way to the tap: it is there before the program goes on.
const LAST_FRAME: Duration = Duration::from_millis(100);

async fn over(session: &mut Session) -> Option<Ending> {
    session.over().await.ok()
}
