//! Policies of every type with their rules, and which app is under which.

use super::apps::Apps;
use super::people::People;
use super::planter::{Planter, SeedError};
use crate::member;
use serde_json::{Value, json};

pub(super) fn plant(
    planter: &mut Planter<'_>,
    zones: &[String],
    people: &People,
    apps: &Apps,
) -> Result<(), SeedError> {
    let groups = people.groups.get(..2).unwrap_or_default();
    let people_condition = json!({"people": {"groups": {"include": groups}}});
    sign_on(planter, zones, &people_condition)?;
    passwords(planter, &people_condition)?;
    enrollment(planter, &people_condition)?;
    access(planter, zones, people, apps)?;
    profile_enrollment(planter, people)?;
    discovery(planter, zones, apps)
}

fn sign_on(planter: &mut Planter<'_>, zones: &[String], people: &Value) -> Result<(), SeedError> {
    let body = json!({
        "type": "OKTA_SIGN_ON", "name": "Staff sessions", "description": "Short sessions for staff", "status": "ACTIVE",
        "priority": 1, "conditions": people,
    });
    let policy = planter.create("/api/v1/policies", &body)?;
    let session = json!({"usePersistentCookie": false, "maxSessionIdleMinutes": 60, "maxSessionLifetimeMinutes": 480});
    let rule = |name: &str, connection: Value| {
        json!({
            "type": "SIGN_ON", "name": name, "conditions": {"network": connection, "authContext": {"authType": "ANY"}},
            "actions": {"signon": {"access": "ALLOW", "requireFactor": false, "session": session}},
        })
    };
    let path = format!("/api/v1/policies/{policy}/rules");
    let inside = json!({"connection": "ZONE", "include": zones.get(..2).unwrap_or_default()});
    planter.create(&path, &rule("Inside", inside))?;
    planter.create(&path, &rule("Outside", json!({"connection": "ANYWHERE"})))?;
    Ok(())
}

fn passwords(planter: &mut Planter<'_>, people: &Value) -> Result<(), SeedError> {
    let mut conditions = people.clone();
    member::set(&mut conditions, "authProvider", json!({"provider": "OKTA"}));
    let body = json!({
        "type": "PASSWORD", "name": "Long passwords", "description": "Fourteen characters", "status": "ACTIVE", "priority": 1,
        "conditions": conditions,
        "settings": {"password": {
            "complexity": {"minLength": 14, "minLowerCase": 1, "minUpperCase": 1, "minNumber": 1, "minSymbol": 0,
                "excludeUsername": true, "dictionary": {"common": {"exclude": true}}, "excludeAttributes": []},
            "age": {"maxAgeDays": 0, "expireWarnDays": 0, "minAgeMinutes": 0, "historyCount": 4},
            "lockout": {"maxAttempts": 10, "autoUnlockMinutes": 30, "showLockoutFailures": false},
        }},
    });
    let policy = planter.create("/api/v1/policies", &body)?;
    let rule = json!({
        "type": "PASSWORD", "name": "Self service", "conditions": {"network": {"connection": "ANYWHERE"}},
        "actions": {"passwordChange": {"access": "ALLOW"}, "selfServicePasswordReset": {"access": "ALLOW"},
            "selfServiceUnlock": {"access": "DENY"}},
    });
    planter.create(&format!("/api/v1/policies/{policy}/rules"), &rule)?;
    Ok(())
}

fn enrollment(planter: &mut Planter<'_>, people: &Value) -> Result<(), SeedError> {
    let authenticators = json!([
        {"key": "okta_password", "enroll": {"self": "REQUIRED"}},
        {"key": "okta_email", "enroll": {"self": "OPTIONAL"}},
        {"key": "okta_verify", "enroll": {"self": "REQUIRED"}},
    ]);
    let body = json!({
        "type": "MFA_ENROLL", "name": "Two factors", "description": "Okta Verify for staff", "status": "ACTIVE", "priority": 1,
        "conditions": people, "settings": {"type": "AUTHENTICATORS", "authenticators": authenticators},
    });
    let policy = planter.create("/api/v1/policies", &body)?;
    let rule = json!({
        "type": "MFA_ENROLL", "name": "At first challenge", "conditions": {"network": {"connection": "ANYWHERE"}},
        "actions": {"enroll": {"self": "CHALLENGE"}},
    });
    planter.create(&format!("/api/v1/policies/{policy}/rules"), &rule)?;
    Ok(())
}

