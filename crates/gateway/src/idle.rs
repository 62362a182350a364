//! How long a connection may be held while no call is being made on it. Without a bound, anybody who reaches the port could hold all
//! connections there are: by the first letter of HTTP/2's preface, which no timer of the protocols covers, or by answering pings.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::limits::{CROWDED_WAIT_MAX, IDLE_WAIT_MAX};

/// The calls in flight on one connection. Counting one wakes nobody.
#[derive(Clone, Debug)]
pub(crate) struct Calls(Arc<Count>);

#[derive(Debug)]
struct Count {
    opened: Instant,
    in_flight: AtomicUsize,
    /// When the last call ended, in milliseconds after `opened`.
    ended_ms: AtomicU64,
    /// Whether a caller that is known called on it.
    known: AtomicBool,
    /// Whether a reply was to end it.
    parting: AtomicBool,
    /// Told when the last call in flight ends after that.
    parted: Notify,
}

/// One call in flight, until dropped.
#[derive(Debug)]
pub(crate) struct InFlight(Calls);

impl Calls {
    pub(crate) fn none() -> Self {
        Self(Arc::new(Count {
            opened: Instant::now(),
            in_flight: AtomicUsize::new(0),
            ended_ms: AtomicU64::new(0),
            known: AtomicBool::new(false),
            parting: AtomicBool::new(false),
            parted: Notify::new(),
        }))
    }

    pub(crate) fn begin(&self) -> InFlight {
        self.0.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(self.clone())
    }

    /// Resolves when no call has been in flight for [`IDLE_WAIT_MAX`]; for [`CROWDED_WAIT_MAX`] when it is crowded and nobody known
    /// has called; at once when a reply was to end the connection.
    pub(crate) async fn idle(&self, is_crowded: impl Fn() -> bool) {
        let count = &self.0;
        loop {
            let busy = count.in_flight.load(Ordering::Acquire) > 0;
            if !busy && count.parting.load(Ordering::Acquire) {
                return;
            }
            let wait = match count.known.load(Ordering::Acquire) || !is_crowded() {
                true => IDLE_WAIT_MAX,
                false => CROWDED_WAIT_MAX,
            };
            let now = Instant::now();
            let ended = Duration::from_millis(count.ended_ms.load(Ordering::Acquire));
            let since = if busy { now } else { count.opened + ended };
            let end = since + wait;
            if end <= now {
                return;
            }
            tokio::select! {
                () = sleep_until(end) => {}
                () = count.parted.notified() => {}
            }
        }
    }
}

impl InFlight {
    /// Ends the call; says whether its caller is known, and whether its reply ends the connection.
    pub(crate) fn end(self, known: bool, parting: bool) {
        let count = &self.0.0;
        if known {
            count.known.store(true, Ordering::Release);
        }
        if parting {
            count.parting.store(true, Ordering::Release);
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let count = &self.0.0;
        let ended = u64::try_from(count.opened.elapsed().as_millis());
        count
            .ended_ms
            .store(ended.unwrap_or(u64::MAX), Ordering::Release);
        let last = count.in_flight.fetch_sub(1, Ordering::AcqRel) == 1;
        if last && count.parting.load(Ordering::Acquire) {
            count.parted.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    async fn idles(calls: &Calls, within: std::time::Duration, crowded: bool) -> bool {
        timeout(within, calls.idle(|| crowded)).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_from_the_end_of_its_last_call_on() {
        let calls = Calls::none();
        let (first, second) = (calls.begin(), calls.begin());
        drop(first);
        assert!(!idles(&calls, 10 * IDLE_WAIT_MAX, false).await);
        drop(second);
        assert!(!idles(&calls, IDLE_WAIT_MAX / 2, false).await);
        assert!(idles(&calls, 2 * IDLE_WAIT_MAX, false).await);
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_are_brief_when_it_is_crowded_and_callers_are_not() {
        let calls = Calls::none();
        calls.begin().end(false, false);
        assert!(idles(&calls, 2 * CROWDED_WAIT_MAX, true).await);
        calls.begin().end(true, false);
        assert!(!idles(&calls, 2 * CROWDED_WAIT_MAX, true).await);
        assert!(idles(&calls, 2 * IDLE_WAIT_MAX, true).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reply_can_end_a_connection_once_nothing_is_in_flight() {
        let calls = Calls::none();
        let other = calls.begin();
        calls.begin().end(false, true);
        assert!(!idles(&calls, IDLE_WAIT_MAX, false).await);
        drop(other);
        assert!(idles(&calls, CROWDED_WAIT_MAX / 10, false).await);
    }
}
