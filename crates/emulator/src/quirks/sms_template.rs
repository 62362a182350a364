//! SMS templates: the answer to a replacement leaves out the translations.

use super::Quirk;
use crate::{Call, Content, Context, Error, Reply, generic, world::kind};
use serde_json::Value;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[("replaceSmsTemplate", replace)],
    ..Quirk::NONE
};

fn replace(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut reply = generic::replace(ctx, call, kind("sms-template")?)?;
    if let Content::Json(Value::Object(body)) = &mut reply.body {
        body.shift_remove("translations");
    }
    Ok(reply)
}
