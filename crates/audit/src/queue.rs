//! Entries on their way to the disk: filled by callers, emptied by the one writer. Bounded; never loses an entry it took.
//!
//! A caller writes its entry straight into the room that the writer takes next: one serialisation, no allocation, no thread woken
//! but for the first entry after a pause and for whoever waits for the disk.

use std::io::Write as _;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clock::Clock;
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::entry::Fields;
use crate::limits::{GATHER, ROOM_BYTES_KEPT, WAITING_BYTES_CALM, WAITING_BYTES_MAX};
use crate::{AuditError, EntryId};

/// Told when everything up to an entry is on disk, or that it is not.
pub(crate) type Waiter = oneshot::Sender<Result<(), AuditError>>;

/// The other end of a [`Waiter`].
pub(crate) type Answer = oneshot::Receiver<Result<(), AuditError>>;

/// Entries as they wait: JSON objects that the writer completes with the hashes.
#[derive(Default)]
pub(crate) struct Room {
    text: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Room {
    /// The entries, each without its closing brace.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts
            .zip(&self.ends)
            .map(|(start, end)| self.text.get(*start..*end).unwrap_or_default())
    }

    /// Empties it, and gives back memory that an unusual load took.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.text.shrink_to(ROOM_BYTES_KEPT);
        self.ends.shrink_to(ROOM_BYTES_KEPT / 64);
    }

    fn write(
        &mut self,
        number: u64,
        moment: &str,
        fields: &Fields<'_>,
    ) -> Result<(), serde_json::Error> {
        let start = self.text.len();
        // Writing to a vector cannot fail.
        let _ = write!(self.text, "{{\"seq\":{number},\"at\":\"{moment}\"");
        let brace = self.text.len();
        if let Err(error) = serde_json::to_writer(&mut self.text, fields) {
            self.text.truncate(start);
            return Err(error);
        }
        // The members of `fields` go on where `seq` and `at` began.
        if let Some(byte) = self.text.get_mut(brace) {
            *byte = b',';
        }
        self.text.pop();
        self.ends.push(self.text.len());
        Ok(())
    }
}

/// What the writer takes at once, beside the entries.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) waiters: Vec<Waiter>,
    /// No more will come after this batch.
    pub(crate) last: bool,
}

pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    room: Room,
    waiters: Vec<Waiter>,
    next: u64,
    moment: Moment,
    /// Since when there is something in the room, as far as the writer knows.
    since: Option<Instant>,
    /// The writer waits for the first entry: it must be woken.
    idle: bool,
    /// The disk refused last time: nothing more is taken in until it works again.
    failing: Option<AuditError>,
    closed: bool,
}

