//! Policies and rules: what an org is born with, priorities of both generations, what may not be done to Okta's own.

use super::world::{World, id, json, refusal, rels};
use http::Method;
use serde_json::{Value, json};

fn first_of(world: &World, policy_type: &str) -> Value {
    let list = json(&world.get(&format!("/api/v1/policies?type={policy_type}")));
    let system = list
        .as_array()
        .unwrap()
        .iter()
        .find(|policy| policy["system"] == json!(true));
    system.unwrap().clone()
}

fn sign_on(world: &World, name: &str, priority: Option<u32>) -> Value {
    let mut body = json!({"type": "OKTA_SIGN_ON", "name": name, "description": name});
    if let Some(priority) = priority {
        body["priority"] = json!(priority);
    }
    world.make("/api/v1/policies", body)
}

fn order(world: &World, path: &str) -> Vec<(String, i64)> {
    let mut list: Vec<(String, i64)> = json(&world.get(path))
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["name"].as_str().unwrap().to_owned(),
                one["priority"].as_i64().unwrap(),
            )
        })
        .collect();
    list.sort_by_key(|(_, priority)| *priority);
    list
}

#[test]
fn every_org_is_born_with_a_policy_of_every_type_and_its_last_rule() {
    let world = World::new();
    for (policy_type, rule, priority) in [
        ("OKTA_SIGN_ON", "Default Rule", 1),
        ("PASSWORD", "Default Rule", 1),
        ("MFA_ENROLL", "Default Rule", 1),
        ("IDP_DISCOVERY", "Default Rule", 1),
        ("ACCESS_POLICY", "Catch-all Rule", 99),
        ("PROFILE_ENROLLMENT", "Catch-all Rule", 99),
        ("POST_AUTH_SESSION", "Catch-all Rule", 99),
        ("ENTITY_RISK", "Catch-all Rule", 99),
    ] {
        let policy = first_of(&world, policy_type);
        assert_eq!(
            policy["_links"]["self"]["hints"]["allow"],
            json!(["GET", "PUT"]),
            "{policy_type}"
        );
        let rules = order(&world, &format!("/api/v1/policies/{}/rules", id(&policy)));
        assert_eq!(
            rules.last(),
            Some(&(rule.to_owned(), priority)),
            "{policy_type}"
        );
        assert_eq!(
            refusal(&world.delete(&format!("/api/v1/policies/{}", id(&policy)))),
            (403, "E0000077".into())
        );
    }
}

#[test]
fn a_list_needs_a_type_and_tells_its_own_address() {
    let world = World::new();
    assert_eq!(
        refusal(&world.get("/api/v1/policies")),
        (400, "E0000001".into())
    );
    let list = world.get("/api/v1/policies?type=ACCESS_POLICY");
    assert_eq!(rels(&list), ["self"]);
    assert_eq!(json(&list)[0]["_embedded"]["resourceType"], "APP");
    assert!(id(&json(&list)[0]).starts_with("rst"));
}

#[test]
fn first_generation_priorities_have_no_gaps_and_end_with_oktas_own() {
    let world = World::new();
    let path = "/api/v1/policies?type=OKTA_SIGN_ON";
    sign_on(&world, "A", None);
    let b = sign_on(&world, "B", Some(1));
    sign_on(&world, "C", Some(40));
    let expected = |names: &[&str]| -> Vec<(String, i64)> {
        names.iter().map(|n| (*n).to_owned()).zip(1..).collect()
    };
    assert_eq!(
        order(&world, path),
        expected(&["B", "A", "C", "Default Policy"])
    );
    world.delete(&format!("/api/v1/policies/{}", id(&b)));
    assert_eq!(order(&world, path), expected(&["A", "C", "Default Policy"]));
}

#[test]
fn second_generation_rules_count_from_zero_and_make_room() {
    let world = World::new();
    let policy = world.make(
        "/api/v1/policies",
        json!({"type": "ACCESS_POLICY", "name": "Money"}),
    );
    let path = format!("/api/v1/policies/{}/rules", id(&policy));
    let rule = |name: &str, priority: Option<u32>| {
        let mut body = json!({"type": "ACCESS_POLICY", "name": name, "actions": {"appSignOn": {"access": "DENY"}}});
        if let Some(priority) = priority {
            body["priority"] = json!(priority);
        }
        world.make(&path, body)
    };
    rule("first", None);
    rule("far", Some(7));
    rule("before", Some(0));
    let names: Vec<(String, i64)> = order(&world, &path);
    let expected = [
        ("before", 0),
        ("first", 1),
        ("far", 7),
        ("Catch-all Rule", 99),
    ];
    assert_eq!(
        names,
        expected.map(|(name, priority)| (name.to_owned(), priority))
    );
}

