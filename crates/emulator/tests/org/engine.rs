//! What every answer has, and how calls that mean nothing are refused.

use super::world::{World, json, refusal};
use emulator::{Limits, Request};
use http::Method;
use serde_json::json;

#[test]
fn an_answer_tells_date_request_id_and_rate() {
    let answer = World::new().get("/api/v1/zones");
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("date"), "Wed, 01 Jan 2025 00:00:00 GMT");
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("x-okta-request-id").len(), 32);
    assert_eq!(header("x-rate-limit-reset"), "1735689660");
}

#[test]
fn calls_that_mean_nothing_are_refused_as_okta_does() {
    let world = World::new();
    assert_eq!(
        refusal(&world.get("/api/v1/nothing")),
        (404, "E0000007".into())
    );
    assert_eq!(
        refusal(&world.delete("/api/v1/zones")),
        (405, "E0000022".into())
    );
    assert_eq!(
        refusal(&world.get("/api/v1/zones/../users")),
        (400, "E0000020".into())
    );
    let broken = Request::new(Method::POST, "/api/v1/zones").with_token(super::world::TOKEN);
    let broken = Request {
        body: "{".into(),
        ..broken
    };
    assert_eq!(
        refusal(&world.emulator.answer(broken)),
        (400, "E0000003".into())
    );
    assert_eq!(
        refusal(&world.post("/api/v1/zones", json!([1]))),
        (400, "E0000003".into())
    );
}

#[test]
fn a_caller_without_a_good_token_is_refused() {
    let world = World::new();
    let bare = world
        .emulator
        .answer(Request::new(Method::GET, "/api/v1/zones"));
    assert_eq!(refusal(&bare), (403, "E0000005".into()));
    let wrong = world
        .emulator
        .answer(Request::new(Method::GET, "/api/v1/zones").with_token("guess"));
    assert_eq!(refusal(&wrong), (401, "E0000011".into()));
}

#[test]
fn the_integrator_preset_refuses_the_request_above_the_limit() {
    let world = World::limited(Limits::Integrator);
    let last = (0..21).fold(world.get("/api/v1/apps"), |_, _| world.get("/api/v1/apps"));
    assert_eq!(refusal(&last), (429, "E0000047".into()));
    assert_eq!(last.headers["x-rate-limit-remaining"], "0");
    assert!(last.headers.get("retry-after").is_none());
    assert!(json(&last)["errorId"].as_str().unwrap().starts_with("oae"));
}

#[test]
fn a_revoked_token_opens_nothing_any_more() {
    let world = World::new();
    let tokens = json(&world.get("/api/v1/api-tokens"));
    assert_eq!(tokens[0]["clientName"], "Okta API");
    assert!(
        !tokens.to_string().contains(super::world::TOKEN),
        "secrets are never answered"
    );
    assert_eq!(world.delete("/api/v1/api-tokens/current").status, 204);
    assert_eq!(
        refusal(&world.get("/api/v1/zones")),
        (401, "E0000011".into())
    );
}
