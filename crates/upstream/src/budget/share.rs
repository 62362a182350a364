//! How much of a budget is free for one caller: all that is left, less what is kept for others. Pure.
//!
//! What is kept melts: at the beginning of a window others have most of theirs before them, at its end nothing is kept, so that no
//! call is left unused while somebody wants it. Kept are
//! - for those of higher priority, what they took in the last window and a fixed part of the limit besides,
//! - for those of equal priority who have had less than their share, what they took in the last window, and a part for newcomers;
//!   whoever has had less than its own share itself is spared this,
//! - for those of lower priority, a floor, up to which nothing is kept from them.

use std::time::Duration;

use access::{Priority, Share};
use tokio::time::Instant;

use super::register::Party;
use crate::limits::{
    FLOOR_PERCENT, FOREIGN_PERCENT_MAX, LOOK_AGAIN_MAX, LOOK_AGAIN_MIN, MELTED_BEFORE_END,
    NEWCOMERS_COLD_PERCENT, NEWCOMERS_PERCENT, reserve_percent,
};

/// What one caller has done of a budget.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) party: Party,
    pub(super) share: Share,
    /// Calls in this window.
    pub(super) sent: u32,
    /// Calls in the window before.
    pub(super) before: u32,
    pub(super) under_way: u32,
    /// Calls that wait for leave.
    pub(super) waiting: u32,
}

impl Member {
    pub(super) fn new(party: Party, share: Share) -> Self {
        Self {
            party,
            share,
            sent: 0,
            before: 0,
            under_way: 0,
            waiting: 0,
        }
    }

    /// Calls it is expected to want in a whole window: a quarter more than in the last one, or as many again as it has had by now.
    fn wanted(&self) -> i64 {
        let before = i64::from(self.before);
        (before + before / 4).max(i64::from(self.sent)) + 2
    }
}

/// A budget at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) members: &'a [Member],
    pub(super) limit: u32,
    /// Calls left, those under way taken off.
    pub(super) left: u32,
    /// Calls of principals that do not call through here, in this window and in the one before.
    pub(super) foreign: u32,
    pub(super) foreign_before: u32,
    /// How much of the window lies ahead, in [`WHOLE`]ths.
    pub(super) ahead: u32,
    /// Whether nothing is known of the window before.
    pub(super) cold: bool,
}

/// The whole of a window.
const WHOLE: u32 = 1 << 10;

/// What there is for one caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// Calls it may make now; negative when more is kept for others than is left.
    pub(super) free: i64,
    /// Calls kept for others, of which nothing is kept at the window's end.
    pub(super) kept: i64,
}

/// Sums over the members of one priority.
#[derive(Debug, Clone, Copy, Default)]
struct Class {
    weight: i64,
    sent: i64,
    held: i64,
    waiting: i64,
}

