//! CAPTCHAs: one per org, its secret never shown; the org-wide settings say where it is asked for.

use super::{Change, Quirk};
use crate::member;
use crate::world::kind;
use crate::{Call, Context, Error, links};
use org::{Key, Object};
use serde_json::Value;

pub(crate) const QUIRK: Quirk = Quirk {
    check: Some(check),
    shape: Some(shape),
    removing: Some(removing),
    ..Quirk::NONE
};

pub(crate) const SETTINGS: Quirk = Quirk {
    view: Some(view),
    ..Quirk::NONE
};

fn check(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    if change.old.is_none() && !ctx.all("captcha").is_empty() {
        let error = Error::new("E0000166");
        let cause = error.summary.clone();
        return Err(error.with_cause(cause));
    }
    Ok(())
}

fn shape(_: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    if let Some(body) = change.new.as_object_mut() {
        body.shift_remove("secretKey");
    }
    Ok(())
}

fn removing(ctx: &Context<'_>, object: &Object) -> Result<(), Error> {
    let settings = ctx.get(&settings_key()?);
    if settings
        .is_some_and(|settings| settings.text_at("captchaId") == Some(object.key().id().as_str()))
    {
        return Err(Error::invalid(
            "captcha",
            ["The CAPTCHA is in use by the org-wide settings."],
        ));
    }
    Ok(())
}

fn settings_key() -> Result<Key, Error> {
    Ok(Key::new(kind("org-captcha")?, &["org-captcha"]))
}

fn view(ctx: &Context<'_>, object: &Object, body: &mut Value) {
    if let Some(id) = object.text_at("captchaId") {
        let link = links::to(
            ctx,
            &format!("/api/v1/captchas/{id}"),
            &["GET", "POST", "PUT", "DELETE"],
        );
        member::set(body, "_links.captcha", link);
    }
}
