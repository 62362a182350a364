//! Groups and who is in them: unique names, `expand=stats`, memberships, owners.
//!
//! Everyone is filled by `user`, rule-driven memberships by `group_rule`; both join through [`join`].

mod members;
mod owners;

pub(crate) use members::{join, leave};
pub(crate) use owners::forget_owner;

use super::{Change, Quirk, group_rule};
use crate::member;
use crate::{Call, Context, Error, Reply, generic, links, page, world::kind};
use org::{Kind, Object};
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("getGroup", get),
        ("listGroups", list),
        ("listAssignedApplicationsForGroup", apps),
        ("listGroupUsers", members::list),
        ("assignUserToGroup", members::assign),
        ("unassignUserFromGroup", members::unassign),
        ("listGroupOwners", owners::list),
        ("assignGroupOwner", owners::assign),
        ("deleteGroupOwner", owners::delete),
    ],
    check: Some(check),
    removed: Some(removed),
    ..Quirk::NONE
};

fn check(ctx: &Context<'_>, call: &Call, change: &Change) -> Result<(), Error> {
    let name = member::text(&change.given, "profile.name").unwrap_or_default();
    if let Some(old) = &change.old {
        if old.text_at("type") == Some("BUILT_IN") {
            return Err(Error::invalid(
                "group",
                ["Built-in groups cannot be changed."],
            ));
        }
        if name.is_empty() && call.operation.method != catalog::Method::Put {
            return Ok(());
        }
    }
    if name.trim().is_empty() {
        return Err(Error::blank("name"));
    }
    if name.chars().count() > NAME_MAX {
        return Err(Error::invalid(
            "name",
            [format!(
                "name: The field must have at most {NAME_MAX} characters."
            )],
        ));
    }
    let taken = |group: &&std::sync::Arc<Object>| {
        *group.key() != change.key
            && group.text_at("type") == Some("OKTA_GROUP")
            && group.title() == name
    };
    match ctx.world.org.of(kind("group")?).find(taken) {
        None => Ok(()),
        Some(_) => Err(Error::invalid(
            "name",
            ["name: An object with this field already exists in the current organization"],
        )),
    }
}

fn removed(ctx: &mut Context<'_>, group: &Object) {
    group_rule::invalidate(ctx, &group.key().id());
}

fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut reply = generic::get(ctx, call, kind("group")?)?;
    if let crate::Content::Json(body) = &mut reply.body {
        expand(ctx, call, body);
    }
    Ok(reply)
}

/// Groups; Okta sends no `Link` with `q`.
fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let kind = kind("group")?;
    let groups = generic::listed(ctx, call, kind)?;
    let mut reply = generic::reply_page(ctx, call, kind, groups)?;
    if let crate::Content::Json(Value::Array(items)) = &mut reply.body {
        items.iter_mut().for_each(|body| expand(ctx, call, body));
    }
    Ok(if call.query("q").is_some() {
        reply.without_links()
    } else {
        reply
    })
}

/// Adds `_embedded.stats` when asked for.
fn expand(ctx: &Context<'_>, call: &Call, body: &mut Value) {
    if !call.asks("expand", "stats") {
        return;
    }
    let Some(id) = body.get("id").and_then(Value::as_str).map(str::to_owned) else {
        return;
    };
    let count = |name: &str| ctx.children(name, &id).len();
    let item = format!("/api/v1/groups/{id}");
    let stats = json!({"stats": {
        "usersCount": count("group-membership"),
        "appsCount": assigned(ctx, &id).len(),
        "groupPushMappingsCount": 0,
        "hasAdminPrivlege": count("group-role") > 0,
        "_links": {
            "users": links::to(ctx, &format!("{item}/users"), &[]),
            "apps": links::to(ctx, &format!("{item}/apps"), &[]),
        },
    }});
    member::set(body, "_embedded", stats);
}

/// Ids of the apps a group is assigned to.
fn assigned(ctx: &Context<'_>, group: &str) -> Vec<String> {
    let Some(kind) = Kind::named("app-group") else {
        return Vec::new();
    };
    let of = ctx
        .world
        .org
        .of(kind)
        .filter(|assignment| assignment.key().id() == group);
    of.filter_map(|assignment| Some(assignment.key().parent()?.id()))
        .collect()
}

fn apps(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let group = members::group(ctx, call)?;
    let ids = assigned(ctx, &group.key().id());
    let mut apps = ctx.all("app");
    apps.retain(|app| ids.contains(&app.key().id()));
    let (apps, next) = page::cut(call, apps, APPS_PAGE, |app| app.key().id())?;
    let items: Vec<Value> = apps.iter().map(|app| ctx.view(app)).collect();
    Ok(page::with_links(
        ctx,
        call,
        Reply::ok(Value::Array(items)),
        next.as_deref(),
    ))
}

/// Longest name (Okta's group schema).
const NAME_MAX: usize = 255;
/// Okta's page of a group's apps.
const APPS_PAGE: usize = 20;
