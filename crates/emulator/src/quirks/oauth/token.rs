//! `POST /oauth2/v1/token`: client credentials with a signed assertion. Errors are OAuth's, not Okta's, as at Okta.

use super::{assertion, client, granted};
use crate::auth::Access;
use crate::syslog::Target;
use crate::{Call, Context, Error, Reply};
use http::StatusCode;
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeSet;

/// An OAuth error: status, error, description.
pub(super) struct Refusal(pub(super) u16, pub(super) &'static str, pub(super) String);

impl Refusal {
    /// 401 `invalid_client`.
    pub(super) fn client(description: &str) -> Self {
        Self(401, "invalid_client", description.to_owned())
    }
}

/// Answers a token request.
pub(super) fn answer(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    Ok(
        grant(ctx, call).unwrap_or_else(|Refusal(status, error, description)| {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            Reply::with(
                status,
                json!({"error": error, "error_description": description}),
            )
        }),
    )
}

fn grant(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Refusal> {
    let form = form(call);
    let value = |name: &str| {
        form.iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    match value("grant_type") {
        Some("client_credentials") => {}
        None => {
            return Err(Refusal(
                400,
                "invalid_request",
                "'grant_type' is required.".to_owned(),
            ));
        }
        Some(_) => {
            let text = "The authorization grant type is not supported by the authorization server.";
            return Err(Refusal(400, "unsupported_grant_type", text.to_owned()));
        }
    }
    let Some(assertion) = value("client_assertion") else {
        let text = "Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.";
        return Err(Refusal::client(text));
    };
    if value("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(Refusal::client("The client_assertion_type is invalid."));
    }
    let claimed = assertion::issuer(assertion)
        .ok_or_else(|| Refusal::client("The client_assertion is not a well-formed JWT."))?;
    let app = client(ctx, &claimed)
        .ok_or_else(|| Refusal::client("Invalid value for 'client_id' parameter."))?;
    assertion::verify(ctx, assertion, &claimed, &app)?;
    let wanted: BTreeSet<String> = value("scope")
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let granted = granted(ctx, app.key());
    let scopes = scopes(&wanted, &granted)?;
    let expires = ctx
        .now
        .checked_add(SignedDuration::from_secs(LIFETIME_S))
        .unwrap_or(ctx.now);
    let token = mint(ctx, &claimed, &scopes);
    ctx.world.tokens.grant(
        token.clone(),
        Access {
            client: claimed,
            scopes: scopes.clone(),
            expires,
        },
    );
    ctx.log(
        "app.oauth2.token.grant.access_token",
        vec![Target::of(&app)],
    );
    let scope = scopes
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    Ok(Reply::ok(
        json!({"token_type": "Bearer", "expires_in": LIFETIME_S, "access_token": token, "scope": scope}),
    ))
}

/// All wanted scopes must be Okta's; those granted are given, and one must be.
fn scopes(wanted: &BTreeSet<String>, granted: &[String]) -> Result<BTreeSet<String>, Refusal> {
    if wanted.is_empty() {
        return Err(Refusal(
            400,
            "invalid_scope",
            "The scope parameter is missing.".to_owned(),
        ));
    }
    let known = |scope: &str| {
        catalog::operations()
            .iter()
            .any(|operation| operation.scopes.contains(&scope))
    };
    if let Some(strange) = wanted.iter().find(|scope| !known(scope)) {
        let text = format!(
            "One or more scopes are not configured for the authorization server resource: {strange}."
        );
        return Err(Refusal(400, "invalid_scope", text));
    }
    let given: BTreeSet<String> = wanted
        .iter()
        .filter(|scope| granted.contains(scope))
        .cloned()
        .collect();
    if given.is_empty() {
        return Err(Refusal(
            400,
            "consent_required",
            "You are not allowed any of the requested scopes.".to_owned(),
        ));
    }
    Ok(given)
}

fn mint(ctx: &mut Context<'_>, client: &str, scopes: &BTreeSet<String>) -> String {
    let now = ctx.now.as_second();
    let claims = json!({
        "ver": 1, "jti": format!("AT.{}", ctx.world.ids.token(43)), "iss": ctx.world.base_url, "aud": ctx.world.base_url,
        "sub": client, "iat": now, "exp": now + LIFETIME_S, "cid": client, "scp": scopes,
    });
    ctx.world.key.sign(&claims)
}

/// The pairs of the form, then those of the query: some clients send the assertion there.
fn form(call: &Call) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(&call.bytes)
        .into_owned()
        .collect();
    pairs.extend(call.query.iter().cloned());
    pairs
}

/// Lifetime of a token (Okta's, fixed).
const LIFETIME_S: i64 = 3600;
/// The one kind of assertion Okta accepts.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
