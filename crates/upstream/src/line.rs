//! The line that the product's own jobs call on: decided, written down, called, written down. Backup and restore are callers with
//! grants like everyone else, and there is no shorter way to Okta for them.

use std::sync::Arc;

use access::{Call, Caller, Circumstances, Denial, decide};
use audit::{AuditError, Event, Opening, Outcome, Trail};
use clock::Clock;
use tokio::time::Instant;

use crate::{Answer, Budget, Pages, Upstream, UpstreamError};

/// A caller's line to one org. Clones share everything.
#[derive(Debug, Clone)]
pub struct Line {
    upstream: Arc<dyn Upstream>,
    trail: Trail,
    caller: Caller,
    clock: Arc<dyn Clock>,
}

/// Why a call on a line brought no usable answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// The caller's grant does not reach the operation; nothing was sent.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// The audit trail cannot be written. If `made`, the call was made and what it did is unrecorded.
    #[error("cannot record the call: {source}")]
    Unrecorded {
        /// Whether Okta has answered the call already.
        made: bool,
        /// The trail's error.
        source: AuditError,
    },
    /// No usable answer.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// A page of a walk was refused.
    #[error("{call} was refused with status {}{}", answer.status, code(answer))]
    Refused {
        /// The call, in words.
        call: String,
        /// Okta's answer.
        answer: Box<Answer>,
    },
    /// A walk cannot go on, so what was read is incomplete.
    #[error("cannot read all of {call}: {reason}")]
    Astray {
        /// The call, in words.
        call: String,
        /// What is wrong with the next page's link.
        reason: String,
    },
}

impl LineError {
    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Denied(denial) => denial.hint(),
            Self::Unrecorded { source, .. } => source.hint().to_owned(),
            Self::Upstream(error) => error.hint().to_owned(),
            Self::Refused { .. } => {
                "Check what the credential's admin role may do in this org.".to_owned()
            }
            Self::Astray { .. } => "Start again; an incomplete list is never used.".to_owned(),
        }
    }

    /// Whether Okta may have acted on the call although no answer is at hand.
    pub const fn sent(&self) -> bool {
        match self {
            Self::Upstream(error) => error.sent(),
            Self::Unrecorded { made, .. } => *made,
            Self::Denied(_) | Self::Refused { .. } | Self::Astray { .. } => false,
        }
    }
}

fn code(answer: &Answer) -> String {
    answer
        .error()
        .map(|error| format!(" {} ({})", error.error_code, error.error_summary))
        .unwrap_or_default()
}

impl Line {
    /// A line for `caller`.
    pub fn new(
        upstream: Arc<dyn Upstream>,
        trail: Trail,
        caller: Caller,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            upstream,
            trail,
            caller,
            clock,
        }
    }

    /// Makes one call and hands back whatever Okta answered, refusals included.
    ///
    /// # Errors
    /// [`LineError`], when the call is not permitted, cannot be recorded, or is not answered.
    pub async fn call(&self, call: Call) -> Result<Answer, LineError> {
        let permit = match decide(
            &self.caller,
            call,
            &Circumstances::default(),
            self.clock.now(),
        ) {
            Ok(permit) => permit,
            Err(denial) => return Err(self.refuse(denial).await),
        };
        let opening = self.opening(permit.call());
        let recorded = self.trail.open_entry(permit, opening).await;
        let recorded = recorded.map_err(|source| LineError::Unrecorded {
            made: false,
            source,
        })?;
        let start = Instant::now();
        let answer = self.upstream.call(&recorded).await;
        let duration = start.elapsed();
        let outcome = Outcome {
            duration_us: u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
            ..outcome(&answer)
        };
        let closed = self.trail.close_entry(recorded, outcome).await;
        let answer = answer?;
        closed.map_err(|source| LineError::Unrecorded { made: true, source })?;
        Ok(answer)
    }

    /// Walks the pages of a listing, from the first to the last.
    pub fn pages(&self, call: Call) -> Pages {
        Pages::new(self.clone(), call)
    }

    /// What is known of the org's rate limits.
    pub fn budget(&self) -> Budget {
        self.upstream.budget()
    }

    /// Who calls on this line.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    fn opening(&self, call: &Call) -> Opening {
        Opening {
            client: self.caller.client().to_string(),
            credential: self.caller.credential().to_string(),
            operation: call.operation.id.to_owned(),
            resources: call.params.clone(),
            durable: !call.operation.is_read(),
            ..Opening::default()
        }
    }

    async fn refuse(&self, denial: Denial) -> LineError {
        let event = Event {
            kind: "refused",
            client: Some(self.caller.client().to_string()),
            credential: Some(self.caller.credential().to_string()),
            operation: Some(denial.operation.id.to_owned()),
            reason: Some(denial.code().to_owned()),
            ..Event::default()
        };
        match self.trail.note(event).await {
            Ok(_) => LineError::Denied(denial),
            Err(source) => LineError::Unrecorded {
                made: false,
                source,
            },
        }
    }
}

/// What the trail keeps of how a call ended; how long it took is for the caller to add.
pub fn outcome(answer: &Result<Answer, UpstreamError>) -> Outcome {
    match answer {
        Ok(answer) => Outcome {
            status: Some(answer.status.as_u16()),
            okta_request_id: answer.request_id().map(str::to_owned),
            bytes: answer.body.len() as u64,
            ..Outcome::default()
        },
        Err(error) => Outcome {
            failure: Some(error.kind().to_owned()),
            ..Outcome::default()
        },
    }
}
