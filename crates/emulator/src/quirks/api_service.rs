//! API service integrations: the client secret is shown in the answer to the creation, and never again.

use super::Quirk;
use crate::member;
use crate::{Call, Content, Context, Error, Reply, generic, world::kind};
use serde_json::json;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[("createApiServiceIntegrationInstance", create)],
    ..Quirk::NONE
};

fn create(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut reply = generic::create(ctx, call, kind("api-service")?)?;
    if let Content::Json(body) = &mut reply.body {
        member::set(body, "clientSecret", json!(ctx.world.ids.token(64)));
    }
    Ok(reply)
}
