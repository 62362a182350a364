//! The webhook as a witness: whoever stands behind it is shown the gateway's checkpoints, and can keep them.

use audit::Witness;
use clock::Clock;
use egress::{Notice, Notices};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Sends checkpoints as notices.
#[derive(Debug)]
pub(crate) struct WitnessHook {
    notices: Notices,
    clock: Arc<dyn Clock>,
}

impl WitnessHook {
    /// Sends them by these notices.
    pub(crate) fn of(notices: Notices, clock: Arc<dyn Clock>) -> Self {
        Self { notices, clock }
    }
}

impl Witness for WitnessHook {
    fn see(&self, chain: &str, note: &str) {
        let org = chain.rsplit('/').next().unwrap_or(chain);
        let facts = Map::from_iter([
            ("chain".to_owned(), Value::from(chain)),
            ("checkpoint".to_owned(), Value::from(note)),
        ]);
        self.notices.tell(Notice::new(
            "audit.checkpoint",
            org,
            self.clock.now(),
            facts,
        ));
    }
}
