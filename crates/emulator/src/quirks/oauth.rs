//! The org's own authorization server, as far as service apps need it: scopes granted, tokens for client credentials,
//! discovery documents, keys.

mod assertion;
mod discovery;
mod key;
mod token;

pub(crate) use key::OrgKey;

use super::{Change, Quirk};
use crate::member;
use crate::{Call, Context, Error};
use org::{Key, Kind, Object};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("token", token::answer),
        ("oauthKeys", discovery::keys),
        ("getWellKnownOpenIDConfiguration", discovery::openid),
        ("getWellKnownOAuthConfiguration", discovery::oauth),
        (
            "getWellKnownOAuthConfigurationCustomAS",
            discovery::oauth_custom,
        ),
        (
            "getWellKnownOpenIDConfigurationCustomAS",
            discovery::openid_custom,
        ),
        ("oauthKeysCustomAS", discovery::keys_custom),
        ("getWellknownOrgMetadata", discovery::organization),
    ],
    check: Some(check),
    shape: Some(shape),
    view: Some(view),
    ..Quirk::NONE
};

fn check(ctx: &Context<'_>, _call: &Call, change: &Change) -> Result<(), Error> {
    let scope = member::text(&change.given, "scopeId").unwrap_or_default();
    if scope.is_empty() {
        return Err(Error::blank("scopeId"));
    }
    let owner = change
        .key
        .parent()
        .map(|key| key.path().to_owned())
        .unwrap_or_default();
    if ctx
        .children("app-grant", &owner)
        .iter()
        .any(|grant| grant.text_at("scopeId") == Some(scope))
    {
        return Err(Error::invalid(
            "scopeId",
            [format!("scopeId: {scope} is already granted to this app.")],
        ));
    }
    Ok(())
}

fn shape(ctx: &mut Context<'_>, _call: &Call, change: &mut Change) -> Result<(), Error> {
    let app = change.key.parent().and_then(|key| ctx.get(&key));
    let client = app.as_deref().and_then(client_id).map(str::to_owned);
    member::set(&mut change.new, "clientId", json!(client));

    Ok(())
}

fn view(ctx: &Context<'_>, grant: &Object, body: &mut Value) {
    let Some(app) = grant.key().parent().and_then(|key| ctx.get(&key)) else {
        return;
    };
    let base = &ctx.world.base_url;
    let title = app.title();
    if let Some(Value::Object(links)) = body.get_mut("_links") {
        links.insert(
            "app".to_owned(),
            json!({"href": format!("{base}/api/v1/apps/{}", app.key().id()), "title": title}),
        );
        let client = client_id(&app).unwrap_or_default();
        links.insert(
            "client".to_owned(),
            json!({"href": format!("{base}/oauth2/v1/clients/{client}"), "title": title}),
        );
    }
}

/// An app's OAuth client id.
fn client_id(app: &Object) -> Option<&str> {
    app.body()
        .get("credentials")?
        .get("oauthClient")?
        .get("client_id")?
        .as_str()
}

/// The active app of that client id.
fn client(ctx: &Context<'_>, id: &str) -> Option<Arc<Object>> {
    let active =
        |app: &&Arc<Object>| client_id(app) == Some(id) && app.text_at("status") == Some("ACTIVE");
    ctx.world.org.of(Kind::named("app")?).find(active).cloned()
}

/// The scopes granted to an app.
fn granted(ctx: &Context<'_>, app: &Key) -> Vec<String> {
    let grants = ctx.children("app-grant", app.path());
    grants
        .iter()
        .filter_map(|grant| grant.text_at("scopeId").map(str::to_owned))
        .collect()
}
