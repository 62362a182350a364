//! The way of notices to one webhook: a bounded queue that never makes anybody wait, one delivery after the other, a few tries each.
//!
//! A webhook that does not answer costs notices, never a call: they are written to the audit trail anyway, and what is given up is
//! said in the traces.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clock::Clock;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use crate::limits::{NOTICE_PAUSES, NOTICES_WAITING_MAX};
use crate::{Destination, Egress, Notice, NoticeKey};

/// A webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Where notices go.
    pub destination: Destination,
    /// What they are signed with.
    pub key: NoticeKey,
}

/// Takes notices. Clones share the queue. The default goes nowhere: there is no webhook.
#[derive(Clone, Debug, Default)]
pub struct Notices(Option<Queue>);

#[derive(Clone, Debug)]
struct Queue {
    sender: mpsc::Sender<Item>,
    lost: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Item {
    Notice(Notice),
    /// Answered when everything before it was delivered or given up.
    Mark(oneshot::Sender<()>),
}

impl Notices {
    /// Starts delivering to `webhook`. Must be called on a Tokio runtime; ends with the last clone.
    pub fn to(webhook: Webhook, egress: Egress, clock: Arc<dyn Clock>) -> Self {
        Self::start(webhook, egress, clock, &NOTICE_PAUSES)
    }

    fn start(
        webhook: Webhook,
        egress: Egress,
        clock: Arc<dyn Clock>,
        pauses: &'static [Duration],
    ) -> Self {
        let (sender, receiver) = mpsc::channel(NOTICES_WAITING_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let delivery = Delivery {
            webhook,
            egress,
            clock,
            pauses,
            lost: Arc::clone(&lost),
        };
        tokio::spawn(delivery.run(receiver));
        Self(Some(Queue { sender, lost }))
    }

    /// Takes a notice to be delivered; returns at once. When the queue is full the notice is lost, and counted.
    pub fn tell(&self, notice: Notice) {
        let Some(queue) = &self.0 else { return };
        if let Err(refused) = queue.sender.try_send(Item::Notice(notice)) {
            queue.lost.fetch_add(1, Ordering::Relaxed);
            let (mpsc::error::TrySendError::Full(item) | mpsc::error::TrySendError::Closed(item)) =
                refused;
            if let Item::Notice(notice) = item {
                tracing::error!(
                    id = notice.id(),
                    event = notice.event(),
                    "too many notices wait, one is lost"
                );
            }
        }
    }

    /// Waits, at most so long, until everything told so far is delivered or given up; the number of notices lost since the start, or
    /// `None` when some still wait.
    pub async fn settle(&self, wait: Duration) -> Option<u64> {
        let Some(queue) = &self.0 else { return Some(0) };
        let settled = async {
            let (mark, reached) = oneshot::channel();
            queue.sender.send(Item::Mark(mark)).await.ok()?;
            reached.await.ok()
        };
        timeout(wait, settled).await.ok()??;
        Some(queue.lost.load(Ordering::Relaxed))
    }
}

struct Delivery {
    webhook: Webhook,
    egress: Egress,
    clock: Arc<dyn Clock>,
    pauses: &'static [Duration],
    lost: Arc<AtomicU64>,
}

impl Delivery {
    async fn run(self, mut receiver: mpsc::Receiver<Item>) {
        while let Some(item) = receiver.recv().await {
            match item {
                Item::Notice(notice) => self.deliver(&notice).await,
                Item::Mark(mark) => {
                    let _ = mark.send(());
                }
            }
        }
    }

    /// Tries until it is taken, refused for good, or the pauses are used up.
    async fn deliver(&self, notice: &Notice) {
        let (id, event) = (notice.id(), notice.event());
        for pause in self.pauses.iter().map(Some).chain([None]) {
            let request = notice.request(&self.webhook.key, self.clock.now());
            let answer = self.egress.send(&self.webhook.destination, request).await;
            let fault = match answer {
                Ok(answer) if answer.status().is_success() => return,
                Ok(answer) => {
                    let status = answer.status();
                    // A redirect or a refusal is the same at the next try.
                    let passing = status.is_server_error() || matches!(status.as_u16(), 408 | 429);
                    if !passing {
                        tracing::error!(id, event, %status, "a notice is lost: the webhook refuses it");
                        break;
                    }
                    format!("the webhook answered {status}")
                }
                Err(error) => error.to_string(),
            };
            match pause {
                Some(pause) => {
                    tracing::warn!(id, event, fault, "a notice is not delivered yet");
                    sleep(*pause).await;
                }
                None => tracing::error!(id, event, fault, "a notice is lost"),
            }
        }
        self.lost.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
