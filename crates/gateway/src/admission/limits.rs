//! How much there is of everything, as settings say it.

use super::Rate;
use crate::limits::{
    ANSWER_BYTES_UNTAKEN_MAX, ANSWER_SECONDS_MAX, CALLS_MAX, CALLS_PER_CLIENT_MAX,
    CALLS_PER_SECOND_PER_CLIENT_MAX, CONNECTIONS_MAX, CONNECTIONS_PER_SOURCE_MAX,
    NEW_CONNECTIONS_PER_SECOND_MAX, REFUSALS_PER_SECOND_TOLERATED, VISITS_PER_SECOND_MAX,
};

/// The limits that settings may change; the defaults are the constants of the crate's `limits`, with their arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once.
    pub connections: u32,
    /// Connections at once from one source.
    pub connections_per_source: u32,
    /// New connections per second from one source; four times as many at once after a pause.
    pub new_connections_per_second: u32,
    /// Requests per second to the product's own routes, its token endpoint above all, from one source; twice as many at once.
    pub visits_per_second: u32,
    /// Refusals of strangers per second, from one source, after which its connections are closed with the answer; four times as many
    /// at once.
    pub refusals_per_second: u32,
    /// Calls at once, all callers together.
    pub calls: u32,
    /// Calls at once of one client.
    pub calls_per_client: u32,
    /// Calls per second of one client; twice as many at once.
    pub calls_per_second: u32,
    /// Mebibytes of answers that wait for their callers to take them.
    pub answers_mib: u32,
    /// Seconds within which a caller must take an answer.
    pub answer_seconds: u32,
}

/// Limits that cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} = {value} is not from {least} to {most}")]
pub struct LimitsError {
    /// Its key in the settings.
    pub key: &'static str,
    /// What was said.
    pub value: u32,
    /// The least it may be.
    pub least: u32,
    /// The most it may be.
    pub most: u32,
}

impl LimitsError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        "Correct the key under [limits], or leave it out for its default."
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX),
            connections_per_source: CONNECTIONS_PER_SOURCE_MAX,
            new_connections_per_second: NEW_CONNECTIONS_PER_SECOND_MAX,
            visits_per_second: VISITS_PER_SECOND_MAX,
            refusals_per_second: REFUSALS_PER_SECOND_TOLERATED,
            calls: u32::try_from(CALLS_MAX).unwrap_or(u32::MAX),
            calls_per_client: CALLS_PER_CLIENT_MAX,
            calls_per_second: CALLS_PER_SECOND_PER_CLIENT_MAX,
            answers_mib: ANSWER_BYTES_UNTAKEN_MAX >> 20,
            answer_seconds: ANSWER_SECONDS_MAX,
        }
    }
}

impl Limits {
    /// The same, once it is known that they can work.
    ///
    /// # Errors
    /// [`LimitsError`], naming the first that cannot.
    pub fn checked(self) -> Result<Self, LimitsError> {
        let rows = [
            ("connections", self.connections, 16, 65_536),
            (
                "connections-per-source",
                self.connections_per_source,
                1,
                65_536,
            ),
            (
                "new-connections-per-second",
                self.new_connections_per_second,
                1,
                RATE_MAX,
            ),
            ("visits-per-second", self.visits_per_second, 1, RATE_MAX),
            ("refusals-per-second", self.refusals_per_second, 1, RATE_MAX),
            ("calls", self.calls, 8, 4_096),
            ("calls-per-client", self.calls_per_client, 1, 4_096),
            ("calls-per-second", self.calls_per_second, 1, RATE_MAX),
            // The largest answer has 16 MiB.
            ("answers-mib", self.answers_mib, 32, 16_384),
            ("answer-seconds", self.answer_seconds, 1, 3_600),
        ];
        for (key, value, least, most) in rows {
            if !(least..=most).contains(&value) {
                return Err(LimitsError {
                    key,
                    value,
                    least,
                    most,
                });
            }
        }
        Ok(self)
    }

    pub(super) fn new_connections(&self) -> Rate {
        rate(self.new_connections_per_second, 4)
    }

    pub(super) fn visits(&self) -> Rate {
        rate(self.visits_per_second, 2)
    }

    pub(super) fn refusals(&self) -> Rate {
        rate(self.refusals_per_second, 4)
    }

    pub(super) fn calls_of_client(&self) -> Rate {
        rate(self.calls_per_second, 2)
    }
}

/// Above this a rate is none: a microsecond is the unit.
const RATE_MAX: u32 = 1_000_000;

fn rate(per_second: u32, seconds: u32) -> Rate {
    Rate {
        per_second,
        burst: per_second.saturating_mul(seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_can_work_and_an_impossible_limit_is_named() {
        assert_eq!(Limits::default().checked(), Ok(Limits::default()));
        let none = Limits {
            calls_per_second: 0,
            ..Limits::default()
        };
        let error = none.checked().unwrap_err();
        assert_eq!(
            error.to_string(),
            "calls-per-second = 0 is not from 1 to 1000000"
        );
    }
}
