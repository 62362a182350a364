//! How one kind of caller goes about the org's limits: its share of every bucket, how many calls at once, and whether it waits.
//!
//! Okta allows 75 calls at once per org (35 on free Integrator orgs): 50 for the gateway and 20 for jobs leave 5 to people.

/// How a caller shares the org's limits with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Most calls per window, in percent of the bucket's limit; 1 to 100. At least one call is always allowed.
    pub share_percent: u32,
    /// Level, in percent of the limit and counting everybody's calls, at which this caller stops; 1 to 100.
    pub ceiling_percent: u32,
    /// Most calls under way at once.
    pub concurrency_max: usize,
    /// What to do when Okta, or the share, says no.
    pub patience: Patience,
}

/// What a caller wants done when it cannot be served at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Hand out Okta's refusal at once: the caller has patience of its own.
    Immediate,
    /// Wait for a turn, up to an hour, and repeat what may be repeated.
    Waiting,
}

impl Pace {
    /// For calls passed on for somebody who waits: all of the budget, nothing repeated.
    pub const GATEWAY: Self = Self {
        share_percent: 100,
        ceiling_percent: 100,
        concurrency_max: 50,
        patience: Patience::Immediate,
    };

    /// For backup, restore and other jobs: half of every bucket, which is what Okta grants one principal by default, and never
    /// above 90 % in sum, where Okta starts to send warnings to the org's admins.
    pub const JOB: Self = Self {
        share_percent: 50,
        ceiling_percent: 90,
        concurrency_max: 20,
        patience: Patience::Waiting,
    };

    /// Calls this caller may make in a window of `limit`.
    pub(crate) fn share_of(self, limit: u32) -> u32 {
        portion(limit, self.share_percent)
    }

    /// Calls all callers together may have made in a window of `limit` before this one stops.
    pub(crate) fn ceiling_of(self, limit: u32) -> u32 {
        portion(limit, self.ceiling_percent)
    }
}

fn portion(limit: u32, percent: u32) -> u32 {
    let part = u64::from(limit) * u64::from(percent.min(100)) / 100;
    u32::try_from(part).unwrap_or(limit).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_down_but_never_to_nothing() {
        assert_eq!(Pace::JOB.share_of(600), 300);
        assert_eq!(Pace::JOB.share_of(15), 7);
        assert_eq!(Pace::JOB.share_of(1), 1);
        assert_eq!(Pace::JOB.ceiling_of(100), 90);
        assert_eq!(Pace::GATEWAY.share_of(u32::MAX), u32::MAX);
    }
}
