//! Interim answers (1xx): Okta sends none but perhaps a 100. A few are passed over, as the standard wants; a flood ends the call.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use http::Request;
use tokio::sync::Notify;

use crate::limits::INTERIM_ANSWERS_MAX;

/// Counts the interim answers to one request.
#[derive(Debug, Default)]
pub(crate) struct Interim {
    seen: AtomicU32,
    flood: Notify,
}

impl Interim {
    /// Watches the answers to this request. Costs two small allocations.
    pub(crate) fn watch<B>(request: &mut Request<B>) -> Arc<Self> {
        let interim = Arc::new(Self::default());
        let counting = Arc::clone(&interim);
        hyper::ext::on_informational(request, move |_| counting.count());
        interim
    }

    fn count(&self) {
        if self.seen.fetch_add(1, Ordering::Relaxed) >= INTERIM_ANSWERS_MAX {
            self.flood.notify_one();
        }
    }

    /// Resolves when there are more than anybody sends.
    pub(crate) async fn flooded(&self) {
        self.flood.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn a_few_are_fine_and_one_more_is_a_flood() {
        let interim = Interim::default();
        for _ in 0..INTERIM_ANSWERS_MAX {
            interim.count();
        }
        assert!(interim.flooded().now_or_never().is_none());
        interim.count();
        assert!(interim.flooded().now_or_never().is_some());
    }
}
