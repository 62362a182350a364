//! One budget of one minute, counted: what each lane has sent in it, and what Okta says is left. Pure; time is an argument.
//!
//! Counts err towards too much: a call under way when a window begins is counted in the new one, and one under way is taken off
//! what Okta stated last, whether or not Okta had counted it already.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::Stated;
use super::ledger::Lane;
use crate::{Pace, Patience};

/// Counts of one budget.
#[derive(Debug, Default)]
pub(super) struct Window {
    knowledge: Knowledge,
    lanes: BTreeMap<Lane, Count>,
}

#[derive(Debug, Default, Clone, Copy)]
enum Knowledge {
    /// Nothing is known of the present window.
    #[default]
    Nothing,
    /// Answers state no limit.
    Unlimited,
    /// Stated by the last answer.
    Stated {
        limit: u32,
        remaining: u32,
        reset: i64,
        ends: Instant,
    },
}

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    sent: u32,
    under_way: u32,
}

/// What a lane may do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// Send; it is counted.
    Granted,
    /// Wait until then, or for news.
    NotBefore(Instant),
    /// Wait for the answer of the call that finds out.
    AfterNews,
}

impl Window {
    /// Admits one call of `lane`, or says when to ask again.
    pub(super) fn admit(&mut self, lane: Lane, pace: Pace, now: Instant) -> Admission {
        if let Knowledge::Stated { ends, .. } = self.knowledge
            && now >= ends
        {
            self.begin(Knowledge::Nothing);
        }
        let under_way = self.under_way();
        match self.knowledge {
            Knowledge::Nothing if under_way > 0 && pace.patience == Patience::Waiting => {
                return Admission::AfterNews;
            }
            Knowledge::Stated {
                limit,
                remaining,
                ends,
                ..
            } => {
                let spent = limit.saturating_sub(remaining).saturating_add(under_way);
                let share_used = self.count(lane).sent >= pace.share_of(limit);
                if share_used || spent >= pace.ceiling_of(limit) {
                    return Admission::NotBefore(ends);
                }
            }
            Knowledge::Nothing | Knowledge::Unlimited => {}
        }
        let count = self.count(lane);
        count.sent += 1;
        count.under_way += 1;
        Admission::Granted
    }

    /// Takes in what an answer to a call of this budget stated; `None` if it stated nothing.
    pub(super) fn learn(&mut self, stated: Option<Stated>, now: Instant) {
        let Some(stated) = stated else {
            if matches!(self.knowledge, Knowledge::Nothing) {
                self.knowledge = Knowledge::Unlimited;
            }
            return;
        };
        let fresh = Knowledge::Stated {
            limit: stated.limit,
            remaining: stated.remaining,
            reset: stated.reset,
            ends: now + stated.until_reset(),
        };
        match &mut self.knowledge {
            Knowledge::Stated {
                limit,
                remaining,
                reset,
                ..
            } if *reset == stated.reset => {
                *limit = stated.limit;
                *remaining = stated.remaining.min(*remaining);
            }
            Knowledge::Stated { reset, .. } if stated.reset < *reset => {}
            // A later end before the known one has passed: the window slides, and counts go on.
            Knowledge::Stated { reset, .. } if stated.date < *reset - 1 => self.knowledge = fresh,
            Knowledge::Stated { .. } => self.begin(fresh),
            Knowledge::Nothing | Knowledge::Unlimited => self.knowledge = fresh,
        }
    }

    /// Ends one call of `lane`, after its answer, if there was one, has been learnt from.
    pub(super) fn settle(&mut self, lane: Lane) {
        let count = self.count(lane);
        count.under_way = count.under_way.saturating_sub(1);
    }

    /// Moves one call under way over to `other`.
    pub(super) fn hand_over(&mut self, lane: Lane, other: &mut Self) {
        self.settle(lane);
        let count = self.count(lane);
        count.sent = count.sent.saturating_sub(1);
        let count = other.count(lane);
        count.sent += 1;
        count.under_way += 1;
    }

    /// Adds the counts of a budget that turned out to be this one.
    pub(super) fn absorb(&mut self, other: &Self) {
        for (lane, theirs) in &other.lanes {
            let count = self.count(*lane);
            count.sent += theirs.sent;
            count.under_way += theirs.under_way;
        }
    }

    /// The limit, what is left and when it ends, if stated.
    pub(super) const fn stated(&self) -> Option<(u32, u32, Instant)> {
        match self.knowledge {
            Knowledge::Stated {
                limit,
                remaining,
                ends,
                ..
            } => Some((limit, remaining, ends)),
            Knowledge::Nothing | Knowledge::Unlimited => None,
        }
    }

    /// Calls sent in this window, all lanes together.
    pub(super) fn sent(&self) -> u32 {
        self.lanes.values().map(|count| count.sent).sum()
    }

    fn under_way(&self) -> u32 {
        self.lanes.values().map(|count| count.under_way).sum()
    }

    fn begin(&mut self, knowledge: Knowledge) {
        self.knowledge = knowledge;
        for count in self.lanes.values_mut() {
            count.sent = count.under_way;
        }
    }

    fn count(&mut self, lane: Lane) -> &mut Count {
        self.lanes.entry(lane).or_default()
    }
}
