//! What exists in an org from birth: the first administrator, Okta's own objects.
//!
//! Families add theirs to [`populate`]; objects are kept without `_links`, like all.

use crate::auth::Actor;
use crate::world::{Context, kind};
use org::Key;
use serde_json::json;

/// Fills a new org.
pub(crate) fn populate(ctx: &mut Context<'_>, token: &str) {
    let user = first_administrator(ctx);
    let actor = Actor::Person {
        user,
        login: ADMIN_LOGIN.to_owned(),
    };
    ctx.actor = actor.clone();
    ctx.world.tokens.accept(token.to_owned(), actor);
    crate::furnish::furnish(ctx);
}

fn first_administrator(ctx: &mut Context<'_>) -> String {
    let id = ctx.new_id("00u");
    let now = ctx.stamp();
    if let Ok(user) = kind("user") {
        ctx.keep(
            Key::new(user, &[&id]),
            json!({
                "id": id, "status": "ACTIVE", "created": now, "activated": now, "statusChanged": now, "lastLogin": null,
                "lastUpdated": now, "passwordChanged": now, "type": {"id": ""},
                "profile": {"firstName": "Avery", "lastName": "Stone", "mobilePhone": null, "secondEmail": null,
                    "login": ADMIN_LOGIN, "email": ADMIN_LOGIN},
                "credentials": {"password": {}, "provider": {"type": "OKTA", "name": "OKTA"}},
            }),
        );
    }
    id
}

/// Login of the first administrator.
pub(crate) const ADMIN_LOGIN: &str = "avery.stone@example.com";
