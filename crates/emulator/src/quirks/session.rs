//! Primary authentication and the sessions it opens: `POST /authn` with a password gives a one-time token, a token gives a session.
//!
//! Sessions and tokens are hidden beside the person; factors are not asked for.

use super::{Quirk, user};
use crate::member;
use crate::world::{kind, stamp};
use crate::{Call, Context, Error, Reply, links, locate};
use jiff::ToSpan;
use org::{Key, Object};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("authenticate", authenticate),
        ("createSession", create),
        ("getSession", get),
        ("refreshSession", refresh),
        ("revokeSession", revoke),
        ("revokeUserSessions", revoke_all),
    ],
    ..Quirk::NONE
};

fn authenticate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let given = call.object()?;
    let text = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default();
    let (login, password) = (text("username"), text("password"));
    let person =
        user::by_login(ctx, login).filter(|person| person.text_at("status") == Some("ACTIVE"));
    let person = person.ok_or_else(|| Error::new("E0000004"))?;
    if !user::is_password(ctx, person.key(), password) {
        return Err(Error::new("E0000004"));
    }
    let token = ctx.world.ids.token(TOKEN_LENGTH);
    let mut tokens = kept(ctx, person.key(), TOKENS);
    let expires = after(ctx, TOKEN_MINUTES);
    tokens.insert(token.clone(), json!(expires));
    bound(&mut tokens);
    ctx.hide(person.key(), TOKENS, Value::Object(tokens));
    let profile = person.body().get("profile");
    let part = |name: &str| {
        profile
            .and_then(|profile| profile.get(name))
            .cloned()
            .unwrap_or_default()
    };
    Ok(Reply::ok(json!({
        "expiresAt": expires, "status": "SUCCESS", "sessionToken": token,
        "_embedded": {"user": {"id": person.key().id(), "passwordChanged": person.text_at("passwordChanged"), "profile": {
            "login": login, "firstName": part("firstName"), "lastName": part("lastName"), "locale": "en_US", "timeZone": "America/Los_Angeles"}}},
        "_links": {"cancel": links::to(ctx, "/api/v1/authn/cancel", &["POST"])},
    })))
}

fn after(ctx: &Context<'_>, minutes: i64) -> String {
    stamp(ctx.now.checked_add(minutes.minutes()).unwrap_or(ctx.now))
}

fn kept(ctx: &Context<'_>, person: &Key, what: &str) -> Map<String, Value> {
    ctx.hidden(person, what)
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

/// The oldest go when there are too many.
fn bound(all: &mut Map<String, Value>) {
    while all.len() > KEPT_MAX {
        let Some(oldest) = all.keys().next().cloned() else {
            return;
        };
        all.shift_remove(&oldest);
    }
}

/// A token opens one session, once, while it is fresh.
fn create(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let token = call
        .object()?
        .get("sessionToken")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let now = ctx.stamp();
    let holder = ctx.all("user").into_iter().find(|person| {
        let expires = kept(ctx, person.key(), TOKENS).get(&token).cloned();
        expires
            .and_then(|at| at.as_str().map(|at| at > now.as_str()))
            .unwrap_or(false)
    });
    let person = holder.ok_or_else(|| Error::new("E0000004"))?;
    let mut tokens = kept(ctx, person.key(), TOKENS);
    tokens.shift_remove(&token);
    ctx.hide(person.key(), TOKENS, Value::Object(tokens));
    let id = format!("102{}", ctx.world.ids.token(22));
    let expires = after(ctx, SESSION_MINUTES);
    let session = json!({
        "id": id, "userId": person.key().id(), "login": user::login_of(&person), "createdAt": now, "expiresAt": expires, "status": "ACTIVE",
        "lastPasswordVerification": now, "lastFactorVerification": null, "amr": ["pwd"], "idp": {"id": ctx.world.org_id, "type": "OKTA"},
        "mfaActive": false,
    });
    let mut sessions = kept(ctx, person.key(), SESSIONS);
    sessions.insert(id, session.clone());
    bound(&mut sessions);
    ctx.hide(person.key(), SESSIONS, Value::Object(sessions));
    Ok(Reply::ok(described(ctx, &person, session, "me")))
}

fn described(ctx: &Context<'_>, person: &Object, mut session: Value, called: &str) -> Value {
    let own = format!("/api/v1/sessions/{called}");
    let user = if called == "me" {
        "me".to_owned()
    } else {
        person.key().id()
    };
    let mut to_user = links::to(ctx, &format!("/api/v1/users/{user}"), &["GET"]);
    member::set(&mut to_user, "name", json!(person.title()));
    member::set(
        &mut session,
        "_links",
        json!({"self": links::to(ctx, &own, &["GET", "DELETE"]),
        "refresh": links::to(ctx, &format!("{own}/lifecycle/refresh"), &["POST"]), "user": to_user}),
    );
    session
}

/// Who has the session, and the session.
fn found(ctx: &Context<'_>, call: &Call) -> Result<(Arc<Object>, Value), Error> {
    let id = call.param(0);
    let now = ctx.stamp();
    let known = ctx.all("user").into_iter().find_map(|person| {
        let session = kept(ctx, person.key(), SESSIONS).get(id).cloned()?;
        Some((person, session))
    });
    let fresh = known.filter(|(_, session)| {
        session.get("expiresAt").and_then(Value::as_str) > Some(now.as_str())
    });
    fresh.ok_or_else(|| Error::not_found(id, "AppSession"))
}

fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (person, session) = found(ctx, call)?;
    Ok(Reply::ok(described(ctx, &person, session, call.param(0))))
}

fn refresh(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (person, mut session) = found(ctx, call)?;
    member::set(
        &mut session,
        "expiresAt",
        json!(after(ctx, SESSION_MINUTES)),
    );
    let mut sessions = kept(ctx, person.key(), SESSIONS);
    sessions.insert(call.param(0).to_owned(), session.clone());
    ctx.hide(person.key(), SESSIONS, Value::Object(sessions));
    Ok(Reply::ok(described(ctx, &person, session, call.param(0))))
}

fn revoke(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (person, _) = found(ctx, call)?;
    let mut sessions = kept(ctx, person.key(), SESSIONS);
    sessions.shift_remove(call.param(0));
    ctx.hide(person.key(), SESSIONS, Value::Object(sessions));
    Ok(Reply::no_content())
}

fn revoke_all(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let person = locate::item(ctx, kind("user")?, &call.params)?;
    ctx.find(&person)?;
    ctx.hide(&person, SESSIONS, json!({}));
    Ok(Reply::no_content())
}

const TOKENS: &str = "session-tokens";
const SESSIONS: &str = "sessions";
/// Tokens and sessions kept per person.
const KEPT_MAX: usize = 100;
/// Length of a session token.
const TOKEN_LENGTH: usize = 54;
/// How long a session token can be exchanged.
const TOKEN_MINUTES: i64 = 5;
/// How long a session lasts without being refreshed.
const SESSION_MINUTES: i64 = 120;
