//! Email domains: which brand one belongs to is taken and not answered; without DNS, verification fails and says so.

use super::{Change, Quirk};
use crate::{Call, Context, Error, Reply};
use serde_json::json;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[("verifyEmailDomain", verify)],
    shape: Some(shape),
    ..Quirk::NONE
};

fn shape(ctx: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    if let Some(brand) = change
        .new
        .as_object_mut()
        .and_then(|body| body.shift_remove("brandId"))
    {
        ctx.hide(&change.key, "brand", brand);
    }
    Ok(())
}

fn verify(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let id = call.param(0);
    let domain = ctx
        .named("email-domain", &[id])
        .ok_or_else(|| Error::not_found(id, "EmailDomain"))?;
    ctx.change(domain.key(), |body| {
        body["validationStatus"] = json!("ERROR")
    });
    let domain = ctx.find(domain.key())?;
    Ok(Reply::ok(ctx.view(&domain)))
}
