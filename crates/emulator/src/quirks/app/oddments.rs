//! What hangs on an app: its logo, the refresh tokens it was given (there are none in an emulated org), scopes granted.

use super::find;
use crate::{Call, Content, Context, Error, Reply, generic, page, world::kind};
use http::StatusCode;
use http::header::LOCATION;
use serde_json::json;

pub(super) fn upload_logo(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    find(ctx, call)?;
    let file = ctx.new_id("fs0");
    let place = format!("{}/fs/bco/4/{file}", ctx.world.base_url);
    Ok(Reply::bare(StatusCode::CREATED).with_header(LOCATION, &place))
}

pub(super) fn list_tokens(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    find(ctx, call)?;
    Ok(page::with_links(ctx, call, Reply::ok(json!([])), None))
}

pub(super) fn token(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let id = format!("{}.{}", app.key().id(), call.param(1));
    Err(Error::not_found(&id, "OAuth2RefreshTokenTx"))
}

pub(super) fn revoke_tokens(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    find(ctx, call)?;
    Ok(Reply::no_content())
}

/// Grants a scope; the answer carries it, later answers do not.
pub(super) fn grant(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut reply = generic::create(ctx, call, kind("app-grant")?)?;
    if let Content::Json(body) = &mut reply.body {
        let scope = body.get("scopeId").cloned().unwrap_or_default();
        body["_embedded"] = json!({"scope": {"id": scope}});
    }
    Ok(reply)
}
