//! Entries on their way to the disk: filled by callers, emptied by the one writer. Bounded; never loses an entry it took.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::limits::{GATHER, WAITING_ENTRIES_CALM, WAITING_ENTRIES_MAX};
use crate::{AuditError, EntryId};

/// Told when everything up to an entry is on disk, or that it is not.
pub(crate) type Waiter = oneshot::Sender<Result<(), AuditError>>;

/// One entry as it waits: its line is completed by the writer.
pub(crate) struct Waiting {
    pub(crate) at: Timestamp,
    pub(crate) fields: Vec<u8>,
}

/// What the writer takes at once.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) entries: Vec<Waiting>,
    pub(crate) waiters: Vec<Waiter>,
    /// No more will come after this batch.
    pub(crate) last: bool,
}

pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    batch: Batch,
    next: u64,
    since: Option<Instant>,
    /// The disk refused last time: nothing more is taken in until it works again.
    failing: Option<AuditError>,
    closed: bool,
}

impl Queue {
    /// A queue whose first entry has the number after `last`.
    pub(crate) fn after(last: u64) -> Self {
        let state = State {
            batch: Batch::default(),
            next: last + 1,
            since: None,
            failing: None,
            closed: false,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// Takes an entry in; answers with its number, and with something to wait for if `durable`
    /// or if the disk lags behind.
    pub(crate) fn push(
        &self,
        entry: Waiting,
        durable: bool,
    ) -> Result<(EntryId, Option<Answer>), AuditError> {
        let mut state = self.lock();
        if state.closed {
            return Err(AuditError::Closed);
        }
        if let Some(error) = &state.failing {
            return Err(error.clone());
        }
        if state.batch.entries.len() >= WAITING_ENTRIES_MAX {
            return Err(AuditError::Overloaded);
        }
        let number = EntryId::new(state.next);
        state.next += 1;
        let first = state.batch.entries.is_empty();
        state.batch.entries.push(entry);
        let waits = durable || state.batch.entries.len() > WAITING_ENTRIES_CALM;
        let answer = waits.then(|| state.wait());
        if first || answer.is_some() {
            state.since.get_or_insert_with(Instant::now);
            self.changed.notify_one();
        }
        Ok((number, answer))
    }

    /// Something to wait for until all that was taken in so far is on disk; makes the writer try at once.
    pub(crate) fn flush(&self) -> Result<Answer, AuditError> {
        let mut state = self.lock();
        if state.closed {
            return Err(AuditError::Closed);
        }
        let answer = state.wait();
        self.changed.notify_one();
        Ok(answer)
    }

    /// Lets the writer finish what is there, and nothing more in.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    /// Remembers whether the disk works.
    pub(crate) fn set_failing(&self, failing: Option<AuditError>) {
        self.lock().failing = failing;
    }

    /// Waits for entries and takes them all; returns with none after `idle` at the latest, if that is given.
    pub(crate) fn take(&self, idle: Option<Duration>) -> Batch {
        let started = Instant::now();
        let mut state = self.lock();
        loop {
            let patience = match state.since {
                _ if state.closed || !state.batch.waiters.is_empty() => Some(Duration::ZERO),
                Some(since) => Some(GATHER.saturating_sub(since.elapsed())),
                None => idle.map(|idle| idle.saturating_sub(started.elapsed())),
            };
            state = match patience {
                Some(Duration::ZERO) => {
                    state.since = None;
                    let last = state.closed;
                    return Batch {
                        last,
                        ..std::mem::take(&mut state.batch)
                    };
                }
                Some(patience) => {
                    let waited = self.changed.wait_timeout(state, patience);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The other end of a [`Waiter`].
pub(crate) type Answer = oneshot::Receiver<Result<(), AuditError>>;

impl State {
    fn wait(&mut self) -> Answer {
        let (waiter, answer) = oneshot::channel();
        self.batch.waiters.push(waiter);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(queue: &Queue) -> Result<(EntryId, Option<Answer>), AuditError> {
        let entry = Waiting {
            at: Timestamp::UNIX_EPOCH,
            fields: Vec::new(),
        };
        queue.push(entry, false)
    }

    #[test]
    fn a_slow_disk_first_slows_callers_down_and_then_refuses_them() {
        let queue = Queue::after(0);
        for number in 1..=WAITING_ENTRIES_MAX {
            let (entry, answer) = push(&queue).unwrap();
            assert_eq!(entry.number(), number as u64);
            assert_eq!(answer.is_some(), number > WAITING_ENTRIES_CALM, "{number}");
        }
        assert!(matches!(push(&queue), Err(AuditError::Overloaded)));
        assert_eq!(queue.take(None).entries.len(), WAITING_ENTRIES_MAX);
        assert!(push(&queue).unwrap().1.is_none());
    }

    #[test]
    fn nothing_is_taken_in_while_the_disk_fails_or_after_the_end() {
        let queue = Queue::after(41);
        queue.set_failing(Some(AuditError::Overloaded));
        assert!(push(&queue).is_err());
        queue.set_failing(None);
        assert_eq!(push(&queue).unwrap().0.number(), 42);
        queue.close();
        assert!(matches!(push(&queue), Err(AuditError::Closed)));
        assert!(queue.take(None).last);
    }
}
