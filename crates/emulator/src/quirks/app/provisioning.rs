//! Provisioning of an app. Apps of an emulated org support none, which is what Okta says of apps made by hand.

use super::find;
use crate::{Call, Context, Error, Reply};
use serde_json::{Value, json};

const CONNECTION: &str = "connection";

pub(super) fn features(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    find(ctx, call)?;
    Err(Error::invalid(
        "feature",
        ["Provisioning is not supported."],
    ))
}

pub(super) fn update_feature(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    find(ctx, call)?;
    call.object()?;
    Err(Error::invalid(
        "feature",
        ["Provisioning is not supported."],
    ))
}

pub(super) fn connection(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let kept = ctx.hidden(app.key(), CONNECTION).cloned();
    Ok(Reply::ok(kept.unwrap_or_else(
        || json!({"status": "UNKNOWN", "profile": {"authScheme": "UNKNOWN"}}),
    )))
}

pub(super) fn update_connection(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let scheme = call
        .body
        .as_ref()
        .and_then(|body| body.pointer("/profile/authScheme"))
        .and_then(Value::as_str);
    let scheme = scheme.unwrap_or("UNKNOWN").to_owned();
    let status = if scheme == "UNKNOWN" {
        "UNKNOWN"
    } else {
        "DISABLED"
    };
    let connection = json!({"status": status, "profile": {"authScheme": scheme}});
    ctx.hide(app.key(), CONNECTION, connection.clone());
    Ok(Reply::ok(connection))
}

pub(super) fn switch_connection(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    find(ctx, call)?;
    Ok(Reply::no_content())
}
