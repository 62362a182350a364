//! Calls that brought no answer: too many at once, no budget left, or an org that cannot be reached. Says whether Okta may have
//! acted, and when to come again in the headers that Okta's SDKs read.

use http::header::RETRY_AFTER;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use upstream::{Silence, UpstreamError};

use crate::admission::Turned;
use crate::refusal::Refusal;
use crate::table::Kind;

/// Somebody who was turned away because there is too much of something. Like Okta's own limits: nothing remains, and the reset says
/// when there may be room again.
pub(crate) fn turned(turned: Turned, now: Timestamp) -> Refusal {
    let (kind, limit, again_s, cause) = match turned {
        Turned::CallsPerSecond { limit, again_s } => (
            Kind::Hurried,
            limit,
            again_s,
            "This client makes more calls per second than it may.",
        ),
        Turned::VisitsPerSecond { again_s } => (
            Kind::Hurried,
            0,
            again_s,
            "This address asks for more per second than it may.",
        ),
        Turned::CallsOfCaller { limit } => (
            Kind::Crowded,
            limit,
            1,
            "This client has too many calls in flight at once.",
        ),
        Turned::Answers => (
            Kind::Overloaded,
            0,
            2,
            "Too many answers wait for their callers to read them.",
        ),
        _ => (Kind::Crowded, 0, 1, "Too much is asked for at once."),
    };
    let refusal = Refusal::new(kind, turned.code()).because(cause);
    rate_limited(
        refusal,
        limit,
        now.as_second().saturating_add(again_s.max(1)),
        now,
    )
}

/// A call that was made, or at least tried, and not answered.
pub(crate) fn unanswered(error: &UpstreamError, now: Timestamp) -> Refusal {
    let refusal = |kind| {
        let refusal = Refusal::new(kind, error.kind()).because(cause_of(error));
        if error.sent() {
            refusal.because("Okta may have carried it out: look before repeating it.")
        } else {
            refusal
        }
    };
    match error {
        UpstreamError::Exhausted { limit, wait, .. } => {
            let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX / 2);
            let reset = now.as_second().saturating_add(seconds).saturating_add(1);
            rate_limited(refusal(Kind::Exhausted), limit.unwrap_or(0), reset, now)
        }
        UpstreamError::Unanswered {
            silence: Silence::TimedOut { .. },
            ..
        } => refusal(Kind::Unanswered),
        UpstreamError::Unsendable { .. } => refusal(Kind::Ambiguous),
        _ => refusal(Kind::Unreachable),
    }
}

/// What a caller may know: not the org's host, not what is wrong with the gateway's own credential.
fn cause_of(error: &UpstreamError) -> &'static str {
    match error {
        UpstreamError::Exhausted { .. } => {
            "The gateway's share of Okta's rate limit is used up for this operation."
        }
        UpstreamError::Unanswered { .. } => "The org did not answer.",
        UpstreamError::Unsendable { .. } => "The call cannot be written as a request.",
        UpstreamError::TooLarge { .. } => "The answer is too large; ask for smaller pages.",
        UpstreamError::Unfit { .. } => {
            "What came in answer to the call is not an answer of the org's that can be passed on."
        }
        _ => "The gateway cannot reach the org.",
    }
}

/// A refusal with the headers that Okta's SDKs wait by: limit, nothing remaining, and the second from which to come again; and with
/// the one everybody else waits by, the same in seconds from now.
pub(crate) fn rate_limited(refusal: Refusal, limit: u32, reset: i64, now: Timestamp) -> Refusal {
    let seconds = reset.saturating_sub(now.as_second()).max(1);
    refusal
        .with_header(RETRY_AFTER, HeaderValue::from(seconds))
        .with_header(
            HeaderName::from_static("x-rate-limit-limit"),
            HeaderValue::from(limit),
        )
        .with_header(
            HeaderName::from_static("x-rate-limit-remaining"),
            HeaderValue::from(0),
        )
        .with_header(
            HeaderName::from_static("x-rate-limit-reset"),
            HeaderValue::from(reset),
        )
}
