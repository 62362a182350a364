//! The checks of a client assertion, in the order they are made: that the client signed it, then what it says, then that it is new.
//!
//! Each does one thing and trusts the ones before it; none looks at anything but what it is handed.

use jose::{Jws, read_seconds};
use serde_json::Value;

use super::{AssertionFault, ClientKeys, Expected};
use crate::limits::{
    ASSERTION_AUDIENCES_MAX, ASSERTION_LIFE_S_MAX, ASSERTION_NAME_BYTES_MAX, CLOCK_SKEW_S,
    USED_ASSERTION_KEPT_S,
};
use crate::oauth::replay::{Use, UsedAssertions};

/// An assertion with all that its checks look at.
pub(crate) struct Reading<'a> {
    pub(crate) jws: &'a Jws<'a>,
    /// The client that `sub` names.
    pub(crate) owner: ClientKeys<'a>,
    pub(crate) expected: &'a Expected<'a>,
    /// Seconds since 1970.
    pub(crate) now: i64,
    pub(crate) used: &'a UsedAssertions,
}

/// One check.
#[derive(Clone, Copy)]
pub(crate) struct Check {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "tests take a check out by its name")
    )]
    pub(crate) name: &'static str,
    pub(crate) passes: fn(&Reading<'_>) -> Result<(), AssertionFault>,
}

impl Check {
    pub(crate) const fn new(
        name: &'static str,
        passes: fn(&Reading<'_>) -> Result<(), AssertionFault>,
    ) -> Self {
        Self { name, passes }
    }
}

/// All of them.
pub(crate) const CHECKS: &[Check] = &[
    Check::new("signature", is_signed_by_owner),
    Check::new("typ", is_of_this_kind),
    Check::new("iss", is_issued_by_owner),
    Check::new("client_id", is_of_the_client_in_the_form),
    Check::new("aud", is_for_us),
    Check::new("exp", has_not_expired),
    Check::new("life", is_short_lived),
    Check::new("nbf", is_valid_already),
    Check::new("iat", was_issued_already),
    Check::new("jti", has_a_name),
    Check::new("replay", is_new),
];

/// By one of the client's own keys, of the name in the header if there is one, with that key's algorithm.
fn is_signed_by_owner(it: &Reading<'_>) -> Result<(), AssertionFault> {
    let header = it.jws.header();
    let mut candidates = it
        .owner
        .keys
        .candidates(header.kid(), header.algorithm())
        .peekable();
    if candidates.peek().is_none() {
        return Err(AssertionFault::NoKey);
    }
    if candidates.any(|key| it.jws.verify(key).is_ok()) {
        Ok(())
    } else {
        Err(AssertionFault::Signature)
    }
}

/// `typ` is absent, `JWT`, or the name the standard's revision gives it; never that of an access token, a proof or another.
fn is_of_this_kind(it: &Reading<'_>) -> Result<(), AssertionFault> {
    let header = it.jws.header();
    let ours = header.typ().is_none()
        || header.is_typed("JWT")
        || header.is_typed("client-authentication+jwt");
    if ours {
        Ok(())
    } else {
        Err(AssertionFault::Kind)
    }
}

fn is_issued_by_owner(it: &Reading<'_>) -> Result<(), AssertionFault> {
    match it.jws.claims().get("iss") {
        Some(Value::String(issuer)) if issuer == it.owner.client.as_str() => Ok(()),
        _ => Err(AssertionFault::Issuer),
    }
}

fn is_of_the_client_in_the_form(it: &Reading<'_>) -> Result<(), AssertionFault> {
    match it.expected.client_id {
        Some(named) if named != it.owner.client.as_str() => Err(AssertionFault::OtherClient),
        _ => Ok(()),
    }
}

/// Every audience is ours, byte for byte: an assertion that is also meant for somebody else could be brought here by them.
fn is_for_us(it: &Reading<'_>) -> Result<(), AssertionFault> {
    let is_ours = |audience: &Value| {
        audience
            .as_str()
            .is_some_and(|one| one == it.expected.token_url || one == it.expected.issuer)
    };
    let all_ours = match it.jws.claims().get("aud") {
        Some(Value::Array(several)) => {
            (1..=ASSERTION_AUDIENCES_MAX).contains(&several.len()) && several.iter().all(is_ours)
        }
        Some(one) => is_ours(one),
        None => false,
    };
    if all_ours {
        Ok(())
    } else {
        Err(AssertionFault::Audience)
    }
}

fn has_not_expired(it: &Reading<'_>) -> Result<(), AssertionFault> {
    if it.now < expiry(it)?.saturating_add(CLOCK_SKEW_S) {
        Ok(())
    } else {
        Err(AssertionFault::Expired)
    }
}

fn is_short_lived(it: &Reading<'_>) -> Result<(), AssertionFault> {
    let left = expiry(it)?.saturating_sub(it.now);
    if left <= ASSERTION_LIFE_S_MAX + CLOCK_SKEW_S {
        Ok(())
    } else {
        Err(AssertionFault::LongLived)
    }
}

fn is_valid_already(it: &Reading<'_>) -> Result<(), AssertionFault> {
    is_past(it, "nbf")
}

fn was_issued_already(it: &Reading<'_>) -> Result<(), AssertionFault> {
    is_past(it, "iat")
}

fn has_a_name(it: &Reading<'_>) -> Result<(), AssertionFault> {
    name(it).map(|_| ())
}

/// Comes last: it uses the assertion up.
fn is_new(it: &Reading<'_>) -> Result<(), AssertionFault> {
    let until = expiry(it)?.saturating_add(CLOCK_SKEW_S + USED_ASSERTION_KEPT_S);
    match it
        .used
        .consume(it.owner.client.as_str(), name(it)?, until, it.now)
    {
        Ok(Use::First) => Ok(()),
        Ok(Use::Again) => Err(AssertionFault::Replayed),
        Ok(Use::Full) => Err(AssertionFault::TooMany),
        Err(_) => Err(AssertionFault::Unavailable),
    }
}

fn expiry(it: &Reading<'_>) -> Result<i64, AssertionFault> {
    it.jws
        .claims()
        .get("exp")
        .and_then(read_seconds)
        .ok_or(AssertionFault::Expiry)
}

fn is_past(it: &Reading<'_>, claim: &'static str) -> Result<(), AssertionFault> {
    match it.jws.claims().get(claim) {
        None => Ok(()),
        Some(time)
            if read_seconds(time)
                .is_some_and(|time| time <= it.now.saturating_add(CLOCK_SKEW_S)) =>
        {
            Ok(())
        }
        Some(_) => Err(AssertionFault::NotYet(claim)),
    }
}

fn name<'a>(it: &Reading<'a>) -> Result<&'a str, AssertionFault> {
    match it.jws.claims().get("jti") {
        Some(Value::String(name)) if (1..=ASSERTION_NAME_BYTES_MAX).contains(&name.len()) => {
            Ok(name)
        }
        _ => Err(AssertionFault::Name),
    }
}
