//! Which operations share one budget, and whose turn it is.
//!
//! Operations start out grouped by the catalog's bucket. One whose answers state another limit than its group's is moved to a
//! group of its own kind; two groups are joined when the answer to one continues the count of the other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use catalog::Operation;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::window::{Admission, Window};
use super::{BucketState, Budget, Stated};
use crate::limits::GROUPS_MAX;
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

#[derive(Debug, Default)]
struct Book {
    groups: Vec<Group>,
    of: HashMap<&'static str, usize>,
    lanes: u32,
    admitted: u64,
    under_way: usize,
    last: Option<Sighting>,
    shared: HashMap<(usize, usize), u32>,
}

#[derive(Debug)]
struct Group {
    name: String,
    limit: Option<u32>,
    operations: usize,
    window: Window,
    last: Option<Sighting>,
    /// The group this one turned out to be.
    joined: Option<usize>,
}

/// What one answer stated, and of which group.
#[derive(Debug, Clone, Copy)]
struct Sighting {
    group: usize,
    stated: Stated,
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

impl Book {
    fn group_of(&mut self, operation: &'static Operation) -> usize {
        if let Some(group) = self.of.get(operation.id) {
            return *group;
        }
        let group = self.named(operation.bucket);
        self.enter(operation, group);
        group
    }

    /// The group that this one turned out to be, if it did. Groups are joined to earlier ones only, so that this ends.
    fn resolve(&self, group: usize) -> usize {
        let next = |group: &usize| self.groups.get(*group)?.joined;
        std::iter::successors(Some(group), next)
            .last()
            .unwrap_or(group)
    }

    /// The group of this name, made if need be. Bounded by the catalog's buckets; see [`GROUPS_MAX`] for what splits add.
    fn named(&mut self, name: &str) -> usize {
        let known = self.groups.iter().position(|group| group.name == name);
        let known = known.map(|group| self.resolve(group));
        known.unwrap_or_else(|| {
            self.groups.push(Group {
                name: name.to_owned(),
                limit: None,
                operations: 0,
                window: Window::default(),
                last: None,
                joined: None,
            });
            self.groups.len() - 1
        })
    }

    fn enter(&mut self, operation: &'static Operation, group: usize) {
        self.of.insert(operation.id, group);
        if let Some(group) = self.groups.get_mut(group) {
            group.operations += 1;
        }
    }

    /// Moves `operation` out of its group if the limit stated for it is another one. Its calls follow as they are answered.
    fn part(&mut self, operation: &'static Operation, limit: u32) {
        let from = self.group_of(operation);
        let Some(group) = self.groups.get(from) else {
            return;
        };
        let same = group.limit.is_none_or(|known| known == limit);
        if same || group.operations < 2 || self.groups.len() >= GROUPS_MAX {
            return;
        }
        let to = self.named(&format!("{}/{limit}", operation.bucket));
        if from == to {
            return;
        }
        if let Some(group) = self.groups.get_mut(from) {
            group.operations -= 1;
        }
        self.enter(operation, to);
        tracing::debug!(
            operation = operation.id,
            limit,
            "operation has a rate budget of its own"
        );
    }

    /// Moves one call under way from the group that counts it to another; answers where it is counted then.
    fn move_call(&mut self, lane: Lane, from: usize, to: usize) -> usize {
        let from = self.resolve(from);
        if let Ok([from, to]) = self.groups.get_disjoint_mut([from, to]) {
            from.window.hand_over(lane, &mut to.window);
        }
        to
    }

    /// Looks whether an answer for `group`, between which and the one before nothing was sent, continues that one's count.
    fn compare(&mut self, group: usize, stated: Stated) {
        let Some(last) = self.last.filter(|last| last.group != group) else {
            return;
        };
        let continues = |seen: &Stated| {
            seen.limit == stated.limit
                && seen.reset == stated.reset
                && seen.remaining.checked_sub(1) == Some(stated.remaining)
        };
        let own = self.groups.get(group).and_then(|group| group.last);
        let own = own.filter(|own| own.stated.reset == stated.reset);
        let explained = match own {
            Some(own) => continues(&own.stated),
            None => stated.remaining + 1 == stated.limit,
        };
        if explained || !continues(&last.stated) {
            return;
        }
        let pair = (group.min(last.group), group.max(last.group));
        let sightings = self.shared.entry(pair).or_default();
        *sightings += 1;
        if *sightings >= SHARED_SIGHTINGS_MIN {
            self.join(pair.0, pair.1);
        }
    }

    fn join(&mut self, into: usize, from: usize) {
        let Ok([target, source]) = self.groups.get_disjoint_mut([into, from]) else {
            return;
        };
        target.window.absorb(&source.window);
        target.operations += source.operations;
        source.operations = 0;
        source.window = Window::default();
        source.joined = Some(into);
        tracing::debug!(
            bucket = target.name,
            other = source.name,
            "rate buckets are one budget"
        );
        self.of
            .values_mut()
            .filter(|group| **group == from)
            .for_each(|group| *group = into);
    }
}

/// Answers that must continue another group's count, and not their own, before the two are taken for one.
const SHARED_SIGHTINGS_MIN: u32 = 2;

/// Spread of the first calls after a window's end, so that several waiting programs do not start in the same instant.
const TURN_SPREAD_MAX: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests;
