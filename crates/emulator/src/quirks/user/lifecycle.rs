//! From state to state: activate, deactivate, suspend, unlock, delete.

use super::credentials::move_to;
use super::{find, status};
use crate::member;
use crate::syslog::Target;
use crate::{Call, Context, Error, Reply};
use org::{Kind, Object};
use serde_json::{Value, json};

/// STAGED or DEPROVISIONED → ACTIVE with a password, else PROVISIONED.
pub(super) fn activate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    if !matches!(status(&user), "STAGED" | "DEPROVISIONED") {
        return Err(Error::new("E0000016"));
    }
    let has_password = user
        .body()
        .get("credentials")
        .is_some_and(|c| c.get("password").is_some());
    move_to(
        ctx,
        &user,
        if has_password {
            "ACTIVE"
        } else {
            "PROVISIONED"
        },
    );
    let now = ctx.stamp();
    ctx.change(user.key(), |body| {
        member::set(body, "activated", json!(now));
    });
    ctx.log("user.lifecycle.activate", vec![Target::of(&user)]);
    Ok(activation(ctx, call))
}

/// Sends a PROVISIONED user the way in again.
pub(super) fn reactivate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    if !matches!(status(&user), "PROVISIONED" | "RECOVERY") {
        return Err(Error::new("E0000038"));
    }
    ctx.log("user.lifecycle.reactivate", vec![Target::of(&user)]);
    Ok(activation(ctx, call))
}

fn activation(ctx: &mut Context<'_>, call: &Call) -> Reply {
    if call.flag("sendEmail", true) {
        return Reply::empty_object();
    }
    let token = ctx.world.ids.token(20);
    Reply::ok(
        json!({"activationUrl": format!("{}/tokens/{token}/verify", ctx.world.base_url), "activationToken": token}),
    )
}

/// Any state → DEPROVISIONED.
pub(super) fn deactivate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    deprovision(ctx, &user);
    Ok(Reply::empty_object())
}

/// Ends assignments to apps, the password and the state; groups stay.
fn deprovision(ctx: &mut Context<'_>, user: &Object) {
    if status(user) == "DEPROVISIONED" {
        return;
    }
    move_to(ctx, user, "DEPROVISIONED");
    ctx.change(user.key(), |body| {
        if let Some(Value::Object(credentials)) = body.get_mut("credentials") {
            credentials.shift_remove("password");
        }
        member::set(body, "activated", Value::Null);
    });
    ctx.world.hidden.remove(user.key());
    ctx.world.tokens.end(&user.key().id());
    let id = user.key().id();
    if let Some(kind) = Kind::named("app-user") {
        let ends: Vec<_> = ctx
            .world
            .org
            .of(kind)
            .map(|a| a.key().clone())
            .filter(|key| key.id() == id)
            .collect();
        ends.iter().for_each(|key| ctx.forget(key));
    }
    ctx.log("user.lifecycle.deactivate", vec![Target::of(user)]);
}

/// The first deletion deactivates, the second deletes.
pub(super) fn delete(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    if status(&user) == "DEPROVISIONED" {
        ctx.log("user.lifecycle.delete.initiated", vec![Target::of(&user)]);
        ctx.forget(user.key());
        super::super::group::forget_owner(ctx, &user.key().id());
    } else {
        deprovision(ctx, &user);
    }
    Ok(Reply::no_content())
}

/// ACTIVE → SUSPENDED.
pub(super) fn suspend(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    if !matches!(
        status(&user),
        "ACTIVE" | "PROVISIONED" | "PASSWORD_EXPIRED" | "RECOVERY" | "LOCKED_OUT"
    ) {
        return Err(Error::invalid(
            "suspendUser",
            ["Cannot suspend a user that is not active"],
        ));
    }
    ctx.hide(user.key(), BEFORE_SUSPENSION, json!(status(&user)));
    move_to(ctx, &user, "SUSPENDED");
    ctx.log("user.lifecycle.suspend", vec![Target::of(&user)]);
    Ok(Reply::empty_object())
}

/// SUSPENDED → the state before.
pub(super) fn unsuspend(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    if status(&user) != "SUSPENDED" {
        return Err(Error::invalid(
            "unsuspendUser",
            ["Cannot unsuspend a user that is not suspended"],
        ));
    }
    let before = ctx
        .hidden(user.key(), BEFORE_SUSPENSION)
        .and_then(Value::as_str)
        .unwrap_or("ACTIVE")
        .to_owned();
    move_to(ctx, &user, &before);
    ctx.log("user.lifecycle.unsuspend", vec![Target::of(&user)]);
    Ok(Reply::empty_object())
}

/// LOCKED_OUT → ACTIVE.
pub(super) fn unlock(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    if status(&user) != "LOCKED_OUT" {
        return Err(Error::new("E0000032").with_cause("The user is not locked out."));
    }
    move_to(ctx, &user, "ACTIVE");
    ctx.log("user.account.unlock", vec![Target::of(&user)]);
    Ok(Reply::empty_object())
}

/// Unenrolls every factor.
pub(super) fn reset_factors(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    super::super::factor::forget_all(ctx, user.key());
    ctx.log("user.mfa.factor.reset_all", vec![Target::of(&user)]);
    Ok(Reply::empty_object())
}

/// Name of the state a suspended user goes back to.
const BEFORE_SUSPENSION: &str = "before_suspension";
