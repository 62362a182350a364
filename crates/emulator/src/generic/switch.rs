//! Switches an object on or off.

use crate::{Call, Context, Error, Reply, locate, quirks};
use catalog::resource::SwitchAnswer;
use http::StatusCode;
use org::Kind;
use serde_json::Value;

/// Moves the object into the state its lifecycle names; an object already there stays, as at Okta.
pub(crate) fn switch(
    ctx: &mut Context<'_>,
    call: &Call,
    kind: Kind,
    on: bool,
) -> Result<Reply, Error> {
    let facts = kind.facts();
    let lifecycle = facts
        .lifecycle
        .as_ref()
        .ok_or_else(|| Error::new("E0000060"))?;
    let key = locate::item(ctx, kind, &call.params)?;
    if ctx.get(&key).is_none() {
        return Err(Error::not_found(call.last_param(), &facts.birth.class));
    }
    let state = Value::String(if on {
        lifecycle.on.clone()
    } else {
        lifecycle.off.clone()
    });
    let mut body = ctx.find(&key)?.body().clone();
    lifecycle
        .field
        .edit(&mut body, &mut |at| *at = state.clone());
    super::replace::touch(ctx, &mut body);
    ctx.keep(key.clone(), body);
    if let Some(switched) = quirks::of(kind).switched {
        switched(ctx, &key);
    }
    let object = ctx.find(&key)?;
    super::log(ctx, &object, if on { "activate" } else { "deactivate" });
    Ok(match lifecycle.answer {
        SwitchAnswer::Object => Reply::ok(ctx.view(&object)),
        SwitchAnswer::Empty => Reply::empty_object(),
        SwitchAnswer::Bare => Reply::bare(StatusCode::OK),
        SwitchAnswer::Nothing => Reply::no_content(),
    })
}
