//! User types: each has a schema of its own, born as a copy of the default type's.

use super::{Change, Quirk, profile_mapping, schema};
use crate::member;
use crate::{Call, Context, Error, links};
use org::{Kind, Object};
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    resolve: Some(resolve),
    check: Some(check),
    written: Some(written),
    removing: Some(removing),
    removed: Some(profile_mapping::forget_of),
    view: Some(view),
    ..Quirk::NONE
};

/// `default` is the type users have when nothing else is said.
fn resolve(ctx: &Context<'_>, _owners: &[String], given: &str) -> Option<String> {
    if given == "default" {
        default_id(ctx)
    } else {
        None
    }
}

/// Id of the default type.
pub(crate) fn default_id(ctx: &Context<'_>) -> Option<String> {
    let kind = Kind::named("user-type")?;
    let default = ctx
        .world
        .org
        .of(kind)
        .find(|t| t.body().get("default") == Some(&Value::Bool(true)));
    default.map(|t| t.key().id())
}

fn check(ctx: &Context<'_>, _call: &Call, change: &Change) -> Result<(), Error> {
    if change.old.is_some() {
        return Ok(());
    }
    let name = member::text(&change.given, "name").unwrap_or_default();
    if name.is_empty() {
        return Err(Error::blank("name"));
    }
    let types = ctx.all("user-type");
    if types.iter().any(|t| t.text_at("name") == Some(name)) {
        return Err(Error::invalid(
            "name",
            ["name: An object with this field already exists in the current organization"],
        ));
    }
    if types.len() > TYPES_MAX {
        return Err(Error::invalid(
            "UserType",
            [format!("At most {TYPES_MAX} user types may be created.")],
        ));
    }
    Ok(())
}

fn written(ctx: &mut Context<'_>, change: &Change) -> Result<(), Error> {
    if change.old.is_none() {
        schema::found_user(ctx, &change.key)?;
        profile_mapping::make_for_type(ctx, &change.key)?;
    }
    Ok(())
}

fn removing(ctx: &Context<'_>, object: &Object) -> Result<(), Error> {
    let id = object.key().id();
    let has = |user: &Object| member::text(user.body(), "type.id") == Some(id.as_str());
    if ctx.all("user").iter().any(|user| has(user)) {
        return Err(Error::invalid(
            "UserType",
            ["The user type is in use and cannot be deleted."],
        ));
    }
    Ok(())
}

fn view(ctx: &Context<'_>, object: &Object, body: &mut Value) {
    let id = schema::id_of(&object.key().id());
    let href = links::to(ctx, &format!("/api/v1/meta/schemas/user/{id}"), &[]);
    if let Some(Value::Object(all)) = body.get_mut("_links") {
        let href = href.get("href").cloned().unwrap_or_default();
        all.insert(
            "schema".to_owned(),
            json!({"rel": "schema", "href": href, "method": "GET"}),
        );
    }
}

/// Most types beside the default one (documented).
const TYPES_MAX: usize = 9;
