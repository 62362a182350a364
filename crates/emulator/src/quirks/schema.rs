//! Profile schemas of users and groups. A write is partial; `null` removes a property and all its values with it.
//!
//! App-user schemas follow the same rules: [`apply`] and [`blank`] serve them, too.

mod base;

use super::{Quirk, user_type};
use crate::member;
use crate::{Call, Context, Error, Reply, links, world::kind};
use org::{Key, Object};
use serde_json::{Map, Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("getUserSchema", get_user),
        ("updateUserProfile", update_user),
        ("getGroupSchema", get_group),
        ("updateGroupSchema", update_group),
    ],
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

/// Applies a partial write to a schema: properties given replace those of the same name, `null` removes; tells the names
/// of the custom properties that are gone.
pub(crate) fn apply(schema: &mut Value, given: &Value) -> Result<Vec<String>, Error> {
    for name in ["title", "description"] {
        if let (Some(value), Some(members)) = (
            given.get(name).filter(|v| v.is_string()),
            schema.as_object_mut(),
        ) {
            members.insert(name.to_owned(), value.clone());
        }
    }
    let mut gone = Vec::new();
    for part in ["custom", "base"] {
        let properties = given
            .get("definitions")
            .and_then(|d| d.get(part))
            .and_then(|p| p.get("properties"));
        let Some(Value::Object(properties)) = properties else {
            continue;
        };
        let definition = schema
            .get_mut("definitions")
            .and_then(|d| d.get_mut(part))
            .and_then(Value::as_object_mut);
        let Some(definition) = definition else {
            continue;
        };
        for (name, property) in properties {
            if property.is_null() {
                if part == "custom" && write_property(definition, name, None) {
                    gone.push(name.clone());
                }
                continue;
            }
            let property = settle(part, name, property, definition)?;
            write_property(definition, name, Some(property));
        }
    }
    Ok(gone)
}

/// A property as Okta keeps it: defaults filled in, `required` only when true.
fn settle(
    part: &str,
    name: &str,
    given: &Value,
    definition: &Map<String, Value>,
) -> Result<Value, Error> {
    let mut property = given
        .as_object()
        .cloned()
        .ok_or_else(|| Error::new("E0000003"))?;
    if part == "base" {
        let old = definition
            .get("properties")
            .and_then(|p| p.get(name))
            .and_then(Value::as_object);
        let mut merged = old.cloned().ok_or_else(|| {
            Error::invalid(name, [format!("{name}: No base property has this name.")])
        })?;
        merged.extend(property);
        property = merged;
    } else if property.get("type").and_then(Value::as_str).is_none() {
        return Err(Error::blank("type"));
    }
    property.retain(|_, value| !value.is_null());
    let defaults = [
        ("mutability", json!("READ_WRITE")),
        ("scope", json!("NONE")),
        (
            "permissions",
            json!([{"principal": "SELF", "action": "READ_ONLY"}]),
        ),
        ("master", json!({"type": "PROFILE_MASTER"})),
    ];
    for (member, default) in defaults {
        property.entry(member).or_insert(default);
    }
    if property.get("required") == Some(&Value::Bool(false)) {
        property.shift_remove("required");
    }
    Ok(Value::Object(property))
}

/// Writes or removes one property and keeps the list of required ones true; tells whether it was there. Okta leaves the list
/// out while there is no property at all (recorded, without exception).
fn write_property(
    definition: &mut Map<String, Value>,
    name: &str,
    property: Option<Value>,
) -> bool {
    let required = property
        .as_ref()
        .is_some_and(|p| p.get("required") == Some(&Value::Bool(true)));
    let mut was = false;
    if let Some(Value::Object(properties)) = definition.get_mut("properties") {
        was = match property {
            Some(property) => properties.insert(name.to_owned(), property).is_some(),
            None => properties.shift_remove(name).is_some(),
        };
    }
    let empty = definition
        .get("properties")
        .and_then(Value::as_object)
        .is_none_or(Map::is_empty);
    if empty {
        definition.shift_remove("required");
        return was;
    }
    let list = definition.entry("required").or_insert_with(|| json!([]));
    if let Value::Array(list) = list {
        list.retain(|known| known.as_str() != Some(name));
        if required {
            list.push(json!(name));
        }
    }
    was
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
