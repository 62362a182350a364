//! The org itself: contacts, preferences, what it allows Okta's support, factors of the Classic engine.
//!
//! What has no writing operation of its own in the catalog's sense is kept beside the org's profile.

use super::Quirk;
use crate::world::{kind, stamp};
use crate::{Call, Context, Error, Reply, links};
use jiff::{SignedDuration, Timestamp};
use org::Key;
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("listOrgContactTypes", contacts),
        ("getOrgContactUser", contact),
        ("replaceOrgContactUser", set_contact),
        ("getOrgPreferences", preferences),
        ("setOrgHideOktaUIFooter", hide_footer),
        ("setOrgShowOktaUIFooter", show_footer),
        ("getOktaCommunicationSettings", communication),
        ("optInUsersToOktaCommunicationEmails", opt_in),
        ("optOutUsersFromOktaCommunicationEmails", opt_out),
        ("getOrgOktaSupportSettings", support),
        ("grantOktaSupport", grant_support),
        ("extendOktaSupport", extend_support),
        ("revokeOktaSupport", revoke_support),
        ("getThirdPartyAdminSetting", third_party),
        ("updateThirdPartyAdminSetting", third_party),
        ("getAutoAssignAdminAppSetting", auto_assign),
        ("updateAutoAssignAdminAppSetting", auto_assign),
        ("getClientPrivilegesSetting", client_privileges),
        ("assignClientPrivilegesSetting", client_privileges),
        ("getOrgFactor", factor),
        ("activateOrgFactor", activate_factor),
        ("deactivateOrgFactor", deactivate_factor),
    ],
    ..Quirk::NONE
};

fn profile() -> Result<Key, Error> {
    Ok(Key::new(kind("org-profile")?, &["org-profile"]))
}

fn kept(ctx: &Context<'_>, name: &str, usual: Value) -> Result<Value, Error> {
    Ok(ctx.hidden(&profile()?, name).cloned().unwrap_or(usual))
}

fn keep(ctx: &mut Context<'_>, name: &str, value: Value) -> Result<(), Error> {
    let key = profile()?;
    ctx.hide(&key, name, value);
    Ok(())
}

fn contacts(ctx: &mut Context<'_>, _: &Call) -> Result<Reply, Error> {
    let one = |name: &str| {
        let rel = name.to_lowercase();
        json!({"contactType": name, "_links": {rel.as_str(): links::to(ctx, &format!("/api/v1/org/contacts/{rel}"), &[])}})
    };
    Ok(Reply::ok(json!([one("BILLING"), one("TECHNICAL")])))
}

fn contact(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let contact_type = call.param(0).to_uppercase();
    if !["BILLING", "TECHNICAL"].contains(&contact_type.as_str()) {
        return Err(Error::not_found(call.param(0), "OrgContactType"));
    }
    let usual = json!(ctx.actor.user_id());
    let user = kept(ctx, &contact_type, usual)?;
    let link = links::to(
        ctx,
        &format!("/api/v1/users/{}", user.as_str().unwrap_or_default()),
        &[],
    );
    Ok(Reply::ok(json!({"userId": user, "_links": {"user": link}})))
}

fn set_contact(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = call.text("userId").ok_or_else(|| Error::blank("userId"))?;
    ctx.named("user", &[user])
        .ok_or_else(|| Error::not_found(user, "User"))?;
    keep(ctx, &call.param(0).to_uppercase(), json!(user))?;
    contact(ctx, call)
}

fn preferences(ctx: &mut Context<'_>, _: &Call) -> Result<Reply, Error> {
    let shown = kept(ctx, "footer", json!(true))? == json!(true);
    let rel = if shown {
        "hideEndUserFooter"
    } else {
        "showEndUserFooter"
    };
    let link = links::to(ctx, &format!("/api/v1/org/preferences/{rel}"), &["POST"]);
    Ok(Reply::ok(
        json!({"showEndUserFooter": shown, "_links": {rel: link}}),
    ))
}

fn hide_footer(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    keep(ctx, "footer", json!(false))?;
    preferences(ctx, call)
}

fn show_footer(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    keep(ctx, "footer", json!(true))?;
    preferences(ctx, call)
}

fn communication(ctx: &mut Context<'_>, _: &Call) -> Result<Reply, Error> {
    let out = kept(ctx, "opt-out", json!(true))? == json!(true);
    let rel = if out { "optIn" } else { "optOut" };
    let link = links::to(
        ctx,
        &format!("/api/v1/org/privacy/oktaCommunication/{rel}"),
        &["POST"],
    );
    Ok(Reply::ok(
        json!({"optOutEmailUsers": out, "_links": {rel: link}}),
    ))
}

