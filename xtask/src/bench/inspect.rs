//! `cargo xtask bench inspect`: what inspection of a whole call costs of CPU, beside reading the same body into a tree and doing nothing
//! with it.

use std::hint::black_box;

use anyhow::{Context as _, Result};
use inspection::{Inspector, Subject};
use serde_json::{Value, json};

use super::cpu::{median, round_ns};

const ROUNDS: usize = 51;
/// A round of 2,000 calls lasts milliseconds, far above the clock's resolution.
const CALLS_PER_ROUND: u32 = 2_000;

/// Measures and prints.
pub(crate) fn run() -> Result<()> {
    let inspector = Inspector::default();
    println!(
        "{:>7} {:>11} {:>8} {:>6}  call",
        "bytes", "inspect µs", "tree µs", "ratio"
    );
    for (operation, params, body) in [
        ("createUser", &[][..], person()),
        ("replaceGroupRule", &["groupRuleId"], rule()),
        ("createApplication", &[], client()),
        ("replacePolicyRule", &["policyId", "ruleId"], policy()),
    ] {
        measure(&inspector, operation, params, &body)?;
    }
    Ok(())
}

fn measure(inspector: &Inspector, operation: &str, params: &[&str], body: &Value) -> Result<()> {
    let operation = ::catalog::operations()
        .by_id(operation)
        .context("unknown operation")?;
    let bytes = serde_json::to_vec(body)?;
    let params: Vec<(String, String)> = params
        .iter()
        .map(|name| ((*name).to_owned(), "00u1gjtxk4XLkTQTt1d7".to_owned()))
        .collect();
    let subject = Subject {
        operation,
        params: &params,
        query: &[],
        media: "application/json",
        body: Some(&bytes),
    };
    let found = inspector.inspect(&subject);
    anyhow::ensure!(
        found.findings.is_empty(),
        "{}: {:?}",
        operation.id,
        found.findings
    );
    let ours = median_us(|| {
        black_box(inspector.inspect(black_box(&subject)));
    });
    let tree = median_us(|| {
        black_box(serde_json::from_slice::<Value>(black_box(&bytes))).ok();
    });
    println!(
        "{:>7} {ours:>11.2} {tree:>8.2} {:>6.2}  {}",
        bytes.len(),
        ours / tree,
        operation.id
    );
    Ok(())
}

fn median_us(mut call: impl FnMut()) -> f64 {
    median(
        (0..ROUNDS)
            .map(|_| round_ns(CALLS_PER_ROUND, &mut call) / 1e3)
            .collect(),
    )
}

fn person() -> Value {
    json!({"profile": {
        "firstName": "Ada", "lastName": "Lovelace", "email": "ada.lovelace@example.com", "login": "ada.lovelace@example.com",
        "mobilePhone": "+44 20 7946 0000", "displayName": "Ada Lovelace", "title": "Principal Analyst", "department": "Engines",
        "division": "Research & Development", "costCenter": "4711", "employeeNumber": "10042", "locale": "en_GB",
        "timezone": "Europe/London", "city": "London", "streetAddress": "12 St James's Square", "zipCode": "SW1Y 4JH"
    }, "groupIds": ["00g1gjtxk4XLkTQTt1d7"], "credentials": {"password": {"value": "correct horse battery staple"}}})
}

fn rule() -> Value {
    json!({"type": "group_rule", "name": "Engineers", "conditions": {"people": {"users": {"exclude": []}, "groups": {"exclude": []}},
        "expression": {"type": "urn:okta:expression:1.0", "value": "user.department==\"Engines\" and isMemberOfGroup(\"00g1gjtxk4XLkTQTt1d7\")"}},
        "actions": {"assignUserToGroups": {"groupIds": ["00g1gjtxk4XLkTQTt1d8", "00g1gjtxk4XLkTQTt1d9"]}}})
}

fn client() -> Value {
    json!({"name": "oidc_client", "label": "CI of the engine room", "signOnMode": "OPENID_CONNECT",
        "accessibility": {"selfService": false, "errorRedirectUrl": null, "loginRedirectUrl": null},
        "visibility": {"autoSubmitToolbar": false, "hide": {"iOS": true, "web": true}},
        "credentials": {"userNameTemplate": {"template": "${source.login}", "type": "BUILT_IN"},
            "oauthClient": {"autoKeyRotation": true, "token_endpoint_auth_method": "private_key_jwt", "pkce_required": true}},
        "settings": {"notes": {"admin": null, "enduser": null}, "oauthClient": {"application_type": "web", "consent_method": "REQUIRED",
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "redirect_uris": ["https://ci.example.com/callback", "https://ci.example.com/again"],
            "post_logout_redirect_uris": ["https://ci.example.com/"], "issuer_mode": "ORG_URL", "client_uri": "https://ci.example.com",
            "logo_uri": "https://ci.example.com/logo.png"}}})
}

fn policy() -> Value {
    let constraint = json!({"knowledge": {"types": ["password"], "reauthenticateIn": "PT4H", "required": true},
        "possession": {"deviceBound": "REQUIRED", "hardwareProtection": "REQUIRED", "phishingResistant": "REQUIRED", "required": true}});
    let groups: Vec<String> = (0..60)
        .map(|number| format!("00g1gjtxk4XLkTQTt{number:03}"))
        .collect();
    json!({"type": "ACCESS_POLICY", "name": "Engineers, from the office, with a key", "priority": 1, "status": "ACTIVE",
        "conditions": {"people": {"users": {"include": [], "exclude": ["00u1gjtxk4XLkTQTt1d7"]}, "groups": {"include": groups, "exclude": []}},
            "network": {"connection": "ZONE", "include": ["nzo1gjtxk4XLkTQTt1d7"]}, "riskScore": {"level": "LOW"},
            "userType": {"include": [], "exclude": []}, "platform": {"include": [{"os": {"type": "WINDOWS"}, "type": "DESKTOP"}]}},
        "actions": {"appSignOn": {"access": "ALLOW", "verificationMethod": {"type": "ASSURANCE", "factorMode": "2FA", "reauthenticateIn": "PT2H",
            "constraints": vec![constraint; 8]}}}})
}
