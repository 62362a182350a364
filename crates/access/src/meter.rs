//! How many objects a client has touched within the last hour, for policies that limit it (`@objects_per_hour`). The hour slides;
//! the time is handed in. Kept in memory only: a restart begins an empty hour, which a limit against mass changes can afford.
//!
//! What counts is what the path of a call names, each object once however often it is touched; a path that names several, like a
//! person in a group, is about what they make together. A call that changes something and names none (a creation) counts as an
//! object of its own; a list counts as one object, whatever it shows.
//!
//! Cost: one hash and two moves in ordered sets, below a microsecond, under a lock of that length; no cost for permits without a
//! limit. Room: 100 B per object touched within the hour on limited terms.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::limits::{HOUR_MS, METERED_OBJECTS_MAX, METERS_MAX};
use crate::{Call, ClientId, Permit};

/// Counts the objects that clients touch on limited terms. One for all orgs: a client belongs to one.
#[derive(Debug, Default)]
pub struct Meter {
    windows: Mutex<HashMap<Whose, Window>>,
    hasher: RandomState,
}

/// A client on the terms of certain policies: a limit counts what these permitted, not what others did.
type Whose = (ClientId, Vec<Arc<str>>);

/// A permit beyond the limit of its terms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{limit} objects within an hour were touched on the terms of {}", policies.join(", "))]
pub struct Exceeded {
    /// Most objects per hour.
    pub limit: u32,
    /// The policies whose limit it is.
    pub policies: Vec<Arc<str>>,
    /// When a further object may be touched.
    pub again: Timestamp,
}

/// Objects by when they were last touched, in milliseconds.
#[derive(Debug, Default)]
struct Window {
    touched: HashMap<u64, i64>,
    order: BTreeSet<(i64, u64)>,
}

impl Meter {
    /// Counts the object that a permit is about; nothing is counted when the permit has no limit or exceeds it.
    ///
    /// # Errors
    /// [`Exceeded`], when its terms allow no further object at the moment.
    pub fn count(&self, permit: &Permit, now: Timestamp) -> Result<(), Exceeded> {
        let terms = permit.terms();
        let Some(limit) = terms.objects_per_hour else {
            return Ok(());
        };
        let whose = (permit.caller().client().clone(), terms.policies.clone());
        let object = self.object_of(permit.call(), now);
        let allowed = self.touch(whose, object, limit, now.as_millisecond());
        allowed.map_err(|again_ms| Exceeded {
            limit,
            policies: terms.policies.clone(),
            again: Timestamp::from_millisecond(again_ms).unwrap_or(now),
        })
    }

    /// A number that stands for what the call is about. Two objects of one number (1 in 10^12 at 5,000 objects) count once.
    fn object_of(&self, call: &Call, now: Timestamp) -> u64 {
        let slots = policy::objects_of(call.operation).iter();
        let named = slots.map(|slot| Some((slot.entity, call.param(slot.parameter)?)));
        let named: Option<Vec<_>> = named.collect();
        match named.filter(|named| !named.is_empty()) {
            Some(object) => self.hasher.hash_one(object),
            None if call.operation.is_read() => self.hasher.hash_one(call.operation.id),
            None => self
                .hasher
                .hash_one((call.operation.id, now.as_nanosecond())),
        }
    }

    /// Touches an object; when there is no room for it, says when there is.
    fn touch(&self, whose: Whose, object: u64, limit: u32, now_ms: i64) -> Result<(), i64> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= METERS_MAX && !windows.contains_key(&whose) {
            windows.retain(|_, window| window.forget_before(now_ms - HOUR_MS) > 0);
            if windows.len() >= METERS_MAX {
                return Err(now_ms + HOUR_MS);
            }
        }
        let window = windows.entry(whose).or_default();
        window.forget_before(now_ms - HOUR_MS);
        let limit = usize::try_from(limit)
            .unwrap_or(usize::MAX)
            .min(METERED_OBJECTS_MAX);
        if let Some(before) = window.touched.get(&object) {
            window.order.remove(&(*before, object));
        } else if window.touched.len() >= limit {
            let oldest = window.order.first().map_or(now_ms, |(at, _)| *at);
            return Err(oldest + HOUR_MS);
        }
        window.touched.insert(object, now_ms);
        window.order.insert((now_ms, object));
        Ok(())
    }
}

impl Window {
    /// Drops what was last touched at `until` or before; says how much is left.
    fn forget_before(&mut self, until: i64) -> usize {
        while let Some((at, object)) = self.order.first().copied() {
            if at > until {
                break;
            }
            self.order.pop_first();
            self.touched.remove(&object);
        }
        self.touched.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whose(name: &str) -> Whose {
        (ClientId::new(name), vec!["nightly".into()])
    }

    #[test]
    fn each_object_counts_once_within_the_hour() {
        let meter = Meter::default();
        let touch = |object, at| meter.touch(whose("a"), object, 2, at);
        assert_eq!(touch(1, 0), Ok(()));
        assert_eq!(touch(2, 10), Ok(()));
        assert_eq!(touch(1, 20), Ok(()));
        assert_eq!(
            touch(3, 30),
            Err(10 + HOUR_MS),
            "object 2 is the one to leave first"
        );
        assert_eq!(touch(3, 10 + HOUR_MS), Ok(()), "object 2 has left");
        assert_eq!(touch(2, 11 + HOUR_MS), Err(20 + HOUR_MS));
    }

    #[test]
    fn every_member_of_one_group_counts() {
        let meter = Meter::default();
        let number = |operation, params: &[(&str, &str)]| {
            meter.object_of(
                &Call::new(operation, params).unwrap(),
                Timestamp::UNIX_EPOCH,
            )
        };
        let leaves = |user| {
            number(
                "unassignUserFromGroup",
                &[("groupId", "00g1"), ("userId", user)],
            )
        };
        assert_ne!(leaves("00u1"), leaves("00u2"));
        assert_eq!(
            leaves("00u1"),
            number(
                "assignUserToGroup",
                &[("groupId", "00g1"), ("userId", "00u1")]
            )
        );
        assert_ne!(
            number("getUser", &[("id", "00u1")]),
            number("getGroup", &[("groupId", "00u1")])
        );
    }

    #[test]
    fn a_refused_object_takes_no_room() {
        let meter = Meter::default();
        for at in 0..10 {
            let allowed = meter.touch(whose("a"), at as u64, 1, at);
            assert_eq!(allowed.is_ok(), at == 0);
        }
        assert_eq!(meter.touch(whose("a"), 9, 1, HOUR_MS), Ok(()));
    }

    #[test]
    fn clients_and_terms_have_hours_of_their_own() {
        let meter = Meter::default();
        assert_eq!(meter.touch(whose("a"), 1, 1, 0), Ok(()));
        assert_eq!(meter.touch(whose("b"), 2, 1, 0), Ok(()));
        let other = (ClientId::new("a"), vec!["weekly".into()]);
        assert_eq!(meter.touch(other, 2, 1, 0), Ok(()));
        assert!(meter.touch(whose("a"), 2, 1, 0).is_err());
    }

    #[test]
    fn windows_are_bounded_and_empty_ones_make_room() {
        let meter = Meter::default();
        for at in 0..METERS_MAX {
            assert_eq!(meter.touch(whose(&at.to_string()), 1, 1, 0), Ok(()));
        }
        assert_eq!(meter.touch(whose("late"), 1, 1, 1), Err(1 + HOUR_MS));
        assert_eq!(meter.touch(whose("0"), 1, 1, 1), Ok(()), "known before");
        assert_eq!(meter.touch(whose("late"), 1, 1, HOUR_MS), Ok(()));
    }
}
