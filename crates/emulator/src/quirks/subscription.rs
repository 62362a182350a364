//! Which mails people with a role get from Okta: everything, until they or their role say otherwise.

use super::Quirk;
use crate::world::kind;
use crate::{Call, Context, Error, Reply, links};
use http::StatusCode;
use org::Key;
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("listSubscriptionsRole", list),
        ("getSubscriptionsNotificationTypeRole", get),
        ("subscribeByNotificationTypeRole", subscribe),
        ("unsubscribeByNotificationTypeRole", unsubscribe),
        ("listSubscriptionsUser", list),
        ("getSubscriptionsNotificationTypeUser", get),
        ("subscribeByNotificationTypeUser", subscribe),
        ("unsubscribeByNotificationTypeUser", unsubscribe),
    ],
    ..Quirk::NONE
};

/// Notifications Okta sends (documented).
const NOTIFICATIONS: [&str; 14] = [
    "AD_AGENT",
    "AGENT_AUTO_UPDATE_NOTIFICATION",
    "APP_IMPORT",
    "CONNECTOR_AGENT",
    "IWA_AGENT",
    "LDAP_AGENT",
    "OKTA_ANNOUNCEMENT",
    "OKTA_ISSUE",
    "OKTA_UPDATE",
    "RATELIMIT_NOTIFICATION",
    "REPORT_SUSPICIOUS_ACTIVITY",
    "USER_DEPROVISION",
    "USER_LOCKED_OUT",
    "AGENT_AUTO_UPDATE_NOTIFICATION_LDAP",
];

fn org() -> Result<Key, Error> {
    Ok(Key::new(kind("org-profile")?, &["org-profile"]))
}

/// The path of a holder's subscriptions: a role's or a person's.
fn holder(call: &Call) -> String {
    let end = call.path.find("/subscriptions").unwrap_or(call.path.len());
    call.path.get(..end).unwrap_or_default().to_owned()
}

fn one(ctx: &Context<'_>, holder: &str, notification: &str) -> Result<Value, Error> {
    let off = ctx
        .hidden(&org()?, &format!("{holder} {notification}"))
        .is_some_and(|kept| *kept == json!(false));
    let (status, switch) = if off {
        ("unsubscribed", "subscribe")
    } else {
        ("subscribed", "unsubscribe")
    };
    let path = format!("{holder}/subscriptions/{notification}");
    Ok(json!({
        "notificationType": notification, "channels": ["email"], "status": status,
        "_links": {switch: links::to(ctx, &format!("{path}/{switch}"), &["POST"]), "self": links::to(ctx, &path, &[])},
    }))
}

fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let holder = holder(call);
    let all: Result<Vec<Value>, Error> = NOTIFICATIONS
        .iter()
        .map(|notification| one(ctx, &holder, notification))
        .collect();
    all.map(|all| Reply::ok(Value::Array(all)))
}

fn notification(call: &Call) -> Result<&'static str, Error> {
    let wanted = call.last_param();
    let known = NOTIFICATIONS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(wanted));
    known
        .copied()
        .ok_or_else(|| Error::not_found(wanted, "NotificationType"))
}

fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    one(ctx, &holder(call), notification(call)?).map(Reply::ok)
}

fn subscribe(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    switch(ctx, call, true)
}

fn unsubscribe(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    switch(ctx, call, false)
}

fn switch(ctx: &mut Context<'_>, call: &Call, on: bool) -> Result<Reply, Error> {
    let name = format!("{} {}", holder(call), notification(call)?);
    let key = org()?;
    ctx.hide(&key, &name, json!(on));
    Ok(Reply::bare(StatusCode::OK))
}