impl Queue {
    /// A queue whose first entry has the number after `last`.
    pub(crate) fn after(last: u64) -> Self {
        let state = State {
            room: Room::default(),
            waiters: Vec::new(),
            next: last + 1,
            moment: Moment::default(),
            since: None,
            idle: false,
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
        clock: &dyn Clock,
        fields: &Fields<'_>,
        durable: bool,
    ) -> Result<(EntryId, Option<Answer>), AuditError> {
        let mut state = self.lock();
        if state.closed {
            return Err(AuditError::Closed);
        }
        if let Some(error) = &state.failing {
            return Err(error.clone());
        }
        if state.room.text.len() >= WAITING_BYTES_MAX {
            return Err(AuditError::Overloaded);
        }
        let number = state.next;
        let State { room, moment, .. } = &mut *state;
        // The time is taken here, so that times are in the order of numbers.
        room.write(number, moment.write(clock.now()), fields)
            .map_err(|_| AuditError::Unwritable)?;
        state.next += 1;
        let waits = durable || state.room.text.len() > WAITING_BYTES_CALM;
        let answer = waits.then(|| state.wait());
        let wake = answer.is_some() || state.idle;
        state.idle = false;
        drop(state);
        if wake {
            self.changed.notify_one();
        }
        Ok((EntryId::new(number), answer))
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

    /// Waits for entries and takes them all into `room`, which is empty; returns with none after `idle` at the latest, if that is
    /// given.
    ///
    /// After a batch the writer sleeps for as long as entries may gather without being asked, so that a steady flow of entries wakes
    /// nobody.
    pub(crate) fn take(&self, room: &mut Room, idle: Option<Duration>) -> Batch {
        let started = Instant::now();
        let mut state = self.lock();
        loop {
            if state.since.is_none() && !state.room.ends.is_empty() {
                state.since = Some(started);
            }
            let patience = match state.since {
                _ if state.closed || !state.waiters.is_empty() => Some(Duration::ZERO),
                Some(since) => Some(GATHER.saturating_sub(since.elapsed())),
                None => idle.map(|idle| idle.saturating_sub(started.elapsed())),
            };
            state = match patience {
                Some(Duration::ZERO) => {
                    state.since = None;
                    state.idle = false;
                    std::mem::swap(room, &mut state.room);
                    return Batch {
                        last: state.closed,
                        waiters: std::mem::take(&mut state.waiters),
                    };
                }
                patience => self.wait(state, patience),
            };
        }
    }

    fn wait<'q>(
        &'q self,
        mut state: MutexGuard<'q, State>,
        patience: Option<Duration>,
    ) -> MutexGuard<'q, State> {
        state.idle = state.since.is_none();
        match patience {
            Some(patience) => {
                let waited = self.changed.wait_timeout(state, patience);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait(&mut self) -> Answer {
        let (waiter, answer) = oneshot::channel();
        self.waiters.push(waiter);
        answer
    }
}

/// An instant as text; whole seconds are written once.
#[derive(Default)]
struct Moment {
    second: Option<i64>,
    /// Up to the dot.
    digits: usize,
    text: String,
}

impl Moment {
    /// `2026-11-24T15:00:00.000000Z`: always six digits after the dot.
    fn write(&mut self, at: Timestamp) -> &str {
        let micros = at.as_microsecond();
        let second = micros.div_euclid(1_000_000);
        if self.second != Some(second) {
            let whole = Timestamp::from_second(second).unwrap_or(at);
            self.text = format!("{whole:.0}");
            // Without the `Z`.
            self.text.pop();
            self.text.push('.');
            self.digits = self.text.len();
            self.second = Some(second);
        }
        self.text.truncate(self.digits);
        let mut rest = micros.rem_euclid(1_000_000);
        let mut power = 100_000;
        while power > 0 {
            let digit = u8::try_from(rest / power).unwrap_or_default();
            self.text.push(char::from(b'0' + digit));
            rest %= power;
            power /= 10;
        }
        self.text.push('Z');
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;
    use clock::Manual;

    fn push(queue: &Queue, bytes: usize) -> Result<(EntryId, Option<Answer>), AuditError> {
        let event = Event {
            kind: "refused",
            // A text is cut at 256 characters.
            details: vec![("much", "x".repeat(256)); bytes / 256],
            ..Event::default()
        };
        let clock = Manual::at(Timestamp::UNIX_EPOCH);
        queue.push(&clock, &Fields::from(&event), false)
    }

    #[test]
    fn a_slow_disk_first_slows_callers_down_and_then_refuses_them() {
        let queue = Queue::after(0);
        let mut taken = 0;
        let mut calm = 0;
        let refused = loop {
            match push(&queue, 16 << 10) {
                Ok((_, answer)) => {
                    taken += 1;
                    calm += usize::from(answer.is_none());
                }
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, AuditError::Overloaded));
        assert!(
            calm > 200 && calm < taken && taken < 520,
            "{calm} of {taken}"
        );
        let mut room = Room::default();
        let batch = queue.take(&mut room, None);
        assert_eq!(room.entries().count(), taken);
        assert_eq!(batch.waiters.len(), taken - calm);
        assert!(push(&queue, 1).unwrap().1.is_none());
    }

    #[test]
    fn nothing_is_taken_in_while_the_disk_fails_or_after_the_end() {
        let queue = Queue::after(41);
        queue.set_failing(Some(AuditError::Overloaded));
        assert!(push(&queue, 1).is_err());
        queue.set_failing(None);
        assert_eq!(push(&queue, 1).unwrap().0.number(), 42);
        queue.close();
        assert!(matches!(push(&queue, 1), Err(AuditError::Closed)));
        let mut room = Room::default();
        assert!(queue.take(&mut room, None).last);
        assert!(room.entries().all(|entry| entry.starts_with(
            b"{\"seq\":42,\"at\":\"1970-01-01T00:00:00.000000Z\",\"kind\":\"refused\""
        )));
    }

    #[test]
    fn a_moment_is_written_as_the_clock_would() {
        let mut moment = Moment::default();
        for micros in [
            0,
            1,
            999_999,
            1_000_000,
            1_800_000_000_123_456,
            -1,
            -1_000_000,
        ] {
            let at = Timestamp::from_microsecond(micros).unwrap();
            assert_eq!(moment.write(at), format!("{at:.6}"));
        }
    }
}
