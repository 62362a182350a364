//! System Log: writes leave entries, polling never ends, queries are bounded.

use super::world::{World, id, json, next, refusal, rels};
use jiff::SignedDuration;
use serde_json::{Value, json};

fn types(answer: &emulator::Answer) -> Vec<String> {
    let entries = json(answer);
    entries
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["eventType"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_write_is_told_with_actor_target_and_request() {
    let world = World::new();
    let group = world.post("/api/v1/groups", json!({"profile": {"name": "Engines"}}));
    let entry = json(&world.get("/api/v1/logs"))[0].clone();
    assert_eq!(entry["eventType"], "group.lifecycle.create");
    assert_eq!(entry["target"][0]["id"], json(&group)["id"]);
    assert_eq!(entry["actor"]["displayName"], "avery.stone@example.com");
    assert_eq!(
        entry["debugContext"]["debugData"]["requestId"],
        group.headers["x-okta-request-id"].to_str().unwrap()
    );
}

#[test]
fn polling_goes_on_where_it_stopped() {
    let world = World::new();
    for name in ["A", "B", "C"] {
        world.make("/api/v1/groups", json!({"profile": {"name": name}}));
    }
    let first = world.get("/api/v1/logs?limit=2");
    assert_eq!(
        (types(&first).len(), rels(&first)),
        (2, vec!["self".to_owned(), "next".to_owned()])
    );
    let second = world.get(&next(&first).unwrap());
    assert_eq!(types(&second).len(), 1);
    let idle = world.get(&next(&second).unwrap());
    assert_eq!((json(&idle), rels(&idle).len()), (json!([]), 2));
    world.make("/api/v1/groups", json!({"profile": {"name": "D"}}));
    assert_eq!(types(&world.get(&next(&idle).unwrap())).len(), 1);
}

#[test]
fn a_query_is_bounded_by_time_filter_and_words() {
    let world = World::new();
    let group = world.make("/api/v1/groups", json!({"profile": {"name": "Engines"}}));
    world.clock.advance(SignedDuration::from_secs(60));
    world.delete(&format!("/api/v1/groups/{}", id(&group)));
    let found = |query: &str| types(&world.get(&format!("/api/v1/logs?{query}")));
    assert_eq!(
        found("since=2025-01-01T00:00:30Z"),
        ["group.lifecycle.delete"]
    );
    assert_eq!(
        found("until=2025-01-01T00:00:30Z"),
        ["group.lifecycle.create"]
    );
    assert_eq!(
        found("filter=eventType%20eq%20%22group.lifecycle.delete%22").len(),
        1
    );
    assert_eq!(
        found("q=engines&sortOrder=DESCENDING")[0],
        "group.lifecycle.delete"
    );
    assert_eq!(
        refusal(&world.get("/api/v1/logs?since=yesterday")),
        (400, "E0000001".into())
    );
    assert_eq!(
        json(&world.get("/api/v1/logs?q=nothing")),
        Value::Array(Vec::new())
    );
}
