//! How long a connection may be held while no call is being made on it. Without a bound, anybody who reaches the port could hold all
//! connections there are: by the first letter of HTTP/2's preface, which no timer of the protocols covers, or by answering pings.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::limits::IDLE_WAIT_MAX;

/// The calls in flight on one connection.
#[derive(Clone, Debug)]
pub(crate) struct Calls(Arc<watch::Sender<usize>>);

/// One call in flight, until dropped.
#[derive(Debug)]
pub(crate) struct InFlight(Calls);

impl Calls {
    pub(crate) fn none() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(crate) fn begin(&self) -> InFlight {
        self.0.send_modify(|count| *count += 1);
        InFlight(self.clone())
    }

    /// Resolves when no call has been in flight for [`IDLE_WAIT_MAX`].
    pub(crate) async fn idle(&self) {
        let mut count = self.0.subscribe();
        loop {
            let busy = *count.borrow_and_update() > 0;
            if busy {
                // The sender is `self`, so that it cannot be gone.
                let _ = count.changed().await;
            } else if timeout(IDLE_WAIT_MAX, count.changed()).await.is_err() {
                return;
            }
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0
            .0
            .send_modify(|count| *count = count.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_from_the_end_of_its_last_call_on() {
        let calls = Calls::none();
        let (first, second) = (calls.begin(), calls.begin());
        drop(first);
        assert!(timeout(10 * IDLE_WAIT_MAX, calls.idle()).await.is_err());
        drop(second);
        assert!(timeout(IDLE_WAIT_MAX / 2, calls.idle()).await.is_err());
        assert!(timeout(2 * IDLE_WAIT_MAX, calls.idle()).await.is_ok());
    }
}
