//! Which failures are worth repeating, and after which pause: one table, by status and Okta's error code.
//!
//! A create is never repeated blindly: Okta has no idempotency keys, so what may have happened has to be looked up first.

use std::time::Duration;

use catalog::{Kind, Method, Operation};

use crate::budget::Stated;
use crate::{Answer, Silence, UpstreamError};

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Hand it out.
    Done,
    /// Repeat when the budget allows; the ledger knows when.
    NextWindow,
    /// Repeat after a pause.
    Pause,
    /// Repeat at once.
    AtOnce,
}

struct Row {
    status: u16,
    codes: Codes,
    which: Which,
    verdict: Verdict,
}

enum Codes {
    /// One of these of Okta's codes.
    Of(&'static [&'static str]),
    /// Any code of Okta's: the org itself refused, so nothing was done.
    Okta,
    /// Whatever the body is, an intermediary's page included.
    Any,
}

enum Which {
    Every,
    Repeatable,
}

/// The first row that fits counts; an answer without a row is handed out.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    Row { status: 429, codes: Codes::Any,                which: Which::Every,      verdict: Verdict::NextWindow },
    // Read-only mode lasts for as long as Okta's own failover does: an hour, not a minute.
    Row { status: 503, codes: Codes::Of(&["E0000010"]),  which: Which::Every,      verdict: Verdict::Done },
    Row { status: 503, codes: Codes::Okta,               which: Which::Every,      verdict: Verdict::Pause },
    Row { status: 503, codes: Codes::Any,                which: Which::Repeatable, verdict: Verdict::Pause },
    // Priorities being reconciled, group rules busy, user activating, object locked.
    Row { status: 423, codes: Codes::Any,                which: Which::Every,      verdict: Verdict::Pause },
    Row { status: 409, codes: Codes::Of(BUSY),           which: Which::Every,      verdict: Verdict::Pause },
    // Deletes fail so for up to 30 s after the deactivation they follow.
    Row { status: 500, codes: Codes::Any,                which: Which::Repeatable, verdict: Verdict::Pause },
    Row { status: 502, codes: Codes::Any,                which: Which::Repeatable, verdict: Verdict::Pause },
    Row { status: 504, codes: Codes::Any,                which: Which::Repeatable, verdict: Verdict::Pause },
];

/// Conflicts that pass by themselves.
const BUSY: &[&str] = &[
    "E0000112", "E0000239", "E0000249", "E0000253", "E0000254", "E0000268",
];

/// What to do after this answer to a call of `operation`.
pub(crate) fn after_answer(operation: &Operation, answer: &Answer) -> Verdict {
    let status = answer.status.as_u16();
    if status < 400 || !TABLE.iter().any(|row| row.status == status) {
        return Verdict::Done;
    }
    let error = answer.error();
    let code = error.as_ref().map(|error| error.error_code.as_str());
    let fits = |row: &&Row| {
        row.status == status
            && match row.codes {
                Codes::Of(codes) => code.is_some_and(|code| codes.contains(&code)),
                Codes::Okta => code.is_some(),
                Codes::Any => true,
            }
            && match row.which {
                Which::Every => true,
                Which::Repeatable => is_repeatable(operation),
            }
    };
    TABLE
        .iter()
        .find(fits)
        .map_or(Verdict::Done, |row| row.verdict)
}

/// What a patient caller does after an attempt of `operation` that brought no answer.
pub(crate) fn after_error(operation: &Operation, error: &UpstreamError) -> Verdict {
    let had_its_turn = !matches!(error, UpstreamError::Exhausted { .. });
    let may_repeat = !error.sent() || is_repeatable(operation);
    if had_its_turn && may_repeat && error.is_retryable() {
        Verdict::Pause
    } else {
        Verdict::Done
    }
}

/// What an impatient caller does after a first attempt that brought no answer: a kept connection may have been closed at the
/// other end in the very moment it was used again, which says nothing about Okta.
pub(crate) fn after_break(operation: &Operation, error: &UpstreamError) -> Verdict {
    let broke = matches!(
        error,
        UpstreamError::Unanswered {
            silence: Silence::Broken(_),
            ..
        }
    );
    if broke && is_repeatable(operation) {
        Verdict::AtOnce
    } else {
        Verdict::Done
    }
}

