//! The body of a call: JSON beside its shape, other media by their own rules.

mod form;
mod signed;
mod upload;

use crate::json::Tape;
use crate::shape::{Walk, bodies};
use crate::{Check, Notes, Subject};

/// Notes what is wrong with a body.
pub(crate) fn judge(subject: &Subject<'_>, body: &[u8], notes: &mut Notes<'_>) {
    let media = subject.media.split(';').next().unwrap_or_default().trim();
    if is_json(media) {
        match Tape::read(body) {
            Ok(tape) => Walk::over(bodies(), subject.operation, &tape, notes),
            Err(flaw) => notes.add(flaw.check, "body", "", flaw.fault),
        }
        return;
    }
    let judged = match media {
        "application/x-www-form-urlencoded" => match form::read(body) {
            Ok(pairs) => {
                Walk::over_form(bodies(), subject.operation, &pairs, notes);
                Ok(())
            }
            Err(fault) => Err(fault),
        },
        "multipart/form-data" => upload::judge(subject.media, body),
        "application/secevent+jwt" => signed::judge_token(body),
        _ => signed::judge_certificate(body),
    };
    if let Err(fault) = judged {
        notes.add(Check::Media, "body", "", fault);
    }
}

/// Whether a media type says JSON.
pub fn is_json(media: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default().trim();
    let end = media
        .len()
        .checked_sub(SUFFIX.len())
        .and_then(|at| media.get(at..));
    media.eq_ignore_ascii_case("application/json")
        || end.is_some_and(|end| end.eq_ignore_ascii_case(SUFFIX))
}

/// End of media types that are JSON with another meaning (RFC 6839).
const SUFFIX: &str = "+json";

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn json_is_told_by_its_media_type() {
        assert!(is_json("Application/JSON; charset=utf-8"));
        assert!(is_json("application/merge-patch+json;okta-version=1.0.0"));
        assert!(!is_json("text/json+x") && !is_json("+jso"));
    }
}
