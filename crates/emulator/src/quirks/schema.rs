//! Profile schemas of users and groups. A write is partial; `null` removes a property and all its values with it.
//!
//! App-user schemas follow the same rules: [`attribute`], [`blank`] and [`shape`] serve them, too.

pub(super) mod attribute;
mod base;

use super::{Change, Quirk, user_type};
use crate::member;
use crate::{Call, Context, Error, Reply, links, world::kind};
use attribute::{apply, master};
use org::{Key, Object};
use serde_json::{Map, Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("getUserSchema", get_user),
        ("updateUserProfile", update_user),
        ("getGroupSchema", get_group),
        ("updateGroupSchema", update_group),
    ],
    shape: Some(shape),
    ..Quirk::NONE
};

/// Id of the schema of a user type: the two differ in their prefix only (recorded).
pub(crate) fn id_of(user_type: &str) -> String {
    format!("osc{}", user_type.get(3..).unwrap_or_default())
}

fn user_key(ctx: &Context<'_>, call: &Call) -> Result<Key, Error> {
    let given = call.param(0);
    let user_type = match given {
        "default" => user_type::default_id(ctx),
        other => other.get(3..).map(|rest| format!("oty{rest}")),
    };
    let missing = || Error::not_found(given, "UserSchema");
    let key = Key::new(
        kind("user-schema")?,
        &[&user_type.ok_or_else(missing)?, "user-schema"],
    );
    ctx.get(&key).ok_or_else(missing).map(|_| key)
}

fn group_key() -> Result<Key, Error> {
    Ok(Key::new(kind("group-schema")?, &["group-schema"]))
}

fn get_user(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let schema = ctx.find(&user_key(ctx, call)?)?;
    Ok(Reply::ok(view_user(ctx, &schema)))
}

fn view_user(ctx: &Context<'_>, schema: &Object) -> Value {
    let user_type = schema
        .key()
        .parent()
        .map(|key| key.id())
        .unwrap_or_default();
    let place = format!("/api/v1/meta/schemas/user/{}", id_of(&user_type));
    let mut body = schema.body().clone();
    link(ctx, &mut body, "self", &place);
    link(
        ctx,
        &mut body,
        "type",
        &format!("/api/v1/meta/types/user/{user_type}"),
    );
    body
}

/// Adds a link of the form schemas have.
pub(crate) fn link(ctx: &Context<'_>, body: &mut Value, rel: &str, path: &str) {
    let href = links::to(ctx, path, &[])
        .get("href")
        .cloned()
        .unwrap_or_default();
    let Some(members) = body.as_object_mut() else {
        return;
    };
    let all = members.entry("_links").or_insert_with(|| json!({}));
    if let Some(all) = all.as_object_mut() {
        all.insert(
            rel.to_owned(),
            json!({"rel": rel, "href": href, "method": "GET"}),
        );
    }
}

fn update_user(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = user_key(ctx, call)?;
    let gone = update(ctx, call, &key)?;
    let user_type = key.parent().map(|key| key.id()).unwrap_or_default();
    for user in ctx.all("user") {
        let of_type = member::text(user.body(), "type.id") == Some(&user_type);
        if of_type && !gone.is_empty() {
            drop_values(ctx, user.key(), &gone);
        }
    }
    let schema = ctx.find(&key)?;
    ctx.log("user_schema.property.update", vec![]);
    Ok(Reply::ok(view_user(ctx, &schema)))
}

fn get_group(ctx: &mut Context<'_>, _call: &Call) -> Result<Reply, Error> {
    let schema = ctx.find(&group_key()?)?;
    Ok(Reply::ok(view_group(ctx, &schema)))
}

fn view_group(ctx: &Context<'_>, schema: &Object) -> Value {
    let mut body = schema.body().clone();
    link(ctx, &mut body, "self", "/api/v1/meta/schemas/group/default");
    body
}