/// What an impatient caller does after a 429 of Okta's, with so much of its time to wait left. The call has done nothing, so it may
/// be repeated whatever it is; the ledger knows by now how long the budget is used up.
pub(crate) fn after_refusal(stated: Option<Stated>, left: Duration) -> Verdict {
    match stated {
        Some(stated) if stated.limit > 0 && stated.until_reset() <= left => Verdict::NextWindow,
        // Too many calls at once: what Okta says of the reset is no promise.
        Some(stated) if stated.limit == 0 && left > CROWDED_WAIT => Verdict::Pause,
        _ => Verdict::Done,
    }
}

/// The least time to wait that is worth trying again after too many calls at once: the longest of the first pauses, and an answer.
const CROWDED_WAIT: Duration = Duration::from_secs(2);

/// Whether making the call twice does what making it once does.
fn is_repeatable(operation: &Operation) -> bool {
    let by_method = matches!(
        operation.method,
        Method::Get | Method::Put | Method::Delete | Method::Options
    );
    (by_method || operation.kind == Kind::Read) && !SECOND_DOES_MORE.contains(&operation.id)
}

/// Operations that look repeatable and are not. The first `DELETE` of a user deactivates it, the second deletes it for good.
const SECOND_DOES_MORE: &[&str] = &["deleteUser"];

/// The pause before the attempt after `attempts`, spread by up to a quarter.
pub(crate) fn pause(attempts: u32) -> Duration {
    let seconds = 1u64 << attempts.saturating_sub(1).min(4);
    let pause = Duration::from_secs(seconds.min(15));
    pause + jitter(pause / 4)
}

/// A random time up to `max`.
pub(crate) fn jitter(max: Duration) -> Duration {
    let mut byte = [0u8; 1];
    // Without randomness there is no spread, which costs politeness but nothing else.
    let portion = aws_lc_rs::rand::fill(&mut byte).map_or(0, |()| u32::from(byte[0]));
    max.mul_f64(f64::from(portion) / 256.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    fn verdict(operation: &str, status: u16, code: &str) -> Verdict {
        let body = if code.is_empty() {
            Bytes::from_static(b"<html>")
        } else {
            Bytes::from(format!(r#"{{"errorCode":"{code}"}}"#))
        };
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Answer {
            status,
            headers: HeaderMap::new(),
            body,
            merged: false,
        };
        after_answer(catalog::operations().by_id(operation).unwrap(), &answer)
    }

    #[test]
    fn each_class_of_failure_has_its_verdict() {
        let cases = [
            ("listUsers", 200, "", Verdict::Done),
            ("listUsers", 404, "E0000007", Verdict::Done),
            ("createUser", 429, "E0000047", Verdict::NextWindow),
            ("createUser", 503, "E0000010", Verdict::Done),
            ("createUser", 503, "E0000100", Verdict::Pause),
            ("createUser", 503, "", Verdict::Done),
            ("listUsers", 503, "", Verdict::Pause),
            ("createGroupRule", 423, "E0000239", Verdict::Pause),
            ("createUser", 409, "E0000112", Verdict::Pause),
            ("createUser", 409, "E0000055", Verdict::Done),
            ("deleteApplication", 500, "E0000009", Verdict::Pause),
            ("createApplication", 500, "E0000009", Verdict::Done),
            ("createApplication", 502, "", Verdict::Done),
            ("deleteUser", 429, "E0000047", Verdict::NextWindow),
            ("deleteUser", 500, "E0000009", Verdict::Done),
            ("deleteUser", 502, "", Verdict::Done),
        ];
        for (operation, status, code, expected) in cases {
            assert_eq!(
                verdict(operation, status, code),
                expected,
                "{operation} {status} {code}"
            );
        }
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        for (attempts, seconds) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 15), (40, 15)] {
            let pause = pause(attempts);
            let least = Duration::from_secs(seconds);
            assert!(
                pause >= least && pause <= least.mul_f64(1.25),
                "{attempts}: {pause:?}"
            );
        }
    }
}
