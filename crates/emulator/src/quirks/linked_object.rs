//! Linked objects: pairs of relation names (manager, subordinate), and which users they tie together.

use super::{Change, Quirk, user};
use crate::{Call, Context, Error, Reply, links, locate, world::kind};
use org::{Key, Kind, Object};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("listLinkedObjectsForUser", list),
        ("assignLinkedObjectValueForPrimary", assign),
        ("deleteLinkedObjectForUser", unlink),
    ],
    resolve: Some(resolve),
    check: Some(check),
    ..Quirk::NONE
};

/// A pair is known by either of its names.
fn resolve(ctx: &Context<'_>, _owners: &[String], given: &str) -> Option<String> {
    let kind = Kind::named("linked-object")?;
    let pair = ctx
        .world
        .org
        .of(kind)
        .find(|pair| name(pair.body(), "associated") == given);
    pair.map(|pair| pair.key().id())
}

fn name<'a>(pair: &'a Value, end: &str) -> &'a str {
    pair.get(end)
        .and_then(|e| e.get("name"))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn check(ctx: &Context<'_>, _call: &Call, change: &Change) -> Result<(), Error> {
    for end in ["primary", "associated"] {
        let wanted = name(&change.given, end);
        if wanted.is_empty() {
            return Err(Error::blank(&format!("{end}.name")));
        }
        let taken = |pair: &Arc<Object>| {
            name(pair.body(), "primary") == wanted || name(pair.body(), "associated") == wanted
        };
        if ctx.all("linked-object").iter().any(taken) {
            let cause = format!(
                "{end}.name: An object with this field already exists in the current organization"
            );
            return Err(Error::invalid("linkedObject", [cause]));
        }
    }
    Ok(())
}

fn pair(ctx: &Context<'_>, given: &str) -> Result<Arc<Object>, Error> {
    let key = locate::item(ctx, kind("linked-object")?, &[given.to_owned()])?;
    ctx.get(&key)
        .ok_or_else(|| Error::not_found(given, "LinkedObject"))
}

fn person(ctx: &Context<'_>, given: &str) -> Result<Arc<Object>, Error> {
    let key = locate::item(ctx, kind("user")?, &[given.to_owned()])?;
    ctx.get(&key).ok_or_else(|| Error::not_found(given, "User"))
}

fn beside(pair: &Object) -> String {
    format!("linked:{}", pair.key().id())
}

/// Users at the other end: the one primary, or all associated.
fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = user::find(ctx, call)?;
    let pair = pair(ctx, call.param(1))?;
    let beside = beside(&pair);
    let ids: Vec<String> = if name(pair.body(), "primary") == call.param(1) {
        ctx.hidden(user.key(), &beside)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .into_iter()
            .collect()
    } else {
        let id = user.key().id();
        let led = |other: &Arc<Object>| {
            ctx.hidden(other.key(), &beside).and_then(Value::as_str) == Some(id.as_str())
        };
        ctx.all("user")
            .iter()
            .filter(|other| led(other))
            .map(|other| other.key().id())
            .collect()
    };
    let items = ids.iter().map(
        |id| json!({"_links": {"self": links::to(ctx, &format!("/api/v1/users/{id}"), &["GET"])}}),
    );
    Ok(Reply::ok(Value::Array(items.collect())))
}

/// `PUT /users/{associated}/linkedObjects/{primary relation}/{primary}`.
fn assign(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (associated, primary) = (person(ctx, call.param(0))?, person(ctx, call.param(2))?);
    let pair = pair(ctx, call.param(1))?;
    ctx.hide(associated.key(), &beside(&pair), json!(primary.key().id()));
    Ok(Reply::no_content())
}

fn unlink(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = user::find(ctx, call)?;
    let pair = pair(ctx, call.param(1))?;
    let key: Key = user.key().clone();
    if let Some(hidden) = ctx.world.hidden.get_mut(&key) {
        hidden.shift_remove(&beside(&pair));
    }
    Ok(Reply::no_content())
}
