//! Deletes an object with everything it owns.

use crate::{Call, Context, Error, Reply, furnish, locate, quirks};
use http::StatusCode;
use org::Kind;
use serde_json::Value;

/// Deletes the object under the call's path, unless it is Okta's own or in the wrong state.
pub(crate) fn delete(ctx: &mut Context<'_>, call: &Call, kind: Kind) -> Result<Reply, Error> {
    let facts = kind.facts();
    let key = locate::item(ctx, kind, &call.params)?;
    let missing = || Error::not_found(call.last_param(), &facts.birth.class);
    let object = ctx.get(&key).ok_or_else(missing)?;
    if let Some(removing) = quirks::of(kind).removing {
        removing(ctx, &object)?;
    }
    if facts.is_system(object.body()) {
        return Err(Error::invalid(
            &facts.birth.class,
            [format!(
                "The {} belongs to Okta and cannot be deleted.",
                facts.title
            )],
        ));
    }
    // Only what is switched on is refused; an object in any other state (an invalid rule) goes.
    if let Some(lifecycle) = &facts.lifecycle
        && lifecycle.delete_needs.is_some()
        && lifecycle.field.first(object.body()).and_then(Value::as_str) == Some(&lifecycle.on)
    {
        let cause = format!("The {} must be deactivated before deletion.", facts.title);
        return Err(Error::invalid(&facts.birth.class, [cause]));
    }
    ctx.forget(&key);
    if facts.singleton {
        furnish::renew(ctx, &key);
    }
    if let Some(removed) = quirks::of(kind).removed {
        removed(ctx, &object);
    }
    super::log(ctx, &object, "delete");
    Ok(match facts.birth.deleted {
        0 => Reply::no_content(),
        202 => Reply::with(StatusCode::ACCEPTED, Value::Object(serde_json::Map::new())),
        other => Reply::bare(StatusCode::from_u16(other).unwrap_or(StatusCode::NO_CONTENT)),
    })
}
