//! What comes back: Okta's answer with the gateway's links, and failures in Okta's shape.

use std::time::Duration;

use upstream::UpstreamError;

use crate::world::World;

#[tokio::test]
async fn links_lead_back_to_the_gateway_and_all_else_is_verbatim() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    let body = r#"[{"id":"00u1","n":1.50,"profile":{"url":"https://example.okta.com/api/v1/x"},"_links":{"self":{"href":"https://example.okta.com/api/v1/users/00u1"}}}]"#;
    world.org.answers(
        &[
            ("content-type", "application/json"),
            (
                "link",
                "<https://example.okta.com/api/v1/users?after=00u1&limit=1>; rel=\"next\"",
            ),
            ("x-okta-request-id", "a1b2"),
            ("x-rate-limit-remaining", "599"),
            ("etag", "W/\"1\""),
            ("set-cookie", "sid=1"),
            ("transfer-encoding", "chunked"),
            ("www-authenticate", "Bearer"),
            ("server", "nginx"),
        ],
        body,
    );
    let got = world.get("/api/v1/users", &key).await;
    assert_eq!(got.status, 200);
    assert_eq!(
        got.body,
        body.replace(
            "\"https://example.okta.com/api/v1/users/00u1",
            "\"https://gate.example/api/v1/users/00u1"
        )
    );
    assert_eq!(
        got.header("link"),
        Some("<https://gate.example/api/v1/users?after=00u1&limit=1>; rel=\"next\"")
    );
    let mut names: Vec<&str> = got.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let expected = [
        "connection",
        "content-length",
        "content-type",
        "date",
        "etag",
        "link",
        "x-okta-request-id",
        "x-portcullis-entry",
        "x-rate-limit-remaining",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn two_link_headers_stay_two() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    world.org.answers(
        &[
            (
                "link",
                "<https://example.okta.com/api/v1/users>; rel=\"self\"",
            ),
            (
                "link",
                "<https://example-admin.okta.com/api/v1/users?after=1>; rel=\"next\"",
            ),
        ],
        "[]",
    );
    let got = world.get("/api/v1/users", &key).await;
    let links: Vec<&str> = got
        .headers
        .iter()
        .filter(|(name, _)| name == "link")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(
        links,
        [
            "<https://gate.example/api/v1/users>; rel=\"self\"",
            "<https://gate.example/api/v1/users?after=1>; rel=\"next\""
        ]
    );
}

#[tokio::test]
async fn an_org_that_gives_no_answer_is_told_in_oktas_shape() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    let host = || "secret-host.okta.com".to_owned();
    type Failure = fn() -> UpstreamError;
    let exhausted: Failure = || UpstreamError::Exhausted {
        bucket: "/api/v1/users".to_owned(),
        limit: Some(600),
        wait: Duration::from_secs(20),
    };
    let unreachable: Failure = || UpstreamError::Unconnected {
        host: "secret-host.okta.com".to_owned(),
        reason: "connection refused".to_owned(),
        source: "refused".into(),
    };
    let unanswered: Failure = || UpstreamError::Unanswered {
        host: "secret-host.okta.com".to_owned(),
        sent: true,
        silence: upstream::Silence::TimedOut {
            after: Duration::from_secs(60),
        },
    };
    for (failure, status, code) in [
        (exhausted, 429, "E0000047"),
        (unreachable, 502, "E0000009"),
        (unanswered, 504, "E0000009"),
    ] {
        *world.org.failure.lock().unwrap() = Some(failure);
        let got = world.get("/api/v1/users", &key).await;
        assert_eq!((got.status, got.code().as_str()), (status, code));
        assert!(!got.body.contains(&host()), "{}", got.body);
        assert_eq!(got.header("x-rate-limit-reset").is_some(), status == 429);
        assert_eq!(
            got.body.contains("Okta may have carried it out"),
            status == 504
        );
    }
    let entries = world.entries().await;
    let reasons: Vec<_> = entries
        .iter()
        .filter(|entry| entry["kind"] == "call_closed")
        .map(|entry| entry["reason"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["exhausted", "unconnected", "timed-out"]);
}
