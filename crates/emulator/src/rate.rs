//! Rate limits: one budget per bucket of the catalog, a window of one minute that begins with its first request.

use crate::settings::Limits;
use catalog::{Limit, buckets};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use jiff::Timestamp;
use std::collections::HashMap;

/// The budgets of one org and what is left of them.
#[derive(Debug)]
pub(crate) struct Rates {
    limits: Limits,
    windows: HashMap<&'static str, Window>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    since: i64,
    used: u32,
}

/// What one request found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Requests per minute.
    pub limit: u32,
    /// Requests left in this window.
    pub remaining: u32,
    /// End of the window, in seconds since 1970.
    pub reset: i64,
    /// Whether the request is within the limit.
    pub within: bool,
}

impl Rates {
    /// Full budgets.
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            windows: HashMap::new(),
        }
    }

    /// Counts one request to `bucket`.
    pub(crate) fn count(&mut self, bucket: &'static str, now: Timestamp) -> Standing {
        let limit = self.limit(bucket);
        let second = now.as_second();
        let window = self.windows.entry(bucket).or_insert(Window {
            since: second,
            used: 0,
        });
        if second >= window.since + WINDOW_S {
            *window = Window {
                since: second,
                used: 0,
            };
        }
        let within = window.used < limit || self.limits == Limits::Off;
        window.used = window.used.saturating_add(u32::from(within));
        Standing {
            limit,
            remaining: limit.saturating_sub(window.used),
            reset: window.since + WINDOW_S,
            within,
        }
    }

    fn limit(&self, bucket: &str) -> u32 {
        if self.limits == Limits::Off {
            return BOUNDLESS;
        }
        let known = buckets().by_name(bucket);
        let limit = known.map_or(Limit::Unpublished, |bucket| match self.limits {
            Limits::Integrator => bucket.integrator,
            Limits::Workforce | Limits::Off => bucket.workforce,
        });
        match limit {
            Limit::PerMinute(requests) => requests,
            Limit::Unlimited => u32::MAX,
            Limit::Unpublished => UNPUBLISHED,
        }
    }
}

impl Standing {
    /// Writes the three headers Okta sends with every answer.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let facts = [
            ("x-rate-limit-limit", i64::from(self.limit)),
            ("x-rate-limit-remaining", i64::from(self.remaining)),
            ("x-rate-limit-reset", self.reset),
        ];
        for (name, value) in facts {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

/// Length of a window (published).
const WINDOW_S: i64 = 60;
/// Requests per minute that are stated where none are refused: callers that pace themselves by the headers are not slowed.
const BOUNDLESS: u32 = 1_000_000;
/// Budget of buckets whose number was never published: the most frequent recorded value.
const UNPUBLISHED: u32 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_refused_when_spent_and_full_again_a_minute_later() {
        let mut rates = Rates::new(Limits::Integrator);
        let at = |second| Timestamp::from_second(second).unwrap();
        let standings: Vec<_> = (0..21)
            .map(|_| rates.count("/api/v1/apps", at(100)))
            .collect();
        assert_eq!(
            standings[0],
            Standing {
                limit: 20,
                remaining: 19,
                reset: 160,
                within: true
            }
        );
        assert!(standings[19].within && !standings[20].within);
        assert!(rates.count("/api/v1/apps", at(160)).within);
    }
}
