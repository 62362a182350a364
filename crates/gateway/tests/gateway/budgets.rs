//! What stops a script that takes the org apart within its rights: budgets on what calls take away, people who may agree to more, and
//! a freeze.

use std::sync::Arc;
use std::time::Duration;

use access::{Approver, Budgets, Elevation, Freeze, NewClient, Stage};
use gateway::Sighting;
use jiff::SignedDuration;
use org::{Key, Kind, Object};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::world::{Got, NOW, Wish, World, production};

const MANAGE: [&str; 4] = [
    "okta.users.manage",
    "okta.users.read",
    "okta.groups.manage",
    "okta.policies.manage",
];

/// Far beyond what anything here takes; reached only when a test fails.
const LONG: Duration = Duration::from_secs(30);

fn budgets(said: &[&str]) -> Budgets {
    let mut budgets = Budgets::default();
    for one in said {
        budgets.client.put(one).unwrap();
    }
    budgets
}

async fn world(said: &[&str]) -> World {
    World::with(Wish {
        budgets: budgets(said),
        ..Wish::default()
    })
    .await
}

impl World {
    async fn delete(&self, key: &str, path: &str) -> Got {
        self.send(&format!("DELETE {path}"), key, &[], "").await
    }

    fn approver(&self, name: &str) -> Approver {
        let made = self
            .keyring
            .add_approver(&production(), name, &[], None, NOW);
        made.unwrap().1
    }

    /// Waits until somebody asks for more; what is asked for.
    async fn asked_for(&self) -> Elevation {
        let asked = async {
            loop {
                let all = self.keyring.elevations(&production(), None).unwrap();
                let open = |one: &&Elevation| matches!(one.stage(NOW), Stage::Open { .. });
                if let Some(one) = all.iter().find(open) {
                    return one.clone();
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(LONG, asked).await.unwrap()
    }

    fn freeze(&self, reason: &str) {
        let freeze = Freeze {
            org: production(),
            reason: reason.to_owned(),
            since: NOW,
            by: "operator".to_owned(),
            exempt: Vec::new(),
        };
        self.keyring.freeze(&freeze, NOW).unwrap();
    }

    fn calls_made(&self) -> Vec<&'static str> {
        self.org.calls().iter().map(|call| call.operation).collect()
    }
}

/// Sends a call that is expected to be held.
fn held(world: &Arc<World>, key: &str, line: &'static str, body: &'static str) -> JoinHandle<Got> {
    let (world, key) = (Arc::clone(world), key.to_owned());
    tokio::spawn(async move {
        let headers = [
            "Prefer: wait=120",
            "X-Portcullis-Reason: leavers of March",
            "Content-Type: application/json",
        ];
        let sent = world.send(line, &key, &headers, body);
        timeout(LONG, sent).await.unwrap()
    })
}

fn causes(got: &Got) -> Vec<String> {
    let body = got.json();
    let causes = body["errorCauses"].as_array().unwrap().iter();
    causes
        .map(|cause| cause["errorSummary"].as_str().unwrap().to_owned())
        .collect()
}

fn of_kind<'e>(entries: &'e [Value], kind: &str) -> Vec<&'e Value> {
    let entries = entries.iter();
    entries.filter(|entry| entry["kind"] == kind).collect()
}

#[tokio::test]
async fn a_script_that_deletes_everybody_stops_and_is_told_why_how_long_and_what_else() {
    let world = world(&["deletes=2/hour"]).await;
    let key = world.key(&MANAGE, &[]);
    for person in ["00u1", "00u2", "00u1"] {
        let deleted = world.delete(&key, &format!("/api/v1/users/{person}")).await;
        assert_eq!(deleted.status, 200, "{}", deleted.body);
    }
    let stopped = world.delete(&key, "/api/v1/users/00u3").await;
    assert_eq!((stopped.status, stopped.code().as_str()), (429, "E0000047"));
    assert_eq!(
        causes(&stopped),
        [
            "deleteUser: 1 more deletes would be above the client's budget of 2 per hour, of which 2 are used.",
            "There is room again at 2027-01-15T09:00:00Z.",
            "People may agree to more: POST /portcullis/v1/elevations with {\"raises\":[\"deletes=2\"],\"reason\":\"…\"}, or repeat the \
             call with `Prefer: wait=300` and the reason in `X-Portcullis-Reason` to wait for it. Approved, it is so many more for this \
             client within 60 minutes.",
        ]
    );
    assert_eq!(stopped.header("retry-after"), Some("3601"));
    assert_eq!(stopped.header("x-rate-limit-remaining"), Some("0"));
    assert_eq!(
        world.get("/api/v1/users", &key).await.status,
        200,
        "reading goes on"
    );
    let update = world
        .send(
            "POST /api/v1/users/00u3",
            &key,
            &["Content-Type: application/json"],
            "{\"profile\":{\"city\":\"Ulm\"}}",
        )
        .await;
    assert_eq!(update.status, 200, "so does everyday writing");
    world.delete(&key, "/api/v1/users/00u4").await;
    assert_eq!(
        world.calls_made(),
        [
            "deleteUser",
            "deleteUser",
            "deleteUser",
            "listUsers",
            "updateUser"
        ]
    );
    let entries = world.entries().await;
    let told = of_kind(&entries, "budget_reached");
    assert_eq!(told.len(), 1, "once per window");
    assert_eq!(told[0]["details"]["class"], "deletes");
    let opened = of_kind(&entries, "call_opened");
    assert_eq!(opened[0]["details"]["effects"], "deletes 1");
}

