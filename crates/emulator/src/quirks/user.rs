//! Users: creation in every state, aliases in paths (`me`, logins), partial and whole updates, links by state.
//!
//! Passwords and answers are kept as digests beside the body and never answered. Lifecycle is in `lifecycle`, passwords and
//! recovery questions in `credentials`, what hangs on a user in `lists`.

mod creation;
mod credentials;
mod lifecycle;
mod links;
mod lists;
mod tag;

pub(crate) use creation::everyone;
pub(crate) use credentials::is_password;
pub(crate) use lists::answer as answer_page;

use super::{Change, Quirk};
use crate::member;
use crate::{Call, Context, Error, Reply, generic, locate, world::kind};
use org::{Key, Kind, Object};
use serde_json::{Map, Value};
use std::sync::Arc;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("getUser", get),
        ("listUsers", lists::users),
        ("listUserGroups", lists::groups),
        ("listAppLinks", lists::app_links),
        ("listUserClients", lists::nothing),
        ("listUserGrants", lists::nothing_paged),
        ("listUserBlocks", lists::nothing),
        ("listUserDevices", lists::nothing),
        ("revokeUserGrants", lists::done),
        ("deleteUser", lifecycle::delete),
        ("activateUser", lifecycle::activate),
        ("deactivateUser", lifecycle::deactivate),
        ("reactivateUser", lifecycle::reactivate),
        ("suspendUser", lifecycle::suspend),
        ("unsuspendUser", lifecycle::unsuspend),
        ("unlockUser", lifecycle::unlock),
        ("resetFactors", lifecycle::reset_factors),
        ("resetPassword", credentials::reset_password),
        ("expirePassword", credentials::expire_password),
        (
            "expirePasswordWithTempPassword",
            credentials::expire_with_temporary,
        ),
        ("changePassword", credentials::change_password),
        (
            "changeRecoveryQuestion",
            credentials::change_recovery_question,
        ),
        ("forgotPassword", credentials::forgot_password),
        (
            "forgotPasswordSetNewPassword",
            credentials::forgot_password_answer,
        ),
    ],
    resolve: Some(resolve),
    check: Some(check),
    shape: Some(shape),
    written: Some(written),
    view: Some(view),
    ..Quirk::NONE
};

/// `me` is the caller; anything with the login of a user is that user.
fn resolve(ctx: &Context<'_>, _owners: &[String], given: &str) -> Option<String> {
    if given == "me" {
        return Some(ctx.actor.user_id().to_owned());
    }
    let kind = Kind::named("user")?;
    if ctx.world.org.get(&Key::new(kind, &[given])).is_some() {
        return None;
    }
    by_login(ctx, given).map(|user| user.key().id())
}

/// The user of that login; logins do not tell case apart.
pub(crate) fn by_login(ctx: &Context<'_>, login: &str) -> Option<Arc<Object>> {
    let same =
        |user: &&Arc<Object>| login_of(user).is_some_and(|known| known.eq_ignore_ascii_case(login));
    ctx.world.org.of(Kind::named("user")?).find(same).cloned()
}

/// A user's login.
pub(crate) fn login_of(user: &Object) -> Option<&str> {
    profile_text(user, "login")
}

/// A text of a user's profile.
pub(crate) fn profile_text<'a>(user: &'a Object, name: &str) -> Option<&'a str> {
    user.body().get("profile")?.get(name)?.as_str()
}

/// A user's state.
pub(crate) fn status(user: &Object) -> &str {
    user.text_at("status").unwrap_or_default()
}

/// The user a path names, by id, login or `me`.
pub(crate) fn find(ctx: &Context<'_>, call: &Call) -> Result<Arc<Object>, Error> {
    let key = locate::item(ctx, kind("user")?, &call.params)?;
    ctx.get(&key)
        .ok_or_else(|| Error::not_found(call.param(0), "User"))
}

fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    let reply = generic::get(ctx, call, kind("user")?)?;
    Ok(reply.with_header(http::header::ETAG, &tag::of(&user)))
}

