//! Policies that look at objects, bodies and hours, and what is written down about the terms of a call.

use access::{Basis, NewClient};
use gateway::Sighting;
use org::{Key, Kind, Object, Org};
use serde_json::{Value, json};

use crate::world::{NOW, World, production};

const USERS: [&str; 2] = ["okta.users.manage", "okta.users.read"];

fn client(name: &str) -> NewClient {
    NewClient {
        scopes: USERS.map(str::to_owned).to_vec(),
        ..NewClient::new(production(), name)
    }
}

impl World {
    fn policy(&self, name: &str, text: &str) {
        self.keyring
            .put_policy(&production(), name, text, NOW)
            .unwrap();
    }

    /// Shows the gateway an org in which Ada administers and Ben does not.
    fn show_people(&self) {
        let mut org = Org::new();
        let mut keep = |kind: &str, ids: &[&str], body: Value| {
            let kind = Kind::named(kind).unwrap();
            org.insert(Object::new(Key::new(kind, ids), body));
        };
        for (id, login) in [("00u1", "ada@example.com"), ("00u2", "ben@example.com")] {
            let profile = json!({"login": login, "email": login});
            keep(
                "user",
                &[id],
                json!({"id": id, "status": "ACTIVE", "profile": profile}),
            );
        }
        keep(
            "user-role",
            &["00u1", "ra1"],
            json!({"id": "ra1", "type": "SUPER_ADMIN"}),
        );
        self.mirror.replace(&Sighting {
            org: &org,
            begun: NOW,
            partial: &[],
        });
    }

    async fn deactivate(&self, key: &str, who: &str) -> (u16, String) {
        let line = format!("POST /api/v1/users/{who}/lifecycle/deactivate");
        let got = self.send(&line, key, &[], "").await;
        (got.status, got.body)
    }
}

/// The entries of calls that were made, by operation and details.
fn opened(entries: &[Value]) -> Vec<(String, Value)> {
    let opened = entries
        .iter()
        .filter(|entry| entry["kind"] == "call_opened");
    opened
        .map(|entry| {
            (
                entry["operation"].as_str().unwrap().to_owned(),
                entry["details"].clone(),
            )
        })
        .collect()
}

const NO_ADMINS: &str =
    r#"forbid (principal, action in Action::"write", resource is User) when { resource.admin };"#;

#[tokio::test]
async fn a_policy_over_administrators_spares_everybody_else() {
    let world = World::new().await;
    world.show_people();
    world.policy("no-admins", NO_ADMINS);
    let key = world.key_of(client("leavers"));
    let (status, body) = world.deactivate(&key, "ada@example.com").await;
    assert_eq!(status, 403);
    assert!(body.contains("no-admins"), "{body}");
    assert_eq!(world.deactivate(&key, "ben@example.com").await.0, 200);
    let reached = world.org.calls();
    assert_eq!(reached.len(), 1);
    assert_eq!(
        reached[0].target, "/api/v1/users/00u2/lifecycle/deactivate",
        "Okta acts on the very person that was decided upon"
    );
}

#[tokio::test]
async fn an_object_nobody_has_seen_is_refused_where_a_policy_looks_at_it() {
    let world = World::new().await;
    world.policy("no-admins", NO_ADMINS);
    let key = world.key_of(client("leavers"));
    assert_eq!(world.deactivate(&key, "00u2").await.0, 403);
    assert_eq!(
        world.get("/api/v1/users/00u2", &key).await.status,
        200,
        "reads are not looked at"
    );
    world.show_people();
    assert_eq!(world.deactivate(&key, "00u2").await.0, 200);
    assert_eq!(
        world.deactivate(&key, "me").await.0,
        403,
        "nobody knows who that is"
    );
    let entries = world.entries().await;
    let refused: Vec<_> = entries
        .iter()
        .filter(|entry| entry["kind"] == "refused")
        .collect();
    assert_eq!(refused.len(), 2);
    assert!(
        refused
            .iter()
            .all(|entry| entry["reason"] == "unknown_object")
    );
}

