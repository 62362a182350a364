//! Which operations share one budget, and whose turn it is.
//!
//! Operations start out grouped by the catalog's bucket. One whose answers state another limit than its group's is moved to a
//! group of its own kind; two groups are joined when the answer to one continues the count of the other (`book`). Who is let go
//! next is `desk`'s to say. Here is the one lock around both, and the waiting.
//!
//! Cost of leave and its end where nobody waits: 0.3 µs of CPU with ten callers in the budget's minute, 0.7 µs with a hundred, 4.7 µs
//! with a thousand; no allocation (`cargo xtask bench budget`).

mod book;
mod desk;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use access::{ClientId, Share};
use catalog::Operation;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use self::book::{Book, Sighting};
use self::desk::{Grant, Hindrance};
use super::register::{Applicant, Lane};
use super::{BucketShare, BucketState, Budget, Portion, Stated};
use crate::Pace;
use crate::limits::LOOK_AGAIN_MAX;
use crate::retry::jitter;

/// The counts of one org.
#[derive(Debug, Default)]
pub struct Ledger {
    book: Mutex<Book>,
}

/// A call that wants leave.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// What it calls.
    pub operation: &'static Operation,
    /// Whose call it is.
    pub client: &'a ClientId,
    /// Its client's claim.
    pub share: Share,
    /// Where its calls at once are counted.
    pub lane: Lane,
    /// How it goes about the limits.
    pub pace: Pace,
    /// Until when it waits.
    pub deadline: Instant,
}

/// Leave for one call. Dropped before [`Ticket::depart`] it is given back; after it, without an answer, the call counts as sent.
#[derive(Debug)]
pub struct Ticket {
    ledger: Arc<Ledger>,
    operation: &'static Operation,
    grant: Grant,
    departed: bool,
}

/// No leave: the budget stays used up for longer than the caller waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Name of the bucket.
    pub bucket: String,
    /// Okta's limit for a window, if learnt and if it is what is short.
    pub limit: Option<u32>,
    /// How long until the window ends.
    pub wait: Duration,
}

impl Ledger {
    /// A new lane, with calls at once of its own.
    pub fn open_lane(&self) -> Lane {
        self.book().slots.open_lane()
    }

    /// Leave for the call, at once or after its turn has come.
    ///
    /// # Errors
    /// [`Refusal`], as soon as it is clear that its turn will not come in time.
    pub async fn admit(self: &Arc<Self>, ask: Ask<'_>) -> Result<Ticket, Refusal> {
        let mut place = match self.ask(&ask) {
            Asked::Granted(ticket) => return Ok(ticket),
            Asked::Refused(refusal) => return Err(refusal),
            Asked::Queued(place) => place,
        };
        loop {
            let look = place.look.min(ask.deadline);
            if let Ok(Ok(grant)) = timeout_at(look, &mut place.leave).await {
                place.id = None;
                return Ok(self.ticket(ask.operation, grant));
            }
            if let Some(refusal) = self.look_again(&ask, &mut place) {
                return Err(refusal);
            }
        }
    }

    fn ask(self: &Arc<Self>, ask: &Ask<'_>) -> Asked {
        let now = Instant::now();
        let mut book = self.book();
        let applicant = Applicant {
            party: book.register.party(ask.client),
            share: ask.share,
            lane: ask.lane,
            pace: ask.pace,
        };
        let hindrance = match book.try_grant(ask.operation, applicant, now) {
            Ok(grant) => {
                drop(book);
                return Asked::Granted(self.ticket(ask.operation, grant));
            }
            Err(hindrance) => hindrance,
        };
        match book.enqueue(ask.operation, applicant, now, ask.deadline) {
            Some((id, leave)) => Asked::Queued(Place {
                ledger: Arc::clone(self),
                applicant,
                id: Some(id),
                leave,
                look: look_of(hindrance, &ask.pace, ask.deadline),
            }),
            None => Asked::Refused(book.refusal(ask.operation, hindrance, now)),
        }
    }

    /// Lets go whoever can be let go by now. A refusal if that was not the call in `place` and its time is over.
    fn look_again(&self, ask: &Ask<'_>, place: &mut Place) -> Option<Refusal> {
        let now = Instant::now();
        let mut book = self.book();
        book.dispatch(now);
        let group = book.group_of(ask.operation);
        let hindrance = book.hindrance(group, &place.applicant, now);
        let hindrance = hindrance.unwrap_or(Hindrance::News);
        if now >= ask.deadline && place.id.is_some_and(|id| book.withdraw(id)) {
            place.id = None;
            return Some(book.refusal(ask.operation, hindrance, now));
        }
        place.look = look_of(hindrance, &ask.pace, ask.deadline);
        None
    }