fn opt_in(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    keep(ctx, "opt-out", json!(false))?;
    communication(ctx, call)
}

fn opt_out(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    keep(ctx, "opt-out", json!(true))?;
    communication(ctx, call)
}

fn support(ctx: &mut Context<'_>, _: &Call) -> Result<Reply, Error> {
    let until = kept(ctx, "support", Value::Null)?;
    let rels: &[&str] = if until.is_null() {
        &["grant"]
    } else {
        &["extend", "revoke"]
    };
    let mut body = json!({"support": if until.is_null() { "DISABLED" } else { "ENABLED" }, "expiration": until, "_links": {}});
    for rel in rels {
        let path = format!("/api/v1/org/privacy/oktaSupport/{rel}");
        let link = links::to(ctx, &path, &["POST"]);
        crate::member::set(&mut body, &format!("_links.{rel}"), link);
    }
    Ok(Reply::ok(body))
}

fn grant_support(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    set_support(ctx, SUPPORT_H)?;
    support(ctx, call)
}

fn extend_support(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    set_support(ctx, SUPPORT_H + EXTENSION_H)?;
    support(ctx, call)
}

fn set_support(ctx: &mut Context<'_>, hours: i64) -> Result<(), Error> {
    let until = ctx
        .now
        .checked_add(SignedDuration::from_hours(hours))
        .unwrap_or(Timestamp::MAX);
    keep(ctx, "support", json!(stamp(until)))
}

fn revoke_support(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    keep(ctx, "support", Value::Null)?;
    support(ctx, call)
}

fn third_party(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    flag(ctx, call, "thirdPartyAdmin")
}

fn auto_assign(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    flag(ctx, call, "autoAssignAdminAppSetting")
}

fn client_privileges(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    flag(ctx, call, "clientPrivilegesSetting")
}

/// A setting of the org that is one truth value: taken if the call sends it, and answered.
fn flag(ctx: &mut Context<'_>, call: &Call, member: &str) -> Result<Reply, Error> {
    if let Some(value) = call.member(member).filter(|value| value.is_boolean()) {
        keep(ctx, member, value.clone())?;
    }
    let value = kept(ctx, member, json!(false))?;
    Ok(Reply::ok(json!({member: value})))
}

/// A factor as the Classic engine's org-wide list of factors shows it.
fn factor(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let id = call.param(0);
    let Some((_, provider, kind)) = FACTORS.iter().find(|(known, _, _)| *known == id) else {
        return Err(Error::not_found(id, "Factor"));
    };
    let active = kept(ctx, id, json!(false))? == json!(true);
    let (status, switch) = if active {
        ("ACTIVE", "deactivate")
    } else {
        ("INACTIVE", "activate")
    };
    let path = format!("/api/v1/org/factors/{id}");
    Ok(Reply::ok(json!({
        "id": id, "provider": provider, "factorType": kind, "status": status,
        "_links": {switch: links::to(ctx, &format!("{path}/lifecycle/{switch}"), &["POST"]), "self": links::to(ctx, &path, &["GET"])},
    })))
}

fn activate_factor(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    keep(ctx, call.param(0), json!(true))?;
    factor(ctx, call)
}

fn deactivate_factor(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    keep(ctx, call.param(0), json!(false))?;
    factor(ctx, call)
}

/// Factors of the Classic engine: id, provider, kind.
const FACTORS: &[(&str, &str, &str)] = &[
    ("okta_password", "OKTA", "password"),
    ("okta_question", "OKTA", "question"),
    ("okta_email", "OKTA", "email"),
    ("okta_sms", "OKTA", "sms"),
    ("okta_call", "OKTA", "call"),
    ("okta_otp", "OKTA", "token:software:totp"),
    ("okta_push", "OKTA", "push"),
    ("google_otp", "GOOGLE", "token:software:totp"),
    ("fido_webauthn", "FIDO", "webauthn"),
    ("duo", "DUO", "web"),
    ("rsa_token", "RSA", "token"),
    ("symantec_vip", "SYMANTEC", "token"),
    ("yubikey_token", "YUBICO", "token:hardware"),
];
/// How long a grant to Okta's support lasts (documented), and an extension.
const SUPPORT_H: i64 = 8;
const EXTENSION_H: i64 = 24;