fn check(ctx: &Context<'_>, call: &Call, change: &Change) -> Result<(), Error> {
    if let Some(old) = &change.old {
        tag::require(call, old)?;
        if status(old) == "DEPROVISIONED" {
            return Err(Error::new("E0000038"));
        }
    }
    let profile = change.given.get("profile");
    let replaced = call.operation.method == catalog::Method::Put && profile.is_some();
    let whole = change.old.is_none() || replaced;
    for name in ["login", "email", "firstName"] {
        let value = profile.and_then(|profile| profile.get(name));
        let given = value
            .and_then(Value::as_str)
            .is_some_and(|text| !text.trim().is_empty());
        if !given && (value.is_some() || whole) {
            return Err(Error::blank(name));
        }
    }
    check_login(ctx, profile, change)
}

fn check_login(ctx: &Context<'_>, profile: Option<&Value>, change: &Change) -> Result<(), Error> {
    let Some(login) = profile.and_then(|p| p.get("login")).and_then(Value::as_str) else {
        return Ok(());
    };
    if !login.contains('@') {
        return Err(Error::invalid(
            "login",
            ["login: Username must be in the form of an email address"],
        ));
    }
    match by_login(ctx, login) {
        Some(other) if *other.key() != change.key => Err(Error::invalid(
            "login",
            ["login: An object with this field already exists in the current organization"],
        )),
        _ => Ok(()),
    }
}

fn shape(ctx: &mut Context<'_>, call: &Call, change: &mut Change) -> Result<(), Error> {
    if change.old.is_none() {
        creation::shape(ctx, call, change)?;
    } else {
        keep_state(change);
        credentials::update(ctx, change)?;
    }
    check_type(ctx, &change.new)?;
    let realm = change
        .given
        .get("realmId")
        .filter(|realm| realm.is_string())
        .cloned();
    let mut members = change.new.as_object_mut();
    if let (Some(realm), Some(members)) = (realm, members.as_deref_mut()) {
        members.insert("realmId".to_owned(), realm);
    }
    if let Some(Value::Object(profile)) = members.and_then(|members| members.get_mut("profile")) {
        settle_profile(profile);
    }
    Ok(())
}

/// A write reaches profile, type, realm and credentials of a user; all else stays, even when the whole is replaced.
fn keep_state(change: &mut Change) {
    let old = change
        .old
        .as_deref()
        .map(Object::body)
        .and_then(Value::as_object);
    let (Some(old), Some(new)) = (old, change.new.as_object()) else {
        return;
    };
    let mut kept = old.clone();
    for name in ["profile", "type", "lastUpdated"] {
        let given = name == "lastUpdated" || change.given.get(name).is_some();
        if let (true, Some(value)) = (given, new.get(name)) {
            kept.insert(name.to_owned(), value.clone());
        }
    }
    change.new = Value::Object(kept);
}

fn check_type(ctx: &Context<'_>, body: &Value) -> Result<(), Error> {
    let id = body
        .get("type")
        .and_then(|t| t.get("id"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    match ctx.named("user-type", &[id]) {
        Some(_) => Ok(()),
        None => Err(Error::invalid(
            "type",
            [format!("type: No user type with id {id} exists.")],
        )),
    }
}

/// Okta never answers absent attributes as `null`, but for two of the base schema, which it always answers.
fn settle_profile(profile: &mut Map<String, Value>) {
    profile.retain(|name, value| !value.is_null() || ALWAYS_ANSWERED.contains(&name.as_str()));
    for name in ALWAYS_ANSWERED {
        profile.entry(*name).or_insert(Value::Null);
    }
}

fn written(ctx: &mut Context<'_>, change: &Change) -> Result<(), Error> {
    if change.old.is_none() {
        creation::join_groups(ctx, change)?;
    }
    super::group_rule::apply_to(ctx, &change.key.id())
}

fn view(ctx: &Context<'_>, user: &Object, body: &mut Value) {
    member::set(body, "_links", links::of(ctx, user));
}

/// Attributes that stand in every profile, `null` when they have no value.
const ALWAYS_ANSWERED: &[&str] = &["mobilePhone", "secondEmail"];
