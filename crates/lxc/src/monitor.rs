//! The daemon's side of one monitor.

use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use runtime::control::{Answer, Command, Failure, Report, Request};
use tokio::sync::{mpsc, oneshot};

use crate::error::failure;
use crate::packets::Packets;

/// What came of a request, and the descriptors it brought.
type Outcome = Result<(Answer, Vec<OwnedFd>), Failure>;

/// Who waits for an answer; `None` once the monitor is gone.
type Waiting = Arc<Mutex<Option<HashMap<u64, oneshot::Sender<Outcome>>>>>;

/// Reports of a monitor, in order; ends when the monitor is gone.
pub(crate) type Reports = mpsc::UnboundedReceiver<Report>;

/// A connection to a monitor.
#[derive(Debug)]
pub(crate) struct Monitor {
    packets: Arc<Packets>,
    waiting: Waiting,
    next: AtomicU64,
}

impl Monitor {
    /// Takes over a control connection.
    pub(crate) fn new(socket: OwnedFd) -> io::Result<(Arc<Self>, Reports)> {
        let packets = Arc::new(Packets::new(socket)?);
        let waiting: Waiting = Arc::new(Mutex::new(Some(HashMap::new())));
        let (sender, reports) = mpsc::unbounded_channel();
        tokio::spawn(read(Arc::clone(&packets), Arc::clone(&waiting), sender));
        Ok((Arc::new(Self { packets, waiting, next: AtomicU64::new(1) }), reports))
    }

    /// Has the monitor do something and waits until it has.
    pub(crate) async fn request(&self, request: Request) -> Outcome {
        let gone = || failure("monitor", "the monitor of the domain has ended", 0);
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        match &mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(waiting) => waiting.insert(id, sender),
            None => return Err(gone()),
        };
        self.packets.send(&Command { id, request }, &[]).await.map_err(|_| gone())?;
        receiver.await.unwrap_or_else(|_| Err(gone()))
    }
}

async fn read(packets: Arc<Packets>, waiting: Waiting, reports: mpsc::UnboundedSender<Report>) {
    let lock = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        match packets.recv::<Report>().await {
            Ok(Some((Report::Reply { id, result }, fds))) => {
                let waiter = lock().as_mut().and_then(|waiting| waiting.remove(&id));
                if let Some(waiter) = waiter {
                    let _ = waiter.send(result.map(|answer| (answer, fds)));
                }
            }
            Ok(Some((report, _))) => {
                if reports.send(report).is_err() {
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => {
                tracing::warn!(%error, "message of a monitor");
                if error.kind() != io::ErrorKind::InvalidData {
                    break;
                }
            }
        }
    }
    *lock() = None;
}
