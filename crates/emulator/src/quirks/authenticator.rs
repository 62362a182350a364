//! Authenticators: one of each kind from birth, never deleted, in use while a policy enrolls people in them.

use super::{Change, Quirk};
use crate::member;
use crate::world::kind;
use crate::{Call, Context, Error, Reply, generic, links, locate};
use org::{Key, Object};
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("replaceAuthenticator", replace),
        ("activateAuthenticator", activate),
        ("deactivateAuthenticator", deactivate),
    ],
    check: Some(check),
    shape: Some(shape),
    view: Some(view),
    ..Quirk::NONE
};

fn key_of(body: &Value) -> &str {
    body.get("key").and_then(Value::as_str).unwrap_or_default()
}

/// Kinds of which an org may have several can be made; of all others it has the one it was born with.
fn check(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    if change.old.is_some() {
        return Ok(());
    }
    let wanted = key_of(&change.given);
    if wanted.is_empty() {
        return Err(Error::blank("key"));
    }
    let known = ctx
        .all("authenticator")
        .iter()
        .any(|one| key_of(one.body()) == wanted);
    let several = SEVERAL.contains(&wanted);
    let once = MADE.contains(&wanted) && !known;
    if !several && !once {
        let invalid = Error::invalid(
            "com.okta.services.factors.iface.dto.AuthenticatorCatalog",
            ["The field has an invalid value"],
        );
        return Err(invalid);
    }
    Ok(())
}

/// Made inactive unless the query asks otherwise.
fn shape(_: &mut Context<'_>, call: &Call, change: &mut Change) -> Result<(), Error> {
    if change.old.is_none() {
        let state = if call.flag("activate", false) {
            "ACTIVE"
        } else {
            "INACTIVE"
        };
        member::set(&mut change.new, "status", json!(state));
    }
    Ok(())
}

/// Apps that verify lead to enrollment; what cannot be switched off has no switch.
fn view(ctx: &Context<'_>, authenticator: &Object, body: &mut Value) {
    let Some(all) = body.get_mut("_links").and_then(Value::as_object_mut) else {
        return;
    };
    let active = authenticator.text_at("status") == Some("ACTIVE");
    match key_of(authenticator.body()) {
        "okta_password" => drop(all.shift_remove("deactivate")),
        "okta_verify" | "custom_app" if active => {
            let item = links::item_path(authenticator.key());
            all.insert(
                "enroll".to_owned(),
                links::to(ctx, &format!("{item}/enroll"), &["POST"]),
            );
        }
        _ => {}
    }
}

fn found(ctx: &Context<'_>, call: &Call) -> Result<(Key, std::sync::Arc<Object>), Error> {
    let key = locate::item(ctx, kind("authenticator")?, &call.params)?;
    let object = ctx.find(&key)?;
    Ok((key, object))
}

/// The phone needs somebody who sends messages.
fn telephony(ctx: &Context<'_>, authenticator: &Object) -> Result<(), Error> {
    let ready = || {
        ctx.all("inline-hook").iter().any(|hook| {
            hook.text_at("type") == Some("com.okta.telephony.provider")
                && hook.text_at("status") == Some("ACTIVE")
        })
    };
    if key_of(authenticator.body()) == "phone_number" && !ready() {
        return Err(Error::new("E0000226"));
    }
    Ok(())
}

/// Settings that are left out stay as they are.
fn replace(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (_, object) = found(ctx, call)?;
    telephony(ctx, &object)?;
    generic::update(ctx, call, kind("authenticator")?)
}

fn activate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (_, object) = found(ctx, call)?;
    telephony(ctx, &object)?;
    generic::switch(ctx, call, kind("authenticator")?, true)
}

fn deactivate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (key, object) = found(ctx, call)?;
    let off = object.text_at("status") != Some("ACTIVE");
    if off || key_of(object.body()) == "okta_password" {
        return Err(Error::invalid(
            "api.authenticator.error.unsupported.active.deactivate",
            [""; 0],
        ));
    }
    let enrolling = enrolling(ctx, &key, key_of(object.body()));
    if !enrolling.is_empty() {
        let cause = format!(
            "Authenticator Enrollment Policies: {}",
            enrolling.join(", ")
        );
        return Err(Error::new("E0000148").with_cause(cause));
    }
    generic::switch(ctx, call, kind("authenticator")?, false)
}

/// Names of the policies that enroll people in it.
fn enrolling(ctx: &Context<'_>, key: &Key, name: &str) -> Vec<String> {
    let id = key.id();
    let mut policies = ctx.all("policy");
    policies.retain(|policy| {
        let listed = policy
            .body()
            .pointer("/settings/authenticators")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        listed.into_iter().any(|entry| {
            let same = entry
                .get("id")
                .map_or(key_of(entry) == name, |of| of.as_str() == Some(&id));
            same && entry.pointer("/enroll/self").and_then(Value::as_str) != Some("NOT_ALLOWED")
        })
    });
    policies.iter().map(|policy| policy.title()).collect()
}

/// Kinds of which an org may have several.
const SEVERAL: &[&str] = &["custom_app", "custom_otp", "external_idp"];
/// Kinds an org is not born with but can make, once.
const MADE: &[&str] = &[
    "duo",
    "onprem_mfa",
    "rsa_token",
    "smart_card_idp",
    "symantec_vip",
    "tac",
    "yubikey_token",
    "webauthn",
    "google_otp",
];