    fn ticket(self: &Arc<Self>, operation: &'static Operation, grant: Grant) -> Ticket {
        Ticket {
            ledger: Arc::clone(self),
            operation,
            grant,
            departed: false,
        }
    }

    /// How many more calls of the operation the client could make at once, where a limit is known.
    pub(crate) fn left_for(
        &self,
        operation: &'static Operation,
        client: &ClientId,
        share: Share,
    ) -> Option<u32> {
        let mut book = self.book();
        let party = book.register.party(client);
        let group = book.group_of(operation);
        let window = &book.groups.get(group)?.window;
        window.left_for(party, share, Instant::now())
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
            in_flight: usize::try_from(book.slots.under_way).unwrap_or(usize::MAX),
        }
    }

    /// What is known of the part of one client.
    pub(crate) fn portion(&self, client: &ClientId, share: Share) -> Portion {
        let now = Instant::now();
        let mut book = self.book();
        for group in &mut book.groups {
            group.window.turn(now);
        }
        let party = book.register.known(client);
        let newcomer = party.unwrap_or_else(|| book.register.party(client));
        let load = book.register.load(newcomer);
        let buckets = book.groups.iter().filter_map(|group| {
            let (limit, remaining, ends) = group.window.stated()?;
            let window = &group.window;
            (group.operations > 0).then(|| BucketShare {
                state: BucketState {
                    name: group.name.clone(),
                    limit,
                    remaining,
                    resets_in: ends.saturating_duration_since(now),
                    used: window.sent(),
                },
                left: window.left_for(newcomer, share, now).unwrap_or(remaining),
                used: window.sent_by(newcomer),
                waiting: window.waiting(Some(newcomer)),
                waiting_all: window.waiting(None),
            })
        });
        Portion {
            buckets: buckets.collect(),
            under_way: load.under_way,
            waiting: load.waiting,
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When a call that waits looks for itself, if nobody lets it go before.
fn look_of(hindrance: Hindrance, pace: &Pace, deadline: Instant) -> Instant {
    match hindrance {
        Hindrance::Budget { look, ends } if look >= ends => {
            // Programs that wait for the same window's end do not all start in the same instant.
            let spread = match pace.patience {
                crate::Patience::Waiting => jitter(TURN_SPREAD_MAX),
                crate::Patience::Immediate => Duration::ZERO,
            };
            ends + spread
        }
        Hindrance::Budget { look, .. } => look,
        // It is let go when that has passed, unless something else stands in its way by then.
        Hindrance::News | Hindrance::Slots => (Instant::now() + LOOK_AGAIN_MAX).min(deadline),
    }
}

enum Asked {
    Granted(Ticket),
    Refused(Refusal),
    Queued(Place),
}

/// A place in the queue. Dropping it gives it up, and with it the leave that may have come meanwhile.
struct Place {
    ledger: Arc<Ledger>,
    applicant: Applicant,
    /// Number of the call in the queue; `None` once it has left.
    id: Option<u64>,
    leave: oneshot::Receiver<Grant>,
    look: Instant,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(id) = self.id else {
            return;
        };
        let mut book = self.ledger.book();
        if !book.withdraw(id)
            && let Ok(grant) = self.leave.try_recv()
        {
            book.settle(&grant, false);
        }
        book.dispatch(Instant::now());
    }
}

impl Ticket {
    /// The call is sent now.
    pub fn depart(&mut self) {
        self.departed = true;
    }

    /// Takes in what the answer stated of its budget, if anything.
    pub fn answered(&mut self, stated: Option<Stated>) {
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
            // A refusal over concurrency says nothing of the window.
            book.slots.crowded();
            return;
        }
        book.slots.answered();
        book.part(self.operation, stated.limit);
        let group = book.group_of(self.operation);
        book.move_call(&mut self.grant, group);
        if self.grant.alone && book.admitted == self.grant.number {
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
        book.settle(&self.grant, self.departed);
        if !book.waiters.is_empty() {
            book.dispatch(Instant::now());
        }
    }
}

/// Spread of the first calls after a window's end, so that several waiting programs do not start in the same instant.
const TURN_SPREAD_MAX: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests;
