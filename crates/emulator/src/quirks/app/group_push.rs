//! Group push: a group of the org written into an app as a group of that app, made by name or chosen.

use super::super::{Change, Quirk};
use crate::world::kind;
use crate::{Call, Context, Error};
use org::Key;
use serde_json::{Value, json};

pub(crate) const PUSH: Quirk = Quirk {
    check: Some(check),
    shape: Some(shape),
    ..Quirk::NONE
};

fn text<'v>(body: &'v Value, member: &str) -> Option<&'v str> {
    body.get(member).and_then(Value::as_str)
}

fn check(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    if change.old.is_some() {
        return Ok(());
    }
    let source =
        text(&change.given, "sourceGroupId").ok_or_else(|| Error::blank("sourceGroupId"))?;
    ctx.named("group", &[source])
        .map(|_| ())
        .ok_or_else(|| Error::not_found(source, "UserGroup"))
}

fn shape(ctx: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    let now = ctx.stamp().replace(".000Z", "Z");
    let given = change.given.clone();
    let Some(body) = change.new.as_object_mut() else {
        return Ok(());
    };
    body.insert("lastUpdated".to_owned(), json!(now));
    let name = body.shift_remove("targetGroupName");
    if body.contains_key("targetGroupId") {
        return Ok(());
    }
    let name = name
        .as_ref()
        .and_then(Value::as_str)
        .or_else(|| text(&given, "sourceGroupId"))
        .unwrap_or_default()
        .to_owned();
    let id = ctx.new_id("00g");
    let stamp = ctx.stamp();
    let group = json!({
        "id": id, "created": stamp, "lastUpdated": stamp, "lastMembershipUpdated": stamp, "objectClass": ["okta:app_group"],
        "type": "APP_GROUP", "profile": {"name": name, "description": null},
    });
    ctx.keep(Key::new(kind("group")?, &[&id]), group);
    body.insert("targetGroupId".to_owned(), json!(id));
    Ok(())
}
