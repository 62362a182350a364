//! DPoP proofs as the servers check them (RFC 9449 section 4.3): at the token endpoint, with a nonce of ours; at the API, with the
//! hash of the access token. Okta's Node SDK never sends a nonce to the API, so none is asked for there.
//!
//! Every check has a name and stands in one of two lists, in the order they are made; the last uses the proof up. `htu` is compared
//! with the URL the client dialled, which is this gateway's own.

mod check;
mod fault;
mod nonce;
mod target;

use std::sync::Arc;

use jiff::Timestamp;
use jose::DpopProof;
use store::{Database, KeyError, SealKey};

use crate::oauth::replay::{SeenProofs, UsedAssertions};

pub(crate) use check::{AT_RESOURCE, AT_TOKEN_ENDPOINT, Check, Reading};
pub use fault::ProofFault;
use nonce::Nonces;

/// The request a proof came with.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The URL as the client sees it; query and fragment do not count.
    pub url: &'a str,
}

/// An access token bound to a key.
#[derive(Clone, Copy, Debug)]
pub struct BoundToken<'a> {
    /// Its text.
    pub text: &'a str,
    /// Thumbprint of the key it is bound to (`cnf.jkt`).
    pub thumbprint: &'a str,
}

/// What this process remembers about proofs: those it has seen, and how it makes nonces.
pub struct Proofs {
    nonces: Nonces,
    seen: SeenProofs,
    /// Used proofs that a restart must not forget: those dated ahead.
    kept: UsedAssertions,
    started: Timestamp,
}

impl Proofs {
    /// Begins to remember at `started`. Nonces are made with a key derived from `key`.
    ///
    /// # Errors
    /// When no key can be derived.
    pub fn new(
        database: Arc<Database>,
        key: &SealKey,
        started: Timestamp,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            nonces: Nonces::derived_from(key, started)?,
            seen: SeenProofs::default(),
            kept: UsedAssertions::of(database),
            started,
        })
    }

    /// The nonce to hand out now (`DPoP-Nonce`), good for 15 to 30 minutes.
    pub fn nonce(&self, now: Timestamp) -> String {
        self.nonces.current(now.as_second())
    }
}

/// The thumbprint of the key that a token request proves to possess.
///
/// `header` is the `DPoP` header, an empty text if it came twice. On [`ProofFault::NoNonce`] and [`ProofFault::OtherNonce`] answer
/// with [`Proofs::nonce`].
///
/// # Errors
/// [`ProofFault`]: for the audit trail; the sender is told [`ProofFault::fault`].
pub fn at_token_endpoint(
    header: Option<&str>,
    target: &Target<'_>,
    proofs: &Proofs,
    now: Timestamp,
) -> Result<String, ProofFault> {
    verify_by(AT_TOKEN_ENDPOINT, header, target, None, proofs, now)
}

/// Whether a call proves to possess the key its access token is bound to. Gives that key's thumbprint.
///
/// # Errors
/// As [`at_token_endpoint`], without the nonce.
pub fn at_resource(
    header: Option<&str>,
    target: &Target<'_>,
    token: &BoundToken<'_>,
    proofs: &Proofs,
    now: Timestamp,
) -> Result<String, ProofFault> {
    verify_by(AT_RESOURCE, header, target, Some(token), proofs, now)
}

/// Verifies by a list of checks, so that a test can show what each of them is for.
pub(crate) fn verify_by(
    checks: &[Check],
    header: Option<&str>,
    target: &Target<'_>,
    token: Option<&BoundToken<'_>>,
    proofs: &Proofs,
    now: Timestamp,
) -> Result<String, ProofFault> {
    let proof = DpopProof::read(header.ok_or(ProofFault::Absent)?)?;
    let reading = Reading {
        proof: &proof,
        target,
        token,
        proofs,
        now: now.as_second(),
    };
    for check in checks {
        (check.passes)(&reading)?;
    }
    Ok(proof.thumbprint().to_owned())
}
