//! What one answer states about its budget: the `X-Rate-Limit-*` headers beside `Date`.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;

use crate::limits::{WINDOW_LENGTH_MAX, WINDOW_MARGIN};

/// The headers, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stated {
    /// Calls per window; 0 when the refusal was about concurrency.
    pub limit: u32,
    /// Calls left in the window.
    pub remaining: u32,
    /// Okta's second in which the window ends.
    pub reset: i64,
    /// Okta's second of the answer.
    pub date: i64,
}

impl Stated {
    /// Reads the headers; `None` unless all three are numbers. Without a usable `Date`, `now` stands in for it.
    pub(crate) fn read(headers: &HeaderMap, now: Timestamp) -> Option<Self> {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
        let count = |name: &str| u32::try_from(number(name)?).ok();
        Some(Self {
            limit: count("x-rate-limit-limit")?,
            remaining: count("x-rate-limit-remaining")?,
            reset: number("x-rate-limit-reset")?,
            date: date(headers).unwrap_or_else(|| now.as_second()),
        })
    }

    /// How long to wait for the window's end, margin included, and never unreasonably long.
    pub(crate) fn until_reset(&self) -> Duration {
        let seconds = self.reset.saturating_sub(self.date);
        let stated = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        stated.saturating_add(WINDOW_MARGIN).min(WINDOW_LENGTH_MAX)
    }
}

fn date(headers: &HeaderMap) -> Option<i64> {
    let text = headers.get(http::header::DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()
        .map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn the_wait_runs_by_oktas_own_clock() {
        let stated = Stated::read(
            &headers(&[
                ("x-rate-limit-limit", "600"),
                ("x-rate-limit-remaining", "12"),
                ("x-rate-limit-reset", "1609459260"),
                ("date", "Fri, 01 Jan 2021 00:00:23 GMT"),
            ]),
            Timestamp::UNIX_EPOCH,
        )
        .unwrap();
        assert_eq!((stated.limit, stated.remaining), (600, 12));
        assert_eq!(stated.until_reset(), Duration::from_secs(37 + 1));
    }

    #[test]
    fn headers_that_are_missing_or_strange_state_nothing() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(
            Stated::read(&headers(&[("x-rate-limit-limit", "600")]), now),
            None
        );
        let strange = [
            ("x-rate-limit-limit", "-5"),
            ("x-rate-limit-remaining", "1"),
            ("x-rate-limit-reset", "9"),
        ];
        assert_eq!(Stated::read(&headers(&strange), now), None);
    }

    #[test]
    fn a_window_is_never_believed_to_last_for_hours() {
        let far = Stated {
            limit: 1,
            remaining: 0,
            reset: 1_000_000,
            date: 0,
        };
        assert_eq!(far.until_reset(), WINDOW_LENGTH_MAX);
        let past = Stated {
            limit: 1,
            remaining: 0,
            reset: 5,
            date: 10,
        };
        assert_eq!(past.until_reset(), WINDOW_MARGIN);
    }
}
