//! What a role is narrowed to: groups, kinds of app, single apps. Kept hidden beside the assignment, which does not show it.

use crate::world::kind;
use crate::{Call, Context, Error, Reply, links, locate, member, page};
use org::{Key, Object};
use serde_json::{Value, json};
use std::sync::Arc;

/// The assignment a call is about.
fn assignment(ctx: &Context<'_>, call: &Call, relation: &str) -> Result<Key, Error> {
    let key = locate::item(ctx, kind(relation)?, &call.params)?;
    match ctx.get(&key) {
        Some(_) => Ok(key),
        None => Err(Error::not_found(call.param(1), "RoleAssignment")),
    }
}

fn targets(ctx: &Context<'_>, key: &Key, what: &str) -> Vec<String> {
    let listed = ctx
        .hidden(key, what)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    listed
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn add(ctx: &mut Context<'_>, key: &Key, what: &str, target: String) -> Reply {
    let mut all = targets(ctx, key, what);
    if !all.contains(&target) {
        all.push(target);
    }
    ctx.hide(key, what, json!(all));
    Reply::no_content()
}

/// The last target cannot go: that would widen the role to everything.
fn remove(ctx: &mut Context<'_>, key: &Key, what: &str, target: &str) -> Result<Reply, Error> {
    let mut all = targets(ctx, key, what);
    if !all.iter().any(|known| known == target) {
        return Err(Error::not_found(target, "RoleTarget"));
    }
    if all.len() == 1 {
        let cause = "The last target of a role cannot be removed; remove the role instead.";
        return Err(Error::invalid("target", [cause]));
    }
    all.retain(|known| known != target);
    ctx.hide(key, what, json!(all));
    Ok(Reply::no_content())
}

fn list_groups(ctx: &mut Context<'_>, call: &Call, relation: &str) -> Result<Reply, Error> {
    let key = assignment(ctx, call, relation)?;
    let ids = targets(ctx, &key, GROUPS);
    let groups: Vec<Arc<Object>> = ids
        .iter()
        .filter_map(|id| ctx.named("group", &[id]))
        .collect();
    let (groups, next) = page::cut(call, groups, PAGE, |group| group.key().id())?;
    let items = groups.iter().map(|group| ctx.view(group)).collect();
    Ok(page::with_links(
        ctx,
        call,
        Reply::ok(items),
        next.as_deref(),
    ))
}

pub(super) fn groups_of_user(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    list_groups(ctx, call, "user-role")
}

pub(super) fn groups_of_group(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    list_groups(ctx, call, "group-role")
}

pub(super) fn groups_of_client(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    list_groups(ctx, call, "client-role")
}

fn add_group(ctx: &mut Context<'_>, call: &Call, relation: &str) -> Result<Reply, Error> {
    let key = assignment(ctx, call, relation)?;
    let group = call.last_param().to_owned();
    ctx.find(&Key::new(kind("group")?, &[&group]))?;
    Ok(add(ctx, &key, GROUPS, group))
}

pub(super) fn add_group_to_user(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    add_group(ctx, call, "user-role")
}

pub(super) fn add_group_to_group(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    add_group(ctx, call, "group-role")
}

pub(super) fn add_group_to_client(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    add_group(ctx, call, "client-role")
}

pub(super) fn remove_group_from_user(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = assignment(ctx, call, "user-role")?;
    remove(ctx, &key, GROUPS, call.last_param())
}

pub(super) fn remove_group_from_group(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = assignment(ctx, call, "group-role")?;
    remove(ctx, &key, GROUPS, call.last_param())
}

pub(super) fn remove_group_from_client(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = assignment(ctx, call, "client-role")?;
    remove(ctx, &key, GROUPS, call.last_param())
}

/// Kinds of app by name, single apps with their id, label and state.
fn list_apps(ctx: &mut Context<'_>, call: &Call, relation: &str) -> Result<Reply, Error> {
    let key = assignment(ctx, call, relation)?;
    let all = targets(ctx, &key, APPS);
    let (all, next) = page::cut(call, all, PAGE, String::clone)?;
    let items = all.iter().filter_map(|target| match target.split_once('/') {
        Some((_, id)) => {
            let app = ctx.named("app", &[id])?;
            let own = links::to(ctx, &format!("/api/v1/apps/{id}"), &[]);
            Some(json!({"name": app.text_at("label"), "status": app.text_at("status"), "id": id, "_links": {"self": own}}))
        }
        None => Some(catalog_app(ctx, target)),
    });
    Ok(page::with_links(
        ctx,
        call,
        Reply::ok(items.collect()),
        next.as_deref(),
    ))
}

/// What Okta's catalog says of a kind of app; the emulated catalog knows names only. Templates say more than partners' apps.
fn catalog_app(ctx: &Context<'_>, name: &str) -> Value {
    let own = links::to(ctx, &format!("/api/v1/catalog/apps/{name}"), &[]);
    let template = name == "oidc_client" || name.starts_with("template_");
    let mut logo = links::to(ctx, &format!("/assets/img/logos/{name}.png"), &[]);
    member::set(&mut logo, "name", json!("medium"));
    let mut app = json!({"name": name, "displayName": name, "description": name, "status": "ACTIVE", "lastUpdated": ctx.stamp(),
        "category": "OTHER", "verificationStatus": "OKTA_VERIFIED", "website": format!("https://{name}.example.com"),
        "signOnModes": ["BROWSER_PLUGIN"], "_links": {"self": own}});
    if template {
        member::set(&mut logo, "type", json!("image/png"));
        member::set(&mut app, "features", json!(["DEFAULT_PUSH_STATUS_TO_PUSH"]));
    }
    member::set(&mut app, "_links.logo", json!([logo]));
    app
}

pub(super) fn apps_of_user(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    list_apps(ctx, call, "user-role")
}

pub(super) fn apps_of_group(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    list_apps(ctx, call, "group-role")
}

pub(super) fn apps_of_client(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    list_apps(ctx, call, "client-role")
}

/// The target in the path: the app's name, and the id of one app after a slash.
fn app_target(call: &Call) -> String {
    call.params.get(2..).unwrap_or_default().join("/")
}

fn add_app(ctx: &mut Context<'_>, call: &Call, relation: &str) -> Result<Reply, Error> {
    let key = assignment(ctx, call, relation)?;
    if let Some(id) = call.params.get(3) {
        ctx.find(&Key::new(kind("app")?, &[id]))?;
    }
    Ok(add(ctx, &key, APPS, app_target(call)))
}

pub(super) fn add_app_to_user(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    add_app(ctx, call, "user-role")
}

pub(super) fn add_app_to_group(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    add_app(ctx, call, "group-role")
}

pub(super) fn add_app_to_client(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    add_app(ctx, call, "client-role")
}

/// Widens the role to all apps again.
pub(super) fn all_apps_to_user(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = assignment(ctx, call, "user-role")?;
    ctx.hide(&key, APPS, json!([]));
    Ok(Reply::no_content())
}

pub(super) fn remove_app_from_user(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = assignment(ctx, call, "user-role")?;
    remove(ctx, &key, APPS, &app_target(call))
}

pub(super) fn remove_app_from_group(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = assignment(ctx, call, "group-role")?;
    remove(ctx, &key, APPS, &app_target(call))
}

pub(super) fn remove_app_from_client(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = assignment(ctx, call, "client-role")?;
    remove(ctx, &key, APPS, &app_target(call))
}

const GROUPS: &str = "group-targets";
const APPS: &str = "app-targets";
/// Targets in one page.
const PAGE: usize = 20;
