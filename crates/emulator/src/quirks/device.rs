//! Devices: enrolled by people, never by a call; an emulated org has those a loader brought.

use super::Quirk;
use crate::{Call, Context, Error, Reply};
use serde_json::json;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[("listDeviceUsers", users)],
    ..Quirk::NONE
};

fn users(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let id = call.param(0);
    ctx.named("device", &[id])
        .map(|_| Reply::ok(json!([])))
        .ok_or_else(|| Error::not_found(id, "GenericUDObject"))
}
