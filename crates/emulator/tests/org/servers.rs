//! Authorization servers: the one every org has, what a new one is born with, keys, trust.

use super::world::{World, id, json, refusal};
use http::Method;
use serde_json::{Value, json};

fn server(world: &World, name: &str) -> Value {
    world.make(
        "/api/v1/authorizationServers",
        json!({"name": name, "audiences": [format!("api://{name}")]}),
    )
}

#[test]
fn the_default_server_is_there_and_stays() {
    let world = World::new();
    let server = json(&world.get("/api/v1/authorizationServers/default"));
    assert_eq!(
        (&server["default"], &server["name"]),
        (&json!(true), &json!("default"))
    );
    let policies = json(&world.get("/api/v1/authorizationServers/default/policies"));
    let rules = json(&world.get(&format!(
        "/api/v1/authorizationServers/default/policies/{}/rules",
        id(&policies[0])
    )));
    assert_eq!(rules[0]["conditions"]["scopes"]["include"], json!(["*"]));
    world.call(
        Method::POST,
        "/api/v1/authorizationServers/default/lifecycle/deactivate",
        None,
    );
    assert_eq!(
        refusal(&world.delete("/api/v1/authorizationServers/default")).0,
        400
    );
}

#[test]
fn a_new_server_has_oktas_scopes_and_claims() {
    let world = World::new();
    let server = server(&world, "orders");
    let path = format!("/api/v1/authorizationServers/{}", id(&server));
    let names = |list: &str| -> Vec<String> {
        let list = json(&world.get(&format!("{path}/{list}")));
        list.as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(names("scopes").contains(&"openid".to_owned()) && names("scopes").len() == 7);
    assert!(names("claims").contains(&"sub".to_owned()) && names("claims").len() == 19);
    let own = world.make(&format!("{path}/scopes"), json!({"name": "orders:read"}));
    assert_eq!(
        (&own["system"], &own["consent"]),
        (&json!(false), &json!("IMPLICIT"))
    );
}

#[test]
fn an_active_server_stays_and_a_name_is_used_once() {
    let world = World::new();
    let server = server(&world, "orders");
    let path = format!("/api/v1/authorizationServers/{}", id(&server));
    assert_eq!(
        refusal(&world.post(
            "/api/v1/authorizationServers",
            json!({"name": "orders", "audiences": ["x"]})
        ))
        .1,
        "E0000001"
    );
    assert_eq!(refusal(&world.delete(&path)).0, 400);
    assert_eq!(
        world
            .call(Method::POST, &format!("{path}/lifecycle/deactivate"), None)
            .status,
        204
    );
    assert_eq!(world.delete(&path).status, 204);
    assert_eq!(refusal(&world.get(&path)), (404, "E0000007".into()));
}

#[test]
fn rotation_makes_a_new_key_and_retires_the_old() {
    let world = World::new();
    let server = server(&world, "orders");
    let path = format!("/api/v1/authorizationServers/{}", id(&server));
    let before = server["credentials"]["signing"]["kid"].clone();
    let keys = json(&world.post(
        &format!("{path}/credentials/lifecycle/keyRotate"),
        json!({"use": "sig"}),
    ));
    assert_eq!(
        (&keys[0]["status"], &keys[1]["status"]),
        (&json!("ACTIVE"), &json!("EXPIRED"))
    );
    assert_eq!(keys[1]["kid"], before);
    assert_eq!(
        json(&world.get(&path))["credentials"]["signing"]["kid"],
        keys[0]["kid"]
    );
    let manual = json!({"name": "orders", "audiences": ["x"], "credentials": {"signing": {"rotationMode": "MANUAL"}}});
    assert_eq!(
        json(&world.put(&path, manual))["credentials"]["signing"].get("nextRotation"),
        None
    );
}

#[test]
fn rules_of_a_server_policy_are_ordered_without_gaps() {
    let world = World::new();
    let server = server(&world, "orders");
    let path = format!("/api/v1/authorizationServers/{}/policies", id(&server));
    let policy = world.make(
        &path,
        json!({"name": "All", "conditions": {"clients": {"include": ["ALL_CLIENTS"]}}}),
    );
    let rules = format!("{path}/{}/rules", id(&policy));
    let first = world.make(
        &rules,
        json!({"name": "One", "conditions": {"grantTypes": {"include": ["implicit"]}}}),
    );
    world.make(&rules, json!({"name": "Two", "priority": 1, "conditions": {"grantTypes": {"include": ["implicit"]}}}));
    assert_eq!(
        json(&world.get(&format!("{rules}/{}", id(&first))))["priority"],
        2
    );
    assert!(id(&policy).starts_with("00p") && id(&first).starts_with("0pr"));
}

#[test]
fn servers_can_trust_each_other() {
    let world = World::new();
    let (one, two) = (server(&world, "one"), server(&world, "two"));
    let path = format!(
        "/api/v1/authorizationServers/{}/associatedServers",
        id(&one)
    );
    world.make(&path, json!({"trusted": [two["id"]]}));
    assert_eq!(
        json(&world.get(&format!("{path}?trusted=true")))[0]["id"],
        two["id"]
    );
    let back = format!(
        "/api/v1/authorizationServers/{}/associatedServers?trusted=false",
        id(&two)
    );
    assert_eq!(json(&world.get(&back))[0]["id"], one["id"]);
    assert_eq!(world.delete(&format!("{path}/{}", id(&two))).status, 204);
    assert_eq!(json(&world.get(&format!("{path}?trusted=true"))), json!([]));
}
