//! ID token settings of an OIDC app: a route Okta does not document, called by its Terraform provider.

use super::find;
use crate::{Call, Context, Error, Reply};
use serde_json::{Map, Value, json};

const SETTINGS: &str = "id-token";

/// The settings, with issuer and audience filled in.
pub(super) fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let given = ctx
        .hidden(app.key(), SETTINGS)
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let audience = app
        .body()
        .pointer("/credentials/oauthClient/client_id")
        .cloned()
        .unwrap_or_default();
    Ok(Reply::ok(settings(
        &json!(ctx.world.base_url),
        &audience,
        given,
    )))
}

/// Takes the settings; the answer leaves issuer and audience open, as Okta's does.
pub(super) fn update(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let given = call.object()?.clone();
    ctx.hide(app.key(), SETTINGS, Value::Object(given.clone()));
    Ok(Reply::ok(settings(&Value::Null, &Value::Null, given)))
}

fn settings(issuer: &Value, audience: &Value, given: Map<String, Value>) -> Value {
    let mut settings = json!({"issuer": issuer, "orgUrl": null, "customUrl": null, "audience": audience, "issuerMode": "ORG_URL"});
    if let Some(members) = settings.as_object_mut() {
        members.extend(
            given
                .into_iter()
                .filter(|(name, _)| !matches!(name.as_str(), "issuer" | "audience")),
        );
    }
    settings
}