#[tokio::test]
async fn when_the_hour_is_over_there_is_room_again() {
    let world = world(&["deactivations=1/hour"]).await;
    let key = world.key(&MANAGE, &[]);
    let off = |person: &str| format!("POST /api/v1/users/{person}/lifecycle/deactivate");
    assert_eq!(world.send(&off("00u1"), &key, &[], "").await.status, 200);
    assert_eq!(world.send(&off("00u2"), &key, &[], "").await.status, 429);
    world.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(world.send(&off("00u2"), &key, &[], "").await.status, 200);
}

#[tokio::test]
async fn a_group_is_as_many_as_its_members_and_too_many_never_fit() {
    let world = world(&["removals=2/hour"]).await;
    let mut org = org::Org::new();
    let mut keep = |kind: &str, ids: &[&str], body: Value| {
        let key = Key::new(Kind::named(kind).unwrap(), ids);
        org.insert(Object::new(key, body));
    };
    for (group, people) in [("00g1", 3), ("00g2", 2)] {
        keep(
            "group",
            &[group],
            json!({"id": group, "type": "OKTA_GROUP", "profile": {"name": group}}),
        );
        for person in 0..people {
            let person = format!("00u{person}");
            keep("group-membership", &[group, &person], json!({"id": person}));
        }
    }
    world.mirror.replace(&Sighting {
        org: &org,
        begun: NOW,
        partial: &[],
    });
    let key = world.key(&MANAGE, &[]);
    let large = world.delete(&key, "/api/v1/groups/00g1").await;
    assert_eq!((large.status, large.code().as_str()), (403, "E0000006"));
    assert_eq!(
        causes(&large)[..2],
        [
            "deleteGroup: 3 more removals would be above the client's budget of 2 per hour, of which 0 are used.",
            "Waiting does not help: the call alone is more than the budget.",
        ]
    );
    assert_eq!(world.delete(&key, "/api/v1/groups/00g2").await.status, 200);
    assert_eq!(world.calls_made(), ["deleteGroup"]);
}

#[tokio::test]
async fn a_call_above_the_budget_waits_for_people_and_goes_on() {
    let world = Arc::new(world(&["deletes=1/hour"]).await);
    let key = world.key(&MANAGE, &[]);
    assert_eq!(world.delete(&key, "/api/v1/users/00u1").await.status, 200);
    let call = held(&world, &key, "DELETE /api/v1/users/00u2", "");
    let asked = world.asked_for().await;
    assert_eq!(asked.asked.raises[0].to_string(), "deletes=1");
    assert_eq!(asked.asked.about, "deleteUser of users/00u2: deletes 1");
    assert_eq!(asked.course.needed, 1);
    assert!(!call.is_finished());
    world
        .keyring
        .approve(&asked.id, &world.approver("Ana"), NOW)
        .unwrap();
    let went_on = call.await.unwrap();
    assert_eq!(went_on.status, 200, "{}", went_on.body);
    assert_eq!(went_on.header("preference-applied"), Some("wait=120"));
    assert_eq!(
        world.delete(&key, "/api/v1/users/00u3").await.status,
        429,
        "the raise is used up"
    );
    assert_eq!(world.calls_made(), ["deleteUser", "deleteUser"]);
}

