//! Custom roles: found by id or label, unique labels, born with the permissions their creator names.

use super::{Change, Quirk};
use crate::member;
use crate::world::kind;
use crate::{Call, Content, Context, Error, Reply, generic, links, page};
use org::{Key, Object};
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("createRole", create),
        ("getRole", get),
        ("replaceRole", replace),
        ("listRoles", list),
    ],
    resolve: Some(resolve),
    check: Some(check),
    shape: Some(shape),
    written: Some(written),
    removing: Some(removing),
    ..Quirk::NONE
};

/// The id of the object of `kind` with that label.
pub(super) fn labelled(ctx: &Context<'_>, name: &str, label: &str) -> Option<String> {
    let found = ctx
        .all(name)
        .into_iter()
        .find(|object| object.text_at("label") == Some(label));
    found.map(|object| object.key().id())
}

fn resolve(ctx: &Context<'_>, _: &[String], given: &str) -> Option<String> {
    labelled(ctx, "custom-role", given)
}

fn check(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    let label = member::text(&change.given, "label").unwrap_or_default();
    if label.trim().is_empty() {
        return Err(Error::invalid("label", ["label: Label must be specified"]));
    }
    let taken = labelled(ctx, "custom-role", label).is_some_and(|id| id != change.key.id());
    if taken {
        return Err(Error::invalid(
            "label",
            ["label: There is already an admin role with this name."],
        ));
    }
    let permissions = change.given.get("permissions").and_then(Value::as_array);
    if change.old.is_none() && permissions.is_none_or(Vec::is_empty) {
        return Err(Error::invalid(
            "permissions",
            ["permissions: At least one permission must be specified"],
        ));
    }
    Ok(())
}

fn shape(_: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    if let Some(members) = change.new.as_object_mut() {
        members.shift_remove("permissions");
    }
    Ok(())
}

fn written(ctx: &mut Context<'_>, change: &Change) -> Result<(), Error> {
    let named = change.given.get("permissions").and_then(Value::as_array);
    if change.old.is_some() {
        return Ok(());
    }
    let permission = kind("custom-role-permission")?;
    let now = ctx.stamp();
    for label in named.into_iter().flatten().filter_map(Value::as_str) {
        let body = json!({"label": label, "created": now, "lastUpdated": now, "conditions": null});
        ctx.keep(change.key.child(permission, label), body);
    }
    Ok(())
}

/// A role that somebody has stays.
fn removing(ctx: &Context<'_>, role: &Object) -> Result<(), Error> {
    let id = role.key().id();
    let assigned = ["user-role", "group-role"]
        .into_iter()
        .flat_map(|name| ctx.all(name))
        .any(|assignment| assignment.text_at("role") == Some(&id));
    if assigned {
        let cause = "The role is assigned and cannot be deleted.";
        return Err(Error::invalid("role", [cause]));
    }
    Ok(())
}

fn create(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let reply = generic::create(ctx, call, kind("custom-role")?)?;
    Ok(with_own_link(ctx, call, reply))
}

fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let reply = generic::get(ctx, call, kind("custom-role")?)?;
    Ok(with_own_link(ctx, call, reply))
}

fn replace(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let reply = generic::replace(ctx, call, kind("custom-role")?)?;
    Ok(with_own_link(ctx, call, reply))
}

fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let reply = generic::list(ctx, call, kind("custom-role")?)?;
    Ok(with_list_link(ctx, call, reply))
}

/// The reply with a `Link` header that repeats the object's own link, as administration resources answer.
pub(super) fn with_own_link(ctx: &Context<'_>, call: &Call, reply: Reply) -> Reply {
    let own = match &reply.body {
        Content::Json(body) => body
            .pointer("/_links/self/href")
            .and_then(Value::as_str)
            .map(str::to_owned),
        _ => None,
    };
    match own {
        Some(own) => reply.with_header(http::header::LINK, &format!("<{own}>; rel=\"self\"")),
        None => page::with_links(ctx, call, reply, None),
    }
}

/// The list with its own address in the body and in a `Link` header.
pub(super) fn with_list_link(ctx: &Context<'_>, call: &Call, mut reply: Reply) -> Reply {
    if let Content::Json(body) = &mut reply.body {
        member::set(body, "_links.self", links::to(ctx, &call.path, &[]));
    }
    page::with_links(ctx, call, reply, None)
}

/// Key of the role with that id or label.
pub(super) fn key(ctx: &Context<'_>, given: &str) -> Result<Key, Error> {
    let id = labelled(ctx, "custom-role", given).unwrap_or_else(|| given.to_owned());
    Ok(Key::new(kind("custom-role")?, &[&id]))
}
