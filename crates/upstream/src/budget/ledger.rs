//! Which operations share one budget, and whose turn it is.
//!
//! Operations start out grouped by the catalog's bucket. One whose answers state another limit than its group's is moved to a
//! group of its own kind; two groups are joined when the answer to one continues the count of the other (`book`).

mod book;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use catalog::Operation;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use self::book::{Book, Sighting};
use super::window::Admission;
use super::{BucketState, Budget, Stated};
use crate::retry::jitter;
use crate::{Pace, Patience};

/// One kind of caller, whose share is counted on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lane(u32);

/// The counts of one org.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    book: Mutex<Book>,
    news: Notify,
}

/// Leave for one call. Dropping it without an answer counts the call as sent.
#[derive(Debug)]
pub(crate) struct Ticket {
    ledger: Arc<Ledger>,
    operation: &'static Operation,
    lane: Lane,
    /// Where the call is counted.
    group: usize,
    number: u64,
    alone: bool,
}

/// No leave: the budget stays used up for longer than the caller waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) bucket: String,
    pub(crate) limit: Option<u32>,
    pub(crate) wait: Duration,
}

impl Ledger {
    /// A new lane, with a share of its own.
    pub(crate) fn open_lane(&self) -> Lane {
        let mut book = self.book();
        book.lanes += 1;
        Lane(book.lanes)
    }

    /// Waits, if `pace` allows, until `lane` may make one call of `operation`.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        operation: &'static Operation,
        lane: Lane,
        pace: Pace,
        deadline: Instant,
    ) -> Result<Ticket, Refusal> {
        loop {
            let mut news = std::pin::pin!(self.news.notified());
            news.as_mut().enable();
            let until = match self.ask(operation, lane, pace) {
                Asked::Granted {
                    group,
                    number,
                    alone,
                } => {
                    return Ok(Ticket {
                        ledger: Arc::clone(self),
                        operation,
                        lane,
                        group,
                        number,
                        alone,
                    });
                }
                Asked::NotBefore(end, refusal) => {
                    let turn = end + jitter(TURN_SPREAD_MAX);
                    if pace.patience == Patience::Immediate || turn >= deadline {
                        return Err(refusal);
                    }
                    turn
                }
                Asked::AfterNews(refusal) => {
                    if Instant::now() >= deadline {
                        return Err(refusal);
                    }
                    deadline
                }
            };
            // Elapsed or notified, the next round asks again.
            drop(timeout_at(until, news).await);
        }
    }

    fn ask(&self, operation: &'static Operation, lane: Lane, pace: Pace) -> Asked {
        let now = Instant::now();
        let mut book = self.book();
        let alone = book.under_way == 0;
        let place = book.group_of(operation);
        let Some(group) = book.groups.get_mut(place) else {
            return Asked::Granted {
                group: place,
                number: 0,
                alone: false,
            };
        };
        let admission = group.window.admit(lane, pace, now);
        let refusal = |wait| Refusal {
            bucket: group.name.clone(),
            limit: group.limit,
            wait,
        };
        match admission {
            Admission::NotBefore(end) => {
                Asked::NotBefore(end, refusal(end.saturating_duration_since(now)))
            }
            Admission::AfterNews => Asked::AfterNews(refusal(Duration::ZERO)),
            Admission::Granted => {
                book.admitted += 1;
                book.under_way += 1;
                Asked::Granted {
                    group: place,
                    number: book.admitted,
                    alone,
                }
            }
        }
    }

    /// What is known, for display.
    pub(crate) fn budget(&self) -> Budget {
        let now = Instant::now();
        let book = self.book();
        let buckets = book.groups.iter().filter_map(|group| {
            let (limit, remaining, ends) = group.window.stated()?;
            (group.operations > 0).then(|| BucketState {
                name: group.name.clone(),
                limit,
                remaining,
                resets_in: ends.saturating_duration_since(now),
                used: group.window.sent(),
            })
        });
        Budget {
            buckets: buckets.collect(),
            in_flight: book.under_way,
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Asked {
    Granted {
        group: usize,
        number: u64,
        alone: bool,
    },
    NotBefore(Instant, Refusal),
    AfterNews(Refusal),
}

impl Ticket {
    /// Takes in what the answer stated of its budget, if anything.
    pub(crate) fn answered(&mut self, stated: Option<Stated>) {
        let now = Instant::now();
        let mut book = self.ledger.book();
        let Some(stated) = stated else {
            let group = book.group_of(self.operation);
            if let Some(group) = book.groups.get_mut(group) {
                group.window.learn(None, now);
            }
            return;
        };
        if stated.limit == 0 {
            return; // A refusal over concurrency says nothing of the window.
        }
        book.part(self.operation, stated.limit);
        let group = book.group_of(self.operation);
        self.group = book.move_call(self.lane, self.group, group);
        if self.alone && book.admitted == self.number {
            book.compare(group, stated);
        }
        let group = book.group_of(self.operation);
        let sighting = Sighting { group, stated };
        if let Some(group) = book.groups.get_mut(group) {
            group.limit = Some(stated.limit);
            group.last = Some(sighting);
            group.window.learn(Some(stated), now);
        }
        book.last = Some(sighting);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut book = self.ledger.book();
        book.under_way = book.under_way.saturating_sub(1);
        let group = book.resolve(self.group);
        if let Some(group) = book.groups.get_mut(group) {
            group.window.settle(self.lane);
        }
        drop(book);
        self.ledger.news.notify_waiters();
    }
}

/// Spread of the first calls after a window's end, so that several waiting programs do not start in the same instant.
const TURN_SPREAD_MAX: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests;
