//! How often a source may guess: after [`FAILURES_PER_MINUTE_MAX`] wrong credentials within a minute nothing it shows is looked at for
//! a minute, so that guessing starves and costs less than serving. Two things go on working: credentials that were accepted from the
//! same source before (the owner behind the same address), and every other source.
//!
//! A source is an IPv4 address or an IPv6 network of 64 bits, which is what one subscriber gets. Memory is fixed: two tables of
//! [`SLOTS`](crate::limits::THROTTLE_SLOTS) slots, placed by a hash that is keyed anew in every process, so that nobody can aim at a
//! slot. A full set of slots forgets its quietest source first; forgetting one lets it guess [`FAILURES_PER_MINUTE_MAX`] times more.
//!
//! Pure over the time that is handed in; knows no credentials but by a hash of the caller's choosing.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::limits::{ACCEPTED_FOR_S, FAILURES_PER_MINUTE_MAX, THROTTLE_SLOTS, THROTTLE_WAYS};

/// Who may not guess at the moment. Share it behind an `Arc`; one per listener.
pub struct Throttle {
    hashing: RandomState,
    failures: Mutex<Table>,
    accepted: Mutex<Table>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            hashing: RandomState::new(),
            failures: Mutex::new(Table::new()),
            accepted: Mutex::new(Table::new()),
        }
    }
}

impl Throttle {
    /// Whether what `source` shows is to be looked at: unless the source is shut, or when this very credential was accepted from it
    /// within the last day. The hash is asked for only then.
    pub fn admits(
        &self,
        source: IpAddr,
        credential: impl FnOnce() -> Option<[u8; 32]>,
        now: Timestamp,
    ) -> bool {
        let second = now.as_second();
        let network = network_of(source);
        let shut = {
            let mut failures = locked(&self.failures);
            let slot = failures.find(self.hashing.hash_one(network));
            slot.is_some_and(|slot| slot.is_shut(second))
        };
        if !shut {
            return true;
        }
        let Some(credential) = credential() else {
            return false;
        };
        let mut accepted = locked(&self.accepted);
        let slot = accepted.find(self.hashing.hash_one((network, credential)));
        slot.is_some_and(|slot| second.saturating_sub(slot.since) < ACCEPTED_FOR_S)
    }

    /// Notes that `source` showed a credential that is none. Not for those that are only out of date.
    pub fn failed(&self, source: IpAddr, now: Timestamp) {
        let second = now.as_second();
        let key = self.hashing.hash_one(network_of(source));
        let worth = |slot: &Slot| match slot.is_over(second) {
            true => (0, slot.since),
            false => (slot.count, slot.since),
        };
        locked(&self.failures).update(key, worth, |slot| {
            if slot.is_over(second) {
                (slot.count, slot.since) = (0, second);
            }
            slot.count = slot.count.saturating_add(1);
            if slot.count == FAILURES_PER_MINUTE_MAX {
                slot.since = second;
            }
        });
    }

    /// Notes that `source` showed this credential and was let in.
    pub fn succeeded(&self, source: IpAddr, credential: &[u8; 32], now: Timestamp) {
        let key = self.hashing.hash_one((network_of(source), credential));
        let worth = |slot: &Slot| (0, slot.since);
        locked(&self.accepted).update(key, worth, |slot| slot.since = now.as_second());
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Throttle").finish_non_exhaustive()
    }
}

/// A fixed number of slots in sets of [`THROTTLE_WAYS`]; a key belongs to one set.
struct Table(Box<[[Slot; THROTTLE_WAYS]]>);

#[derive(Clone, Copy)]
struct Slot {
    /// Hash of what the slot is about; 0: nothing.
    key: u64,
    /// Since when: the first failure, the last one before it was shut, or the last acceptance; seconds since 1970.
    since: i64,
    count: u32,
}

impl Slot {
    const EMPTY: Self = Self {
        key: 0,
        since: i64::MIN,
        count: 0,
    };

    fn is_shut(&self, second: i64) -> bool {
        self.count >= FAILURES_PER_MINUTE_MAX && !self.is_over(second)
    }

    /// Whether the minute is over; a clock that went back ends it too.
    fn is_over(&self, second: i64) -> bool {
        !(0..60).contains(&second.saturating_sub(self.since))
    }
}

impl Table {
    fn new() -> Self {
        let sets = THROTTLE_SLOTS / THROTTLE_WAYS;
        Self(vec![[Slot::EMPTY; THROTTLE_WAYS]; sets].into_boxed_slice())
    }

    fn set(&mut self, key: u64) -> &mut [Slot] {
        let sets = self.0.len().max(1) as u64;
        match self.0.get_mut((key % sets) as usize) {
            Some(set) => set,
            None => &mut [],
        }
    }

    fn find(&mut self, key: u64) -> Option<&Slot> {
        self.set(key).iter().find(|slot| slot.key == key)
    }

