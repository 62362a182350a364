//! A caller's view of Okta's rate budget.

use access::{NewClient, Priority, Share};

use serde_json::json;

use crate::world::{NOW, World, production};

#[tokio::test]
async fn a_caller_sees_its_part_of_every_budget() {
    let world = World::new().await;
    let key = world.key_of(NewClient {
        scopes: vec!["okta.users.read".to_owned()],
        share: Share {
            priority: Priority::People,
            weight: 3,
        },
        ..NewClient::new(production(), "console")
    });
    let got = world.get("/portcullis/v1/budget", &key).await;
    assert_eq!(got.status, 200);
    let seen = got.json();
    assert_eq!(seen["client"]["name"], "console");
    let own = (
        &seen["priority"],
        &seen["weight"],
        &seen["under_way"],
        &seen["waiting"],
    );
    assert_eq!(own, (&json!("people"), &json!(3), &json!(2), &json!(1)));
    let buckets = json!([{
        "name": "/api/v1/users", "limit": 600, "remaining": 400, "left": 300, "used": 7, "used_by_all": 200,
        "waiting": 1, "waiting_of_all": 3, "resets": NOW.as_second() + 20, "resets_in_s": 20,
    }]);
    assert_eq!(seen["buckets"], buckets);
    assert!(world.org.calls().is_empty());
}

#[tokio::test]
async fn nobody_else_sees_a_budget_and_it_can_only_be_looked_at() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    let stranger = world.get("/portcullis/v1/budget", "pcl_nobody").await;
    assert_eq!(stranger.status, 401);
    let post = world
        .send("POST /portcullis/v1/budget", &key, &[], "")
        .await;
    assert_eq!((post.status, post.header("allow")), (405, Some("GET")));
    let below = world.get("/portcullis/v1/budget/x", &key).await;
    assert_eq!(below.status, 404);
}
