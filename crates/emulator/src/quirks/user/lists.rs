//! Lists of users, and what hangs on one user.

use super::{find, links, status};
use crate::member;
use crate::{Call, Context, Error, Reply, generic, page, world::kind};
use org::{Kind, Object};
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::sync::Arc;

/// Users; without `search` and `filter` the deprovisioned are left out.
pub(super) fn users(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut users = generic::listed(ctx, call, kind("user")?)?;
    if call.query("search").is_none() && call.query("filter").is_none() {
        users.retain(|user| status(user) != "DEPROVISIONED");
    }
    sort(call, &mut users);
    answer(ctx, call, users, USERS_PAGE)
}

/// One page of users, each with its `self` link alone.
pub(crate) fn answer(
    ctx: &Context<'_>,
    call: &Call,
    users: Vec<Arc<Object>>,
    usual: usize,
) -> Result<Reply, Error> {
    let (users, next) = page::cut(call, users, usual, |user| user.key().id())?;
    let items: Vec<Value> = users.iter().map(|user| short(ctx, user)).collect();
    Ok(page::with_links(
        ctx,
        call,
        Reply::ok(Value::Array(items)),
        next.as_deref(),
    ))
}

fn short(ctx: &Context<'_>, user: &Object) -> Value {
    let mut body = user.body().clone();
    member::set(&mut body, "_links", links::short(ctx, user));

    body
}

/// `sortBy` and `sortOrder`, which go with `search`.
fn sort(call: &Call, users: &mut [Arc<Object>]) {
    let Some(by) = call
        .query("sortBy")
        .and_then(|by| catalog::pattern::Pattern::parse(by).ok())
    else {
        return;
    };
    let down = call
        .query("sortOrder")
        .is_some_and(|order| order.eq_ignore_ascii_case("desc"));
    let text = |user: &Arc<Object>| {
        by.first(user.body())
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_lowercase()
    };
    users.sort_by(|a, b| match (text(a).cmp(&text(b)), down) {
        (Ordering::Less, true) => Ordering::Greater,
        (Ordering::Greater, true) => Ordering::Less,
        (order, _) => order,
    });
}

/// The groups of a user.
pub(super) fn groups(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?.key().id();
    let mut groups = ctx.all("group");
    groups.retain(|group| {
        ctx.named("group-membership", &[&group.key().id(), &user])
            .is_some()
    });
    let (groups, next) = page::cut(call, groups, GROUPS_PAGE, |group| group.key().id())?;
    let items: Vec<Value> = groups.iter().map(|group| ctx.view(group)).collect();
    Ok(page::with_links(
        ctx,
        call,
        Reply::ok(Value::Array(items)),
        next.as_deref(),
    ))
}

/// The apps a user may open.
pub(super) fn app_links(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?.key().id();
    let Some(kind) = Kind::named("app-user") else {
        return nothing(ctx, call);
    };
    let assignments = ctx
        .world
        .org
        .of(kind)
        .filter(|assignment| assignment.key().id() == user);
    let links = assignments.filter_map(|assignment| {
        let app = ctx.get(&assignment.key().parent()?)?;
        Some(json!({
            "id": assignment.key().id(), "label": app.title(), "appName": app.text_at("name"),
            "appInstanceId": app.key().id(), "appAssignmentId": assignment.key().id(),
            "linkUrl": format!("{}/home/{}/{}", ctx.world.base_url, app.text_at("name").unwrap_or_default(), app.key().id()),
            "logoUrl": null, "credentialsSetup": false, "hidden": false, "sortOrder": 0,
        }))
    });
    Ok(Reply::ok(Value::Array(links.collect())))
}

/// A list of what an emulated user never has.
pub(super) fn nothing(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    find(ctx, call)?;
    Ok(Reply::ok(json!([])))
}

/// The same, where Okta pages.
pub(super) fn nothing_paged(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let reply = nothing(ctx, call)?;
    Ok(page::with_links(ctx, call, reply, None))
}

/// An end of what an emulated user never has.
pub(super) fn done(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    find(ctx, call)?;
    Ok(Reply::no_content())
}

/// Okta's page of users (recorded).
const USERS_PAGE: usize = 200;
/// Okta's page of a user's groups.
const GROUPS_PAGE: usize = 200;
