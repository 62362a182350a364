//! Who is let go next: grants leave, keeps the calls that wait, and picks among them. Neither waits nor locks.
//!
//! Within a budget: the higher priority first, but a lower one for every twentieth call; among equals whoever has had least for its
//! weight in this window, and of one client's calls the oldest. Between budgets, which contend for calls at once only: likewise by
//! calls under way.

use std::time::Duration;

use access::Priority;
use catalog::Operation;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Refusal;
use super::book::Book;
use crate::budget::register::Applicant;
use crate::budget::window::Admission;
use crate::limits::{QUEUED_MAX, QUEUED_PATIENT_MAX, QUEUED_PER_CLIENT_MAX};

/// Leave for one call, as the book counts it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant {
    pub(super) applicant: Applicant,
    /// Where the call is counted.
    pub(super) group: usize,
    pub(super) number: u64,
    /// Whether no other call was under way.
    pub(super) alone: bool,
}

/// A call that waits for leave.
#[derive(Debug)]
pub(super) struct Waiter {
    id: u64,
    operation: &'static Operation,
    applicant: Applicant,
    /// Where it is counted as waiting.
    group: usize,
    leave: oneshot::Sender<Grant>,
}

/// What stands between a call and its leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hindrance {
    /// Its budget, until a look at that time at the earliest, and until `ends` at the latest.
    Budget { look: Instant, ends: Instant },
    /// Calls under way that find out how large the budget is.
    News,
    /// Calls at once.
    Slots,
}

impl Book {
    /// Leave for a call, or what stands in its way. Those who wait are served first where they can be.
    pub(super) fn try_grant(
        &mut self,
        operation: &'static Operation,
        applicant: Applicant,
        now: Instant,
    ) -> Result<Grant, Hindrance> {
        if !self.waiters.is_empty() {
            self.dispatch(now);
        }
        let group = self.group_of(operation);
        self.hindrance(group, &applicant, now)
            .map_or_else(|| Ok(self.grant(group, applicant)), Err)
    }

    /// What stands between the applicant and leave in this group.
    pub(super) fn hindrance(
        &mut self,
        group: usize,
        applicant: &Applicant,
        now: Instant,
    ) -> Option<Hindrance> {
        let window = &mut self.groups.get_mut(group)?.window;
        window.turn(now);
        match window.judge(applicant, now) {
            Admission::Later { look, ends } => return Some(Hindrance::Budget { look, ends }),
            Admission::AfterNews => return Some(Hindrance::News),
            Admission::Granted => {}
        }
        let own = self.register.load(applicant.party).under_way;
        let Applicant {
            lane, share, pace, ..
        } = *applicant;
        let room = self.slots.has_room(lane, pace.concurrency_max, share, own);
        (!room).then_some(Hindrance::Slots)
    }

    fn grant(&mut self, group: usize, applicant: Applicant) -> Grant {
        let alone = self.slots.under_way == 0;
        self.admitted += 1;
        if let Some(group) = self.groups.get_mut(group) {
            group.window.take(&applicant);
        }
        self.slots.take(applicant.lane);
        self.load(&applicant, |load| load.under_way += 1);
        Grant {
            applicant,
            group,
            number: self.admitted,
            alone,
        }
    }

    /// Ends a call, which was sent or given back.
    pub(super) fn settle(&mut self, grant: &Grant, was_sent: bool) {
        let Applicant {
            party, share, lane, ..
        } = grant.applicant;
        self.slots.free(lane);
        self.load(&grant.applicant, |load| {
            load.under_way = load.under_way.saturating_sub(1);
        });
        let group = self.resolve(grant.group);
        if let Some(group) = self.groups.get_mut(group) {
            group.window.settle(party, share, was_sent);
        }
    }

    /// Lets the call wait, if there is room and a chance that its turn comes by `deadline`.
    pub(super) fn enqueue(
        &mut self,
        operation: &'static Operation,
        applicant: Applicant,
        now: Instant,
        deadline: Instant,
    ) -> Option<(u64, oneshot::Receiver<Grant>)> {
        let group = self.group_of(operation);
        let own = self.register.load(applicant.party).waiting;
        let full = if applicant.is_patient() {
            self.waiters.len() >= QUEUED_PATIENT_MAX
        } else {
            own >= QUEUED_PER_CLIENT_MAX || self.waiters.len() >= QUEUED_MAX
        };
        if full || deadline <= now {
            return None;
        }
        let before = self.before(group, &applicant);
        let window = &self.groups.get(group)?.window;
        if !window.serves(&applicant, before + 1, now, deadline) {
            return None;
        }
        let (leave, wait) = oneshot::channel();
        self.queued += 1;
        let id = self.queued;
        self.waiters.push(Waiter {
            id,
            operation,
            applicant,
            group,
            leave,
        });
        self.count_waiting(group, &applicant, true);
        Some((id, wait))
    }

    /// How many of those that wait for this group will be let go before the next call of the applicant's.
    fn before(&self, group: usize, applicant: &Applicant) -> u32 {
        let Some(window) = self.groups.get(group).map(|group| &group.window) else {
            return 0;
        };
        let weight = u64::from(applicant.share.weight);
        let waiting = window.waiting(Some(applicant.party));
        let own = u64::from(window.sent_by(applicant.party)) + u64::from(waiting) + 1;
        let ahead = self.waiters.iter().filter(|other| {
            let share = other.applicant.share;
            other.group == group
                && (share.priority < applicant.share.priority
                    || other.applicant.party == applicant.party
                    || share.priority == applicant.share.priority
                        && u64::from(window.sent_by(other.applicant.party) + 1) * weight
                            < own * u64::from(share.weight))
        });
        u32::try_from(ahead.count()).unwrap_or(u32::MAX)
    }

