//! The course of a request for more: asked, approved by enough people, running for its minutes, over. Pure: what happened and what
//! time it is are handed in; whoever keeps it writes down what comes out.
//!
//! Two things hold whatever happens in whatever order, clocks that jump included: nothing runs without the approvals it takes, each
//! of another person; and what runs ends, at the latest after the minutes asked for.

use jiff::{SignedDuration, Timestamp};

use super::{ApproverId, Objection};

/// Where a request stands, as far as time and people decide it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// When it was asked, to the second.
    pub asked: Timestamp,
    /// Until when it can be approved.
    pub lapses: Timestamp,
    /// How long it runs once approved.
    pub minutes: u32,
    /// How many people have to approve it.
    pub needed: u32,
    /// Who approved it, each once, in this order.
    pub approvals: Vec<ApproverId>,
    /// When it was denied.
    pub denied: Option<Timestamp>,
    /// From when it runs.
    pub starts: Option<Timestamp>,
    /// When it is over; for one that never ran, when it was withdrawn.
    pub ends: Option<Timestamp>,
}

/// Where a request stands at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Waits for people to approve it.
    Open {
        /// How many are missing.
        missing: u32,
    },
    /// Approved and running.
    Running {
        /// Until when.
        until: Timestamp,
    },
    /// Somebody said no.
    Denied,
    /// Nobody decided in time.
    Lapsed,
    /// It has run, or was withdrawn.
    Over,
}

impl Stage {
    /// The stage as one word; stable.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Running { .. } => "running",
            Self::Denied => "denied",
            Self::Lapsed => "lapsed",
            Self::Over => "over",
        }
    }
}

impl Course {
    /// A request asked for at `now`, which takes `needed` approvals (at least one) and then runs for `minutes`.
    pub fn new(needed: u32, minutes: u32, lapse: SignedDuration, now: Timestamp) -> Self {
        let asked = whole_seconds(now);
        Self {
            asked,
            lapses: asked.saturating_add(lapse).unwrap_or(Timestamp::MAX),
            minutes,
            needed: needed.max(1),
            approvals: Vec::new(),
            denied: None,
            starts: None,
            ends: None,
        }
    }

    /// Where it stands at `now`. At a time before it was asked for, as after a clock was set back, it is over: nothing runs by
    /// mistake.
    pub fn stage(&self, now: Timestamp) -> Stage {
        match (self.denied, self.starts, self.ends) {
            (Some(_), _, _) => Stage::Denied,
            (None, Some(starts), Some(ends)) if starts <= now && now < ends => {
                Stage::Running { until: ends }
            }
            (None, None, None) if whole_seconds(now) < self.asked => Stage::Over,
            (None, None, None) if now < self.lapses => Stage::Open {
                missing: self.missing(),
            },
            (None, None, None) => Stage::Lapsed,
            (None, _, _) => Stage::Over,
        }
    }

    /// Notes that a person approves it; with the last approval it takes, it starts to run.
    ///
    /// # Errors
    /// [`Objection`], when it is no longer open. Approving twice changes nothing and is none.
    pub fn approve(&mut self, approver: &ApproverId, now: Timestamp) -> Result<Stage, Objection> {
        self.must_be_open(now)?;
        if !self.approvals.contains(approver) {
            self.approvals.push(approver.clone());
        }
        if self.missing() == 0 {
            let starts = whole_seconds(now);
            let span = SignedDuration::from_mins(i64::from(self.minutes));
            self.starts = Some(starts);
            self.ends = Some(starts.saturating_add(span).unwrap_or(starts));
        }
        Ok(self.stage(now))
    }

    /// Notes that a person says no: final.
    ///
    /// # Errors
    /// [`Objection`], when it is no longer open.
    pub fn deny(&mut self, now: Timestamp) -> Result<(), Objection> {
        self.must_be_open(now)?;
        self.denied = Some(whole_seconds(now));
        Ok(())
    }

    /// Ends it early, or withdraws it if it is still open.
    ///
    /// # Errors
    /// [`Objection`], when there is nothing to end.
    pub fn end(&mut self, now: Timestamp) -> Result<(), Objection> {
        match self.stage(now) {
            Stage::Open { .. } | Stage::Running { .. } => {
                self.ends = Some(whole_seconds(now));
                Ok(())
            }
            stage => Err(Objection::NotOpen { stage }),
        }
    }

