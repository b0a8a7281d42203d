//! Accepting clients, also when descriptors have run out.

use std::{fs::File, io, sync::Arc, time::Duration};

use rustix::io::Errno;

use super::Server;
use crate::Listener;

/// Pause after an error for which nothing can be done, such as a lack of memory.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts clients for ever.
pub(super) async fn accept(server: &Arc<Server>, listener: &Listener) {
    let waiting = i32::try_from(server.limits().max_queued_clients).unwrap_or(i32::MAX);
    if let Err(error) = listener.set_backlog(waiting) {
        tracing::warn!(%error, "cannot set how many clients may wait");
    }
    let mut spare = spare();
    loop {
        match listener.accept().await {
            Ok(stream) => {
                tokio::spawn(Arc::clone(server).attend(stream, Arc::clone(listener.door())));
            }
            Err(error) if is_exhausted(&error) => {
                let name = &server.shared.config.name;
                server.log.warn(|| format!("{name}: a client is turned away: {error}"));
                spare = turn_away(listener, spare).await;
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                let name = &server.shared.config.name;
                server.log.warn(|| format!("{name}: cannot accept clients: {error}"));
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// A descriptor in reserve.
fn spare() -> Option<File> {
    File::open("/dev/null").ok()
}

fn is_exhausted(error: &io::Error) -> bool {
    let lacking = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    error.raw_os_error().is_some_and(|errno| lacking.iter().any(|known| known.raw_os_error() == errno))
}

/// Spends the reserve on accepting one client and closing it at once: it learns that there is no place instead of
/// waiting, and the listening socket does not stay readable for nothing.
async fn turn_away(listener: &Listener, reserve: Option<File>) -> Option<File> {
    let had_reserve = reserve.is_some();
    drop(reserve);
    let turned_away = tokio::time::timeout(PAUSE, listener.accept()).await;
    let accepted = matches!(turned_away, Ok(Ok(_)));
    drop(turned_away);
    if !accepted || !had_reserve {
        tokio::time::sleep(PAUSE).await;
    }
    spare()
}
