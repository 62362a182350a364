//! One object's way into the org: judged and shaped by the hooks a creation would meet, so that secrets lie where the engine keeps
//! them, the members this org gives to every object are there, and what follows from an object follows.

use super::Reason;
use crate::quirks::{self, Change};
use crate::{Call, Context, birth, furnish, links};
use bytes::Bytes;
use catalog::operations;
use http::HeaderMap;
use org::{Key, Kind, Object};
use serde_json::{Map, Value};

/// Makes a recorded object. `asked` is what its creator sent, if that was recorded.
pub(super) fn make(
    ctx: &mut Context<'_>,
    key: &Key,
    body: Value,
    asked: Option<&Value>,
) -> Result<(), Reason> {
    let quirk = quirks::of(key.kind());
    let given = with_answered(asked, &body);
    let mut change = Change {
        key: key.clone(),
        old: None,
        given,
        new: body,
    };
    if let (Some(check), Some(call)) = (quirk.check, call(key, &change.given)) {
        check(ctx, &call, &change).map_err(|_| Reason::Refused)?;
    }
    make_way(ctx, key);
    if let Value::Object(members) = &mut change.new {
        let owner = key.parent().map(|owner| owner.id()).unwrap_or_default();
        let (birth, id) = (&key.kind().facts().birth, key.id());
        birth::fill(birth, members, &mut ctx.scope(&change.given, &id, &owner));
    }
    change.new = shape(ctx, key, &change.given, change.new);
    if let Some(written) = quirk.written {
        // What a hook refuses was accepted once by the org that was recorded.
        drop(written(ctx, &change));
    }
    furnish::furnish_owned(ctx, key);
    Ok(())
}

/// Gives an object that stands already a recorded body; members the recording lacks stay as they stood.
pub(super) fn adopt(ctx: &mut Context<'_>, old: &Object, mut body: Value) {
    let base = "/definitions/base";
    if let (Some(old), Some(new)) = (old.body().pointer(base), body.pointer_mut(base)) {
        // Base attributes of a schema are Okta's own, and of this year.
        *new = old.clone();
    }
    fill(&mut body, old.body());
    shape(ctx, old.key(), &body.clone(), body);
}

fn fill(body: &mut Value, from: &Value) {
    let (Value::Object(body), Value::Object(from)) = (body, from) else {
        return;
    };
    for (name, value) in from {
        match body.get_mut(name) {
            Some(known) => fill(known, value),
            None => drop(body.insert(name.clone(), value.clone())),
        }
    }
}

/// Keeps `body` under `key` as if it had been written over itself, and tells what was kept.
fn shape(ctx: &mut Context<'_>, key: &Key, given: &Value, body: Value) -> Value {
    ctx.keep(key.clone(), body.clone());
    let Some((shape, call)) = quirks::of(key.kind()).shape.zip(call(key, given)) else {
        return body;
    };
    let mut change = Change {
        key: key.clone(),
        old: ctx.get(key),
        given: given.clone(),
        new: body.clone(),
    };
    if shape(ctx, &call, &mut change).is_ok() {
        ctx.keep(key.clone(), change.new.clone());
        return change.new;
    }
    body
}

/// What the creator sent, and over it what was answered.
fn with_answered(asked: Option<&Value>, answered: &Value) -> Value {
    let (Some(Value::Object(asked)), Value::Object(answered)) = (asked, answered) else {
        return answered.clone();
    };
    let mut all: Map<String, Value> = asked.clone();
    all.extend(answered.clone());
    Value::Object(all)
}

/// The call that would write the object.
fn call(key: &Key, given: &Value) -> Option<Call> {
    let verbs = &key.kind().facts().verbs;
    let operation = verbs.replace.as_deref().or(verbs.create.as_deref())?;
    Some(Call {
        operation: operations().by_id(operation)?,
        path: links::item_path(key),
        params: key.ids(),
        query: Vec::new(),
        raw_query: String::new(),
        headers: HeaderMap::new(),
        body: Some(given.clone()),
        bytes: Bytes::new(),
    })
}

/// Lets go what a new relation replaces: of the policies of one type an app has one.
fn make_way(ctx: &mut Context<'_>, key: &Key) {
    let (facts, Some(owner)) = (key.kind().facts(), key.parent()) else {
        return;
    };
    let end = facts.relates.as_deref().and_then(Kind::named);
    let Some(end) = end.filter(|_| !facts.listing.from_parent.is_empty()) else {
        return;
    };
    let type_of = |key: &Key| {
        let policy = ctx.get(&Key::new(end, &[&key.id()]))?;
        policy.text_at("type").map(str::to_owned)
    };
    let wanted = type_of(key);
    let siblings = ctx.children(key.kind().name(), owner.path());
    let replaced: Vec<Key> = siblings
        .iter()
        .map(|sibling| sibling.key().clone())
        .filter(|sibling| type_of(sibling) == wanted)
        .collect();
    replaced.iter().for_each(|sibling| ctx.forget(sibling));
}
