//! The one thread that writes a chain: takes what has gathered, writes it at once, flushes once for all who wait.
//!
//! Ends when the queue is closed; joined by the last handle of the trail.

use std::sync::Arc;

use crate::disk::Disk;
use crate::queue::{Batch, Queue, Room};

pub(crate) struct Writer {
    disk: Disk,
    queue: Arc<Queue>,
}

impl Writer {
    pub(crate) fn new(disk: Disk, queue: Arc<Queue>) -> Self {
        Self { disk, queue }
    }

    /// Runs until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        let mut room = Room::default();
        loop {
            let Batch { waiters, last } = self.queue.take(&mut room, self.disk.patience());
            self.disk.chain(&room);
            room.clear();
            let result = self.disk.write(last || !waiters.is_empty());
            self.queue.set_failing(result.as_ref().err().cloned());
            for waiter in waiters {
                // Who no longer waits has no use for the answer.
                let _ = waiter.send(result.clone());
            }
            if last {
                let closed = result.and_then(|()| self.disk.close());
                if let Err(error) = closed {
                    tracing::error!(%error, "an audit trail was not closed in good order");
                }
                return;
            }
        }
    }
}
