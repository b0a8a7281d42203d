//! The launcher: the process that starts monitors, outside the daemon's sandbox and threads.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use runtime::control::{Failure, Launch, Launched};
use tokio::sync::oneshot;

use crate::error::failure;
use crate::packets::Packets;

/// Who waits for an answer.
type Waiting = Arc<Mutex<Option<HashMap<u64, oneshot::Sender<Result<OwnedFd, Failure>>>>>>;

/// The daemon's side of the launcher.
#[derive(Debug)]
pub struct Launcher {
    packets: Arc<Packets>,
    waiting: Waiting,
    next: AtomicU64,
}

impl Launcher {
    /// Takes over the socket to a running launcher. Must be called in a tokio runtime.
    pub fn new(socket: OwnedFd) -> io::Result<Self> {
        let packets = Arc::new(Packets::new(socket)?);
        let waiting: Waiting = Arc::new(Mutex::new(Some(HashMap::new())));
        tokio::spawn(read(Arc::clone(&packets), Arc::clone(&waiting)));
        Ok(Self { packets, waiting, next: AtomicU64::new(1) })
    }

    /// Starts a monitor with its plan and its end of the first control connection. Returns its pidfd.
    pub(crate) async fn launch(
        &self,
        name: &str,
        plan: &OwnedFd,
        control: OwnedFd,
    ) -> Result<OwnedFd, Failure> {
        let gone = || failure("launch", "the launcher is gone; restart virtcontainerd", 0);
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        match &mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(waiting) => waiting.insert(id, sender),
            None => return Err(gone()),
        };
        let request = Launch { id, name: name.to_owned() };
        let sent = self.packets.send(&request, &[plan.as_fd(), control.as_fd()]).await;
        sent.map_err(|error| failure("launch", "the launcher", error.raw_os_error().unwrap_or(0)))?;
        drop(control);
        receiver.await.unwrap_or_else(|_| Err(gone()))
    }
}

async fn read(packets: Arc<Packets>, waiting: Waiting) {
    let lock = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        match packets.recv::<Launched>().await {
            Ok(Some((launched, fds))) => {
                let waiter = lock().as_mut().and_then(|waiting| waiting.remove(&launched.id));
                let pidfd = fds.into_iter().next();
                let result = launched.result.and_then(|pid| {
                    pidfd.ok_or_else(|| failure("launch", format!("no pidfd of monitor {pid}"), 0))
                });
                if let Some(waiter) = waiter {
                    // Whoever no longer waits has given up on the start.
                    let _ = waiter.send(result);
                }
            }
            Ok(None) => break,
            Err(error) => {
                tracing::error!(%error, "message of the launcher");
                if error.kind() != io::ErrorKind::InvalidData {
                    break;
                }
            }
        }
    }
    tracing::error!("the launcher has ended: no domain can be started until virtcontainerd is restarted");
    *lock() = None;
}
