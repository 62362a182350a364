//! Why a DPoP proof was not accepted, for the audit trail. The sender is told of two classes only: a bad proof, or the need of a nonce.

use jose::Malformed;

use crate::oauth::Fault;

/// What was wrong with a proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofFault {
    /// There was none.
    #[error("no DPoP proof")]
    Absent,
    /// No proof by its form, its key or its signature.
    #[error("DPoP proof: {0}")]
    Malformed(#[from] Malformed),
    /// `htm` is another method.
    #[error("DPoP proof is for another method")]
    Method,
    /// `htu` is another URL.
    #[error("DPoP proof is for another URL")]
    Url,
    /// `iat` lies too far back.
    #[error("DPoP proof is too old")]
    Stale,
    /// `iat` lies ahead.
    #[error("DPoP proof is dated ahead")]
    Ahead,
    /// Made before this process began to remember proofs.
    #[error("DPoP proof was made before the gateway started")]
    BeforeStart,
    /// No `nonce`, where one is required.
    #[error("DPoP proof has no nonce")]
    NoNonce,
    /// `nonce` is not one of ours, or no longer.
    #[error("DPoP proof has a nonce that is not current")]
    OtherNonce,
    /// Made with another key than the access token is bound to.
    #[error("DPoP proof is of another key than the access token's")]
    OtherKey,
    /// `ath` is missing or of another access token.
    #[error("DPoP proof goes with another access token")]
    OtherToken,
    /// It was shown before.
    #[error("DPoP proof was used before")]
    Replayed,
    /// There is no room to remember it.
    #[error("too many DPoP proofs of this key")]
    TooMany,
    /// The state database cannot be written.
    #[error("used proofs cannot be written down")]
    Unavailable,
}

impl ProofFault {
    /// The class that is told to the sender.
    pub fn fault(&self) -> Fault {
        match self {
            Self::NoNonce | Self::OtherNonce => Fault::UseDpopNonce,
            Self::Unavailable => Fault::Unavailable,
            _ => Fault::InvalidDpopProof,
        }
    }

    /// The reason as one word, for the audit trail; stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Absent => "no_proof",
            Self::Malformed(_) => "malformed_proof",
            Self::Method => "proof_for_other_method",
            Self::Url => "proof_for_other_url",
            Self::Stale => "proof_too_old",
            Self::Ahead => "proof_dated_ahead",
            Self::BeforeStart => "proof_before_start",
            Self::NoNonce => "proof_without_nonce",
            Self::OtherNonce => "proof_with_old_nonce",
            Self::OtherKey => "proof_of_other_key",
            Self::OtherToken => "proof_for_other_token",
            Self::Replayed => "proof_replayed",
            Self::TooMany => "too_many_proofs",
            Self::Unavailable => "state_unavailable",
        }
    }

    /// What to do next, as a full sentence, for the person who runs the client and sees the trail.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Malformed(malformed) => malformed.hint(),
            Self::Absent => "Send one `DPoP` header with every request.",
            Self::Method | Self::Url => {
                "Set `htm` and `htu` to the method and the gateway's URL, without query."
            }
            Self::Stale | Self::Ahead => {
                "Make the proof just before sending it, and check the client's clock."
            }
            Self::BeforeStart => "Send the request again with a new proof.",
            Self::NoNonce | Self::OtherNonce => {
                "Repeat the request with the nonce from the answer."
            }
            Self::OtherKey => "Sign with the key the access token was asked for with.",
            Self::OtherToken => "Set `ath` to the SHA-256 of the access token, in base64url.",
            Self::Replayed => "Make a new proof with a new random `jti` for every request.",
            Self::TooMany => "Send fewer calls per minute with one key.",
            Self::Unavailable => "Check the disk that holds the state database.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_trail_tells_every_fault_apart_and_the_sender_two_classes() {
        let faults = [
            ProofFault::Absent,
            ProofFault::Malformed(Malformed::Json),
            ProofFault::Method,
            ProofFault::Url,
            ProofFault::Stale,
            ProofFault::Ahead,
            ProofFault::BeforeStart,
            ProofFault::OtherKey,
            ProofFault::OtherToken,
            ProofFault::Replayed,
            ProofFault::TooMany,
            ProofFault::NoNonce,
            ProofFault::OtherNonce,
            ProofFault::Unavailable,
        ];
        let codes: BTreeSet<_> = faults.iter().map(ProofFault::code).collect();
        assert_eq!(codes.len(), faults.len());
        for fault in &faults {
            let hint = fault.hint();
            assert!(
                hint.starts_with(char::is_uppercase) && hint.ends_with('.'),
                "{hint}"
            );
            let class = match fault {
                ProofFault::NoNonce | ProofFault::OtherNonce => Fault::UseDpopNonce,
                ProofFault::Unavailable => Fault::Unavailable,
                _ => Fault::InvalidDpopProof,
            };
            assert_eq!(fault.fault(), class, "{fault}");
        }
        let malformed = ProofFault::Malformed(Malformed::Kind);
        assert_eq!(malformed.hint(), Malformed::Kind.hint());
    }
}
