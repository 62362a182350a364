//! Client assertions (RFC 7523 section 3, RFC 8725): a JWT by which a client shows that it holds a registered key.
//!
//! Whose keys to verify with is found by `sub`, which is believed once the signature is. Every check has a name and stands in one
//! list, in the order they are made; the last uses the assertion up. All faults look the same to the sender.

mod check;
mod fault;

use jiff::Timestamp;
use jose::{Jws, KeySet};

use crate::ClientId;
use crate::oauth::replay::UsedAssertions;

pub(crate) use check::{CHECKS, Check, Reading};
pub use fault::AssertionFault;

/// A client and the keys it was registered with.
#[derive(Clone, Copy, Debug)]
pub struct ClientKeys<'a> {
    /// The client.
    pub client: &'a ClientId,
    /// Its public keys, each with the one algorithm it verifies.
    pub keys: &'a KeySet,
}

/// What an assertion must say to be meant for this request.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The issuer, as the metadata gives it.
    pub issuer: &'a str,
    /// The endpoint's URL, as the metadata gives it.
    pub token_url: &'a str,
    /// `client_id` of the form, if it has one. Okta's SDKs send none.
    pub client_id: Option<&'a str>,
}

/// The client that made this assertion for this request. An assertion that passes is used up, whatever becomes of the request.
///
/// `find` looks a client's keys up by its id; it must know the clients registered for this method only. Blocks for one flush to
/// disk when everything else is right.
///
/// # Errors
/// [`AssertionFault`]: for the audit trail, not for the sender.
pub fn verify<'k>(
    text: &str,
    find: impl FnOnce(&str) -> Option<ClientKeys<'k>>,
    expected: &Expected<'_>,
    now: Timestamp,
    used: &UsedAssertions,
) -> Result<ClientId, AssertionFault> {
    verify_by(CHECKS, text, find, expected, now, used)
}

/// [`verify`] by a list of checks, so that a test can show what each of them is for.
pub(crate) fn verify_by<'k>(
    checks: &[Check],
    text: &str,
    find: impl FnOnce(&str) -> Option<ClientKeys<'k>>,
    expected: &Expected<'_>,
    now: Timestamp,
    used: &UsedAssertions,
) -> Result<ClientId, AssertionFault> {
    let jws = Jws::read(text)?;
    let subject = jws.claims().get("sub").and_then(|sub| sub.as_str());
    let owner =
        find(subject.ok_or(AssertionFault::Subject)?).ok_or(AssertionFault::UnknownClient)?;
    let reading = Reading {
        jws: &jws,
        owner,
        expected,
        now: now.as_second(),
        used,
    };
    for check in checks {
        (check.passes)(&reading)?;
    }
    Ok(owner.client.clone())
}
