//! How much was tried that budgets stopped: when it comes to so many times what the org may have, the org can freeze by itself. Kept in
//! memory and per process; what passed is in the state database.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use access::{Budgets, Class, Toll};
use jiff::Timestamp;

use crate::limits::ONSLAUGHT_OBJECTS_MAX;

/// Objects of refused calls within the last hour, each once however often it is tried.
#[derive(Debug, Default)]
pub(crate) struct Onslaught {
    tried: Mutex<HashMap<Class, Window>>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Window {
    last: HashMap<u64, (i64, u32)>,
    order: BTreeSet<(i64, u64)>,
    sum: u64,
}

impl Onslaught {
    /// Notes what a refused call would have done. False, when the org's budget has been tried often enough for it to freeze.
    pub(crate) fn bears(&self, budgets: &Budgets, tolls: &[Toll], now: Timestamp) -> bool {
        let Some(times) = budgets.freeze_at else {
            return true;
        };
        let now_ms = now.as_millisecond();
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bears = true;
        for toll in tolls {
            let window = tried.entry(toll.class).or_default();
            window.note(self.hasher.hash_one(&toll.object), toll.count, now_ms);
            let budget = budgets.of_org(toll.class);
            // What passed is at most the budget, so that what was refused makes up the rest.
            let most = budget
                .per_hour
                .or(budget.per_day)
                .map(|most| u64::from(most).saturating_mul(u64::from(times.saturating_sub(1))));
            bears &= most.is_none_or(|most| window.sum <= most);
        }
        bears
    }
}

impl Window {
    fn note(&mut self, object: u64, count: u32, now_ms: i64) {
        while let Some((at, oldest)) = self.order.first().copied() {
            if at > now_ms - HOUR_MS && self.order.len() < ONSLAUGHT_OBJECTS_MAX {
                break;
            }
            self.order.pop_first();
            self.drop_object(oldest);
        }
        if let Some((at, _)) = self.last.get(&object) {
            self.order.remove(&(*at, object));
            self.drop_object(object);
        }
        self.last.insert(object, (now_ms, count));
        self.order.insert((now_ms, object));
        self.sum = self.sum.saturating_add(u64::from(count));
    }

    fn drop_object(&mut self, object: u64) {
        let count = self.last.remove(&object).map_or(0, |(_, count)| count);
        self.sum = self.sum.saturating_sub(u64::from(count));
    }
}

const HOUR_MS: i64 = 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn toll(object: usize) -> [Toll; 1] {
        [Toll {
            class: Class::Deletes,
            object: format!("users/{object}"),
            count: 1,
            guessed: false,
        }]
    }

    fn budgets(freeze_at: Option<u32>) -> Budgets {
        let mut budgets = Budgets {
            freeze_at,
            ..Budgets::default()
        };
        budgets.org.put("deletes=5/hour").unwrap();
        budgets
    }

    #[test]
    fn an_org_bears_what_is_tried_until_it_is_so_many_times_its_budget() {
        let (onslaught, budgets) = (Onslaught::default(), budgets(Some(3)));
        let bears = |object| onslaught.bears(&budgets, &toll(object), Timestamp::UNIX_EPOCH);
        assert!((0..10).all(bears));
        assert!((0..10).all(bears), "the same objects again");
        assert!(!bears(10));
    }

    #[test]
    fn an_hour_later_nothing_is_left_of_it() {
        let (onslaught, budgets) = (Onslaught::default(), budgets(Some(2)));
        let at = |second| Timestamp::from_second(second).unwrap();
        for object in 0..5 {
            assert!(onslaught.bears(&budgets, &toll(object), at(0)));
        }
        assert!(onslaught.bears(&budgets, &toll(9), at(3_600)));
    }

    #[test]
    fn nothing_freezes_unless_that_is_asked_for() {
        let (onslaught, budgets) = (Onslaught::default(), budgets(None));
        for object in 0..1_000 {
            assert!(onslaught.bears(&budgets, &toll(object), Timestamp::UNIX_EPOCH));
        }
    }
}
