//! Why no answer of Okta's can be handed out. An answer with a status of failure is an [`crate::Answer`], not an error: only its
//! caller knows what a 404 means. Messages name hosts and codes, never credentials, bodies or query values.

use std::error::Error;
use std::time::Duration;

use crate::Unfit;

/// Source of an error, kept for the log.
pub type Source = Box<dyn Error + Send + Sync>;

/// No usable answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// The host's name has no address.
    #[error("cannot resolve the name {host}: {reason}")]
    Unresolved {
        /// Host and port spoken to.
        host: String,
        /// The system's words for it.
        reason: String,
        /// The resolver's error.
        source: Source,
    },
    /// Nothing accepts connections there, or not in time.
    #[error("cannot connect to {host}: {reason}")]
    Unconnected {
        /// Host and port spoken to.
        host: String,
        /// The system's words for it.
        reason: String,
        /// The connector's error.
        source: Source,
    },
    /// The TLS handshake failed.
    #[error("no secure connection to {host}: {reason}")]
    Tls {
        /// Host and port spoken to.
        host: String,
        /// The system's words for it.
        reason: String,
        /// The handshake's error.
        source: Source,
    },
    /// The request was handed to a connection, and no complete answer came back.
    #[error("{host} did not answer: {silence}")]
    Unanswered {
        /// Host and port spoken to.
        host: String,
        /// Whether Okta may have received the request, and so have acted on it.
        sent: bool,
        /// How the answer failed to come.
        silence: Silence,
    },
    /// The answer's body is larger than what is taken in.
    #[error("the answer of {host} is larger than {bytes_max} bytes")]
    TooLarge {
        /// Host and port spoken to.
        host: String,
        /// The bound.
        bytes_max: usize,
    },
    /// The answer is not one that can be taken or handed on.
    #[error("the answer of {host} is not taken: {unfit}")]
    Unfit {
        /// Host and port spoken to.
        host: String,
        /// What is wrong with it.
        unfit: Unfit,
    },
    /// Something else than an Okta org answers there.
    #[error("{host} does not answer like an Okta org: {found}")]
    NotOkta {
        /// Host and port spoken to.
        host: String,
        /// What came instead.
        found: String,
    },
    /// Okta refuses the credential that Portcullis itself presents.
    #[error("{host} refuses the credential: {reason}")]
    BadCredential {
        /// Host and port spoken to.
        host: String,
        /// Okta's code and sentence.
        reason: String,
    },
    /// The caller's share of the rate budget is used up for longer than the caller is willing to wait.
    #[error("the share of rate bucket {bucket} is used up for the next {} s", wait.as_secs().max(1))]
    Exhausted {
        /// Name of the bucket.
        bucket: String,
        /// Okta's limit for its window of a minute, if learnt.
        limit: Option<u32>,
        /// How long until its window ends.
        wait: Duration,
    },
    /// The call cannot be written as a request.
    #[error("cannot write {operation} as a request")]
    Unsendable {
        /// Id of the operation.
        operation: &'static str,
        /// What is wrong with it.
        source: Source,
    },
}

/// How an answer failed to come.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Silence {
    /// Time ran out.
    #[error("nothing complete within {} s", after.as_secs())]
    TimedOut {
        /// How long was waited.
        after: Duration,
    },
    /// The service app got no access token to call with.
    #[error("the token endpoint answered {status}")]
    Refused {
        /// Status of the token endpoint's answer.
        status: http::StatusCode,
    },
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(Source),
}

