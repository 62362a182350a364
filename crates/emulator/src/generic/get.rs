//! Reads one object.

use crate::{Call, Context, Error, Reply, locate};
use org::Kind;

/// The object under the call's path, as Okta answers it.
pub(crate) fn get(ctx: &mut Context<'_>, call: &Call, kind: Kind) -> Result<Reply, Error> {
    let key = locate::item(ctx, kind, &call.params)?;
    let missing = || Error::not_found(call.last_param(), &kind.facts().birth.class);
    let object = ctx.get(&key).ok_or_else(missing)?;
    Ok(Reply::ok(ctx.view(&object)))
}
