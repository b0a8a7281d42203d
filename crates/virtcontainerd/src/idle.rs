//! When the daemon has nothing to do.

use std::time::Duration;

use tokio::sync::watch;

/// Returns when all counts have been zero for the time, in seconds, that `timeout` says; 0 is never.
pub(crate) async fn idle(mut counts: Vec<watch::Receiver<usize>>, mut timeout: watch::Receiver<u64>) {
    loop {
        let seconds = *timeout.borrow_and_update();
        let mut busy = seconds == 0;
        for count in &mut counts {
            busy |= *count.borrow_and_update() > 0;
        }
        let wait = async {
            if busy {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        };
        tokio::select! {
            () = wait => return,
            _ = timeout.changed() => {}
            () = changed(&mut counts) => {}
        }
    }
}

/// Waits until one of the counts changes. One whose source is gone never does.
async fn changed(counts: &mut [watch::Receiver<usize>]) {
    let mut changes: Vec<_> = counts
        .iter_mut()
        .map(|count| {
            Box::pin(async move {
                if count.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            })
        })
        .collect();
    std::future::poll_fn(|cx| {
        let ready = changes.iter_mut().any(|change| change.as_mut().poll(cx).is_ready());
        if ready { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, advance};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_takes_the_whole_time_without_anybody() {
        let (clients, domains) = (watch::Sender::new(1_usize), watch::Sender::new(0_usize));
        let timeout = watch::Sender::new(10);
        let counts = vec![clients.subscribe(), domains.subscribe()];
        let begun = Instant::now();
        let task = tokio::spawn(idle(counts, timeout.subscribe()));
        advance(Duration::from_secs(60)).await;
        assert!(!task.is_finished());
        clients.send_replace(0);
        advance(Duration::from_secs(9)).await;
        domains.send_replace(1);
        advance(Duration::from_secs(60)).await;
        assert!(!task.is_finished());
        domains.send_replace(0);
        task.await.unwrap();
        assert!(begun.elapsed() >= Duration::from_secs(60 + 9 + 60 + 10), "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_may_change_and_zero_is_never() {
        let clients = watch::Sender::new(0_usize);
        let timeout = watch::Sender::new(0);
        let task = tokio::spawn(idle(vec![clients.subscribe()], timeout.subscribe()));
        advance(Duration::from_secs(100_000)).await;
        assert!(!task.is_finished());
        timeout.send_replace(5);
        task.await.unwrap();
    }
}