#[tokio::test]
async fn a_person_made_through_the_gateway_is_known_at_once() {
    let world = World::new().await;
    world.show_people();
    world.policy("no-admins", NO_ADMINS);
    let key = world.key_of(client("joiners"));
    assert_eq!(world.deactivate(&key, "00u3").await.0, 403);
    world.org.answers(
        &[("content-type", "application/json")],
        r#"{"id":"00u3","status":"STAGED","profile":{"login":"cleo@example.com"}}"#,
    );
    let json = ["Content-Type: application/json"];
    assert_eq!(
        world
            .send("POST /api/v1/users", &key, &json, "{}")
            .await
            .status,
        200
    );
    assert_eq!(world.deactivate(&key, "cleo@example.com").await.0, 200);
}

#[tokio::test]
async fn a_policy_over_members_of_the_body_sees_all_of_them() {
    let world = World::new().await;
    let text = r#"forbid (principal, action in Action::"okta.users.manage", resource) when { context.fields.contains("credentials.password") };"#;
    world.policy("no-passwords", text);
    let key = world.key_of(client("hr"));
    let json = ["Content-Type: application/json"];
    let create = async |body: &str| {
        world
            .send("POST /api/v1/users", &key, &json, body)
            .await
            .status
    };
    assert_eq!(create(r#"{"profile":{"login":"a"}}"#).await, 200);
    assert_eq!(
        create(r#"{"credentials":{"password":{"value":"x"}}}"#).await,
        403
    );
    assert_eq!(
        create(r#"{"credentials":{"password":1},"credentials":{}}"#).await,
        403,
        "whichever of the two Okta would read"
    );
    assert_eq!(create("{").await, 400);
}

#[tokio::test]
async fn a_client_that_only_policies_serve_may_do_what_they_say() {
    let world = World::new().await;
    world.show_people();
    let text = r#"permit (principal == Client::"helpdesk", action in Action::"lifecycle", resource is User) unless { resource.admin };"#;
    world.policy("helpdesk", text);
    let key = world.key_of(NewClient {
        basis: Basis::Policies,
        ..client("helpdesk")
    });
    assert_eq!(world.deactivate(&key, "00u2").await.0, 200);
    assert_eq!(world.deactivate(&key, "00u1").await.0, 403);
    assert_eq!(world.get("/api/v1/users", &key).await.status, 403);
    let made = opened(&world.entries().await);
    assert_eq!(
        made,
        [(
            "deactivateUser".to_owned(),
            json!({"policies": "helpdesk", "effects": "deactivations 1"})
        )]
    );
}

#[tokio::test]
async fn shadow_mode_lets_pass_and_writes_down_what_it_would_have_refused() {
    let world = World::new().await;
    let key = world.key_of(NewClient {
        basis: Basis::Policies,
        shadow_until: Some(NOW + jiff::Span::new().hours(1)),
        ..client("new")
    });
    let other = world.key_of(client("old"));
    world.policy(
        "later",
        r#"@shadow("from May on") forbid (principal == Client::"old", action, resource);"#,
    );
    assert_eq!(world.get("/api/v1/users", &key).await.status, 200);
    assert_eq!(world.get("/api/v1/users", &other).await.status, 200);
    let made = opened(&world.entries().await);
    assert_eq!(made[0].1, json!({"would_refuse": "no_policy_permits"}));
    assert_eq!(made[1].1, json!({"would_forbid": "later"}));
}

#[tokio::test]
async fn a_policy_limits_how_many_people_are_touched_within_an_hour() {
    let world = World::new().await;
    let text = r#"@objects_per_hour("2") permit (principal == Client::"sync", action in Action::"okta.users.manage", resource);"#;
    world.policy("few", text);
    let key = world.key_of(NewClient {
        basis: Basis::Policies,
        ..client("sync")
    });
    for who in ["00u1", "00u2", "00u1"] {
        assert_eq!(world.deactivate(&key, who).await.0, 200);
    }
    let got = world
        .send(
            "POST /api/v1/users/00u3/lifecycle/deactivate",
            &key,
            &[],
            "",
        )
        .await;
    assert_eq!((got.status, got.code().as_str()), (429, "E0000047"));
    assert_eq!(got.header("x-rate-limit-limit"), Some("2"));
    assert_eq!(got.header("x-rate-limit-remaining"), Some("0"));
    let reset: i64 = got.header("x-rate-limit-reset").unwrap().parse().unwrap();
    assert_eq!(reset, NOW.as_second() + 3_601);
    assert!(got.body.contains("few"), "{}", got.body);
    assert_eq!(
        world.deactivate(&key, "00u2").await.0,
        200,
        "known ones go on"
    );
}
