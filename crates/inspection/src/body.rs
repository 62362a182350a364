//! The body of a call: JSON beside its shape, other media by their own rules.

use crate::json::Tape;
use crate::shape::{Walk, bodies};
use crate::{Notes, Subject};

/// Notes what is wrong with a body.
pub(crate) fn judge(subject: &Subject<'_>, body: &[u8], notes: &mut Notes<'_>) {
    if is_json(subject.media) {
        match Tape::read(body) {
            Ok(tape) => Walk::over(bodies(), subject.operation, &tape, notes),
            Err(flaw) => notes.add(flaw.check, "body", "", flaw.fault),
        }
    }
}

/// Whether a media type says JSON.
pub fn is_json(media: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default().trim();
    let end = media.len().checked_sub(SUFFIX.len()).and_then(|at| media.get(at..));
    media.eq_ignore_ascii_case("application/json")
        || end.is_some_and(|end| end.eq_ignore_ascii_case(SUFFIX))
}

/// End of media types that are JSON with another meaning (RFC 6839).
const SUFFIX: &str = "+json";
