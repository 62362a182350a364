//! The checks of a DPoP proof beyond its form and signature (RFC 9449 section 4.3, points 8 to 12), in the order they are made.
//!
//! Each does one thing; none looks at anything but what it is handed.

use jose::{DpopProof, sha256_base64url};

use super::target::{is_same_target, normalised};
use super::{BoundToken, ProofFault, Proofs, Target};
use crate::limits::{CLOCK_SKEW_S, PROOF_AGE_S_MAX};
use crate::oauth::replay::Use;

/// A proof with all that its checks look at.
pub(crate) struct Reading<'a> {
    pub(crate) proof: &'a DpopProof,
    pub(crate) target: &'a Target<'a>,
    /// The token it goes with, at the API.
    pub(crate) token: Option<&'a BoundToken<'a>>,
    pub(crate) proofs: &'a Proofs,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

/// One check.
#[derive(Clone, Copy)]
pub(crate) struct Check {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "tests take a check out by its name")
    )]
    pub(crate) name: &'static str,
    pub(crate) passes: fn(&Reading<'_>) -> Result<(), ProofFault>,
}

impl Check {
    pub(crate) const fn new(
        name: &'static str,
        passes: fn(&Reading<'_>) -> Result<(), ProofFault>,
    ) -> Self {
        Self { name, passes }
    }
}

const METHOD: Check = Check::new("htm", is_for_this_method);
const URL: Check = Check::new("htu", is_for_this_url);
const FRESH: Check = Check::new("iat", is_fresh);
const SINCE_START: Check = Check::new("start", was_made_since_start);
const NONCE: Check = Check::new("nonce", has_our_nonce);
const KEY: Check = Check::new("jkt", is_of_the_tokens_key);
const TOKEN: Check = Check::new("ath", goes_with_this_token);
const REPLAY: Check = Check::new("jti", is_new);

/// The checks of a token request.
pub(crate) const AT_TOKEN_ENDPOINT: &[Check] = &[METHOD, URL, FRESH, SINCE_START, NONCE, REPLAY];

/// The checks of a call of the API.
pub(crate) const AT_RESOURCE: &[Check] = &[METHOD, URL, FRESH, SINCE_START, KEY, TOKEN, REPLAY];

fn is_for_this_method(it: &Reading<'_>) -> Result<(), ProofFault> {
    if it.proof.htm == it.target.method {
        Ok(())
    } else {
        Err(ProofFault::Method)
    }
}

fn is_for_this_url(it: &Reading<'_>) -> Result<(), ProofFault> {
    let dialled = normalised(it.target.url);
    if dialled.is_some_and(|dialled| is_same_target(&it.proof.htu, &dialled)) {
        Ok(())
    } else {
        Err(ProofFault::Url)
    }
}

fn is_fresh(it: &Reading<'_>) -> Result<(), ProofFault> {
    if it.proof.iat > it.now.saturating_add(CLOCK_SKEW_S) {
        Err(ProofFault::Ahead)
    } else if last_second(it) < it.now {
        Err(ProofFault::Stale)
    } else {
        Ok(())
    }
}

/// What an earlier run of this program has seen is not remembered, so what it may have seen does not count.
fn was_made_since_start(it: &Reading<'_>) -> Result<(), ProofFault> {
    let made_ms = it.proof.iat.saturating_mul(1_000);
    if made_ms >= it.proofs.started.as_millisecond() {
        Ok(())
    } else {
        Err(ProofFault::BeforeStart)
    }
}

fn has_our_nonce(it: &Reading<'_>) -> Result<(), ProofFault> {
    match &it.proof.nonce {
        None => Err(ProofFault::NoNonce),
        Some(nonce) if it.proofs.nonces.are_current(nonce, it.now) => Ok(()),
        Some(_) => Err(ProofFault::OtherNonce),
    }
}

fn is_of_the_tokens_key(it: &Reading<'_>) -> Result<(), ProofFault> {
    let same = it
        .token
        .is_some_and(|token| token.thumbprint == it.proof.thumbprint());
    if same {
        Ok(())
    } else {
        Err(ProofFault::OtherKey)
    }
}

fn goes_with_this_token(it: &Reading<'_>) -> Result<(), ProofFault> {
    let hash = it
        .token
        .map(|token| sha256_base64url(token.text.as_bytes()));
    if hash.is_some() && it.proof.ath == hash {
        Ok(())
    } else {
        Err(ProofFault::OtherToken)
    }
}

/// Comes last: it uses the proof up.
fn is_new(it: &Reading<'_>) -> Result<(), ProofFault> {
    let (thumbprint, jti, until) = (it.proof.thumbprint(), &it.proof.jti, last_second(it));
    let mut used = it.proofs.seen.consume(thumbprint, jti, until, it.now);
    if used == Use::First && outlives_a_restart(it) {
        let owner = format!("proof of {thumbprint}");
        let kept = it.proofs.kept.consume(&owner, jti, until, it.now);
        used = kept.map_err(|_| ProofFault::Unavailable)?;
    }
    match used {
        Use::First => Ok(()),
        Use::Again => Err(ProofFault::Replayed),
        Use::Full => Err(ProofFault::TooMany),
    }
}

/// Whether the proof is dated so that [`was_made_since_start`] would let it pass after a restart: it is dated ahead now, or was
/// when an earlier run may have seen it. Only clients whose clocks are fast pay for this.
fn outlives_a_restart(it: &Reading<'_>) -> bool {
    it.proof.iat > it.now
        || it.proof.iat <= it.proofs.started.as_second().saturating_add(CLOCK_SKEW_S)
}

/// The last second in which the proof may be shown.
fn last_second(it: &Reading<'_>) -> i64 {
    it.proof.iat.saturating_add(PROOF_AGE_S_MAX)
}