    /// Changes the slot of `key`; where there is none, the one of least `worth` in its set becomes it.
    fn update(
        &mut self,
        key: u64,
        worth: impl Fn(&Slot) -> (u32, i64),
        change: impl FnOnce(&mut Slot),
    ) {
        let set = self.set(key);
        if let Some(slot) = set.iter_mut().find(|slot| slot.key == key) {
            change(slot);
        } else if let Some(slot) = set.iter_mut().min_by_key(|slot| worth(slot)) {
            *slot = Slot { key, ..Slot::EMPTY };
            change(slot);
        }
    }
}

fn locked(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What counts as one source.
fn network_of(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const KNOWN: [u8; 32] = [1; 32];
    const OTHER: [u8; 32] = [2; 32];

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn after(seconds: i64) -> Timestamp {
        NOW + SignedDuration::from_secs(seconds)
    }

    fn guess(throttle: &Throttle, source: IpAddr, times: u32, now: Timestamp) {
        for _ in 0..times {
            assert!(throttle.admits(source, || None, now));
            throttle.failed(source, now);
        }
    }

    #[test]
    fn after_fifty_wrong_tries_a_right_guess_is_refused_and_the_owner_is_not() {
        let throttle = Throttle::default();
        let (shared, elsewhere) = (address("203.0.113.7"), address("203.0.113.8"));
        throttle.succeeded(shared, &KNOWN, NOW);
        guess(&throttle, shared, 50, after(5));
        assert!(
            !throttle.admits(shared, || Some(OTHER), after(6)),
            "a right guess among them"
        );
        assert!(!throttle.admits(shared, || None, after(6)));
        assert!(
            throttle.admits(shared, || Some(KNOWN), after(6)),
            "the owner, behind the same address"
        );
        assert!(
            throttle.admits(elsewhere, || Some(OTHER), after(6)),
            "the owner, elsewhere"
        );
    }

    #[test]
    fn a_source_is_shut_for_a_minute_and_no_slower_pace_is_punished() {
        let throttle = Throttle::default();
        let source = address("198.51.100.1");
        guess(&throttle, source, 50, NOW);
        assert!(!throttle.admits(source, || None, after(59)));
        assert!(throttle.admits(source, || None, after(60)));
        guess(&throttle, source, 49, after(60));
        assert!(throttle.admits(source, || None, after(119)));
        guess(&throttle, source, 49, after(120));
        assert!(throttle.admits(source, || None, after(121)));
        guess(&throttle, source, 1, after(121));
        assert!(!throttle.admits(source, || None, after(122)));
    }

    #[test]
    fn two_wrong_tries_a_minute_go_on_for_ever_and_the_last_of_fifty_begins_the_minute() {
        let throttle = Throttle::default();
        let (slow, quick) = (address("198.51.100.1"), address("198.51.100.2"));
        for half_minute in 0..200 {
            guess(&throttle, slow, 1, after(30 * half_minute));
        }
        guess(&throttle, quick, 49, NOW);
        guess(&throttle, quick, 1, after(59));
        assert!(!throttle.admits(quick, || None, after(118)));
        assert!(throttle.admits(quick, || None, after(119)));
    }

    #[test]
    fn what_was_accepted_too_long_ago_is_a_guess_like_any_other() {
        let throttle = Throttle::default();
        let source = address("198.51.100.1");
        throttle.succeeded(source, &KNOWN, NOW);
        guess(&throttle, source, 50, after(ACCEPTED_FOR_S - 1));
        assert!(throttle.admits(source, || Some(KNOWN), after(ACCEPTED_FOR_S - 1)));
        assert!(!throttle.admits(source, || Some(KNOWN), after(ACCEPTED_FOR_S)));
    }

    #[test]
    fn one_subscriber_is_one_source() {
        let throttle = Throttle::default();
        for guesses in 0..50 {
            throttle.failed(address(&format!("2001:db8:1:2::{guesses:x}")), NOW);
        }
        assert!(!throttle.admits(address("2001:db8:1:2:ffff::1"), || None, NOW));
        assert!(throttle.admits(address("2001:db8:1:3::1"), || None, NOW));
        guess(&throttle, address("::ffff:192.0.2.1"), 50, NOW);
        assert!(!throttle.admits(address("192.0.2.1"), || None, NOW));
    }

    #[test]
    fn a_million_sources_take_no_more_memory_and_do_not_free_one_that_is_shut() {
        let throttle = Throttle::default();
        let bytes = size_of_val(&*locked(&throttle.failures).0);
        assert_eq!(bytes, THROTTLE_SLOTS * 24);
        let guessing = address("203.0.113.7");
        guess(&throttle, guessing, 50, NOW);
        for source in 0..1_000_000_u32 {
            throttle.failed(IpAddr::from(source.to_be_bytes()), after(1));
        }
        assert!(!throttle.admits(guessing, || None, after(1)));
        assert_eq!(size_of_val(&*locked(&throttle.failures).0), bytes);
    }
}
