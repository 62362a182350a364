//! Groups, memberships, rules, owners.

use super::world::{World, id, json, refusal, rels};
use http::Method;
use serde_json::{Value, json};

fn group(world: &World, name: &str) -> Value {
    world.make("/api/v1/groups", json!({"profile": {"name": name}}))
}

fn user(world: &World, name: &str, department: &str) -> Value {
    let mail = format!("{name}@example.com");
    let profile = json!({"firstName": name, "lastName": "Lind", "login": mail, "email": mail, "department": department});
    world.make("/api/v1/users", json!({"profile": profile}))
}

fn members(world: &World, group: &Value) -> Vec<Value> {
    let list = json(&world.get(&format!("/api/v1/groups/{}/users", id(group))));
    list.as_array()
        .unwrap()
        .iter()
        .map(|user| user["id"].clone())
        .collect()
}

fn rule(world: &World, name: &str, expression: &str, target: &Value) -> Value {
    let rule = world.make(
        "/api/v1/groups/rules",
        json!({"type": "group_rule", "name": name, "conditions": {"expression": {"value": expression, "type": "urn:okta:expression:1.0"}},
            "actions": {"assignUserToGroups": {"groupIds": [target["id"]]}}}),
    );
    assert_eq!(rule["status"], "INACTIVE");
    let on = world.call(
        Method::POST,
        &format!("/api/v1/groups/rules/{}/lifecycle/activate", id(&rule)),
        None,
    );
    assert_eq!(on.status, 204);
    rule
}

#[test]
fn a_membership_is_made_once_and_ended_once() {
    let world = World::new();
    let (group, ada) = (group(&world, "Engines"), user(&world, "ada", "Math"));
    let path = format!("/api/v1/groups/{}/users/{}", id(&group), id(&ada));
    for _ in 0..2 {
        assert_eq!(world.call(Method::PUT, &path, None).status, 204);
    }
    assert_eq!(members(&world, &group), [ada["id"].clone()]);
    let stats = json(&world.get(&format!("/api/v1/groups/{}?expand=stats", id(&group))))["_embedded"]["stats"].clone();
    assert_eq!(
        (&stats["usersCount"], &stats["hasAdminPrivlege"]),
        (&json!(1), &json!(false))
    );
    assert_eq!(world.delete(&path).status, 204);
    assert!(members(&world, &group).is_empty());
}

#[test]
fn everyone_is_okta_s_own() {
    let world = World::new();
    let everyone = json(&world.get("/api/v1/groups?q=every"))[0].clone();
    assert_eq!(everyone["type"], "BUILT_IN");
    assert_eq!(
        refusal(&world.delete(&format!("/api/v1/groups/{}", id(&everyone)))).0,
        400
    );
    assert_eq!(
        refusal(&world.post("/api/v1/groups", json!({"profile": {"name": ""}}))),
        (400, "E0000001".into())
    );
}

#[test]
fn lists_with_q_have_no_links() {
    let world = World::new();
    group(&world, "Engines");
    assert!(rels(&world.get("/api/v1/groups?q=Eng")).is_empty());
    assert_eq!(
        rels(&world.get("/api/v1/groups?filter=type%20eq%20%22OKTA_GROUP%22")),
        ["self"]
    );
}

#[test]
fn a_rule_fills_its_group_and_empties_it_when_people_change() {
    let world = World::new();
    let (math, ada, bo) = (
        group(&world, "Math"),
        user(&world, "ada", "Math"),
        user(&world, "bo", "Sales"),
    );
    rule(
        &world,
        "By department",
        "user.department == \"Math\"",
        &math,
    );
    assert_eq!(members(&world, &math), [ada["id"].clone()]);
    world.post(
        &format!("/api/v1/users/{}", id(&bo)),
        json!({"profile": {"department": "Math"}}),
    );
    assert_eq!(members(&world, &math).len(), 2);
    world.post(
        &format!("/api/v1/users/{}", id(&ada)),
        json!({"profile": {"department": "Sales"}}),
    );
    assert_eq!(members(&world, &math), [bo["id"].clone()]);
}

