//! Users: how they begin, how they change state, how they end.

use super::world::{TOKEN, World, id, json, refusal, rels};
use emulator::Request;
use http::Method;
use serde_json::{Value, json};

fn person(name: &str) -> Value {
    json!({"profile": {"firstName": name, "lastName": "Lind", "login": format!("{name}@example.com"), "email": format!("{name}@example.com")}})
}

fn with_password(name: &str) -> Value {
    let mut body = person(name);
    body["credentials"] = json!({"password": {"value": "correct horse"}});
    body
}

fn status(world: &World, user: &Value) -> String {
    json(&world.get(&format!("/api/v1/users/{}", id(user))))["status"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn a_user_begins_staged_provisioned_active_or_expired() {
    let world = World::new();
    for (query, body, expected) in [
        ("?activate=false", person("staged"), "STAGED"),
        ("", person("provisioned"), "PROVISIONED"),
        ("?activate=True", with_password("active"), "ACTIVE"),
        (
            "?nextlogin=changePassword",
            with_password("expired"),
            "PASSWORD_EXPIRED",
        ),
    ] {
        let user = world.make(&format!("/api/v1/users{query}"), body);
        assert_eq!(user["status"], expected);
        assert_eq!(
            user.pointer("/credentials/password/value"),
            None,
            "passwords are never answered"
        );
    }
}

#[test]
fn a_login_is_taken_once_in_any_case() {
    let world = World::new();
    world.make("/api/v1/users", person("ada"));
    let again = world.post("/api/v1/users", person("ADA"));
    assert_eq!(refusal(&again), (400, "E0000001".into()));
    assert_eq!(json(&again)["errorSummary"], "Api validation failed: login");
}

#[test]
fn a_user_is_found_by_id_login_and_me() {
    let world = World::new();
    let user = world.make("/api/v1/users", person("ada"));
    for name in [id(&user), "ada@example.com", "ADA@example.com"] {
        assert_eq!(
            json(&world.get(&format!("/api/v1/users/{name}")))["id"],
            user["id"]
        );
    }
    assert_eq!(
        json(&world.get("/api/v1/users/me"))["profile"]["lastName"],
        "Stone"
    );
    assert_eq!(
        refusal(&world.get("/api/v1/users/nobody")),
        (404, "E0000007".into())
    );
}

#[test]
fn the_first_deletion_deactivates_and_the_second_deletes() {
    let world = World::new();
    let user = world.make("/api/v1/users", person("ada"));
    let path = format!("/api/v1/users/{}", id(&user));
    assert_eq!(world.delete(&path).status, 204);
    assert_eq!(status(&world, &user), "DEPROVISIONED");
    assert!(
        !world
            .get("/api/v1/users")
            .body
            .windows(20)
            .any(|w| w == id(&user).as_bytes()),
        "lists leave them out"
    );
    let found = world.get("/api/v1/users?search=status%20eq%20%22DEPROVISIONED%22");
    assert_eq!(json(&found)[0]["id"], user["id"]);
    assert_eq!(world.delete(&path).status, 204);
    assert_eq!(refusal(&world.get(&path)), (404, "E0000007".into()));
}

#[test]
fn states_follow_each_other_as_at_okta() {
    let world = World::new();
    let user = world.make("/api/v1/users?activate=false", with_password("ada"));
    let step = |verb: &str| {
        world.call(
            Method::POST,
            &format!("/api/v1/users/{}/lifecycle/{verb}", id(&user)),
            None,
        )
    };
    assert!(json(&step("activate?sendEmail=false"))["activationToken"].is_string());
    assert_eq!(status(&world, &user), "ACTIVE");
    assert_eq!(refusal(&step("activate")), (403, "E0000016".into()));
    assert_eq!(refusal(&step("unlock")), (403, "E0000032".into()));
    assert_eq!(refusal(&step("reactivate")), (403, "E0000038".into()));
    assert_eq!(json(&step("suspend")), json!({}));
    assert_eq!(status(&world, &user), "SUSPENDED");
    step("unsuspend");
    assert_eq!(json(&step("expire_password"))["status"], "PASSWORD_EXPIRED");
    assert!(json(&step("expire_password_with_temp_password"))["tempPassword"].is_string());
    assert!(json(&step("reset_password?sendEmail=false"))["resetPasswordUrl"].is_string());
    assert_eq!(status(&world, &user), "RECOVERY");
}

#[test]
fn post_writes_a_part_and_put_the_whole_profile() {
    let world = World::new();
    let mut body = person("ada");
    body["profile"]["nickName"] = json!("Countess");
    let user = world.make("/api/v1/users", body);
    let path = format!("/api/v1/users/{}", id(&user));
    let part = json(&world.post(&path, json!({"profile": {"department": "Engines"}})));
    assert_eq!(
        (&part["profile"]["nickName"], &part["profile"]["department"]),
        (&json!("Countess"), &json!("Engines"))
    );
    let whole = json(&world.put(&path, person("ada")));
    assert_eq!(whole["profile"].get("nickName"), None);
    assert_eq!(whole["profile"]["mobilePhone"], Value::Null);
    assert_eq!(
        refusal(&world.put(&path, json!({"profile": {"login": "ada@example.com"}}))),
        (400, "E0000001".into())
    );
}

#[test]
fn a_write_can_name_the_version_it_means() {
    let world = World::new();
    let user = world.make("/api/v1/users", person("ada"));
    let path = format!("/api/v1/users/{}", id(&user));
    let tag = world.get(&path).headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let write = |tag: &str, city: &str| {
        let request = Request::new(Method::POST, &path)
            .with_token(TOKEN)
            .with_json(&json!({"profile": {"city": city}}));
        world
            .emulator
            .answer(request.with_header(http::header::IF_MATCH, tag))
    };
    assert_eq!(write(&tag, "Oslo").status, 200);
    assert_eq!(refusal(&write(&tag, "Bergen")), (412, "E0000231".into()));
    assert_eq!(
        refusal(&write("nonsense", "Bergen")),
        (400, "E0000242".into())
    );
}

#[test]
fn a_password_changes_only_for_who_knows_the_old_one() {
    let world = World::new();
    let user = world.make("/api/v1/users", with_password("ada"));
    let path = format!("/api/v1/users/{}/credentials/change_password", id(&user));
    let change = |old: &str| {
        world.post(
            &path,
            json!({"oldPassword": {"value": old}, "newPassword": {"value": "battery staple"}}),
        )
    };
    assert_eq!(refusal(&change("wrong horse")), (403, "E0000014".into()));
    assert_eq!(json(&change("correct horse"))["password"], json!({}));
    assert_eq!(refusal(&change("correct horse")).1, "E0000014");
}

#[test]
fn a_page_of_users_is_found_by_search_filter_and_q() {
    let world = World::new();
    for name in ["ada", "adele", "bo"] {
        world.make("/api/v1/users", person(name));
    }
    let count = |query: &str| {
        json(&world.get(&format!("/api/v1/users?{query}")))
            .as_array()
            .map(Vec::len)
            .unwrap()
    };
    assert_eq!(count("q=AD"), 2);
    assert_eq!(count("search=profile.firstName%20eq%20%22bo%22"), 1);
    assert_eq!(count("filter=status%20eq%20%22PROVISIONED%22&limit=2"), 2);
    let page = world.get("/api/v1/users?limit=2");
    assert_eq!(rels(&page), ["self", "next"]);
    assert_eq!(
        refusal(&world.get("/api/v1/users?search=profile.firstName%20is%20x")),
        (400, "E0000031".into())
    );
}

#[test]
fn a_user_begins_in_everyone_and_in_at_most_twenty_groups_more() {
    let world = World::new();
    let group = world.make("/api/v1/groups", json!({"profile": {"name": "Engines"}}));
    let mut body = person("ada");
    body["groupIds"] = json!([group["id"]]);
    let user = world.make("/api/v1/users", body);
    let groups = json(&world.get(&format!("/api/v1/users/{}/groups", id(&user))));
    let names: Vec<_> = groups
        .as_array()
        .unwrap()
        .iter()
        .map(|g| g["profile"]["name"].clone())
        .collect();
    assert_eq!(names, ["Everyone", "Engines"]);
    let mut many = person("bo");
    many["groupIds"] = json!(vec![group["id"].clone(); 21]);
    assert_eq!(
        refusal(&world.post("/api/v1/users", many)),
        (400, "E0000001".into())
    );
}
