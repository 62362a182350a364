//! Authorization servers, identity providers and hooks of a seed.

use super::Size;
use super::apps::Apps;
use super::people::People;
use super::planter::{Planter, SeedError};
use serde_json::json;

pub(super) fn plant(
    planter: &mut Planter<'_>,
    size: Size,
    people: &People,
    apps: &Apps,
) -> Result<(), SeedError> {
    let hook = hooks(planter)?;
    identity_providers(planter, people)?;
    for n in 0..size.servers {
        server(planter, n, &hook, people, apps)?;
    }
    Ok(())
}

/// One event hook, one token hook; gives the token hook's id.
fn hooks(planter: &mut Planter<'_>) -> Result<String, SeedError> {
    let channel = |path: &str| {
        json!({"type": "HTTP", "version": "1.0.0", "config": {
            "uri": format!("https://hooks.example.com/{path}"), "headers": [{"key": "X-Source", "value": "okta"}],
            "authScheme": {"type": "HEADER", "key": "Authorization", "value": "let-me-in"}, "method": "POST"}})
    };
    let event = json!({
        "name": "Tell the SIEM", "channel": channel("events"),
        "events": {"type": "EVENT_TYPE", "items": ["user.lifecycle.create", "user.lifecycle.deactivate"]},
    });
    planter.create("/api/v1/eventHooks", &event)?;
    let inline = json!({
        "name": "Enrich tokens", "type": "com.okta.oauth2.tokens.transform", "version": "1.0.0", "channel": channel("tokens"),
    });
    planter.create("/api/v1/inlineHooks", &inline)
}

fn identity_providers(planter: &mut Planter<'_>, people: &People) -> Result<(), SeedError> {
    let key = planter.create(
        "/api/v1/idps/credentials/keys",
        &json!({"x5c": [CERTIFICATE]}),
    )?;
    let subject = json!({"userNameTemplate": {"template": "idpuser.email"}, "filter": null, "matchType": "USERNAME"});
    let link = json!({"filter": null, "action": "AUTO"});
    let groups = people.groups.get(..1);
    let saml = json!({
        "type": "SAML2", "name": "Partner directory",
        "protocol": {"type": "SAML2",
            "endpoints": {"sso": {"url": "https://idp.example.com/sso", "binding": "HTTP-POST", "destination": "https://idp.example.com/sso"},
                "acs": {"binding": "HTTP-POST", "type": "INSTANCE"}},
            "algorithms": {"request": {"signature": {"algorithm": "SHA-256", "scope": "REQUEST"}},
                "response": {"signature": {"algorithm": "SHA-256", "scope": "ANY"}}},
            "credentials": {"trust": {"issuer": "urn:partner", "audience": "urn:us", "kid": key}}},
        "policy": {"accountLink": link, "subject": subject, "maxClockSkew": 120000,
            "provisioning": {"action": "AUTO", "profileMaster": false, "groups": {"action": "ASSIGN", "assignments": groups},
                "conditions": {"deprovisioned": {"action": "NONE"}, "suspended": {"action": "NONE"}}}},
    });
    planter.create("/api/v1/idps", &saml)?;
    let google = json!({
        "type": "GOOGLE", "name": "Google accounts",
        "protocol": {"type": "OIDC", "scopes": ["profile", "email", "openid"],
            "credentials": {"client": {"client_id": "google-client", "client_secret": "google-client-secret"}}},
        "policy": {"accountLink": link, "subject": subject, "maxClockSkew": 0,
            "provisioning": {"action": "AUTO", "profileMaster": true, "groups": {"action": "NONE"},
                "conditions": {"deprovisioned": {"action": "NONE"}, "suspended": {"action": "NONE"}}}},
    });
    planter.create("/api/v1/idps", &google)?;
    Ok(())
}

fn server(
    planter: &mut Planter<'_>,
    n: usize,
    hook: &str,
    people: &People,
    apps: &Apps,
) -> Result<(), SeedError> {
    let name = format!("API {n:02}");
    let audience = format!("api://{n}.example.com");
    let body =
        json!({"name": name, "description": format!("Tokens for {name}"), "audiences": [audience]});
    let server = planter.create("/api/v1/authorizationServers", &body)?;
    let root = format!("/api/v1/authorizationServers/{server}");
    for scope in ["orders:read", "orders:write"] {
        let body = json!({"name": scope, "description": format!("May use {scope}"), "consent": "IMPLICIT", "metadataPublish": "ALL_CLIENTS"});
        planter.create(&format!("{root}/scopes"), &body)?;
    }
    let claim = json!({
        "name": "site", "status": "ACTIVE", "claimType": "RESOURCE", "valueType": "EXPRESSION", "value": "user.site",
        "conditions": {"scopes": ["orders:read"]}, "alwaysIncludeInToken": true,
    });
    planter.create(&format!("{root}/claims"), &claim)?;
    if let Some(group) = people.groups.first() {
        let claim = json!({
            "name": "is_engineer", "status": "ACTIVE", "claimType": "RESOURCE", "valueType": "EXPRESSION",
            "value": format!("isMemberOfGroup(\"{group}\")"), "conditions": {"scopes": []}, "alwaysIncludeInToken": true,
        });
        planter.create(&format!("{root}/claims"), &claim)?;
    }
    let clients = apps.clients.get(..1).unwrap_or_default();
    let policy = json!({
        "type": "OAUTH_AUTHORIZATION_POLICY", "name": "Shop", "description": "What the shop may ask for", "priority": 1,
        "status": "ACTIVE", "conditions": {"clients": {"include": clients}},
    });
    let policy = planter.create(&format!("{root}/policies"), &policy)?;
    let rule = json!({
        "type": "RESOURCE_ACCESS", "name": "Staff", "priority": 1, "status": "ACTIVE",
        "conditions": {"people": {"users": {"include": [], "exclude": []}, "groups": {"include": people.groups.get(..1), "exclude": []}},
            "grantTypes": {"include": ["authorization_code"]}, "scopes": {"include": ["*"]}},
        "actions": {"token": {"accessTokenLifetimeMinutes": 60, "refreshTokenLifetimeMinutes": 0,
            "refreshTokenWindowMinutes": 10080, "inlineHook": {"id": hook}}},
    });
    planter.create(&format!("{root}/policies/{policy}/rules"), &rule)?;
    Ok(())
}

/// A self-signed certificate of nobody, made for this seed.
const CERTIFICATE: &str = include_str!("partner.b64");
