//! The line that the product's own jobs call on: decided, written down, called, written down. Backup and restore are callers with
//! grants like everyone else, and there is no shorter way to Okta for them.

use std::sync::Arc;

use access::{AccessError, Call, Caller, Circumstances, Denial, Freeze, Keyring, decide};
use audit::{AuditError, EntryId, Event, Opening, Outcome, Trail};
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
    /// Says whether the org is frozen, where that matters.
    keyring: Option<Arc<Keyring>>,
}

/// Why a call on a line brought no usable answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// The caller's grant does not reach the operation; nothing was sent.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// The org is frozen; nothing was sent.
    #[error("org {} is frozen since {}: {}", .0.org, .0.since, .0.reason)]
    Frozen(Arc<Freeze>),
    /// Nobody can say whether the org is frozen; nothing was sent.
    #[error("cannot see whether the org is frozen: {0}")]
    Unsettled(AccessError),
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
            Self::Frozen(_) => {
                "Thaw it with `portcullis thaw`, or restore with --despite-freeze.".to_owned()
            }
            Self::Unsettled(error) => error.hint().to_owned(),
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
            Self::Denied(_)
            | Self::Frozen(_)
            | Self::Unsettled(_)
            | Self::Refused { .. }
            | Self::Astray { .. } => false,
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
            keyring: None,
        }
    }

    /// The same line, on which nothing is written while its org is frozen.
    #[must_use]
    pub fn heeding_freezes(mut self, keyring: Arc<Keyring>) -> Self {
        self.keyring = Some(keyring);
        self
    }

    /// Makes one call and hands back whatever Okta answered, refusals included.
    ///
    /// # Errors
    /// [`LineError`], when the call is not permitted, cannot be recorded, or is not answered.
    pub async fn call(&self, call: Call) -> Result<Answer, LineError> {
        self.refuse_frozen(&call).await?;
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
        let entered = self.trail.enter(opening).await;
        let recorded = entered
            .map(|entered| entered.with(permit))
            .map_err(|source| LineError::Unrecorded {
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

    fn opening<'c>(&'c self, call: &'c Call) -> Opening<'c> {
        Opening {
            client: self.caller.client().as_str(),
            credential: self.caller.credential().as_str(),
            operation: call.operation.id,
            resources: &call.params,
            durable: !call.operation.is_read(),
            ..Opening::default()
        }
    }

    /// Refuses a call that the freeze of the org stops.
    async fn refuse_frozen(&self, call: &Call) -> Result<(), LineError> {
        let Some(keyring) = self.keyring.as_ref().filter(|_| !call.operation.is_read()) else {
            return Ok(());
        };
        let frozen = keyring.frozen(self.caller.org(), self.clock.now());
        let freeze = match frozen.map_err(LineError::Unsettled)? {
            Some(freeze) if freeze.stops(&self.caller, call.operation) => freeze,
            _ => return Ok(()),
        };
        match self.note_refusal(call.operation.id, "frozen").await {
            Ok(_) => Err(LineError::Frozen(freeze)),
            Err(source) => Err(LineError::Unrecorded {
                made: false,
                source,
            }),
        }
    }

    async fn refuse(&self, denial: Denial) -> LineError {
        match self.note_refusal(denial.operation.id, denial.code()).await {
            Ok(_) => LineError::Denied(denial),
            Err(source) => LineError::Unrecorded {
                made: false,
                source,
            },
        }
    }

    async fn note_refusal(&self, operation: &str, reason: &str) -> Result<EntryId, AuditError> {
        let event = Event {
            kind: "refused",
            client: Some(self.caller.client().to_string()),
            credential: Some(self.caller.credential().to_string()),
            operation: Some(operation.to_owned()),
            reason: Some(reason.to_owned()),
            ..Event::default()
        };
        self.trail.note(event).await
    }
}

/// What the trail keeps of how a call ended; how long it took is for the caller to add.
pub fn outcome(answer: &Result<Answer, UpstreamError>) -> Outcome {
    match answer {
        Ok(answer) => Outcome {
            status: Some(answer.status.as_u16()),
            okta_request_id: answer.request_id().map(str::to_owned),
            bytes: answer.body.len() as u64,
            details: merged_detail(answer),
            ..Outcome::default()
        },
        Err(error) => Outcome {
            failure: Some(error.kind().to_owned()),
            ..Outcome::default()
        },
    }
}

fn merged_detail(answer: &Answer) -> Vec<(&'static str, String)> {
    if answer.merged {
        vec![(MERGED, "true".to_owned())]
    } else {
        Vec::new()
    }
}

/// Detail of a closing entry: the call was not sent, because an identical one of another caller's was under way and answered it.
const MERGED: &str = "merged";
