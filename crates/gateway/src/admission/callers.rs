//! What each caller has taken: calls at once, calls per second.
//!
//! A caller may have its own bound of calls at once, and never more than a share of the places that are left (`share`).

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use access::ClientId;
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::share::share_of;
use super::sources::seconds;
use super::{Bucket, Limits, Rate, Turned};
use crate::limits::CALLERS_MAX;

/// All callers that have calls in flight, or had some a moment ago; by a keyed hash of their ids.
#[derive(Debug)]
pub(crate) struct Callers {
    places: Arc<Semaphore>,
    places_max: u32,
    per_client: u32,
    rate: Rate,
    hashing: RandomState,
    of: Mutex<HashMap<u64, Taken>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    calls: u32,
    pace: Bucket,
}

impl Callers {
    pub(super) fn within(limits: &Limits) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.calls as usize)),
            places_max: limits.calls,
            per_client: limits.calls_per_client,
            rate: limits.calls_of_client(),
            hashing: RandomState::new(),
            of: Mutex::default(),
        }
    }

    pub(super) fn pace(&self, client: &ClientId, now: Timestamp) -> Result<(), Turned> {
        let (key, now_us) = (self.hashing.hash_one(client), now.as_microsecond());
        let mut callers = self.locked();
        if callers.len() >= CALLERS_MAX && !callers.contains_key(&key) {
            callers.retain(|_, taken| taken.calls > 0 || !taken.pace.is_full(now_us));
        }
        let taken = callers.entry(key).or_default();
        taken
            .pace
            .take(self.rate, now_us)
            .map_err(|wait_us| Turned::CallsPerSecond {
                limit: self.rate.per_second,
                again_s: seconds(wait_us),
            })
    }

    pub(super) fn make_room(self: &Arc<Self>, client: &ClientId) -> Result<Room, Turned> {
        let key = self.hashing.hash_one(client);
        let mut callers = self.locked();
        let taken = callers.entry(key).or_default();
        let free = u32::try_from(self.places.available_permits()).unwrap_or(u32::MAX);
        if free == 0 {
            return Err(Turned::Calls);
        }
        let limit = self.per_client.min(share_of(free, self.places_max));
        if taken.calls >= limit {
            return Err(Turned::CallsOfCaller { limit });
        }
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Turned::Calls)?;
        taken.calls += 1;
        Ok(Room {
            callers: Arc::clone(self),
            key,
            _place: place,
        })
    }

    pub(super) async fn settled(&self) {
        // Closed is settled, too.
        let _ = self.places.acquire_many(self.places_max).await;
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<u64, Taken>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for one call, until dropped.
#[derive(Debug)]
pub(crate) struct Room {
    callers: Arc<Callers>,
    key: u64,
    _place: OwnedSemaphorePermit,
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(taken) = self.callers.locked().get_mut(&self.key) {
            taken.calls = taken.calls.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callers() -> Arc<Callers> {
        Arc::new(Callers::within(&Limits {
            calls: 64,
            calls_per_client: 40,
            calls_per_second: 10,
            ..Limits::default()
        }))
    }

    fn greedy(callers: &Arc<Callers>, name: &str) -> Vec<Room> {
        let client = ClientId::new(name);
        std::iter::from_fn(|| callers.make_room(&client).ok()).collect()
    }

    #[test]
    fn however_many_want_everything_there_is_a_place_for_the_next() {
        let callers = callers();
        let first = greedy(&callers, "first");
        assert_eq!(first.len(), 18);
        let mut held = vec![first];
        for name in ["a", "b", "c", "d"] {
            held.push(greedy(&callers, name));
        }
        assert!(held.iter().all(|calls| !calls.is_empty()));
        let refused = callers.make_room(&ClientId::new("first")).unwrap_err();
        assert!(
            matches!(refused, Turned::CallsOfCaller { limit: 1.. }),
            "{refused:?}"
        );
        drop(held);
        assert_eq!(greedy(&callers, "late").len(), 18, "places come back");
    }

    #[test]
    fn a_caller_has_its_own_bound_even_when_nobody_else_calls() {
        let callers = Arc::new(Callers::within(&Limits {
            calls_per_client: 3,
            ..Limits::default()
        }));
        assert_eq!(greedy(&callers, "script").len(), 3);
    }

    #[test]
    fn one_that_hurries_is_told_when_to_come_again_and_others_are_not_hurt() {
        let callers = callers();
        let (hasty, calm) = (ClientId::new("hasty"), ClientId::new("calm"));
        let now = Timestamp::constant(1_700_000_000, 0);
        let calls = (0..100)
            .filter(|_| callers.pace(&hasty, now).is_ok())
            .count();
        assert_eq!(calls, 20, "two seconds' worth");
        assert_eq!(
            callers.pace(&hasty, now),
            Err(Turned::CallsPerSecond {
                limit: 10,
                again_s: 1
            })
        );
        assert_eq!(callers.pace(&calm, now), Ok(()));
        assert_eq!(
            callers.pace(&hasty, Timestamp::constant(1_700_000_001, 0)),
            Ok(())
        );
    }

    #[test]
    fn callers_that_are_gone_take_no_memory() {
        let callers = callers();
        for number in 0..3 * CALLERS_MAX {
            let second = i64::try_from(number / 100).unwrap();
            let client = ClientId::new(&number.to_string());
            callers
                .pace(&client, Timestamp::from_second(second).unwrap())
                .unwrap();
        }
        assert!(callers.locked().len() <= CALLERS_MAX);
    }
}