impl UpstreamError {
    /// The same error for another caller whose identical call this was.
    pub(crate) fn again(&self) -> Self {
        let text = |source: &Source| -> Source { source.to_string().into() };
        match self {
            Self::Unresolved {
                host,
                reason,
                source,
            } => Self::Unresolved {
                host: host.clone(),
                reason: reason.clone(),
                source: text(source),
            },
            Self::Unconnected {
                host,
                reason,
                source,
            } => Self::Unconnected {
                host: host.clone(),
                reason: reason.clone(),
                source: text(source),
            },
            Self::Tls {
                host,
                reason,
                source,
            } => Self::Tls {
                host: host.clone(),
                reason: reason.clone(),
                source: text(source),
            },
            Self::Unanswered {
                host,
                sent,
                silence,
            } => Self::Unanswered {
                host: host.clone(),
                sent: *sent,
                silence: match silence {
                    Silence::TimedOut { after } => Silence::TimedOut { after: *after },
                    Silence::Refused { status } => Silence::Refused { status: *status },
                    Silence::Broken(source) => Silence::Broken(text(source)),
                },
            },
            Self::TooLarge { host, bytes_max } => Self::TooLarge {
                host: host.clone(),
                bytes_max: *bytes_max,
            },
            Self::Unfit { host, unfit } => Self::Unfit {
                host: host.clone(),
                unfit: *unfit,
            },
            Self::NotOkta { host, found } => Self::NotOkta {
                host: host.clone(),
                found: found.clone(),
            },
            Self::BadCredential { host, reason } => Self::BadCredential {
                host: host.clone(),
                reason: reason.clone(),
            },
            Self::Exhausted {
                bucket,
                limit,
                wait,
            } => Self::Exhausted {
                bucket: bucket.clone(),
                limit: *limit,
                wait: *wait,
            },
            Self::Unsendable { operation, source } => Self::Unsendable {
                operation,
                source: text(source),
            },
        }
    }

    /// A short name of the kind, stable, for reports and audit entries.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unresolved { .. } => "unresolved",
            Self::Unconnected { .. } => "unconnected",
            Self::Tls { .. } => "tls",
            Self::Unanswered {
                silence: Silence::TimedOut { .. },
                ..
            } => "timed-out",
            Self::Unanswered { .. } => "unanswered",
            Self::TooLarge { .. } => "too-large",
            Self::Unfit { unfit, .. } => unfit.word(),
            Self::NotOkta { .. } => "not-okta",
            Self::BadCredential { .. } => "bad-credential",
            Self::Exhausted { .. } => "exhausted",
            Self::Unsendable { .. } => "unsendable",
        }
    }

    /// Whether Okta may have acted on the call. If so, look the object up by its natural key before a create is repeated.
    pub const fn sent(&self) -> bool {
        match self {
            Self::Unanswered { sent, .. } => *sent,
            Self::TooLarge { .. } | Self::Unfit { .. } | Self::NotOkta { .. } => true,
            _ => false,
        }
    }

    /// Whether the same call may succeed later with nothing changed on this side.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Unresolved { .. }
                | Self::Unconnected { .. }
                | Self::Unanswered { .. }
                | Self::Exhausted { .. }
        )
    }

    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Unresolved { .. } => {
                "Check the org's address in the settings, and this machine's name resolution."
            }
            Self::Unconnected { .. } => {
                "Check that the org's address is right and that this machine may reach it on that port."
            }
            Self::Tls { .. } => {
                "Check the org's address, this machine's clock and its certificate store; a proxy that opens TLS needs its root there."
            }
            Self::Unanswered { sent: true, .. } => {
                "Okta may have carried the call out: look at the object before repeating it."
            }
            Self::Unanswered { sent: false, .. } => "Nothing was sent; try again.",
            Self::TooLarge { .. } => "Ask for smaller pages with `limit`.",
            Self::Unfit { .. } => {
                "Check what stands between this machine and Okta; a write may have been carried out, so look at the object."
            }
            Self::NotOkta { .. } => {
                "Check the org's address: it must be the org itself, not a portal, proxy or login page."
            }
            Self::BadCredential { .. } => {
                "Check that the API token or service app key in the settings belongs to this org and is active."
            }
            Self::Exhausted { .. } => {
                "Wait for the window to end, or give this caller a larger share of the budget."
            }
            Self::Unsendable { .. } => "Correct the call; nothing was sent.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_reached_okta_says_so() {
        let host = || "example.okta.com".to_owned();
        let silent = |sent| UpstreamError::Unanswered {
            host: host(),
            sent,
            silence: Silence::TimedOut {
                after: Duration::from_secs(60),
            },
        };
        assert!(silent(true).sent() && silent(true).is_retryable());
        assert!(!silent(false).sent());
        assert_ne!(silent(true).hint(), silent(false).hint());
        let refused = UpstreamError::BadCredential {
            host: host(),
            reason: "E0000011".to_owned(),
        };
        assert!(!refused.sent() && !refused.is_retryable());
    }
}
