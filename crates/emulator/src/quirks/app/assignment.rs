//! People and groups of an app. A person's app profile is filled from the person's own where the app's schema has a place for it.

use super::super::{Change, Quirk};
use crate::{Call, Context, Error};
use serde_json::{Map, Value, json};

pub(crate) const GROUPS: Quirk = Quirk {
    check: Some(check_group),
    shape: Some(shape_group),
    ..Quirk::NONE
};

pub(crate) const USERS: Quirk = Quirk {
    check: Some(check_user),
    shape: Some(shape_user),
    ..Quirk::NONE
};

fn check_group(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    let id = change.key.id();
    ctx.named("group", &[&id])
        .map(|_| ())
        .ok_or_else(|| Error::not_found(&id, "UserGroup"))
}

/// The first group stands at 0, a later one behind the last, unless the caller says where.
fn shape_group(ctx: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    let app = change
        .key
        .parent()
        .map(|app| app.path().to_owned())
        .unwrap_or_default();
    let taken = ctx
        .children("app-group", &app)
        .into_iter()
        .filter_map(|group| group.body().get("priority")?.as_i64());
    let next = taken.max().map_or(0, |last| last + 1);
    if let Some(body) = change.new.as_object_mut() {
        body.entry("priority").or_insert(json!(next));
    }
    Ok(())
}

fn check_user(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    let id = change.key.id();
    ctx.named("user", &[&id])
        .map(|_| ())
        .ok_or_else(|| Error::not_found(&id, "User"))
}

fn shape_user(ctx: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    let id = change.key.id();
    let app = change.key.parent();
    let person = ctx.named("user", &[&id]);
    let profile = person
        .as_ref()
        .and_then(|person| person.body().get("profile"))
        .and_then(Value::as_object);
    let schema = app.and_then(|app| ctx.named("app-schema", &[&app.id(), "app-schema"]));
    let places = schema
        .as_ref()
        .and_then(|schema| schema.body().pointer("/definitions/base/properties"))
        .and_then(Value::as_object);
    let Some(body) = change.new.as_object_mut() else {
        return Ok(());
    };
    if let Some(credentials) = body.get_mut("credentials").and_then(Value::as_object_mut) {
        credentials.shift_remove("password");
        if credentials.get("userName").is_none_or(Value::is_null) {
            let login = profile
                .and_then(|profile| profile.get("login"))
                .cloned()
                .unwrap_or_default();
            credentials.insert("userName".to_owned(), login);
        }
    }
    let Some(own) = body.get_mut("profile").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    for name in places
        .into_iter()
        .flat_map(Map::keys)
        .filter(|name| *name != "userName")
    {
        own.entry(name.as_str())
            .or_insert_with(|| told(profile, name));
    }
    Ok(())
}

/// What the person's profile says about a place of an OIDC app's profile.
fn told(profile: Option<&Map<String, Value>>, place: &str) -> Value {
    let text = |name: &str| {
        profile
            .and_then(|profile| profile.get(name))
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    match place {
        "given_name" => json!(text("firstName")),
        "family_name" => json!(text("lastName")),
        "email" => json!(text("email")),
        "name" => json!(format!("{} {}", text("firstName"), text("lastName"))),
        "locale" => json!("en_US"),
        "zoneinfo" => json!("America/Los_Angeles"),
        _ => Value::Null,
    }
}
