//! Writes an object anew, whole (`PUT`) or in part (`POST`, `PATCH`).

use crate::quirks::{self, Change};
use crate::{Call, Context, Error, Reply, birth, locate};
use catalog::pattern::Pattern;
use org::{Kind, Object};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Replaces the object: members the caller leaves out fall back to Okta's defaults.
pub(crate) fn replace(ctx: &mut Context<'_>, call: &Call, kind: Kind) -> Result<Reply, Error> {
    write(ctx, call, kind, true)
}

/// Updates the object: members the caller leaves out stay, members given as `null` become `null`.
pub(crate) fn update(ctx: &mut Context<'_>, call: &Call, kind: Kind) -> Result<Reply, Error> {
    write(ctx, call, kind, false)
}

fn write(ctx: &mut Context<'_>, call: &Call, kind: Kind, whole: bool) -> Result<Reply, Error> {
    let facts = kind.facts();
    let key = locate::item(ctx, kind, &call.params)?;
    let missing = || Error::not_found(call.last_param(), &facts.birth.class);
    let old = ctx.get(&key).ok_or_else(missing)?;
    let given = Value::Object(call.object()?.clone());
    refuse_wrong_state(&old)?;
    let quirk = quirks::of(kind);
    let mut change = Change {
        key,
        old: Some(Arc::clone(&old)),
        new: given.clone(),
        given,
    };
    if let Some(check) = quirk.check {
        check(ctx, call, &change)?;
    }
    let mut new = change.given.clone();
    for place in kept_places(kind) {
        place.remove(&mut new);
    }
    change.new = if whole {
        let mut members = own_members(&old);
        merge(&mut members, new);
        let owner = change.key.parent().map(|k| k.id()).unwrap_or_default();
        birth::fill(
            &facts.birth,
            &mut members,
            &mut ctx.scope(&change.given, &change.key.id(), &owner),
        );
        Value::Object(members)
    } else {
        let mut members = old.body().as_object().cloned().unwrap_or_default();
        merge(&mut members, new);
        Value::Object(members)
    };
    touch(ctx, &mut change.new);
    if let Some(shape) = quirk.shape {
        shape(ctx, call, &mut change)?;
    }
    ctx.keep(change.key.clone(), change.new.clone());
    if let Some(written) = quirk.written {
        written(ctx, &change)?;
    }
    let object = ctx.find(&change.key)?;
    super::log(ctx, &object, "replace");
    Ok(Reply::ok(ctx.view(&object)))
}

/// Says in the body that it was changed now, by this caller, where the type tells so.
pub(crate) fn touch(ctx: &Context<'_>, body: &mut Value) {
    if let Some(at) = body.get_mut("lastUpdated") {
        let older = at.as_str().is_some_and(|text| text.contains(' '));
        let now = ctx.stamp();
        *at = Value::String(if older { birth::legacy(&now) } else { now });
    }
    if let Some(by) = body.get_mut("lastUpdatedBy") {
        *by = Value::String(ctx.actor.user_id().to_owned());
    }
}

fn refuse_wrong_state(old: &Object) -> Result<(), Error> {
    let facts = old.key().kind().facts();
    let Some(lifecycle) = &facts.lifecycle else {
        return Ok(());
    };
    let state = lifecycle.field.first(old.body()).and_then(Value::as_str);
    match &lifecycle.replace_needs {
        Some(needed) if state != Some(needed) => Err(Error::invalid(
            &facts.title,
            [format!(
                "status: The {} must be {needed} to be changed.",
                facts.title
            )],
        )),
        _ => Ok(()),
    }
}

/// Places a caller cannot write: server-assigned ones, those frozen at creation, and the state.
fn kept_places(kind: Kind) -> Vec<&'static Pattern> {
    let facts = kind.facts();
    let state = facts.lifecycle.as_ref().map(|lifecycle| &lifecycle.field);
    facts
        .readonly
        .iter()
        .chain(&facts.frozen)
        .chain(state)
        .collect()
}

/// What of the old object a replacement keeps.
fn own_members(old: &Object) -> Map<String, Value> {
    let mut own = Map::new();
    for place in kept_places(old.key().kind()) {
        copy(&mut own, place.as_str(), old.body());
    }
    own
}

/// Copies the value at a plain place (`a.b.c`), if it is there.
fn copy(into: &mut Map<String, Value>, place: &str, from: &Value) {
    match place.split_once('.') {
        None => {
            if let Some(value) = from.get(place) {
                into.insert(place.to_owned(), value.clone());
            }
        }
        Some((first, rest)) => {
            let Some(below) = from.get(first).filter(|v| v.is_object()) else {
                return;
            };
            let mut inner = into
                .get(first)
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default();
            copy(&mut inner, rest, below);
            if !inner.is_empty() {
                into.insert(first.to_owned(), Value::Object(inner));
            }
        }
    }
}

/// Writes `new` over `members`, objects member by member.
pub(crate) fn merge(members: &mut Map<String, Value>, new: Value) {
    let Value::Object(new) = new else { return };
    for (name, value) in new {
        match (members.get_mut(&name), value) {
            (Some(Value::Object(inner)), value @ Value::Object(_)) => merge(inner, value),
            (_, value) => drop(members.insert(name, value)),
        }
    }
}
