//! What inspection refuses at the gateway, and what it lets pass and writes down.

use serde_json::json;

use crate::world::{Wish, World, watching_only};

const JSON: [&str; 1] = ["Content-Type: application/json"];

#[tokio::test]
async fn a_person_with_a_role_in_the_body_is_refused_with_place_and_hint_and_never_the_value() {
    let world = World::new().await;
    let key = world.key(&["okta.users.manage"], &[]);
    let body = r#"{"profile": {"login": "a@example.com"}, "roles": ["SUPER_HUSH"]}"#;
    let got = world.send("POST /api/v1/users", &key, &JSON, body).await;
    assert_eq!(got.status, 400);
    assert!(
        got.body.contains("`body.roles` is not known here"),
        "{}",
        got.body
    );
    assert!(
        got.body.contains("[org.NAME.inspect]") && !got.body.contains("HUSH"),
        "{}",
        got.body
    );
    assert!(world.org.calls().is_empty());
    assert_eq!(world.entries().await[0]["reason"], "sensitive");
}

#[tokio::test]
async fn what_is_only_watched_passes_and_stands_in_the_entry_without_its_value() {
    let world = World::with(Wish {
        inspect: watching_only(inspection::Check::Sensitive),
        ..Wish::default()
    })
    .await;
    let key = world.key(&["okta.users.manage"], &[]);
    let body = r#"{"profile": {"login": "a@example.com"}, "roles": ["HUSH"], "train": "HUSH"}"#;
    let got = world.send("POST /api/v1/users", &key, &JSON, body).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let opened = &world.entries().await[0];
    let doubts = opened["details"]["would_refuse_inspection"].clone();
    let (field, kind) = ("CreateUserRequest", "unknown_member");
    let told = format!("sensitive {field}.roles privileged; unknown-field {field}.train {kind}");
    assert_eq!(doubts, json!(told));
    assert!(!opened.to_string().contains("HUSH"));
}
