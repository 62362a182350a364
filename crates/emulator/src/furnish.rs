//! Okta's own objects, made from what `birth.first` of the resource files says exists from birth. Never asks a quirk's permission;
//! lets it follow, as after any creation.

use crate::quirks::{self, Change};
use crate::{Context, birth, locate};
use org::Kind;
use serde_json::{Map, Value};

/// Makes the objects of every kind that has some from birth, kinds that others refer to first.
pub(crate) fn furnish(ctx: &mut Context<'_>) {
    for kind in Kind::all() {
        for body in &kind.facts().birth.first {
            make(ctx, kind, body);
        }
    }
}

fn make(ctx: &mut Context<'_>, kind: Kind, given: &Value) {
    let facts = kind.facts();
    let id = if facts.singleton {
        kind.name().to_owned()
    } else if let Some(named) = facts.identity.id.first(given).and_then(Value::as_str) {
        named.to_owned()
    } else {
        ctx.new_id(&facts.identity.prefix)
    };
    let mut body = Map::new();
    if !facts.singleton && facts.identity.id.as_str() == "id" {
        body.insert("id".to_owned(), Value::String(id.clone()));
    }
    body.extend(given.as_object().cloned().unwrap_or_default());
    if let Some(lifecycle) = &facts.lifecycle {
        let on = Value::String(lifecycle.on.clone());
        body.entry(lifecycle.field.as_str()).or_insert(on);
    }
    birth::fill(&facts.birth, &mut body, &mut ctx.scope(given, &id, ""));
    let key = locate::key(kind, std::slice::from_ref(&id));
    let new = Value::Object(body);
    ctx.keep(key.clone(), new.clone());
    let change = Change { key, old: None, given: given.clone(), new };
    if let Some(written) = quirks::of(kind).written {
        // what exists from birth has nothing to refuse
        drop(written(ctx, &change));
    }
}
