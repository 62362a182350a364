//! Okta's own objects, made from what `birth.first` of the resource files says exists from birth. Never asks a quirk's permission;
//! lets it follow, as after any creation.

use crate::quirks::{self, Change};
use crate::{Context, birth, locate};
use org::{Key, Kind};
use serde_json::{Map, Value};

/// Makes the objects of every kind that has some from birth, kinds that others refer to first.
pub(crate) fn furnish(ctx: &mut Context<'_>) {
    for kind in Kind::all().filter(|kind| kind.facts().parent.is_none()) {
        for body in &kind.facts().birth.first {
            make(ctx, kind, &[], body);
        }
    }
}

/// Makes a deleted singleton anew: settings are never gone, only as they were at first.
pub(crate) fn renew(ctx: &mut Context<'_>, key: &Key) {
    let mut owners = key.ids();
    owners.pop();
    if let Some(body) = key.kind().facts().birth.first.first() {
        make(ctx, key.kind(), &owners, body);
    }
}

/// Makes what a new object owns from birth: of `birth.first` of the kinds it owns, those whose `(if)` its body holds.
pub(crate) fn furnish_owned(ctx: &mut Context<'_>, key: &Key) {
    let Some(owner) = ctx.get(key) else { return };
    for kind in Kind::all().filter(|kind| kind.facts().parent.as_deref() == Some(key.kind().name()))
    {
        for body in &kind.facts().birth.first {
            let mut body = body.clone();
            let condition = body
                .as_object_mut()
                .and_then(|members| members.shift_remove(CONDITION));
            if condition.is_none_or(|condition| holds(owner.body(), &condition)) {
                make(ctx, kind, &key.ids(), &body);
            }
        }
    }
}

/// Whether `body` has every member of `condition` with the same value.
fn holds(body: &Value, condition: &Value) -> bool {
    let members = condition.as_object().into_iter().flatten();
    members
        .into_iter()
        .all(|(name, value)| body.get(name) == Some(value))
}

fn make(ctx: &mut Context<'_>, kind: Kind, owners: &[String], given: &Value) {
    let facts = kind.facts();
    let id = if facts.singleton {
        kind.name().to_owned()
    } else if let Some(named) = facts.identity.id.first(given).and_then(Value::as_str) {
        named.to_owned()
    } else {
        let prefix = quirks::of(kind).prefix;
        let prefix = prefix.map_or(facts.identity.prefix.as_str(), |prefix| prefix(kind, given));
        ctx.new_id(prefix)
    };
    let owner = owners.last().map_or("", String::as_str);
    let mut body = Map::new();
    if !facts.singleton && facts.identity.id.as_str() == "id" {
        body.insert("id".to_owned(), Value::String(id.clone()));
    }
    let known = with_landmarks(ctx, given);
    let given = birth::resolve(given, &mut ctx.scope(&known, &id, owner)).unwrap_or_default();
    body.extend(given.as_object().cloned().unwrap_or_default());
    if let Some(lifecycle) = &facts.lifecycle {
        let on = Value::String(lifecycle.on.clone());
        body.entry(lifecycle.field.as_str()).or_insert(on);
    }
    birth::fill(&facts.birth, &mut body, &mut ctx.scope(&given, &id, owner));
    let mut ids = owners.to_vec();
    ids.push(id.clone());
    let key = locate::key(kind, &ids);
    let new = Value::Object(body);
    ctx.keep(key.clone(), new.clone());
    let change = Change {
        key,
        old: None,
        given,
        new,
    };
    if let Some(written) = quirks::of(kind).written {
        // what exists from birth has nothing to refuse
        drop(written(ctx, &change));
    }
    furnish_owned(ctx, &change.key);
}

/// The body, and beside it the ids that placeholders may name: `{{everyone}}`, the group of all people, and
/// `{{dashboard}}`, the app in which people find their apps.
fn with_landmarks(ctx: &Context<'_>, given: &Value) -> Value {
    let mut known = given.as_object().cloned().unwrap_or_default();
    let everyone = ctx
        .all("group")
        .into_iter()
        .find(|group| group.title() == "Everyone");
    let dashboard = ctx
        .all("app")
        .into_iter()
        .find(|app| app.text_at("name") == Some("okta_enduser"));
    for (name, landmark) in [("everyone", everyone), ("dashboard", dashboard)] {
        if let Some(landmark) = landmark {
            known.insert(name.to_owned(), Value::String(landmark.key().id()));
        }
    }
    Value::Object(known)
}

/// Member of an entry of `birth.first` that says what the owner's body must hold; never part of the object.
const CONDITION: &str = "(if)";
