//! Owners of a group: users or groups, kept beside the group.

use super::members::group;
use crate::{Call, Context, Error, Reply, birth};
use http::StatusCode;
use org::{Key, Object};
use serde_json::{Value, json};

/// The owners of a group.
pub(super) fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let group = group(ctx, call)?;
    Ok(Reply::ok(Value::Array(owners(ctx, group.key()))))
}

fn owners(ctx: &Context<'_>, group: &Key) -> Vec<Value> {
    ctx.hidden(group, OWNERS)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// Makes a user or group an owner.
pub(super) fn assign(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let group = group(ctx, call)?;
    let text = |name: &str| call.text(name).unwrap_or_default();
    let (id, class) = (text("id"), text("type"));
    let owner = match class {
        "GROUP" => ctx
            .named("group", &[id])
            .ok_or_else(|| Error::not_found(id, "UserGroup"))?,
        "USER" => ctx
            .named("user", &[id])
            .ok_or_else(|| Error::not_found(id, "User"))?,
        _ => return Err(Error::blank("type")),
    };
    let mut all = owners(ctx, group.key());
    if all
        .iter()
        .any(|known| known.get("id").and_then(Value::as_str) == Some(id))
    {
        return Err(Error::invalid(
            "owner",
            ["Provided owner is already assigned to this group"],
        ));
    }
    let owner = json!({
        "id": id, "type": class, "resolved": true, "originId": null, "originType": "OKTA_DIRECTORY",
        "displayName": display_name(&owner), "lastUpdated": birth::legacy(&ctx.stamp()),
    });
    all.push(owner.clone());
    ctx.hide(group.key(), OWNERS, Value::Array(all));
    Ok(Reply::with(StatusCode::CREATED, owner))
}

fn display_name(owner: &Object) -> String {
    let names = ["firstName", "lastName"].map(|name| super::super::user::profile_text(owner, name));
    match names {
        [Some(first), Some(last)] => format!("{first} {last}"),
        _ => owner.title(),
    }
}

/// Ends an ownership.
pub(super) fn delete(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let group = group(ctx, call)?;
    let mut all = owners(ctx, group.key());
    let before = all.len();
    all.retain(|owner| owner.get("id").and_then(Value::as_str) != Some(call.param(1)));
    if all.len() == before {
        return Err(Error::not_found(call.param(1), "LinkedObject"));
    }
    ctx.hide(group.key(), OWNERS, Value::Array(all));
    Ok(Reply::no_content())
}

/// Ends every ownership of a user who is gone.
pub(crate) fn forget_owner(ctx: &mut Context<'_>, id: &str) {
    for group in ctx.all("group") {
        let mut all = owners(ctx, group.key());
        let before = all.len();
        all.retain(|owner| owner.get("id").and_then(Value::as_str) != Some(id));
        if all.len() < before {
            ctx.hide(group.key(), OWNERS, Value::Array(all));
        }
    }
}

/// Name of the owners beside a group.
const OWNERS: &str = "owners";
