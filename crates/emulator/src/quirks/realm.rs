//! Realms: a list says nothing about domains a realm does not have.

use super::Quirk;
use crate::world::kind;
use crate::{Call, Content, Context, Error, Reply, generic};
use serde_json::Value;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[("listRealms", list)],
    ..Quirk::NONE
};

fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut reply = generic::list(ctx, call, kind("realm")?)?;
    if let Content::Json(Value::Array(realms)) = &mut reply.body {
        for profile in realms
            .iter_mut()
            .filter_map(|realm| realm.get_mut("profile")?.as_object_mut())
        {
            if profile
                .get("domains")
                .and_then(Value::as_array)
                .is_some_and(Vec::is_empty)
            {
                profile.shift_remove("domains");
            }
        }
    }
    Ok(reply)
}
