//! Device assurance policies: in use while a rule names them; the answer to a replacement leaves out who made them.

use super::Quirk;
use crate::{Call, Content, Context, Error, Reply, generic, world::kind};
use org::Object;
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[("replaceDeviceAssurancePolicy", replace)],
    removing: Some(removing),
    ..Quirk::NONE
};

fn replace(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut reply = generic::replace(ctx, call, kind("device-assurance")?)?;
    if let Content::Json(Value::Object(members)) = &mut reply.body {
        members.shift_remove("createdDate");
        members.shift_remove("createdBy");
    }
    Ok(reply)
}

fn removing(ctx: &Context<'_>, assurance: &Object) -> Result<(), Error> {
    let id = json!(assurance.key().id());
    let named = ctx.all("policy-rule").into_iter().any(|rule| {
        let listed = rule
            .body()
            .pointer("/conditions/device/assurance/include")
            .and_then(Value::as_array);
        listed.is_some_and(|listed| listed.contains(&id))
    });
    if named {
        let cause = "The device assurance policy is used by an authentication policy.";
        return Err(Error::invalid("deviceAssurance", [cause]));
    }
    Ok(())
}
