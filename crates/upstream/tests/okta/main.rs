//! Okta over a real connection: what a scripted org on 127.0.0.1 sees, and what its callers are told.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test is a report, not an outage"
)]

mod credentials;
mod failures;
mod hostile;
mod limits;
mod org;
mod rotation;

use access::{Call, Grant};
use serde_json::json;
use upstream::{LineError, Pace, Upstream};

use crate::org::{Job, Org, TOKEN, error, ok, reply};

#[tokio::test]
async fn nothing_is_sent_before_the_first_call() {
    let org = Org::start(|_| ok("[]")).await;
    let okta = org.okta(Pace::JOB);
    let job = Job::on(okta.paced(Pace::GATEWAY));
    assert!(okta.budget().buckets.is_empty());
    assert_eq!(org.connections(), 0);
    job.line
        .call(Call::new("listGroups", &[]).unwrap())
        .await
        .unwrap();
    assert_eq!(org.connections(), 1);
}

#[tokio::test]
async fn a_call_arrives_rebuilt_and_its_answer_comes_back_whole() {
    let body = "{\"id\":\"00u1\",  \"unknown\": null}";
    let org = Org::start(move |_| ok(body)).await;
    let job = Job::on(org.okta(Pace::JOB));
    let mut call = Call::new("createUser", &[]).unwrap();
    call = call
        .with_query("activate", "false")
        .with_json(&json!({"profile": {"login": "ana@example.com"}}));
    call.forward.user_agent = Some("okta-sdk-nodejs/8.1.0".to_owned());
    let answer = job.line.call(call).await.unwrap();
    assert_eq!(&answer.body[..], body.as_bytes());
    assert_eq!(answer.request_id(), Some("req1"));

    let seen = &org.seen()[0];
    assert_eq!(
        (seen.head.method.as_str(), seen.target()),
        ("POST", "/api/v1/users?activate=false")
    );
    assert_eq!(seen.header("authorization"), format!("SSWS {TOKEN}"));
    assert_eq!(seen.header("host"), org.address.to_string());
    assert_eq!(seen.header("content-type"), "application/json");
    assert!(
        seen.header("user-agent")
            .starts_with("okta-sdk-nodejs/8.1.0 portcullis/")
    );
    assert_eq!(
        &seen.body[..],
        br#"{"profile":{"login":"ana@example.com"}}"#
    );
}

#[tokio::test]
async fn connections_are_kept() {
    let org = Org::start(|_| ok("{}")).await;
    let job = Job::on(org.okta(Pace::JOB));
    for _ in 0..5 {
        job.line
            .call(Call::new("getGroup", &[("groupId", "00g1")]).unwrap())
            .await
            .unwrap();
    }
    assert_eq!((org.connections(), org.seen().len()), (1, 5));
}

#[tokio::test]
async fn a_line_permits_records_and_only_then_calls() {
    let org = Org::start(|_| error(404, "E0000007")).await;
    let job = Job::granted(org.okta(Pace::JOB), Grant::backup());
    let denied = job
        .line
        .call(Call::new("deleteUser", &[("id", "00u1")]).unwrap())
        .await;
    assert!(matches!(denied, Err(LineError::Denied(_))), "{denied:?}");
    assert!(org.seen().is_empty());
    let answer = job
        .line
        .call(Call::new("getUser", &[("id", "00u1")]).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.error().unwrap().error_code, "E0000007");

    job.trail.flush().await.unwrap();
    let trail = audit::verify(job.directory.path(), "production").unwrap();
    assert_eq!((trail.entries, trail.unclosed), (3, 0)); // Refused; opened and closed.
}

#[tokio::test]
async fn a_walk_reads_every_page_by_oktas_links() {
    let org = Org::start(|seen| {
        let page = match seen.target() {
            "/api/v1/users?limit=2" => Some(("[1,2]", "b")),
            "/api/v1/users?after=b&limit=2" => Some(("[3, 4]", "c")),
            "/api/v1/users?after=c&limit=2" => None,
            other => panic!("unexpected {other}"),
        };
        let host = seen.header("host");
        let own = format!("<http://{host}{}>; rel=\"self\"", seen.target());
        let Some((body, cursor)) = page else {
            return reply(200, &[("link", &own)], "[5]");
        };
        let next = format!("<http://{host}/api/v1/users?after={cursor}&limit=2>; rel=\"next\"");
        reply(200, &[("link", &own), ("link", &next)], body)
    })
    .await;
    let job = Job::on(org.okta(Pace::JOB));
    let mut pages = job.line.pages(
        Call::new("listUsers", &[])
            .unwrap()
            .with_query("limit", "2"),
    );
    let mut bodies = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        bodies.push(page.body);
    }
    assert_eq!(bodies, ["[1,2]", "[3, 4]", "[5]"]);
    assert!(pages.next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_walk_that_goes_in_circles_or_elsewhere_is_an_error() {
    let round = Org::start(|seen| {
        let cursor = if seen.target().ends_with("after=b") {
            "a"
        } else {
            "b"
        };
        let next = format!("<https://x.okta.com/api/v1/users?after={cursor}>; rel=\"next\"");
        reply(200, &[("link", &next)], "[]")
    })
    .await;
    let away = Org::start(|seen| {
        let host = if seen.target().contains("after") {
            "evil.example"
        } else {
            "x.okta.com"
        };
        let next = format!(
            "<https://{host}/api/v1/users?after={}>; rel=\"next\"",
            seen.target().len()
        );
        reply(200, &[("link", &next)], "[]")
    })
    .await;
    for org in [round, away] {
        let job = Job::on(org.okta(Pace::JOB));
        let mut pages = job.line.pages(Call::new("listUsers", &[]).unwrap());
        let end = loop {
            match pages.next().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the walk ended as if it were complete"),
                Err(error) => break error,
            }
        };
        assert!(matches!(end, LineError::Astray { .. }), "{end}");
        assert!(org.seen().len() <= 3, "{} requests", org.seen().len());
        assert!(pages.next().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_page_that_is_refused_ends_the_walk_as_an_error() {
    let org = Org::start(|_| error(403, "E0000006")).await;
    let job = Job::on(org.okta(Pace::JOB));
    let mut pages = job.line.pages(Call::new("listGroups", &[]).unwrap());
    let refused = pages.next().await.unwrap_err();
    assert!(
        refused.to_string().contains("403 Forbidden E0000006"),
        "{refused}"
    );
}
