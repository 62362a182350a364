//! API tokens as objects: the caller's own stands among them, and revoking one ends what it opens.
//!
//! The secret of a token is beside its object and is answered nowhere.

use super::Quirk;
use crate::auth::Actor;
use crate::syslog::Target;
use crate::world::stamp;
use crate::{Call, Context, Error, Reply, locate, world::kind};
use jiff::SignedDuration;
use org::{Key, Object};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("revokeApiToken", revoke),
        ("revokeCurrentApiToken", revoke_current),
    ],
    ..Quirk::NONE
};

/// Gives `actor` a token whose secret is `secret`.
pub(crate) fn issue(
    ctx: &mut Context<'_>,
    name: &str,
    actor: &Actor,
    secret: &str,
) -> Result<(), Error> {
    let id = ctx.new_id("00T");
    let (now, end) = (
        ctx.stamp(),
        ctx.now
            .checked_add(SignedDuration::from_hours(LIFETIME_H))
            .unwrap_or(ctx.now),
    );
    let body = json!({
        "id": id, "name": name, "userId": actor.user_id(), "clientName": "Okta API", "tokenWindow": "P30D",
        "network": {"connection": "ANYWHERE"}, "expiresAt": stamp(end), "created": now, "lastUpdated": now,
    });
    let key = Key::new(kind("api-token")?, &[&id]);
    ctx.keep(key.clone(), body);
    ctx.hide(&key, SECRET, json!(secret));
    ctx.world.tokens.accept(secret.to_owned(), actor.clone());
    super::principal::grant(ctx, &id, "SSWS_TOKEN").map(drop)
}

fn revoke(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let token = ctx.find(&locate::item(ctx, kind("api-token")?, &call.params)?)?;
    Ok(end(ctx, &token))
}

fn revoke_current(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let presented = call
        .header("authorization")
        .and_then(|text| text.split_once(' '))
        .map(|(_, secret)| secret.trim());
    let is_current =
        |token: &&Arc<Object>| ctx.hidden(token.key(), SECRET).and_then(Value::as_str) == presented;
    let current = ctx.all("api-token").iter().find(is_current).cloned();
    let current = current.ok_or_else(|| Error::new("E0000011"))?;
    Ok(end(ctx, &current))
}

fn end(ctx: &mut Context<'_>, token: &Object) -> Reply {
    if let Some(secret) = ctx
        .hidden(token.key(), SECRET)
        .and_then(Value::as_str)
        .map(str::to_owned)
    {
        ctx.world.tokens.refuse(&secret);
    }
    ctx.forget(token.key());
    ctx.log("system.api_token.revoke", vec![Target::of(token)]);
    Reply::no_content()
}

/// Name of a token's secret beside it.
const SECRET: &str = "secret";
/// Lifetime of a token that is not used (Okta's, fixed): 30 days.
const LIFETIME_H: i64 = 30 * 24;