/// Three app policies, each with two rules; every third app is put under one of them.
fn access(
    planter: &mut Planter<'_>,
    zones: &[String],
    people: &People,
    apps: &Apps,
) -> Result<(), SeedError> {
    for (n, name) in ["Money apps", "Partner apps", "Everyday apps"]
        .into_iter()
        .enumerate()
    {
        let body = json!({"type": "ACCESS_POLICY", "name": name, "description": format!("Sign-in for {name}")});
        let policy = planter.create("/api/v1/policies", &body)?;
        let path = format!("/api/v1/policies/{policy}/rules");
        let method = |factors: &str| {
            json!({"appSignOn": {"access": "ALLOW", "verificationMethod": {
                "factorMode": factors, "type": "ASSURANCE", "reauthenticateIn": "PT2H", "constraints": []}}})
        };
        let group = people.groups.get(n).into_iter().collect::<Vec<_>>();
        let staff = json!({
            "type": "ACCESS_POLICY", "name": "Staff inside", "priority": 0, "actions": method("1FA"),
            "conditions": {"people": {"groups": {"include": group}, "users": {"exclude": people.users.get(..1)}},
                "network": {"connection": "ZONE", "include": zones.get(..1)}},
        });
        planter.create(&path, &staff)?;
        let others = json!({
            "type": "ACCESS_POLICY", "name": "Others need two", "priority": 1, "actions": method("2FA"),
            "conditions": {"network": {"connection": "ANYWHERE"}},
        });
        planter.create(&path, &others)?;
        for app in apps.ids.iter().skip(n).step_by(3).take(4) {
            planter.act(
                "PUT",
                &format!("/api/v1/apps/{app}/policies/{policy}"),
                None,
            )?;
        }
    }
    Ok(())
}

fn profile_enrollment(planter: &mut Planter<'_>, people: &People) -> Result<(), SeedError> {
    let body = json!({"type": "PROFILE_ENROLLMENT", "name": "Partner sign-up", "description": "Partners sign themselves up"});
    let policy = planter.create("/api/v1/policies", &body)?;
    let path = format!("/api/v1/policies/{policy}/rules");
    let rules = planter.read(&path)?;
    let Some(rule) = rules.as_array().and_then(|rules| rules.first()).cloned() else {
        return Ok(());
    };
    let id = rule
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let mut changed = rule;
    member::set(
        &mut changed,
        "actions.profileEnrollment.targetGroupIds",
        json!(people.groups.get(..1)),
    );
    planter.act("PUT", &format!("{path}/{id}"), Some(&changed))
}

/// A routing rule on the one identity-provider policy: from the head office, sign in with Okta itself.
fn discovery(planter: &mut Planter<'_>, zones: &[String], apps: &Apps) -> Result<(), SeedError> {
    let policies = planter.read("/api/v1/policies?type=IDP_DISCOVERY")?;
    let first = policies.as_array().and_then(|found| found.first());
    let Some(policy) = first
        .and_then(|policy| policy.get("id"))
        .and_then(Value::as_str)
    else {
        return Ok(());
    };
    let app = apps
        .ids
        .first()
        .map(|id| json!([{"type": "APP", "id": id}]))
        .unwrap_or_else(|| json!([]));
    let body = json!({
        "type": "IDP_DISCOVERY", "name": "Head office", "priority": 1,
        "conditions": {"network": {"connection": "ZONE", "include": zones.get(..1)},
            "app": {"include": app, "exclude": []}, "platform": {"include": [], "exclude": []}},
        "actions": {"idp": {"providers": [{"type": "OKTA"}]}},
    });
    planter.create(&format!("/api/v1/policies/{policy}/rules"), &body)?;
    Ok(())
}