    /// Takes a call that waits off the queue; whether it was on it.
    pub(super) fn withdraw(&mut self, id: u64) -> bool {
        let place = self.waiters.iter().position(|waiter| waiter.id == id);
        let waiter = place.map(|place| self.waiters.remove(place));
        if let Some(waiter) = &waiter {
            self.count_waiting(self.resolve(waiter.group), &waiter.applicant, false);
        }
        waiter.is_some()
    }

    /// Lets go all that can be let go.
    pub(super) fn dispatch(&mut self, now: Instant) {
        while let Some((place, group)) = self.next(now) {
            let waiter = self.waiters.remove(place);
            self.count_waiting(group, &waiter.applicant, false);
            let grant = self.grant(group, waiter.applicant);
            if let Err(grant) = waiter.leave.send(grant) {
                self.settle(&grant, false);
            }
        }
    }

    /// Place in the queue of the call to be let go next, and its group.
    fn next(&mut self, now: Instant) -> Option<(usize, usize)> {
        let mut looked_at = std::mem::take(&mut self.looked_at);
        looked_at.clear();
        let mut best: Option<(usize, Candidate)> = None;
        let mut heads: Vec<(usize, Candidate)> = Vec::new();
        for place in 0..self.waiters.len() {
            let Some((group, applicant)) = self.at_its_group(place) else {
                continue;
            };
            let key = (applicant.party, applicant.lane, group);
            if looked_at.contains(&key) {
                continue; // The oldest of a client's calls stands for the others.
            }
            looked_at.push(key);
            if self.hindrance(group, &applicant, now).is_some() {
                continue;
            }
            let candidate = self.candidate(place, group, &applicant);
            match heads.iter_mut().find(|(known, _)| *known == group) {
                Some((_, head)) if candidate.within() < head.within() => *head = candidate,
                Some(_) => {}
                None => heads.push((group, candidate)),
            }
        }
        for (group, head) in heads {
            if best
                .as_ref()
                .is_none_or(|(_, best)| head.between() < best.between())
            {
                best = Some((group, head));
            }
        }
        self.looked_at = looked_at;
        best.map(|(group, head)| (head.place, group))
    }

    fn candidate(&self, place: usize, group: usize, applicant: &Applicant) -> Candidate {
        let per_weight =
            |calls: u32| (u64::from(calls) + 1) * 1_000 / u64::from(applicant.share.weight.max(1));
        let under_way = per_weight(self.register.load(applicant.party).under_way);
        let window = self.groups.get(group).map(|group| &group.window);
        let counted = window.filter(|window| window.is_known());
        let spared = counted.is_some_and(|window| window.is_below_floor(applicant.share));
        Candidate {
            place,
            turn: if spared {
                Priority::Recovery
            } else {
                applicant.share.priority
            },
            used: counted.map_or(under_way, |window| {
                per_weight(window.sent_by(applicant.party))
            }),
            under_way,
        }
    }

    /// The call's group and who asks, once it is counted as waiting where its operation belongs by now.
    fn at_its_group(&mut self, place: usize) -> Option<(usize, Applicant)> {
        let waiter = self.waiters.get(place)?;
        let (operation, applicant, counted) = (waiter.operation, waiter.applicant, waiter.group);
        let group = self.group_of(operation);
        if counted != group {
            let counted = self.resolve(counted);
            if let Ok([from, to]) = self.groups.get_disjoint_mut([counted, group]) {
                from.window.wait(&applicant, false);
                to.window.wait(&applicant, true);
            }
            self.waiters.get_mut(place)?.group = group;
        }
        Some((group, applicant))
    }

    fn count_waiting(&mut self, group: usize, applicant: &Applicant, more: bool) {
        if let Some(group) = self.groups.get_mut(group) {
            group.window.wait(applicant, more);
        }
        self.load(applicant, |load| {
            load.waiting = if more {
                load.waiting + 1
            } else {
                load.waiting.saturating_sub(1)
            };
        });
    }
}

impl Book {
    /// The refusal of a call that this stands in the way of.
    pub(super) fn refusal(
        &mut self,
        operation: &'static Operation,
        hindrance: Hindrance,
        now: Instant,
    ) -> Refusal {
        let group = self.group_of(operation);
        let group = self.groups.get(group);
        let refusal = |wait| Refusal {
            bucket: group.map_or_else(String::new, |group| group.name.clone()),
            limit: group.and_then(|group| group.limit),
            wait,
        };
        match hindrance {
            Hindrance::Budget { ends, .. } => refusal(ends.saturating_duration_since(now)),
            Hindrance::News => refusal(Duration::ZERO),
            Hindrance::Slots => Refusal {
                bucket: AT_ONCE.to_owned(),
                limit: None,
                wait: Duration::ZERO,
            },
        }
    }
}

/// What is named as the bucket where calls at once are what is short.
const AT_ONCE: &str = "calls at once";

/// A call that could be let go, and what it is preferred by: less goes first.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    place: usize,
    turn: Priority,
    /// Calls in this window per weight; where none is counted, calls under way per weight.
    used: u64,
    under_way: u64,
}

impl Candidate {
    /// Among those that wait for one budget.
    const fn within(&self) -> (Priority, u64, usize) {
        (self.turn, self.used, self.place)
    }

    /// Among the first of several budgets.
    const fn between(&self) -> (Priority, u64, usize) {
        (self.turn, self.under_way, self.place)
    }
}
