//! The share of the rate limits each principal has: tokens have it from birth, service apps when it is first written.

use super::{Change, Quirk};
use crate::world::kind;
use crate::{Call, Context, Error, Reply, generic};
use org::Key;
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("listPrincipalRateLimitEntities", list_limits),
        ("createPrincipalRateLimitEntity", create_limit),
    ],
    shape: Some(shape),
    ..Quirk::NONE
};

/// Gives a new principal its limits: half of every bucket.
pub(super) fn grant(
    ctx: &mut Context<'_>,
    principal: &str,
    principal_kind: &str,
) -> Result<Value, Error> {
    let id = ctx.new_id("prl");
    let body = limit(ctx, &id, principal, principal_kind);
    ctx.keep(
        Key::new(kind("principal-rate-limit")?, &[&id]),
        body.clone(),
    );
    Ok(body)
}

fn limit(ctx: &Context<'_>, id: &str, principal: &str, principal_kind: &str) -> Value {
    let (now, actor) = (seconds(ctx), ctx.actor.user_id().to_owned());
    json!({
        "id": id, "orgId": ctx.world.org_id, "principalId": principal, "principalType": principal_kind, "defaultPercentage": 50,
        "defaultConcurrencyPercentage": 50, "lastUpdate": now, "lastUpdatedBy": actor, "createdDate": now, "createdBy": actor,
    })
}

/// These dates have no fraction.
fn seconds(ctx: &Context<'_>) -> String {
    ctx.stamp().replace(".000Z", "Z")
}

fn list_limits(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    if !call
        .query("filter")
        .is_some_and(|filter| filter.contains("principalType"))
    {
        let cause = "The provided filter parameter did not contain the required attrbute filter \"principalType\"";
        return Err(Error::invalid("principalRateLimitMediated", [cause]));
    }
    generic::list(ctx, call, kind("principal-rate-limit")?)
}

/// A principal has its limits from birth, so that creating them fails one way or another.
fn create_limit(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let text = |member: &str| call.text(member).unwrap_or_default().to_owned();
    let (principal, principal_kind) = (text("principalId"), text("principalType"));
    let of = |limit: &std::sync::Arc<org::Object>| {
        limit.text_at("principalId") == Some(principal.as_str())
    };
    if ctx.all("principal-rate-limit").iter().any(of) {
        return Err(Error::invalid(
            "principalRateLimitMediated",
            Vec::<String>::new(),
        ));
    }
    let holder = if principal_kind == "SSWS_TOKEN" {
        ("api-token", "Token")
    } else {
        ("app", "OAuthClient")
    };
    ctx.named(holder.0, &[&principal])
        .ok_or_else(|| Error::not_found(&principal, holder.1))?;
    let body = grant(ctx, &principal, &principal_kind)?;
    Ok(Reply::ok(body))
}

fn shape(ctx: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    if let (Some(old), Some(new)) = (
        change.old.as_ref().and_then(|old| old.body().as_object()),
        change.new.as_object_mut(),
    ) {
        for (name, value) in old {
            new.entry(name.as_str()).or_insert_with(|| value.clone());
        }
        new.insert("lastUpdate".to_owned(), json!(seconds(ctx)));
        new.insert("lastUpdatedBy".to_owned(), json!(ctx.actor.user_id()));
    }
    Ok(())
}
