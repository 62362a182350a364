//! Features of the org: switched on and off, never made.

use super::Quirk;
use crate::{Call, Context, Error, Reply};
use org::Object;
use serde_json::json;
use std::sync::Arc;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("updateFeatureLifecycle", switch),
        ("listFeatureDependencies", none),
        ("listFeatureDependents", none),
    ],
    ..Quirk::NONE
};

fn find(ctx: &Context<'_>, call: &Call) -> Result<Arc<Object>, Error> {
    let id = call.param(0);
    ctx.named("feature", &[id])
        .ok_or_else(|| Error::not_found(id, "Feature"))
}

fn switch(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let feature = find(ctx, call)?;
    let state = match call.param(1).to_uppercase().as_str() {
        "ENABLE" => "ENABLED",
        "DISABLE" => "DISABLED",
        other => {
            return Err(Error::invalid(
                "lifecycle",
                [format!("lifecycle: {other} is neither ENABLE nor DISABLE")],
            ));
        }
    };
    ctx.change(feature.key(), |body| body["status"] = json!(state));
    let feature = ctx.find(feature.key())?;
    Ok(Reply::ok(ctx.view(&feature)))
}

/// No feature of an emulated org hangs on another.
fn none(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    find(ctx, call).map(|_| Reply::ok(json!([])))
}