impl Scene<'_> {
    /// What is free for the calls of `party`.
    pub(super) fn room(&self, party: Party, share: Share) -> Room {
        let own = self.members.iter().find(|member| member.party == party);
        let sent = own.map_or(0, |own| i64::from(own.sent));
        let classes = self.classes(party, share);
        let rank = share.priority;
        let (mut higher, mut taken, mut floors) = (self.kept_for_foreigners(rank), 0, 0);
        for (class, priority) in classes.iter().zip(Priority::ALL) {
            if priority < rank {
                higher += class.held;
                taken += class.sent + class.held;
            } else if priority > rank {
                let floor = self.percent(FLOOR_PERCENT) - class.sent;
                floors += floor.min(class.held + class.waiting).max(0);
            }
        }
        let class = classes.get(rank as usize).copied().unwrap_or_default();
        let newcomers = self.melted(self.percent(self.newcomers_percent(rank)));
        higher += self.melted(self.percent(reserve_percent(rank)));
        let pool = (i64::from(self.limit) - i64::from(self.foreign) - taken - newcomers).max(0);
        let fair = pool * i64::from(share.weight) / class.weight.max(1);
        let mut kept = higher + floors;
        if sent >= fair.max(1) {
            kept += class.held + newcomers;
        }
        if class.sent < self.percent(FLOOR_PERCENT) {
            kept = 0;
        }
        Room {
            free: i64::from(self.left) - kept,
            kept,
        }
    }

    /// Sums by priority, `party` left out of what is held and waits.
    fn classes(&self, party: Party, share: Share) -> [Class; 4] {
        let mut classes = [Class::default(); 4];
        let mut known = false;
        for member in self.members {
            known |= member.party == party;
            if let Some(class) = classes.get_mut(member.share.priority as usize) {
                class.weight += i64::from(member.share.weight);
                class.sent += i64::from(member.sent);
            }
        }
        if let Some(class) = classes.get_mut(share.priority as usize).filter(|_| !known) {
            class.weight += i64::from(share.weight);
        }
        let usable = i64::from(self.limit) - i64::from(self.foreign);
        for member in self.members.iter().filter(|one| one.party != party) {
            let Some(class) = classes.get_mut(member.share.priority as usize) else {
                continue;
            };
            class.waiting += i64::from(member.waiting);
            // Who waits is served in its turn; nothing need be kept for it.
            if member.waiting == 0 {
                let fair = usable * i64::from(member.share.weight) / class.weight.max(1);
                let due = (fair - i64::from(member.sent)).max(0);
                class.held += self.melted(member.wanted()).min(due);
            }
        }
        classes
    }

    /// Other principals go before all callers but those of recovery: backups and restores of other programs are among them.
    fn kept_for_foreigners(&self, rank: Priority) -> i64 {
        if rank == Priority::Recovery {
            return 0;
        }
        let before = i64::from(self.foreign_before);
        let expected = (before + before / 4).min(self.percent(FOREIGN_PERCENT_MAX));
        self.melted(expected)
            .min((expected - i64::from(self.foreign)).max(0))
    }

    fn newcomers_percent(&self, rank: Priority) -> u32 {
        match (rank, self.cold) {
            (Priority::Recovery, _) => 0,
            (_, true) => NEWCOMERS_COLD_PERCENT,
            (_, false) => NEWCOMERS_PERCENT,
        }
    }

    fn percent(&self, percent: u32) -> i64 {
        i64::from(self.limit) * i64::from(percent) / 100
    }

    /// The part of `calls` that is still kept at this time of the window, to the nearest call.
    fn melted(&self, calls: i64) -> i64 {
        let whole = i64::from(WHOLE);
        (calls * i64::from(self.ahead.min(WHOLE)) + whole / 2) / whole
    }
}

/// How much of the time in which what is kept melts lies ahead, in [`WHOLE`]ths.
pub(super) fn ahead(ends: Instant, now: Instant) -> u32 {
    let left = ends.saturating_duration_since(now);
    let left = left.saturating_sub(MELTED_BEFORE_END).as_millis();
    let whole = WINDOW.saturating_sub(MELTED_BEFORE_END).as_millis();
    let part = left.min(whole) * u128::from(WHOLE) / whole.max(1);
    u32::try_from(part).unwrap_or(WHOLE)
}

/// After which time enough has melted for one call, at the earliest.
pub(super) fn melting_time(room: Room, ends: Instant, now: Instant) -> Duration {
    let until_end = ends.saturating_duration_since(now);
    let missing = u32::try_from(1 - room.free).unwrap_or(u32::MAX);
    let kept = u32::try_from(room.kept).unwrap_or(0);
    if kept < missing {
        return until_end;
    }
    let melting = until_end.saturating_sub(MELTED_BEFORE_END);
    let part = melting.mul_f64(f64::from(missing) / f64::from(kept));
    part.clamp(LOOK_AGAIN_MIN, LOOK_AGAIN_MAX).min(until_end)
}

/// Length of a window (Okta's docs).
pub(super) const WINDOW: Duration = Duration::from_secs(60);
