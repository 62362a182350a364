//! Calls at once: Okta refuses the 76th of an org (the 36th of a free one). Counted by lane, shared by weight, and lowered for a
//! while when Okta says that it was too many.

use access::{Priority, Share};

use super::register::Lane;
use crate::limits::{AT_ONCE_MIN, AT_ONCE_RECOVERS_EVERY};

/// The calls under way of every lane.
#[derive(Debug, Default)]
pub(super) struct Slots {
    lanes: Vec<u32>,
    /// All lanes together.
    pub(super) under_way: u32,
    /// Weights of the clients that have calls under way or waiting.
    pub(super) weight: u32,
    /// What Okta was seen to allow, when it refused more.
    learnt_max: Option<u32>,
    /// Answers since then.
    calm: u32,
}

impl Slots {
    pub(super) fn open_lane(&mut self) -> Lane {
        self.lanes.push(0);
        Lane(u32::try_from(self.lanes.len() - 1).unwrap_or(u32::MAX))
    }

    /// Whether a client of this share with `own` calls under way may have one more on a lane of `lane_max`. The last slots are kept
    /// for those that have less than their share: the more of them, the lower the priority of whoever has more.
    pub(super) fn has_room(&self, lane: Lane, lane_max: usize, share: Share, own: u32) -> bool {
        let lane_max = u32::try_from(lane_max).unwrap_or(u32::MAX);
        let max = self.learnt_max.map_or(lane_max, |max| max.min(lane_max));
        let taken = self.taken(lane);
        let spare = match share.priority {
            Priority::Recovery => 0,
            Priority::People => max / 20,
            Priority::Automation => max / 10,
            Priority::Bulk => max / 5,
        };
        // A client without a call going on is not in the sum yet.
        let weights = self.weight.max(u32::from(share.weight));
        let fair = u64::from(max - spare) * u64::from(share.weight) / u64::from(weights.max(1));
        if u64::from(own) < fair.max(1) {
            taken < max
        } else {
            taken < max - spare
        }
    }

    pub(super) fn take(&mut self, lane: Lane) {
        self.under_way += 1;
        if let Some(taken) = self.lane_mut(lane) {
            *taken += 1;
        }
    }

    pub(super) fn free(&mut self, lane: Lane) {
        self.under_way = self.under_way.saturating_sub(1);
        if let Some(taken) = self.lane_mut(lane) {
            *taken = taken.saturating_sub(1);
        }
    }

    /// Okta refused a call because there were too many at once.
    pub(super) fn crowded(&mut self) {
        let seen = self.under_way.saturating_mul(3) / 4;
        let max = self.learnt_max.map_or(seen, |max| max.min(seen));
        self.learnt_max = Some(max.max(AT_ONCE_MIN));
        self.calm = 0;
    }

    /// Okta answered: after enough of it, one more at once is tried again.
    pub(super) fn answered(&mut self) {
        if let Some(max) = self.learnt_max.as_mut() {
            self.calm += 1;
            if self.calm >= AT_ONCE_RECOVERS_EVERY {
                self.calm = 0;
                *max += 1;
            }
        }
    }

    fn taken(&self, lane: Lane) -> u32 {
        let place = usize::try_from(lane.0).unwrap_or(usize::MAX);
        self.lanes.get(place).copied().unwrap_or_default()
    }

    fn lane_mut(&mut self, lane: Lane) -> Option<&mut u32> {
        self.lanes.get_mut(usize::try_from(lane.0).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(priority: Priority) -> Share {
        Share {
            priority,
            weight: 1,
        }
    }

    /// How many slots of 50 one client of this priority fills, alone.
    fn alone(priority: Priority) -> u32 {
        let mut slots = Slots::default();
        let lane = slots.open_lane();
        slots.weight = 1;
        while slots.has_room(lane, 50, share(priority), slots.under_way) {
            slots.take(lane);
        }
        slots.under_way
    }

    #[test]
    fn the_last_slots_are_kept_for_those_who_go_first() {
        let alone = Priority::ALL.map(alone);
        assert_eq!(alone, [50, 48, 45, 40]);
    }

    #[test]
    fn whoever_has_less_than_its_share_finds_room_beside_one_that_took_the_rest() {
        let mut slots = Slots::default();
        let lane = slots.open_lane();
        slots.weight = 2;
        let noisy = |own| (share(Priority::Automation), own);
        while slots.has_room(lane, 50, noisy(slots.under_way).0, slots.under_way) {
            slots.take(lane);
        }
        assert!(slots.has_room(lane, 50, share(Priority::Automation), 0));
        assert!(slots.has_room(lane, 50, share(Priority::Bulk), 0));
        assert!(!slots.has_room(lane, 50, share(Priority::Bulk), 40));
    }

    #[test]
    fn what_okta_refuses_is_not_tried_again_soon() {
        let mut slots = Slots::default();
        let lane = slots.open_lane();
        slots.weight = 1;
        for _ in 0..40 {
            slots.take(lane);
        }
        slots.crowded();
        assert!(!slots.has_room(lane, 50, Share::RECOVERY, 40));
        for _ in 0..10 {
            slots.free(lane);
        }
        assert!(!slots.has_room(lane, 50, Share::RECOVERY, 30));
        for _ in 0..AT_ONCE_RECOVERS_EVERY {
            slots.answered();
        }
        assert!(slots.has_room(lane, 50, Share::RECOVERY, 30));
    }
}
