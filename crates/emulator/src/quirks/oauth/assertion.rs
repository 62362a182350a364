//! Client assertions: a JWT signed with a key the app registered. Every fault has Okta's own description.

use super::token::Refusal;
use crate::Context;
use crate::limits::ASSERTION_IDS_MAX;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, dangerous, decode, decode_header};
use org::Object;
use serde_json::Value;

/// Who an assertion says it is from; nothing is checked yet.
pub(super) fn issuer(assertion: &str) -> Option<String> {
    let claims: Value = dangerous::insecure_decode_claims(assertion).ok()?;
    claims.get("iss").and_then(Value::as_str).map(str::to_owned)
}

/// Checks signature, audience, subject, times and single use.
pub(super) fn verify(
    ctx: &mut Context<'_>,
    assertion: &str,
    client: &str,
    app: &Object,
) -> Result<(), Refusal> {
    let claims = verify_signature(assertion, app)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("sub") != Some(client) {
        return Err(Refusal::client(
            "The issuer and subject claims for client_assertion must be the client_id.",
        ));
    }
    let endpoint = format!("{}/oauth2/v1/token", ctx.world.base_url);
    let audience = claims.get("aud");
    let named = match audience {
        Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(&endpoint)),
        other => other.and_then(Value::as_str) == Some(&endpoint),
    };
    if !named {
        return Err(Refusal::client(
            "The audience claim for client_assertion must be the endpoint invoked for the request.",
        ));
    }
    let now = ctx.now.as_second();
    let expires = claims.get("exp").and_then(Value::as_i64);
    let Some(expires) = expires else {
        return Err(Refusal::client(
            "The client_assertion must contain an expiration.",
        ));
    };
    if expires <= now {
        return Err(Refusal::client("The client_assertion token is expired."));
    }
    if expires > now + AHEAD_MAX_S {
        return Err(Refusal::client(
            "The client_assertion token has an expiration too far into the future.",
        ));
    }
    if claims
        .get("iat")
        .and_then(Value::as_i64)
        .is_some_and(|issued| issued > now + SKEW_S)
    {
        return Err(Refusal::client(
            "The client_assertion token was issued in the future.",
        ));
    }
    spend(ctx, text("jti"), expires)
}

fn verify_signature(assertion: &str, app: &Object) -> Result<Value, Refusal> {
    let header = decode_header(assertion)
        .map_err(|_| Refusal::client("The client_assertion is not a well-formed JWT."))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(Refusal::client(
            "The client_assertion signature algorithm is not supported.",
        ));
    }
    let keys = app
        .body()
        .get("settings")
        .and_then(|s| s.get("oauthClient"))
        .and_then(|c| c.get("jwks"));
    let keys = keys
        .and_then(|jwks| jwks.get("keys"))
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let named = |key: &&Value| {
        header.kid.is_none() || key.get("kid").and_then(Value::as_str) == header.kid.as_deref()
    };
    let active = |key: &&Value| key.get("status").and_then(Value::as_str) != Some("INACTIVE");
    let candidates: Vec<&Value> = keys.iter().filter(named).filter(active).collect();
    if candidates.is_empty() || (header.kid.is_none() && candidates.len() > 1) {
        return Err(Refusal::client("The client_assertion JWT kid is invalid."));
    }
    let mut validation = Validation::new(header.alg);
    // The org's clock decides about times, and the audience is compared above.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let verified = candidates.into_iter().find_map(|key| {
        let key: Jwk = serde_json::from_value(key.clone()).ok()?;
        let key = DecodingKey::from_jwk(&key).ok()?;
        decode::<Value>(assertion, &key, &validation).ok()
    });
    verified
        .map(|token| token.claims)
        .ok_or_else(|| Refusal::client("The client_assertion signature is invalid."))
}

/// An assertion with an id is good once.
fn spend(ctx: &mut Context<'_>, id: Option<&str>, expires: i64) -> Result<(), Refusal> {
    let Some(id) = id else { return Ok(()) };
    let now = ctx.now.as_second();
    let spent = &mut ctx.world.spent_assertions;
    spent.retain(|_, expires| *expires > now);
    if spent.contains_key(id) {
        return Err(Refusal::client(
            "The client_assertion token has already been used.",
        ));
    }
    if spent.len() >= ASSERTION_IDS_MAX {
        return Err(Refusal(
            429,
            "too_many_requests",
            "Too many client assertions are in flight.".to_owned(),
        ));
    }
    spent.insert(id.to_owned(), expires);
    Ok(())
}

/// Algorithms Okta accepts for client assertions.
const ALGORITHMS: [Algorithm; 5] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::ES256,
    Algorithm::ES384,
];
/// Furthest expiry ahead (documented: one hour), and the skew forgiven.
const AHEAD_MAX_S: i64 = 3600 + SKEW_S;
const SKEW_S: i64 = 300;
