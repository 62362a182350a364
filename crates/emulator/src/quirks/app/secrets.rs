//! Client secrets of an OIDC app: up to two, in clear where Okta shows them, kept beside the app's body.

use super::{find, kept};
use crate::member;
use crate::{Call, Context, Error, Reply};
use org::Key;
use serde_json::{Value, json};

const SECRETS: &str = "secrets";

/// The client secret in an app's body, if it states one.
pub(super) fn sent(body: Option<&Value>) -> Option<String> {
    body?
        .pointer("/credentials/oauthClient/client_secret")?
        .as_str()
        .map(str::to_owned)
}

/// The secret an app has from birth, unless its client authenticates otherwise.
pub(super) fn make_first(ctx: &mut Context<'_>, app: &Key) {
    if kept(ctx, app, SECRETS).is_empty() && has_secret(ctx, app) {
        let secret = ctx.world.ids.token(64);
        set(ctx, app, &secret);
    }
}

/// Makes `secret` the app's first one.
pub(super) fn set(ctx: &mut Context<'_>, app: &Key, secret: &str) {
    let mut secrets = kept(ctx, app, SECRETS);
    match secrets.first_mut() {
        Some(first) => first["client_secret"] = json!(secret),
        None => secrets.push(new(ctx, secret)),
    }
    ctx.hide(app, SECRETS, Value::Array(secrets));
}

/// Adds the secret to an app as answered.
pub(super) fn show(ctx: &Context<'_>, app: &Key, body: &mut Value) {
    let secret = kept(ctx, app, SECRETS)
        .first()
        .and_then(|first| first.get("client_secret"))
        .cloned();
    let client = body
        .pointer_mut("/credentials/oauthClient")
        .and_then(Value::as_object_mut);
    if let (Some(secret), Some(client), true) = (secret, client, has_secret(ctx, app)) {
        client.insert("client_secret".to_owned(), secret);
    }
}

fn has_secret(ctx: &Context<'_>, app: &Key) -> bool {
    ctx.get(app).is_some_and(|object| {
        let method = object
            .body()
            .pointer("/credentials/oauthClient/token_endpoint_auth_method")
            .and_then(Value::as_str);
        method.is_some_and(|method| method.starts_with("client_secret"))
    })
}

pub(super) fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let secrets = kept(ctx, app.key(), SECRETS)
        .iter()
        .map(|one| view(ctx, call, one))
        .collect();
    Ok(Reply::ok(Value::Array(secrets)))
}

pub(super) fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let secrets = kept(ctx, app.key(), SECRETS);
    let secret = secrets
        .get(position(&secrets, call)?)
        .cloned()
        .unwrap_or_default();
    Ok(Reply::ok(view(ctx, call, &secret)))
}

pub(super) fn create(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let mut secrets = kept(ctx, app.key(), SECRETS);
    if secrets.len() >= SECRETS_MAX {
        return Err(Error::invalid(
            "client_secret",
            ["You've reached the maximum number of client secrets per client."],
        ));
    }
    let given = call.text("client_secret").map(str::to_owned);
    let text = given.unwrap_or_else(|| ctx.world.ids.token(64));
    let secret = new(ctx, &text);
    secrets.push(secret.clone());
    ctx.hide(app.key(), SECRETS, Value::Array(secrets));
    Ok(Reply::created(view(ctx, call, &secret)))
}

pub(super) fn delete(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let mut secrets = kept(ctx, app.key(), SECRETS);
    secrets.remove(position(&secrets, call)?);
    ctx.hide(app.key(), SECRETS, Value::Array(secrets));
    Ok(Reply::no_content())
}

pub(super) fn activate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    switch(ctx, call, "ACTIVE")
}

pub(super) fn deactivate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    switch(ctx, call, "INACTIVE")
}

fn switch(ctx: &mut Context<'_>, call: &Call, state: &str) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let mut secrets = kept(ctx, app.key(), SECRETS);
    let at = position(&secrets, call)?;
    let mut answer = Value::Null;
    if let Some(secret) = secrets.get_mut(at) {
        member::set(secret, "status", json!(state));
        answer = view(ctx, call, secret);
    }
    ctx.hide(app.key(), SECRETS, Value::Array(secrets));
    Ok(Reply::ok(answer))
}

fn new(ctx: &mut Context<'_>, secret: &str) -> Value {
    let (id, now) = (ctx.new_id("ocs"), ctx.stamp());
    let hash = ctx.world.ids.token(22);
    json!({"id": id, "created": now, "lastUpdated": now, "status": "ACTIVE", "client_secret": secret, "secret_hash": hash})
}

fn position(secrets: &[Value], call: &Call) -> Result<usize, Error> {
    let wanted = call.param(1);
    let found = secrets
        .iter()
        .position(|one| one.get("id").and_then(Value::as_str) == Some(wanted));
    found.ok_or_else(|| Error::not_found(wanted, "OAuth2ClientSecretMediated"))
}

fn view(ctx: &Context<'_>, call: &Call, secret: &Value) -> Value {
    let text = |member: &str| {
        secret
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let path = format!(
        "/api/v1/apps/{}/credentials/secrets/{}",
        call.param(0),
        text("id")
    );
    let switch = if text("status") == "ACTIVE" {
        "deactivate"
    } else {
        "activate"
    };
    let mut links =
        json!({switch: crate::links::to(ctx, &format!("{path}/lifecycle/{switch}"), &["POST"])});
    if switch == "activate" {
        member::set(
            &mut links,
            "delete",
            crate::links::to(ctx, &path, &["DELETE"]),
        );
    }
    let mut view = secret.clone();
    member::set(&mut view, "_links", links);
    view
}

/// Client secrets per app (documented).
const SECRETS_MAX: usize = 2;
