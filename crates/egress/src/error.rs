//! Why a request to a host outside came to nothing. Never holds what was sent or answered.

use http::StatusCode;

use crate::limits::{ANSWER_BYTES_MAX, EXCHANGE_WAIT_MAX};

/// Why a request outside came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EgressError {
    /// A URL that nothing is sent to.
    #[error("`{url}` is {fault}")]
    BadUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// The host is on a private network, and the destination was not said to be.
    #[error("{host} is not on the public Internet")]
    OutOfReach {
        /// Which host.
        host: String,
    },
    /// No answer.
    #[error("{host} does not answer: {reason}")]
    Unanswered {
        /// Which host.
        host: String,
        /// What stood in the way.
        reason: String,
    },
    /// No answer in time.
    #[error("{host} did not answer within {} s", EXCHANGE_WAIT_MAX.as_secs())]
    TooSlow {
        /// Which host.
        host: String,
    },
    /// More than is taken in.
    #[error("{host} answered with more than {ANSWER_BYTES_MAX} bytes")]
    TooLarge {
        /// Which host.
        host: String,
    },
    /// An answer that is no success; a redirect is one of them.
    #[error("{host} answered {status}")]
    Refused {
        /// Which host.
        host: String,
        /// What it answered.
        status: StatusCode,
    },
    /// A success that is not what was asked for.
    #[error("{host} answered with something that is no {what}")]
    Unexpected {
        /// Which host.
        host: String,
        /// What was asked for.
        what: &'static str,
    },
    /// TLS cannot be set up on this machine.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

impl EgressError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::BadUrl { .. } => "Write it like `https://issuer.example/keys`.",
            Self::OutOfReach { .. } => {
                "Say that it is on a private network if that is meant, or correct the URL."
            }
            Self::Unanswered { .. } | Self::TooSlow { .. } => {
                "Check the URL, and that this machine may reach the host."
            }
            Self::TooLarge { .. } | Self::Unexpected { .. } => {
                "Check that the URL is the one the issuer documents."
            }
            Self::Refused { .. } => {
                "Name the final URL: redirects are not followed and nothing is signed in to."
            }
            Self::Tls(_) => "Install the system's certificate store (ca-certificates).",
        }
    }
}