#[test]
fn the_state_of_a_rule_changes_by_lifecycle_only() {
    let world = World::new();
    let policy = sign_on(&world, "A", None);
    let path = format!("/api/v1/policies/{}/rules", id(&policy));
    let rule = world.make(
        &path,
        json!({"type": "SIGN_ON", "name": "R", "status": "INACTIVE"}),
    );
    assert_eq!(rule["status"], "ACTIVE");
    let own = format!("{path}/{}", id(&rule));
    assert_eq!(
        world
            .call(Method::POST, &format!("{own}/lifecycle/deactivate"), None)
            .status,
        204
    );
    let changed = json(&world.put(
        &own,
        json!({"type": "SIGN_ON", "name": "S", "status": "ACTIVE"}),
    ));
    assert_eq!(
        (&changed["name"], &changed["status"]),
        (&json!("S"), &json!("INACTIVE"))
    );
}

#[test]
fn okta_keeps_name_priority_and_conditions_of_its_own_rule() {
    let world = World::new();
    let policy = first_of(&world, "ACCESS_POLICY");
    let path = format!("/api/v1/policies/{}/rules", id(&policy));
    let rule = json(&world.get(&path))[0].clone();
    let wanted = json!({"type": "ACCESS_POLICY", "name": "Mine", "priority": 3, "conditions": {"network": {"connection": "ZONE"}},
        "actions": {"appSignOn": {"access": "DENY"}}});
    let kept = json(&world.put(&format!("{path}/{}", id(&rule)), wanted));
    assert_eq!(
        (&kept["name"], &kept["priority"], &kept["conditions"]),
        (&json!("Catch-all Rule"), &json!(99), &Value::Null)
    );
    assert_eq!(kept["actions"]["appSignOn"]["access"], "DENY");
}

#[test]
fn apps_of_a_deleted_policy_fall_back_to_the_default() {
    let world = World::new();
    let policy = world.make(
        "/api/v1/policies",
        json!({"type": "ACCESS_POLICY", "name": "Money"}),
    );
    let app = world.make(
        "/api/v1/apps",
        json!({"name": "bookmark", "label": "Handbook", "signOnMode": "BOOKMARK",
            "settings": {"app": {"requestIntegration": false, "url": "https://handbook.example.com/"}}}),
    );
    let path = format!("/api/v1/apps/{}", id(&app));
    assert_eq!(
        world
            .put(&format!("{path}/policies/{}", id(&policy)), json!({}))
            .status,
        204
    );
    let governed = json(&world.get(&format!("/api/v1/policies/{}/app", id(&policy))));
    assert_eq!(governed[0]["id"], app["id"]);
    assert_eq!(
        world
            .delete(&format!("/api/v1/policies/{}", id(&policy)))
            .status,
        204
    );
    let link = json(&world.get(&path))["_links"]["accessPolicy"]["href"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        link.ends_with(id(&first_of(&world, "ACCESS_POLICY"))),
        "{link}"
    );
}

#[test]
fn an_enrollment_policy_lists_every_authenticator() {
    let world = World::new();
    let settings = json!({"type": "AUTHENTICATORS", "authenticators": [{"key": "okta_password", "enroll": {"self": "REQUIRED"}}]});
    let policy = world.make(
        "/api/v1/policies",
        json!({"type": "MFA_ENROLL", "name": "Staff", "settings": settings}),
    );
    let listed = policy["settings"]["authenticators"].as_array().unwrap();
    let of = |key: &str| {
        listed
            .iter()
            .find(|one| one["key"] == key)
            .map(|one| one["enroll"]["self"].clone())
    };
    assert_eq!(of("okta_password"), Some(json!("REQUIRED")));
    assert_eq!(of("webauthn"), Some(json!("NOT_ALLOWED")));
    let enrolled = json(&world.get("/api/v1/authenticators"));
    let password = enrolled
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["key"] == "okta_email")
        .unwrap();
    let off = format!(
        "/api/v1/authenticators/{}/lifecycle/deactivate",
        id(password)
    );
    assert_eq!(
        refusal(&world.call(Method::POST, &off, None)),
        (403, "E0000148".into())
    );
}
