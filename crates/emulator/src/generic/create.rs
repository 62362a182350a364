//! Creates an object: the caller's body without what only Okta may say, an id, Okta's defaults, then the quirk's last word.

use crate::quirks::{self, Change};
use crate::{Call, Context, Error, Reply, birth, furnish, locate};
use http::StatusCode;
use org::{Key, Kind};
use serde_json::{Map, Value};

/// Creates an object of `kind` from the call, and answers it.
pub(crate) fn create(ctx: &mut Context<'_>, call: &Call, kind: Kind) -> Result<Reply, Error> {
    let owners = locate::collection(ctx, kind, &call.params)?;
    let key = create_under(ctx, call, kind, owners)?;
    let status = match kind.facts().birth.status {
        0 => StatusCode::OK,
        other => StatusCode::from_u16(other).unwrap_or(StatusCode::OK),
    };
    if status == StatusCode::NO_CONTENT {
        return Ok(Reply::no_content());
    }
    let object = ctx.find(&key)?;
    Ok(Reply::with(status, ctx.view(&object)))
}

/// Creates the object under the call's path, or writes it anew if it is there.
pub(crate) fn assign(ctx: &mut Context<'_>, call: &Call, kind: Kind) -> Result<Reply, Error> {
    let key = locate::item(ctx, kind, &call.params)?;
    if ctx.get(&key).is_some() {
        super::replace(ctx, call, kind)
    } else {
        create(ctx, call, kind)
    }
}

/// Creates an object of `kind` owned by `owners` from the call's body, and tells its key.
pub(crate) fn create_under(
    ctx: &mut Context<'_>,
    call: &Call,
    kind: Kind,
    owners: Vec<String>,
) -> Result<Key, Error> {
    let facts = kind.facts();
    let given = match &call.body {
        Some(body @ Value::Object(_)) => body.clone(),
        None => Value::Object(Map::new()),
        Some(_) => return Err(Error::new("E0000003")),
    };
    let quirk = quirks::of(kind);
    let id = new_id(ctx, call, kind, &owners, &given)?;
    let mut ids = owners.clone();
    ids.push(id.clone());
    let mut change = Change {
        key: locate::key(kind, &ids),
        old: None,
        new: given.clone(),
        given,
    };
    if let Some(check) = quirk.check {
        check(ctx, call, &change)?;
    }
    for place in &facts.readonly {
        place.remove(&mut change.new);
    }
    if let (Some(members), Some(lifecycle)) = (change.new.as_object_mut(), &facts.lifecycle) {
        members.insert(
            lifecycle.field.as_str().to_owned(),
            Value::String(lifecycle.born.clone()),
        );
    }
    let mut body = Map::new();
    let own = facts.identity.id.as_str();
    if !facts.singleton && !own.contains('.') {
        body.insert(own.to_owned(), Value::String(id.clone()));
    }
    if let Value::Object(members) = std::mem::take(&mut change.new) {
        body.extend(members);
    }
    let owner = owners.last().map_or("", String::as_str);
    birth::fill(
        &facts.birth,
        &mut body,
        &mut ctx.scope(&change.given, &id, owner),
    );
    change.new = Value::Object(body);
    if let Some(shape) = quirk.shape {
        shape(ctx, call, &mut change)?;
    }
    ctx.keep(change.key.clone(), change.new.clone());
    if let Some(written) = quirk.written {
        written(ctx, &change)?;
    }
    furnish::furnish_owned(ctx, &change.key);
    if let Some(object) = ctx.get(&change.key) {
        super::log(ctx, &object, "create");
    }
    Ok(change.key)
}

/// The new object's id: from the path (relations), from the body (types known by a name, or by a UUID if it is left to Okta), or a fresh one.
fn new_id(
    ctx: &mut Context<'_>,
    call: &Call,
    kind: Kind,
    owners: &[String],
    given: &Value,
) -> Result<String, Error> {
    let facts = kind.facts();
    if facts.singleton {
        return Ok(kind.name().to_owned());
    }
    if call.params.len() > owners.len() {
        return Ok(locate::item(ctx, kind, &call.params)?.id());
    }
    let prefix = quirks::of(kind)
        .prefix
        .map_or(facts.identity.prefix.as_str(), |prefix| prefix(kind, given));
    if prefix.is_empty() {
        let named = facts
            .identity
            .id
            .first(given)
            .and_then(Value::as_str)
            .map(str::to_owned);
        return Ok(named.unwrap_or_else(|| ctx.world.ids.uuid()));
    }
    Ok(ctx.new_id(prefix))
}
