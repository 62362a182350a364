//! Why a client assertion was not accepted, for the audit trail. The sender is told of one class only.

use jose::Malformed;

use crate::oauth::Fault;

/// What was wrong with an assertion.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssertionFault {
    /// No token that may be looked at.
    #[error("client assertion: {0}")]
    Malformed(#[from] Malformed),
    /// `sub` is missing or no text.
    #[error("client assertion has no subject")]
    Subject,
    /// No client of that id signs in this way.
    #[error("no client signs in with a key under the subject's name")]
    UnknownClient,
    /// None of the client's keys has the algorithm and name of the header.
    #[error("no key of the client has the header's algorithm and name")]
    NoKey,
    /// None of the client's keys made the signature.
    #[error("client assertion is not signed by its client")]
    Signature,
    /// `typ` is of another kind of token.
    #[error("client assertion has the type of another token")]
    Kind,
    /// `iss` is not `sub`.
    #[error("client assertion is issued by another than its subject")]
    Issuer,
    /// The form names another client.
    #[error("the form names another client than the assertion")]
    OtherClient,
    /// `aud` is missing or names somebody else.
    #[error("client assertion is for another audience")]
    Audience,
    /// `exp` is missing or no time.
    #[error("client assertion has no time of expiry")]
    Expiry,
    /// `exp` has passed.
    #[error("client assertion has expired")]
    Expired,
    /// `exp` lies too far ahead.
    #[error("client assertion lives too long")]
    LongLived,
    /// `nbf` or `iat` lies ahead, or is no time.
    #[error("client assertion's `{0}` is not a time that has come")]
    NotYet(&'static str),
    /// `jti` is missing, empty or too long.
    #[error("client assertion has no usable name")]
    Name,
    /// It was used before.
    #[error("client assertion was used before")]
    Replayed,
    /// The client has more assertions running than are remembered.
    #[error("client has too many assertions that have not expired")]
    TooMany,
    /// The state database cannot be written.
    #[error("used assertions cannot be written down")]
    Unavailable,
}

impl AssertionFault {
    /// The class that is told to the sender: `invalid_client`, unless it is the server that fails.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Unavailable => Fault::Unavailable,
            _ => Fault::InvalidClient,
        }
    }

    /// The reason as one word, for the audit trail; stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed_assertion",
            Self::Subject => "assertion_without_subject",
            Self::UnknownClient => "unknown_client",
            Self::NoKey => "assertion_of_no_key",
            Self::Signature => "assertion_badly_signed",
            Self::Kind => "assertion_of_other_type",
            Self::Issuer => "assertion_of_other_issuer",
            Self::OtherClient => "assertion_of_other_client",
            Self::Audience => "assertion_for_other_audience",
            Self::Expiry => "assertion_without_expiry",
            Self::Expired => "assertion_expired",
            Self::LongLived => "assertion_lives_too_long",
            Self::NotYet(_) => "assertion_not_valid_yet",
            Self::Name => "assertion_without_name",
            Self::Replayed => "assertion_replayed",
            Self::TooMany => "too_many_assertions",
            Self::Unavailable => "state_unavailable",
        }
    }

    /// What to do next, as a full sentence, for the person who runs the client and sees the trail.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Malformed(malformed) => malformed.hint(),
            Self::Subject | Self::UnknownClient | Self::Issuer | Self::OtherClient => {
                "Set `iss` and `sub` to the client's id, and register the client for private_key_jwt."
            }
            Self::NoKey | Self::Signature => {
                "Register the public key the client signs with, with its algorithm and `kid`."
            }
            Self::Kind => "Leave `typ` out or set it to `JWT`.",
            Self::Audience => {
                "Set `aud` to the token endpoint's URL or to the issuer, exactly as the metadata says."
            }
            Self::Expiry | Self::Expired | Self::LongLived => {
                "Set `exp` to at most one hour ahead, and check the client's clock."
            }
            Self::NotYet(_) => "Check the client's clock.",
            Self::Name | Self::Replayed => {
                "Make a new assertion with a new random `jti` for every request."
            }
            Self::TooMany => {
                "Reuse access tokens until they expire instead of asking for one per call."
            }
            Self::Unavailable => "Check the disk that holds the state database.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_trail_tells_every_fault_apart_and_the_sender_none() {
        let faults = [
            AssertionFault::Malformed(Malformed::Json),
            AssertionFault::Subject,
            AssertionFault::UnknownClient,
            AssertionFault::NoKey,
            AssertionFault::Signature,
            AssertionFault::Kind,
            AssertionFault::Issuer,
            AssertionFault::OtherClient,
            AssertionFault::Audience,
            AssertionFault::Expiry,
            AssertionFault::Expired,
            AssertionFault::LongLived,
            AssertionFault::NotYet("iat"),
            AssertionFault::Name,
            AssertionFault::Replayed,
            AssertionFault::TooMany,
        ];
        let codes: BTreeSet<_> = faults.iter().map(AssertionFault::code).collect();
        assert_eq!(codes.len(), faults.len());
        assert_eq!(AssertionFault::Unavailable.fault(), Fault::Unavailable);
        assert!(!codes.contains(AssertionFault::Unavailable.code()));
        for fault in faults.iter().chain([&AssertionFault::Unavailable]) {
            let hint = fault.hint();
            assert!(
                hint.starts_with(char::is_uppercase) && hint.ends_with('.'),
                "{hint}"
            );
            assert_eq!(
                fault.fault() == Fault::InvalidClient,
                *fault != AssertionFault::Unavailable
            );
        }
        let malformed = AssertionFault::Malformed(Malformed::Kind);
        assert_eq!(malformed.hint(), Malformed::Kind.hint());
    }
}