#[tokio::test]
async fn more_privileges_take_two_people_and_a_denial_ends_the_wait() {
    let world = Arc::new(world(&["privileges=0/hour", "loosenings=0/hour"]).await);
    let key = world.key(&["okta.roles.manage"], &[]);
    let call = held(
        &world,
        &key,
        "POST /api/v1/users/00u1/roles",
        r#"{"type":"SUPER_ADMIN"}"#,
    );
    let asked = world.asked_for().await;
    assert_eq!(asked.course.needed, 2);
    world
        .keyring
        .deny(&asked.id, &world.approver("Ana"), NOW)
        .unwrap();
    let denied = call.await.unwrap();
    assert_eq!(denied.status, 403);
    assert!(
        causes(&denied)
            .iter()
            .any(|cause| cause.ends_with("It was denied.")),
        "{denied:?}"
    );
    assert_eq!(world.calls_made(), [""; 0]);
}

#[tokio::test]
async fn a_rule_that_becomes_looser_counts_by_what_was_last_seen() {
    let world = world(&["loosenings=0/hour"]).await;
    let rule = |access: &str| json!({"id": "0pr1", "type": "SIGN_ON", "name": "r", "status": "ACTIVE", "actions": {"signon": {"access": access}}});
    let mut org = org::Org::new();
    let key = Key::new(Kind::named("policy-rule").unwrap(), &["00p1", "0pr1"]);
    org.insert(Object::new(key, rule("DENY")));
    world.mirror.replace(&Sighting {
        org: &org,
        begun: NOW,
        partial: &[],
    });
    let key = world.key(&MANAGE, &[]);
    let put = async |body: &Value| {
        let json = ["Content-Type: application/json"];
        let line = "PUT /api/v1/policies/00p1/rules/0pr1";
        world
            .send(line, &key, &json, &body.to_string())
            .await
            .status
    };
    assert_eq!(put(&rule("DENY")).await, 200);
    assert_eq!(put(&rule("ALLOW")).await, 403);
}

#[tokio::test]
async fn a_frozen_org_can_be_read_and_nothing_else_and_a_held_call_is_refused() {
    let world = Arc::new(world(&["deletes=1/hour"]).await);
    let key = world.key(&MANAGE, &[]);
    assert_eq!(world.delete(&key, "/api/v1/users/00u1").await.status, 200);
    let call = held(&world, &key, "DELETE /api/v1/users/00u2", "");
    world.asked_for().await;
    world.freeze("stolen key");
    let refused = call.await.unwrap();
    assert_eq!((refused.status, refused.code().as_str()), (503, "E0000010"));
    assert_eq!(
        causes(&refused)[0],
        "This org is frozen since 2027-01-15T08:00:00Z: stolen key."
    );
    for write in ["POST /api/v1/groups", "PUT /api/v1/groups/00g1/users/00u1"] {
        let refused = world
            .send(write, &key, &["Content-Type: application/json"], "{}")
            .await;
        assert_eq!(refused.status, 503, "{write}");
    }
    assert_eq!(world.get("/api/v1/users", &key).await.status, 200);
    world.keyring.thaw(&production(), NOW).unwrap();
    assert_eq!(
        world
            .send("PUT /api/v1/groups/00g1/users/00u1", &key, &[], "")
            .await
            .status,
        200
    );
    assert_eq!(
        world.calls_made(),
        ["deleteUser", "listUsers", "assignUserToGroup"]
    );
}

#[tokio::test]
async fn an_org_that_is_tried_three_times_over_freezes_by_itself_if_that_is_asked_for() {
    let mut budgets = budgets(&[]);
    budgets.org.put("deletes=2/hour").unwrap();
    budgets.freeze_at = Some(3);
    let world = World::with(Wish {
        budgets,
        ..Wish::default()
    })
    .await;
    let key = world.key(&MANAGE, &[]);
    for person in 0..7 {
        world
            .delete(&key, &format!("/api/v1/users/00u{person}"))
            .await;
    }
    let frozen = world.keyring.frozen(&production(), NOW).unwrap();
    assert_eq!(frozen.unwrap().by, "budget");
    let group = world
        .send("PUT /api/v1/groups/00g1/users/00u1", &key, &[], "")
        .await;
    assert_eq!(group.status, 503);
    let entries = world.entries().await;
    assert_eq!(of_kind(&entries, "org_frozen").len(), 1);
}

#[tokio::test]
async fn a_client_with_budgets_of_its_own_has_those() {
    let world = world(&["deletes=1/hour"]).await;
    let mut own = access::Overrides::default();
    own.put("deletes=2/hour").unwrap();
    let key = world.key_of(NewClient {
        scopes: MANAGE.map(str::to_owned).to_vec(),
        budgets: own,
        ..NewClient::new(production(), "leavers")
    });
    for (person, status) in [("00u1", 200), ("00u2", 200), ("00u3", 429)] {
        let deleted = world.delete(&key, &format!("/api/v1/users/{person}")).await;
        assert_eq!(deleted.status, status, "{person}");
    }
}
