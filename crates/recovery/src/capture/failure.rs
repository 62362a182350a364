//! What becomes of a call that brought nothing: a gap in the image, or the end of the capture.

use crate::image::Cause;
use crate::limits::REASON_BYTES_MAX;
use upstream::{Answer, LineError, UpstreamError};

/// Why a capture cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The line to the org is dead.
    #[error("cannot read the org: {0}")]
    Line(#[source] LineError),
    /// A kind's facts name an operation that does not fit its path: a fault of the catalog.
    #[error("cannot ask for {kind}: {source}")]
    Catalog {
        /// The kind.
        kind: &'static str,
        /// What does not fit.
        source: access::UnknownOperation,
    },
}

impl CaptureError {
    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Line(error) => error.hint(),
            Self::Catalog { .. } => "Report this: the catalog is at fault, not the org.".to_owned(),
        }
    }
}

/// Why a collection could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) cause: Cause,
    pub(super) reason: String,
}

impl Refusal {
    /// An answer of failure, or one that cannot be read.
    pub(super) fn of(answer: &Answer) -> Self {
        let error = answer.error().unwrap_or_default();
        let reason = format!(
            "{} {} {}",
            answer.status.as_u16(),
            error.error_code,
            error.error_summary
        );
        let cause = match answer.status.as_u16() {
            400 | 401 | 403 | 404 | 405 | 410 => Cause::Refuse,
            _ => Cause::Fail,
        };
        Self {
            cause,
            reason: cut(reason.trim()),
        }
    }

    pub(super) fn unreadable(reason: &str) -> Self {
        Self {
            cause: Cause::Fail,
            reason: cut(reason),
        }
    }
}

/// Whether the capture can go on without what this call would have brought; if so, why that is missing.
pub(super) fn survivable(error: LineError) -> Result<Refusal, CaptureError> {
    match error {
        LineError::Refused { answer, .. } => Ok(Refusal::of(&answer)),
        LineError::Denied(denial) => Ok(Refusal {
            cause: Cause::Refuse,
            reason: cut(&denial.to_string()),
        }),
        LineError::Astray { reason, .. } => Ok(Refusal::unreadable(&reason)),
        LineError::Upstream(
            ref error @ (UpstreamError::Unanswered { .. }
            | UpstreamError::TooLarge { .. }
            | UpstreamError::Exhausted { .. }),
        ) => Ok(Refusal::unreadable(&error.to_string())),
        dead => Err(CaptureError::Line(dead)),
    }
}

fn cut(reason: &str) -> String {
    let mut end = reason.len().min(REASON_BYTES_MAX);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.get(..end).unwrap_or_default().to_owned()
}
