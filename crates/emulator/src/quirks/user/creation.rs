//! How a user begins: staged, provisioned, active or with an expired password; in which groups; with which credentials.

use super::super::group;
use super::credentials;
use crate::member;
use crate::quirks::Change;
use crate::{Call, Context, Error};
use org::{Kind, Object};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Shapes the body of a new user.
pub(super) fn shape(ctx: &mut Context<'_>, call: &Call, change: &mut Change) -> Result<(), Error> {
    check_groups(ctx, &change.given)?;
    let now = ctx.stamp();
    let given = change
        .given
        .get("credentials")
        .cloned()
        .unwrap_or(Value::Null);
    let credentials = credentials::begin(ctx, &change.key, &given)?;
    let has_password = credentials.contains_key("password");
    let status = first_status(call, &credentials, has_password)?;
    let staged = status == "STAGED";
    let profile = change.given.get("profile").cloned().unwrap_or_default();
    let type_id = member::text(&change.given, "type.id").map(str::to_owned);
    let type_id = type_id.or_else(|| default_type(ctx)).unwrap_or_default();
    let realm = change
        .given
        .get("realmId")
        .cloned()
        .or_else(|| default_realm(ctx));
    let counts = has_password && ctx.world.edition.has("staging-is-a-change");
    let changed = if staged && !counts {
        Value::Null
    } else {
        json!(now)
    };
    change.new = json!({
        "id": change.key.id(),
        "status": status,
        "created": now,
        "activated": if staged { Value::Null } else { json!(now) },
        "statusChanged": changed,
        "lastLogin": null,
        "lastUpdated": now,
        "passwordChanged": if has_password { json!(now) } else { Value::Null },
        "realmId": realm,
        "type": {"id": type_id},
        "profile": profile,
        "credentials": credentials,
    });
    Ok(())
}

fn first_status(
    call: &Call,
    credentials: &Map<String, Value>,
    has_password: bool,
) -> Result<&'static str, Error> {
    let activate = call.flag("activate", true);
    let expired = call.query("nextlogin").or(call.query("nextLogin")) == Some("changePassword");
    let provider = credentials
        .get("provider")
        .and_then(|p| p.get("type"))
        .and_then(Value::as_str);
    let elsewhere = provider.is_some_and(|provider| provider != "OKTA");
    Ok(match (activate, has_password || elsewhere) {
        (false, _) => "STAGED",
        (true, false) => "PROVISIONED",
        (true, true) if expired => "PASSWORD_EXPIRED",
        (true, true) => "ACTIVE",
    })
}

fn default_realm(ctx: &Context<'_>) -> Option<Value> {
    let realms = ctx.all("realm");
    let default = realms
        .iter()
        .find(|realm| realm.body().get("isDefault") == Some(&Value::Bool(true)));
    default.map(|realm| Value::String(realm.key().id()))
}

fn default_type(ctx: &Context<'_>) -> Option<String> {
    let types = ctx.all("user-type");
    let default = types
        .iter()
        .find(|t| t.body().get("default") == Some(&Value::Bool(true)));
    default.map(|t| t.key().id())
}

fn group_ids(given: &Value) -> Vec<&str> {
    let ids = given.get("groupIds").and_then(Value::as_array);
    ids.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn check_groups(ctx: &Context<'_>, given: &Value) -> Result<(), Error> {
    let ids = group_ids(given);
    if ids.len() > GROUPS_MAX {
        return Err(Error::invalid(
            "groupIds",
            [format!(
                "groupIds: At most {GROUPS_MAX} groups may be given."
            )],
        ));
    }
    match ids.iter().find(|id| ctx.named("group", &[id]).is_none()) {
        Some(id) => Err(Error::not_found(id, "UserGroup")),
        None => Ok(()),
    }
}

/// Puts a new user into Everyone and the groups asked for.
pub(super) fn join_groups(ctx: &mut Context<'_>, change: &Change) -> Result<(), Error> {
    let user = change.key.id();
    let everyone = everyone(ctx).map(|group| group.key().id());
    for id in everyone
        .into_iter()
        .chain(group_ids(&change.given).into_iter().map(str::to_owned))
    {
        group::join(ctx, &id, &user)?;
    }
    Ok(())
}

/// The group every user is in.
pub(crate) fn everyone(ctx: &Context<'_>) -> Option<Arc<Object>> {
    let built_in = |group: &&Arc<Object>| {
        group.text_at("type") == Some("BUILT_IN") && group.title() == "Everyone"
    };
    ctx.world
        .org
        .of(Kind::named("group")?)
        .find(built_in)
        .cloned()
}

/// Most groups a creation may name (documented).
const GROUPS_MAX: usize = 20;