    fn must_be_open(&self, now: Timestamp) -> Result<(), Objection> {
        match self.stage(now) {
            Stage::Open { .. } => Ok(()),
            stage => Err(Objection::NotOpen { stage }),
        }
    }

    fn missing(&self) -> u32 {
        let given = u32::try_from(self.approvals.len()).unwrap_or(u32::MAX);
        self.needed.saturating_sub(given)
    }
}

/// The second `at` lies in: what the state keeps.
fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Event {
        Approve(u8),
        Deny,
        End,
        /// Seconds to go on, or back.
        Time(i64),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            6 => (0_u8..3).prop_map(Event::Approve),
            1 => Just(Event::Deny),
            1 => Just(Event::End),
            4 => (-600_i64..5_000).prop_map(Event::Time),
        ]
    }

    fn person(number: u8) -> ApproverId {
        ApproverId::new(&format!("apr{number}"))
    }

    proptest! {
        #[test]
        fn nothing_runs_unapproved_and_everything_ends(
            needed in 1_u32..=2,
            minutes in 1_u32..=480,
            events in prop::collection::vec(event(), 0..40),
        ) {
            let start = Timestamp::constant(1_800_000_000, 7);
            let lapse = SignedDuration::from_hours(1);
            let mut course = Course::new(needed, minutes, lapse, start);
            let mut now = start;
            let mut said_yes = std::collections::BTreeSet::new();
            for event in events {
                let open = matches!(course.stage(now), Stage::Open { .. });
                match event {
                    Event::Approve(number) => {
                        let taken = course.approve(&person(number), now);
                        prop_assert_eq!(taken.is_ok(), open);
                        if open {
                            said_yes.insert(number);
                        }
                    }
                    Event::Deny => prop_assert_eq!(course.deny(now).is_ok(), open),
                    Event::End => { let _ = course.end(now); }
                    Event::Time(seconds) => now = now.saturating_add(SignedDuration::from_secs(seconds)).unwrap(),
                }
                if let Stage::Running { until } = course.stage(now) {
                    prop_assert!(said_yes.len() >= needed as usize);
                    prop_assert!(course.denied.is_none());
                    prop_assert!(until <= now.saturating_add(SignedDuration::from_mins(i64::from(minutes))).unwrap());
                }
            }
            let late = now.saturating_add(SignedDuration::from_hours(9 + 1)).unwrap();
            let live = matches!(course.stage(late), Stage::Running { .. } | Stage::Open { .. });
            prop_assert!(!live);
        }
    }

    #[test]
    fn one_person_approving_twice_is_one_approval() {
        let now = Timestamp::constant(1_800_000_000, 0);
        let mut course = Course::new(2, 60, SignedDuration::from_hours(1), now);
        for _ in 0..2 {
            let stage = course.approve(&person(1), now).unwrap();
            assert_eq!(stage, Stage::Open { missing: 1 });
        }
        let until = now + SignedDuration::from_mins(60);
        assert_eq!(
            course.approve(&person(2), now),
            Ok(Stage::Running { until })
        );
        assert_eq!(course.stage(until), Stage::Over);
        let before = until - SignedDuration::from_nanos(1);
        assert_eq!(course.stage(before), Stage::Running { until });
    }

    #[test]
    fn what_was_denied_withdrawn_or_lapsed_stays_so() {
        let now = Timestamp::constant(1_800_000_000, 0);
        let lapse = SignedDuration::from_hours(1);
        let fresh = Course::new(1, 60, lapse, now);
        let mut denied = fresh.clone();
        denied.deny(now).unwrap();
        let mut withdrawn = fresh.clone();
        withdrawn.end(now).unwrap();
        for (mut course, at, stage) in [
            (denied, now, Stage::Denied),
            (withdrawn, now, Stage::Over),
            (fresh, now + lapse, Stage::Lapsed),
        ] {
            assert_eq!(course.stage(at), stage);
            let objection = Objection::NotOpen { stage };
            assert_eq!(course.approve(&person(1), at), Err(objection.clone()));
            assert_eq!(course.deny(at), Err(objection.clone()));
            assert_eq!(course.end(at), Err(objection));
        }
    }
}
