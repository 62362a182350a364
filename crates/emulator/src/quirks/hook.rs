//! Event hooks: verified when asked, without calling out; unverified again when they get another address.
//! Unlike other types, a replacement may switch them on and off (recorded).

use super::{Change, Quirk};
use crate::member;
use crate::syslog::Target;
use crate::{Call, Context, Error, Reply, locate, world::kind};
use org::Object;
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[("verifyEventHook", verify)],
    check: Some(check),
    shape: Some(shape),
    ..Quirk::NONE
};

fn check(_ctx: &Context<'_>, _call: &Call, change: &Change) -> Result<(), Error> {
    let name = member::text(&change.given, "name").unwrap_or_default();
    if name.is_empty() {
        return Err(Error::blank("name"));
    }
    match address(&change.given) {
        Some(_) => Ok(()),
        None => Err(Error::blank("channel.config.uri")),
    }
}

fn address(hook: &Value) -> Option<&str> {
    hook.get("channel")?.get("config")?.get("uri")?.as_str()
}

fn shape(_ctx: &mut Context<'_>, _call: &Call, change: &mut Change) -> Result<(), Error> {
    let moved = change.old.as_deref().map(Object::body).and_then(address) != address(&change.new);
    if moved {
        set(&mut change.new, "UNVERIFIED");
    }
    let status = change.given.get("status").filter(|_| change.old.is_some());
    if let (Some(status), Some(members)) = (status.cloned(), change.new.as_object_mut()) {
        members.insert("status".to_owned(), status);
    }
    Ok(())
}

fn set(hook: &mut Value, state: &str) {
    member::set(hook, "verificationStatus", json!(state));
}

fn verify(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = locate::item(ctx, kind("event-hook")?, &call.params)?;
    let hook = ctx.find(&key)?;
    if hook.text_at("status") != Some("ACTIVE") {
        return Err(Error::invalid(
            "eventHook",
            ["An inactive event hook cannot be verified."],
        ));
    }
    ctx.change(&key, |body| set(body, "VERIFIED"));
    let hook = ctx.find(&key)?;
    ctx.log("event_hook.verified", vec![Target::of(&hook)]);
    Ok(Reply::ok(ctx.view(&hook)))
}
