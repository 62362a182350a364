//! Risk of a person, as an administrator set it.

use super::Quirk;
use crate::{Call, Context, Error, Reply, links, locate, world::kind};
use org::Key;
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[("getUserRisk", get), ("upsertUserRisk", set)],
    ..Quirk::NONE
};

const RISK: &str = "risk";

fn person(ctx: &Context<'_>, call: &Call) -> Result<Key, Error> {
    let key = locate::item(ctx, kind("user")?, &call.params)?;
    ctx.find(&key).map(|user| user.key().clone())
}

fn view(ctx: &Context<'_>, user: &Key) -> Value {
    let path = format!("/api/v1/users/{}", user.id());
    let links = json!({"user": links::to(ctx, &path, &["GET"]), "self": links::to(ctx, &format!("{path}/risk"), &["GET", "PUT"])});
    match ctx.hidden(user, RISK) {
        Some(level) => {
            json!({"riskLevel": level, "reason": "Admin override risk", "_links": links})
        }
        None => json!({"riskLevel": "NONE", "_links": links}),
    }
}

fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = person(ctx, call)?;
    Ok(Reply::ok(view(ctx, &user)))
}

fn set(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = person(ctx, call)?;
    let level = call
        .member("riskLevel")
        .filter(|level| level.is_string())
        .cloned()
        .ok_or_else(|| Error::blank("riskLevel"))?;
    let known = ctx.hidden(&user, RISK).is_some();
    ctx.hide(&user, RISK, level);
    let body = view(ctx, &user);
    Ok(if known {
        Reply::ok(body)
    } else {
        Reply::created(body)
    })
}