fn update_group(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = group_key()?;
    let gone = update(ctx, call, &key)?;
    for group in ctx.all("group") {
        if !gone.is_empty() {
            drop_values(ctx, group.key(), &gone);
        }
    }
    let schema = ctx.find(&key)?;
    Ok(Reply::ok(view_group(ctx, &schema)))
}

/// Writes the schema under `key`; tells which custom properties are gone.
fn update(ctx: &mut Context<'_>, call: &Call, key: &Key) -> Result<Vec<String>, Error> {
    let given = Value::Object(call.object()?.clone());
    let mut body = ctx.find(key)?.body().clone();
    let gone = apply(&mut body, &given)?;
    member::set(&mut body, "lastUpdated", json!(ctx.stamp()));

    ctx.keep(key.clone(), body);
    Ok(gone)
}

fn drop_values(ctx: &mut Context<'_>, key: &Key, names: &[String]) {
    ctx.change(key, |body| {
        if let Some(Value::Object(profile)) = body.get_mut("profile") {
            names
                .iter()
                .for_each(|name| drop(profile.shift_remove(name)));
        }
    });
}

/// A schema that enters from elsewhere has masters, too.
pub(super) fn shape(_: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    master(&mut change.new);
    Ok(())
}

/// A schema with these base properties and no custom ones. `place` follows the org's address in its id.
pub(crate) fn blank(
    ctx: &Context<'_>,
    place: &str,
    name: &str,
    title: &str,
    base: Map<String, Value>,
) -> Value {
    let now = ctx.stamp();
    let required: Vec<&String> = base
        .iter()
        .filter(|(_, p)| p.get("required") == Some(&Value::Bool(true)))
        .map(|(name, _)| name)
        .collect();
    json!({
        "id": format!("{}/{place}", ctx.world.base_url),
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": name, "title": title, "lastUpdated": now, "created": now,
        "definitions": {
            "custom": {"id": "#custom", "type": "object", "properties": {}},
            "base": {"id": "#base", "type": "object", "properties": base, "required": required},
        },
        "type": "object",
        "properties": {"profile": {"allOf": [{"$ref": "#/definitions/custom"}, {"$ref": "#/definitions/base"}]}},
    })
}

/// Gives a new user type its schema: a copy of the default type's, or the very first.
pub(super) fn found_user(ctx: &mut Context<'_>, user_type: &Key) -> Result<(), Error> {
    let default = user_type::default_id(ctx).unwrap_or_default();
    let kind = kind("user-schema")?;
    let (id, now) = (user_type.id(), ctx.stamp());
    let named = ctx.find(user_type)?;
    let is_default = id == default;
    let mut body = match ctx.get(&Key::new(kind, &[&default, "user-schema"])) {
        Some(default) => default.body().clone(),
        None => blank(
            ctx,
            "meta/schemas/user/default",
            "user",
            "User",
            base::user(),
        ),
    };
    if let Some(members) = body.as_object_mut() {
        let end = if is_default {
            "default".to_owned()
        } else {
            id_of(&id)
        };
        members.insert(
            "id".to_owned(),
            json!(format!("{}/meta/schemas/user/{end}", ctx.world.base_url)),
        );
        members.insert("title".to_owned(), json!(named.title()));
        members.insert(
            "description".to_owned(),
            named.body().get("description").cloned().unwrap_or_default(),
        );
        members.insert("created".to_owned(), json!(now));
        members.insert("lastUpdated".to_owned(), json!(now));
    }
    ctx.keep(Key::new(kind, &[&id, "user-schema"]), body);
    Ok(())
}

/// Gives a new org the schema of its groups.
pub(crate) fn found_group(ctx: &mut Context<'_>) -> Result<(), Error> {
    let mut body = blank(
        ctx,
        "meta/schemas/group/default",
        "group",
        "Okta group",
        base::group(),
    );
    member::set(
        &mut body,
        "description",
        json!("Okta group profile template"),
    );

    ctx.keep(group_key()?, body);
    Ok(())
}
