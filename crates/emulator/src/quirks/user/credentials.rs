//! Passwords and recovery questions: set, changed, expired, reset. Kept as digests, compared, never answered.

use super::{find, status};
use crate::member;
use crate::quirks::Change;
use crate::syslog::Target;
use crate::{Call, Context, Error, Reply};
use aws_lc_rs::digest::{SHA256, digest};
use org::{Key, Object};
use serde_json::{Map, Value, json};

/// The credentials of a new user; secrets go beside the body.
pub(super) fn begin(
    ctx: &mut Context<'_>,
    key: &Key,
    given: &Value,
) -> Result<Map<String, Value>, Error> {
    let mut credentials = Map::new();
    take(ctx, key, given, &mut credentials)?;
    credentials
        .entry("provider")
        .or_insert_with(|| json!({"type": "OKTA", "name": "OKTA"}));
    Ok(credentials)
}

/// Takes over the credentials of an update.
pub(super) fn update(ctx: &mut Context<'_>, change: &mut Change) -> Result<(), Error> {
    let Some(given) = change.given.get("credentials").cloned() else {
        return Ok(());
    };
    let mut credentials = change
        .new
        .get("credentials")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let had_password = ctx.hidden(&change.key, PASSWORD).cloned();
    take(ctx, &change.key, &given, &mut credentials)?;
    let changed = ctx.hidden(&change.key, PASSWORD).cloned() != had_password;
    let now = ctx.stamp();
    if let Some(members) = change.new.as_object_mut() {
        members.insert("credentials".to_owned(), Value::Object(credentials));
        if changed {
            members.insert("passwordChanged".to_owned(), json!(now));
            if members.get("status").and_then(Value::as_str) == Some("PROVISIONED") {
                members.insert("status".to_owned(), json!("ACTIVE"));
            }
        }
    }
    Ok(())
}

fn take(
    ctx: &mut Context<'_>,
    key: &Key,
    given: &Value,
    into: &mut Map<String, Value>,
) -> Result<(), Error> {
    if let Some(password) = given.get("password") {
        if let Some(text) = password.get("value").and_then(Value::as_str) {
            check_password(text)?;
            keep(ctx, key, PASSWORD, text);
            into.insert("password".to_owned(), json!({}));
        } else if password.get("hash").is_some() || password.get("hook").is_some() {
            ctx.hide(key, PASSWORD, json!("elsewhere"));
            into.insert("password".to_owned(), json!({}));
        }
    }
    if let Some(question) = given
        .get("recovery_question")
        .and_then(|r| r.get("question"))
        .filter(|q| q.is_string())
    {
        let answer = given
            .get("recovery_question")
            .and_then(|r| r.get("answer"))
            .and_then(Value::as_str);
        if let Some(answer) = answer {
            keep(ctx, key, ANSWER, &answer.to_lowercase());
        }
        into.insert(
            "recovery_question".to_owned(),
            json!({"question": question}),
        );
    }
    if let Some(provider) = given
        .get("provider")
        .filter(|provider| provider.is_object())
    {
        into.insert("provider".to_owned(), provider.clone());
    }
    Ok(())
}

fn check_password(text: &str) -> Result<(), Error> {
    if text.chars().count() >= PASSWORD_MIN {
        return Ok(());
    }
    let cause = format!(
        "password: Password requirements were not met. Password requirements: at least {PASSWORD_MIN} characters."
    );
    Err(Error::invalid("password", [cause]))
}

fn keep(ctx: &mut Context<'_>, key: &Key, name: &str, secret: &str) {
    let digest = fingerprint(key, secret);
    ctx.hide(key, name, Value::String(digest));
}

