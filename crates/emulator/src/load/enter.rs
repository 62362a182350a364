//! One object's way into the org: judged and shaped by the hooks a creation would meet, so that secrets lie where the engine keeps
//! them, the members this org gives to every object are there, and what follows from an object follows.

use super::Reason;
use crate::quirks::{self, Change};
use crate::{Call, Context, birth, furnish, links};
use bytes::Bytes;
use catalog::operations;
use http::HeaderMap;
use org::{Key, Kind};
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
    change.new = shaped(ctx, key, &change.given, change.new);
    if let Some(written) = quirk.written {
        // What a hook refuses was accepted once by the org that was recorded.
        drop(written(ctx, &change));
    }
    furnish::furnish_owned(ctx, key);
    Ok(())
}

/// Keeps `body` under `key` as if it had been written over itself, and tells what was kept.
pub(super) fn shaped(ctx: &mut Context<'_>, key: &Key, given: &Value, mut body: Value) -> Value {
    let facts = key.kind().facts();
    let (id, owner) = (key.id(), key.parent().map(|k| k.id()).unwrap_or_default());
    if let Value::Object(members) = &mut body {
        birth::fill(&facts.birth, members, &mut ctx.scope(given, &id, &owner));
    }
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
