//! What exists in an org from birth: Okta's own objects (data), the group schema, the first administrator.
//!
//! Okta's own objects are said by `birth.first` of the resource files and made by `furnish`.

use crate::auth::Actor;
use crate::quirks::{api_token, group, schema, user, user_type};
use crate::world::{Context, kind};
use crate::{Error, furnish};
use org::Key;
use serde_json::json;

/// Fills a new org.
pub(crate) fn populate(ctx: &mut Context<'_>, token: &str) {
    let id = ctx.new_id("00u");
    let actor = Actor::Person {
        user: id.clone(),
        login: ADMIN_LOGIN.to_owned(),
    };
    ctx.actor = actor.clone();
    furnish::furnish(ctx);
    // What exists from birth has nothing to refuse; a catalog without users or groups makes an org without them.
    drop(schema::found_group(ctx));
    drop(first_administrator(ctx, &id));
    drop(api_token::issue(ctx, "First token", &actor, token));
}

fn first_administrator(ctx: &mut Context<'_>, id: &str) -> Result<(), Error> {
    let now = ctx.stamp();
    let body = json!({
        "id": id, "status": "ACTIVE", "created": now, "activated": now, "statusChanged": now, "lastLogin": null,
        "lastUpdated": now, "passwordChanged": now, "type": {"id": user_type::default_id(ctx)},
        "profile": {"firstName": "Avery", "lastName": "Stone", "mobilePhone": null, "secondEmail": null,
            "login": ADMIN_LOGIN, "email": ADMIN_LOGIN},
        "credentials": {"password": {}, "provider": {"type": "OKTA", "name": "OKTA"}},
    });
    ctx.keep(Key::new(kind("user")?, &[id]), body);
    if let Some(everyone) = user::everyone(ctx) {
        group::join(ctx, &everyone.key().id(), id)?;
    }
    Ok(())
}

/// Login of the first administrator.
pub(crate) const ADMIN_LOGIN: &str = "avery.stone@example.com";