fn fingerprint(key: &Key, secret: &str) -> String {
    let digest = digest(&SHA256, format!("{}\n{secret}", key.id()).as_bytes());
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Whether `secret` is the person's password.
pub(crate) fn is_password(ctx: &Context<'_>, user: &Key, secret: &str) -> bool {
    matches(ctx, user, PASSWORD, secret)
}

fn matches(ctx: &Context<'_>, key: &Key, name: &str, secret: &str) -> bool {
    ctx.hidden(key, name).and_then(Value::as_str) == Some(fingerprint(key, secret).as_str())
}

fn refuse_unless(user: &Object, states: &[&str]) -> Result<(), Error> {
    if states.contains(&status(user)) {
        Ok(())
    } else {
        Err(Error::new("E0000038"))
    }
}

/// Moves the user to `state` and says when.
pub(super) fn move_to(ctx: &mut Context<'_>, user: &Object, state: &str) {
    let now = ctx.stamp();
    ctx.change(user.key(), |body| {
        member::set(body, "status", json!(state));
        member::set(body, "statusChanged", json!(now));
        member::set(body, "lastUpdated", json!(now));
    });
}

/// Leads to a new password: by mail, or by the link in the answer.
pub(super) fn reset_password(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    refuse_unless(
        &user,
        &[
            "ACTIVE",
            "PROVISIONED",
            "RECOVERY",
            "LOCKED_OUT",
            "PASSWORD_EXPIRED",
        ],
    )?;
    if status(&user) != "PROVISIONED" {
        move_to(ctx, &user, "RECOVERY");
    }
    ctx.log("user.account.reset_password", vec![Target::of(&user)]);
    Ok(reset_link(ctx, call))
}

fn reset_link(ctx: &mut Context<'_>, call: &Call) -> Reply {
    if call.flag("sendEmail", true) {
        return Reply::empty_object();
    }
    let token = ctx.world.ids.token(20);
    Reply::ok(json!({"resetPasswordUrl": format!("{}/reset_password/{token}", ctx.world.base_url)}))
}

/// Makes the user choose a new password at the next sign-in.
pub(super) fn expire_password(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    if call.flag("tempPassword", false) {
        return expire_with_temporary(ctx, call);
    }
    let user = find(ctx, call)?;
    refuse_unless(&user, PASSWORD_EXPIRES_FROM)?;
    move_to(ctx, &user, "PASSWORD_EXPIRED");
    ctx.log("user.account.expire_password", vec![Target::of(&user)]);
    let user = find(ctx, call)?;
    Ok(Reply::ok(ctx.view(&user)))
}

/// The same, with a password to begin with.
pub(super) fn expire_with_temporary(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    refuse_unless(&user, PASSWORD_EXPIRES_FROM)?;
    let password = ctx.world.ids.token(12);
    keep(ctx, user.key(), PASSWORD, &password);
    move_to(ctx, &user, "PASSWORD_EXPIRED");
    ctx.log("user.account.expire_password", vec![Target::of(&user)]);
    Ok(Reply::ok(json!({"tempPassword": password})))
}

/// Changes a password whose owner knows the old one.
pub(super) fn change_password(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    refuse_unless(
        &user,
        &[
            "ACTIVE",
            "STAGED",
            "PROVISIONED",
            "RECOVERY",
            "PASSWORD_EXPIRED",
        ],
    )?;
    let secret = |name: &str| call.text(&format!("{name}.value")).unwrap_or_default();
    if !matches(ctx, user.key(), PASSWORD, secret("oldPassword")) {
        return Err(Error::new("E0000014")
            .with_cause("oldPassword: The credentials provided were incorrect."));
    }
    set_password(ctx, &user, secret("newPassword"))?;
    ctx.log("user.account.update_password", vec![Target::of(&user)]);
    Ok(Reply::ok(credentials_of(ctx, &user)))
}

fn set_password(ctx: &mut Context<'_>, user: &Object, password: &str) -> Result<(), Error> {
    check_password(password)?;
    keep(ctx, user.key(), PASSWORD, password);
    let now = ctx.stamp();
    if status(user) != "STAGED" {
        move_to(ctx, user, "ACTIVE");
    }
    ctx.change(user.key(), |body| {
        member::set(body, "passwordChanged", json!(now));
    });
    Ok(())
}

/// Changes the recovery question of a user whose password is known.
pub(super) fn change_recovery_question(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    let password = call.text("password.value").unwrap_or_default();
    if !matches(ctx, user.key(), PASSWORD, password) {
        return Err(
            Error::new("E0000014").with_cause("password: The credentials provided were incorrect.")
        );
    }
    let mut credentials = user
        .body()
        .get("credentials")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let question = json!({"recovery_question": call.member("recovery_question")});
    take(ctx, user.key(), &question, &mut credentials)?;
    ctx.change(user.key(), |body| {
        member::set(body, "credentials", Value::Object(credentials));
    });
    Ok(Reply::ok(credentials_of(ctx, &user)))
}

/// Leads a user who forgot the password to a new one.
pub(super) fn forgot_password(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    if call.member("password").is_some() {
        return forgot_password_answer(ctx, call);
    }
    refuse_unless(&user, &["ACTIVE", "RECOVERY", "PASSWORD_EXPIRED"])?;
    move_to(ctx, &user, "RECOVERY");
    Ok(reset_link(ctx, call))
}

/// Sets a new password for a user who knows the answer to the recovery question.
pub(super) fn forgot_password_answer(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = find(ctx, call)?;
    let answer = call.text("recovery_question.answer").unwrap_or_default();
    if !matches(ctx, user.key(), ANSWER, &answer.to_lowercase()) {
        return Err(Error::new("E0000087")
            .with_cause("recovery_question: The answer to the recovery question is not correct."));
    }
    let password = call.text("password.value").unwrap_or_default();
    set_password(ctx, &user, password)?;
    Ok(Reply::ok(credentials_of(ctx, &user)))
}

fn credentials_of(ctx: &Context<'_>, user: &Object) -> Value {
    let user = ctx.get(user.key());
    user.and_then(|user| user.body().get("credentials").cloned())
        .unwrap_or_default()
}

/// Name of the digest of a password.
const PASSWORD: &str = "password";
/// Name of the digest of a recovery answer.
const ANSWER: &str = "recovery_answer";
/// Shortest password (Okta's default policy).
const PASSWORD_MIN: usize = 8;

/// States in which a password can be made to expire.
const PASSWORD_EXPIRES_FROM: &[&str] = &[
    "ACTIVE",
    "RECOVERY",
    "PASSWORD_EXPIRED",
    "LOCKED_OUT",
    "PROVISIONED",
];
