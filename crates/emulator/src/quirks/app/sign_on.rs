//! What Okta makes of the sign-on settings and credentials it is sent: blanks become null, members a mode does not know go.

use crate::Context;
use serde_json::{Map, Value, json};

/// Settles the body of an app about to be kept. `made_by_hand`: the app is no member of the integration network.
pub(super) fn settle(ctx: &mut Context<'_>, body: &mut Map<String, Value>, made_by_hand: bool) {
    let mode = body
        .get("signOnMode")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if let Some(settings) = body.get_mut("settings").and_then(Value::as_object_mut) {
        match mode.as_str() {
            "SAML_2_0" | "SAML_1_1" => {
                settle_saml(settings, made_by_hand);
                let cleared = !made_by_hand || ctx.world.edition.has("relay-states-cleared");
                clear_blanks(settings, cleared);
            }
            "AUTO_LOGIN" if made_by_hand => {
                if let Some(sign_on) = settings.get_mut("signOn").and_then(Value::as_object_mut) {
                    sign_on.entry("redirectUrl").or_insert(Value::Null);
                    blank_to_null(sign_on);
                }
            }
            _ => drop(settings.shift_remove("signOn")),
        }
        if let Some(own) = settings.get_mut("app").and_then(Value::as_object_mut) {
            blank_to_null(own);
        }
        if let Some(client) = settings
            .get_mut("oauthClient")
            .and_then(Value::as_object_mut)
        {
            settle_client(ctx, client);
        }
    }
    if let Some(credentials) = body.get_mut("credentials").and_then(Value::as_object_mut) {
        settle_credentials(credentials);
    }
}

/// A blank setting is none.
fn blank_to_null(settings: &mut Map<String, Value>) {
    for value in settings.values_mut().filter(|value| **value == json!("")) {
        *value = Value::Null;
    }
}

fn settle_saml(settings: &mut Map<String, Value>, made_by_hand: bool) {
    let Some(sign_on) = settings.get_mut("signOn").and_then(Value::as_object_mut) else {
        return;
    };
    if made_by_hand {
        OVERRIDES
            .iter()
            .for_each(|name| drop(sign_on.shift_remove(*name)));
        let logout = sign_on
            .get("slo")
            .filter(|slo| slo.get("enabled") == Some(&Value::Bool(true)));
        let issuer = logout.and_then(|slo| slo.get("issuer")).cloned();
        if let Some(issuer) = issuer {
            sign_on.insert("spIssuer".to_owned(), issuer);
        }
    } else {
        sign_on.retain(|name, _| NETWORK_APP.contains(&name.as_str()));
        for name in OVERRIDES {
            sign_on.entry(name).or_insert(Value::Null);
        }
    }
}

/// Blank addresses are none; a blank relay state of an app made by hand is one only since a release.
fn clear_blanks(settings: &mut Map<String, Value>, with_relay_state: bool) {
    let Some(sign_on) = settings.get_mut("signOn").and_then(Value::as_object_mut) else {
        return;
    };
    let relay_state = with_relay_state.then_some("defaultRelayState");
    for name in OVERRIDES.into_iter().chain(relay_state) {
        if let Some(value) = sign_on.get_mut(name).filter(|value| **value == json!("")) {
            *value = Value::Null;
        }
    }
}

fn settle_client(ctx: &mut Context<'_>, client: &mut Map<String, Value>) {
    if let Some(token) = client
        .get_mut("refresh_token")
        .and_then(Value::as_object_mut)
        && token.get("rotation_type").and_then(Value::as_str) == Some("STATIC")
    {
        token.shift_remove("leeway");
    }
    let grants = client
        .get("grant_types")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    if grants.contains(&json!("refresh_token")) {
        client
            .entry("refresh_token")
            .or_insert_with(|| json!({"rotation_type": "STATIC"}));
    }
    if client.contains_key("backchannel_custom_authenticator_id") {
        client
            .entry("backchannel_token_delivery_mode")
            .or_insert_with(|| json!("poll"));
    }
    let keys = client
        .get_mut("jwks")
        .and_then(|jwks| jwks.get_mut("keys"))
        .and_then(Value::as_array_mut);
    for key in keys.into_iter().flatten().filter_map(Value::as_object_mut) {
        if !key.contains_key("id") {
            let id = ctx.new_id("pks");
            key.insert("id".to_owned(), json!(id));
        }
        key.entry("status").or_insert_with(|| json!("ACTIVE"));
        let curve = key.get("kty").and_then(Value::as_str) == Some("EC");
        for name in ["kid", "use"].into_iter().chain(curve.then_some("crv")) {
            key.entry(name).or_insert(Value::Null);
        }
    }
}

/// Only shared credentials stay with the app; the password shows as an empty object.
fn settle_credentials(credentials: &mut Map<String, Value>) {
    credentials.shift_remove("password");
    if credentials.get("scheme").and_then(Value::as_str) == Some("SHARED_USERNAME_AND_PASSWORD") {
        credentials.insert("password".to_owned(), json!({}));
    } else {
        credentials.shift_remove("userName");
    }
}

/// Settings by which an app of the integration network may depart from what the network says.
const OVERRIDES: [&str; 4] = [
    "ssoAcsUrlOverride",
    "audienceOverride",
    "recipientOverride",
    "destinationOverride",
];
/// Sign-on settings an app of the integration network has.
const NETWORK_APP: [&str; 6] = [
    "defaultRelayState",
    "ssoAcsUrlOverride",
    "audienceOverride",
    "recipientOverride",
    "destinationOverride",
    "attributeStatements",
];
