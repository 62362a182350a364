//! User types, profile schemas, linked objects, factors.

use super::world::{World, id, json, refusal};
use http::Method;
use serde_json::json;

#[test]
fn a_schema_write_is_partial_and_null_takes_the_values_along() {
    let world = World::new();
    let path = "/api/v1/meta/schemas/user/default";
    let custom = |property| json!({"definitions": {"custom": {"id": "#custom", "type": "object", "properties": {"badge": property}}}});
    let schema = json(&world.post(
        path,
        custom(json!({"title": "Badge", "type": "string", "required": false, "maxLength": 9})),
    ));
    let badge = &schema["definitions"]["custom"]["properties"]["badge"];
    assert_eq!(
        (&badge["mutability"], badge.get("required")),
        (&json!("READ_WRITE"), None)
    );
    let user = world.make(
        "/api/v1/users",
        json!({"profile": {"login": "a@example.com", "email": "a@example.com", "firstName": "A", "lastName": "B", "badge": "7"}}),
    );
    let schema = json(&world.post(path, custom(json!(null))));
    assert_eq!(schema["definitions"]["custom"]["properties"], json!({}));
    assert_eq!(
        json(&world.get(&format!("/api/v1/users/{}", id(&user))))["profile"].get("badge"),
        None
    );
}

#[test]
fn a_user_type_has_a_schema_of_its_own() {
    let world = World::new();
    let kind = world.make(
        "/api/v1/meta/types/user",
        json!({"name": "robot", "displayName": "Robot"}),
    );
    let href = kind["_links"]["schema"]["href"]
        .as_str()
        .unwrap()
        .replace(super::world::BASE, "");
    let schema = json(&world.get(&href));
    assert_eq!(
        (&schema["title"], &schema["name"]),
        (&json!("Robot"), &json!("user"))
    );
    assert_eq!(
        schema["definitions"]["base"]["properties"]["login"]["required"],
        true
    );
    let default = json(&world.get("/api/v1/meta/types/user/default"));
    assert_eq!(default["default"], true);
    assert_eq!(
        refusal(&world.delete(&format!("/api/v1/meta/types/user/{}", id(&default)))).0,
        400
    );
    assert_eq!(
        world
            .delete(&format!("/api/v1/meta/types/user/{}", id(&kind)))
            .status,
        204
    );
    assert_eq!(refusal(&world.get(&href)), (404, "E0000007".into()));
}

#[test]
fn the_group_schema_grows_and_shrinks() {
    let world = World::new();
    let path = "/api/v1/meta/schemas/group/default";
    let body = |property| json!({"definitions": {"custom": {"properties": {"floor": property}}}});
    let grown = json(&world.post(
        path,
        body(json!({"title": "Floor", "type": "string", "required": true})),
    ));
    assert_eq!(grown["definitions"]["custom"]["required"], json!(["floor"]));
    let mixed = json!({"definitions": {"custom": {"properties": {"wing": {"title": "Wing", "type": "string"}}}}});
    world.post(path, mixed);
    let shrunk = json(&world.post(path, body(json!(null))));
    assert_eq!(shrunk["definitions"]["custom"]["required"], json!([]));
    let none = json!({"definitions": {"custom": {"properties": {"wing": null}}}});
    let empty = json(&world.post(path, none));
    assert_eq!(empty["definitions"]["custom"].get("required"), None);
}

#[test]
fn attributes_of_an_app_have_a_master_and_no_permissions() {
    let world = World::new();
    let app = world.make(
        "/api/v1/apps",
        json!({"name": "bookmark", "label": "Wiki", "signOnMode": "BOOKMARK", "settings": {"app": {"url": "https://wiki.example.com"}}}),
    );
    let path = format!("/api/v1/meta/schemas/apps/{}/default", id(&app));
    let custom = |properties| json!({"definitions": {"custom": {"properties": properties}}});
    let given = json!({
        "badge": {"title": "Badge", "type": "string"},
        "desk": {"title": "Desk", "type": "string", "master": {"type": "OKTA"}, "permissions": []},
    });
    world.post(&path, custom(given));
    let schema = json(&world.get(&path))["definitions"].clone();
    let master = |place| schema.pointer(place).unwrap()["master"]["type"].clone();
    assert_eq!(master("/base/properties/userName"), "PROFILE_MASTER");
    assert_eq!(master("/custom/properties/badge"), "PROFILE_MASTER");
    assert_eq!(master("/custom/properties/desk"), "OKTA");
    let title = json!({"definitions": {"base": {"properties": {"userName": {"title": "Login"}}}}});
    let named = json(&world.post(&path, title));
    let written = &named["definitions"]["base"]["properties"]["userName"];
    assert_eq!(
        (&written["title"], written.get("permissions")),
        (&json!("Login"), None)
    );
    let none = json!({"badge": null, "desk": null});
    let emptied = json(&world.post(&path, custom(none)));
    assert_eq!(emptied["definitions"]["custom"].get("required"), None);
}

#[test]
fn two_users_are_linked_by_either_name_of_the_pair() {
    let world = World::new();
    let pair = json!({"primary": {"name": "manager", "title": "Manager"}, "associated": {"name": "subordinate", "title": "Subordinate"}});
    assert_eq!(
        world
            .post("/api/v1/meta/schemas/user/linkedObjects", pair.clone())
            .status,
        201
    );
    assert_eq!(
        refusal(&world.post("/api/v1/meta/schemas/user/linkedObjects", pair)),
        (400, "E0000001".into())
    );
    let person = |name: &str| {
        let mail = format!("{name}@example.com");
        world.make(
            "/api/v1/users",
            json!({"profile": {"login": mail, "email": mail, "firstName": name, "lastName": "B"}}),
        )
    };
    let (boss, worker) = (person("boss"), person("worker"));
    let path = format!(
        "/api/v1/users/{}/linkedObjects/manager/{}",
        id(&worker),
        id(&boss)
    );
    assert_eq!(world.call(Method::PUT, &path, None).status, 204);
    let led = json(&world.get(&format!(
        "/api/v1/users/{}/linkedObjects/subordinate",
        id(&boss)
    )));
    assert!(
        led[0]["_links"]["self"]["href"]
            .as_str()
            .unwrap()
            .ends_with(id(&worker))
    );
    assert_eq!(
        world
            .delete(&format!(
                "/api/v1/users/{}/linkedObjects/manager",
                id(&worker)
            ))
            .status,
        204
    );
    assert_eq!(
        json(&world.get(&format!(
            "/api/v1/users/{}/linkedObjects/manager",
            id(&worker)
        ))),
        json!([])
    );
}

#[test]
fn a_security_question_is_enrolled_without_showing_its_answer() {
    let world = World::new();
    let factor = world.make(
        "/api/v1/users/me/factors",
        json!({"factorType": "question", "provider": "OKTA", "profile": {"question": "disliked_food", "answer": "sprouts"}}),
    );
    assert_eq!(factor["status"], "ACTIVE");
    assert!(!factor.to_string().contains("sprouts"));
    assert_eq!(
        world
            .delete(&format!("/api/v1/users/me/factors/{}", id(&factor)))
            .status,
        204
    );
    assert_eq!(json(&world.get("/api/v1/users/me/factors")), json!([]));
}