#[test]
fn rules_feed_each_other_and_leave_members_by_hand_alone() {
    let world = World::new();
    let (first, second, ada) = (
        group(&world, "First"),
        group(&world, "Second"),
        user(&world, "ada", "Math"),
    );
    rule(
        &world,
        "Chain",
        &format!("isMemberOfAnyGroup(\"{}\")", id(&first)),
        &second,
    );
    let path = format!("/api/v1/groups/{}/users/{}", id(&first), id(&ada));
    world.call(Method::PUT, &path, None);
    assert_eq!(members(&world, &second), [ada["id"].clone()]);
    world.delete(&path);
    assert!(members(&world, &second).is_empty());
    world.call(
        Method::PUT,
        &format!("/api/v1/groups/{}/users/{}", id(&second), id(&ada)),
        None,
    );
    world.call(Method::PUT, &path, None);
    world.delete(&path);
    assert_eq!(
        members(&world, &second),
        [ada["id"].clone()],
        "made by hand, so it stays"
    );
}

#[test]
fn who_is_taken_out_by_hand_is_excluded_from_the_rule() {
    let world = World::new();
    let (math, ada) = (group(&world, "Math"), user(&world, "ada", "Math"));
    let rule = rule(
        &world,
        "By department",
        "user.department == \"Math\"",
        &math,
    );
    world.delete(&format!("/api/v1/groups/{}/users/{}", id(&math), id(&ada)));
    assert!(members(&world, &math).is_empty());
    let rule = json(&world.get(&format!("/api/v1/groups/rules/{}", id(&rule))));
    assert_eq!(
        rule["conditions"]["people"]["users"]["exclude"],
        json!([ada["id"]])
    );
}

#[test]
fn a_rule_whose_group_is_gone_is_invalid_and_an_unknown_expression_does_nothing() {
    let world = World::new();
    let target = group(&world, "Math");
    user(&world, "ada", "Math");
    let rule = rule(&world, "Odd", "Convert.toInt(user.level) > 3", &target);
    assert!(members(&world, &target).is_empty());
    let path = format!("/api/v1/groups/rules/{}", id(&rule));
    assert_eq!(
        refusal(&world.put(&path, json!({"name": "Odd"}))).0,
        400,
        "an active rule cannot be written"
    );
    world.delete(&format!("/api/v1/groups/{}", id(&target)));
    assert_eq!(json(&world.get(&path))["status"], "INVALID");
}

#[test]
fn a_deleted_rule_is_answered_with_202() {
    let world = World::new();
    let target = group(&world, "Math");
    let rule = rule(&world, "R", "user.department == \"Math\"", &target);
    let path = format!("/api/v1/groups/rules/{}", id(&rule));
    world.call(Method::POST, &format!("{path}/lifecycle/deactivate"), None);
    let gone = world.delete(&path);
    assert_eq!((gone.status.as_u16(), json(&gone)), (202, json!({})));
}

#[test]
fn an_owner_is_assigned_once() {
    let world = World::new();
    let (group, ada) = (group(&world, "Engines"), user(&world, "ada", "Math"));
    let path = format!("/api/v1/groups/{}/owners", id(&group));
    let owner = json!({"id": ada["id"], "type": "USER"});
    assert_eq!(world.post(&path, owner.clone()).status, 201);
    assert_eq!(refusal(&world.post(&path, owner)), (400, "E0000001".into()));
    assert_eq!(json(&world.get(&path))[0]["displayName"], "ada Lind");
    assert_eq!(world.delete(&format!("{path}/{}", id(&ada))).status, 204);
    assert_eq!(
        refusal(&world.delete(&format!("{path}/{}", id(&ada)))),
        (404, "E0000007".into())
    );
}
