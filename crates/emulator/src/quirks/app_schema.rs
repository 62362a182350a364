//! The schema of an app's users: made with the app, with the base attributes of its kind; a write is partial.

use super::Quirk;
use super::schema::{self, attribute};
use crate::member;
use crate::world::kind;
use crate::{Call, Context, Error, Reply};
use org::{Key, Object};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("getApplicationUserSchema", get),
        ("updateApplicationUserProfile", update),
    ],
    shape: Some(schema::shape),
    ..Quirk::NONE
};

/// Makes the schema of a new app.
pub(super) fn make(ctx: &mut Context<'_>, app: &Key) -> Result<(), Error> {
    let object = ctx.find(app)?;
    let kind = kind("app-schema")?;
    let mode = object.text_at("signOnMode").unwrap_or_default();
    let defaults = kind.facts().birth.defaults.as_ref();
    let base = |variant: &str| {
        defaults
            .and_then(|all| all.get(variant))
            .and_then(Value::as_object)
            .cloned()
    };
    let base = base(mode).or_else(|| base("*")).unwrap_or_default();
    let place = format!("meta/schemas/apps/{}/default", app.id());
    let name = format!(
        "{}_{}",
        object.text_at("name").unwrap_or_default(),
        ctx.world.ids.token(7).to_lowercase()
    );
    let mut body = schema::blank(
        ctx,
        &place,
        &name,
        &format!("{} User", object.title()),
        base,
    );
    attribute::master(&mut body);
    ctx.keep(app.child(kind, "app-schema"), body);
    Ok(())
}

fn find(ctx: &Context<'_>, call: &Call) -> Result<Arc<Object>, Error> {
    let app = call.param(0);
    ctx.named("app-schema", &[app, "app-schema"])
        .ok_or_else(|| Error::not_found(app, "AppInstance"))
}

fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    find(ctx, call).map(|object| Reply::ok(object.body().clone()))
}

fn update(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let object = find(ctx, call)?;
    let given = Value::Object(call.object()?.clone());
    let mut body = object.body().clone();
    let gone = attribute::apply(&mut body, &given)?;
    for part in ["base", "custom"] {
        let written = given
            .pointer(&format!("/definitions/{part}/properties"))
            .and_then(Value::as_object);
        for name in written.into_iter().flat_map(Map::keys) {
            strip(&mut body, part, name);
        }
    }
    member::set(&mut body, "lastUpdated", json!(ctx.stamp()));
    ctx.keep(object.key().clone(), body.clone());
    let app = object
        .key()
        .parent()
        .map(|app| app.path().to_owned())
        .unwrap_or_default();
    for user in ctx.children("app-user", &app) {
        ctx.change(user.key(), |body| {
            if let Some(profile) = body.get_mut("profile").and_then(Value::as_object_mut) {
                gone.iter()
                    .for_each(|name| drop(profile.shift_remove(name)));
            }
        });
    }
    Ok(Reply::ok(body))
}

/// Attributes of an app's users have no permissions, and only arrays a union (recorded).
fn strip(schema: &mut Value, part: &str, name: &str) {
    let properties = schema
        .pointer_mut(&format!("/definitions/{part}/properties"))
        .and_then(Value::as_object_mut);
    let Some(property) = properties
        .and_then(|all| all.get_mut(name))
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    for member in ["permissions", "mutability"] {
        property.shift_remove(member);
    }
    if property.get("type").and_then(Value::as_str) != Some("array") {
        property.shift_remove("union");
    }
    let items = property.get_mut("items").and_then(Value::as_object_mut);
    if let Some(items) =
        items.filter(|items| items.get("type").and_then(Value::as_str) == Some("object"))
    {
        items
            .entry("additionalProperties")
            .or_insert(Value::Bool(true));
    }
}
