//! What callers do not get to see, and what becomes of it when they send it back.

use access::{Hidden, NewClient, Sight};
use http::StatusCode;
use serde_json::{Value, json};

use crate::world::{Got, Wish, World, production};

const SCOPES: &[&str] = &[
    "okta.idps.read",
    "okta.idps.manage",
    "okta.users.read",
    "okta.users.manage",
];

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

fn key(world: &World, name: &str, sight: Sight) -> String {
    world.key_of(NewClient {
        scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        sight,
        ..NewClient::new(production(), name)
    })
}

fn idp() -> Value {
    json!({"id": "0oa1", "type": "OIDC", "name": "partner",
        "protocol": {"type": "OIDC", "credentials": {"client": {"client_id": "c", "client_secret": "hush-canary"}}}})
}

async fn put(world: &World, id: &str, key: &str, body: &str) -> Got {
    let line = format!("PUT /api/v1/idps/{id}");
    world
        .send(&line, key, &["Content-Type: application/json"], body)
        .await
}

#[tokio::test]
async fn reading_changing_and_writing_back_keeps_a_secret_its_caller_never_saw() {
    let world = World::new().await;
    let blind = key(&world, "terraform", Sight::default());
    world.org.answers(JSON, &idp().to_string());
    let read = world.get("/api/v1/idps/0oa1", &blind).await;
    assert!(
        read.status == 200 && !read.body.contains("hush"),
        "{}",
        read.body
    );
    let again = world.get("/api/v1/idps/0oa1", &blind).await;
    assert_eq!(read.body, again.body, "no drift");
    let changed = read.body.replace("partner", "supplier");
    let written = put(&world, "0oa1", &blind, &changed).await;
    assert!(
        written.status == 200 && !written.body.contains("hush"),
        "{}",
        written.body
    );
    let (_, sent) = world.org.calls().pop().unwrap().body.unwrap();
    let sent: Value = serde_json::from_slice(&sent).unwrap();
    let mut expected = idp();
    expected["name"] = json!("supplier");
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_placeholder_is_good_for_its_own_object_alone() {
    let world = World::new().await;
    let blind = key(&world, "terraform", Sight::default());
    world.org.answers(JSON, &idp().to_string());
    let read = world.get("/api/v1/idps/0oa1", &blind).await.body;
    let reached = world.org.calls().len();
    let elsewhere = put(&world, "0oa2", &blind, &read).await;
    assert_eq!(
        (elsewhere.status, elsewhere.code().as_str()),
        (400, "E0000001")
    );
    assert!(
        elsewhere
            .body
            .contains("body.protocol.credentials.client.client_secret"),
        "{}",
        elsewhere.body
    );
    let new = ["Content-Type: application/json"];
    let created = world.send("POST /api/v1/idps", &blind, &new, &read).await;
    assert_eq!(created.status, 400);
    let masked = read
        .split('"')
        .find(|part| part.starts_with("pcl_masked_"))
        .unwrap();
    let asked = world.get(&format!("/api/v1/idps?q={masked}"), &blind).await;
    assert_eq!(asked.status, 400);
    assert_eq!(
        world.org.calls().len(),
        reached,
        "nothing of it reached the org"
    );
}

#[tokio::test]
async fn secrets_are_shown_to_whom_they_are_to_be_and_to_whoever_makes_one() {
    let world = World::new().await;
    let blind = key(&world, "terraform", Sight::default());
    let seeing = key(
        &world,
        "auditor",
        Sight {
            reveal: true,
            hidden: Vec::new(),
        },
    );
    world.org.answers(JSON, &idp().to_string());
    assert!(
        world
            .get("/api/v1/idps/0oa1", &seeing)
            .await
            .body
            .contains("hush-canary")
    );
    let new = ["Content-Type: application/json"];
    let body = idp().to_string();
    let made = world.send("POST /api/v1/idps", &blind, &new, &body).await;
    assert!(made.body.contains("hush-canary"), "{}", made.body);
    let stricter = World::with(Wish {
        hide_new: true,
        ..Wish::default()
    })
    .await;
    let blind = key(&stricter, "terraform", Sight::default());
    stricter.org.answers(JSON, &idp().to_string());
    let made = stricter
        .send("POST /api/v1/idps", &blind, &new, &body)
        .await;
    assert!(
        made.status == 200 && !made.body.contains("hush"),
        "{}",
        made.body
    );
}

#[tokio::test]
async fn hidden_members_come_back_whatever_they_are() {
    let world = World::with(Wish {
        hide: vec!["profile.salary"],
        ..Wish::default()
    })
    .await;
    let own = Hidden::read("getUser:profile.ssn").unwrap();
    let reader = key(
        &world,
        "hr",
        Sight {
            reveal: true,
            hidden: vec![own],
        },
    );
    let other = key(&world, "it", Sight::default());
    let user = r#"{"id":"00u1","profile":{"login":"ana@example.com","salary":95000.50,"ssn":"1-2","bonus":null}}"#;
    world.org.answers(JSON, user);
    let read = world.get("/api/v1/users/00u1", &reader).await.body;
    assert!(
        !read.contains("95000") && !read.contains("1-2") && read.contains("\"bonus\":null"),
        "{read}"
    );
    let seen = world.get("/api/v1/users/00u1", &other).await.body;
    assert!(
        !seen.contains("95000") && seen.contains("\"ssn\":\"1-2\""),
        "{seen}"
    );
    let body = format!(
        "{{\"profile\":{}",
        read.split_once("\"profile\":").unwrap().1
    );
    let headers = ["Content-Type: application/json"];
    let written = world
        .send("PUT /api/v1/users/00u1", &reader, &headers, &body)
        .await;
    assert_eq!(written.status, 200, "{}", written.body);
    let (_, sent) = world.org.calls().pop().unwrap().body.unwrap();
    assert_eq!(
        String::from_utf8(sent.to_vec()).unwrap(),
        format!(
            "{{\"profile\":{}",
            user.split_once("\"profile\":").unwrap().1
        )
    );
}

#[tokio::test]
async fn answers_that_lead_to_another_host_are_not_handed_out() {
    let world = World::new().await;
    let blind = key(&world, "reader", Sight::default());
    world.org.answers(
        &[
            ("content-type", "application/json"),
            (
                "link",
                "<https://evil.example/api/v1/users?after=1>; rel=\"next\"",
            ),
        ],
        "[]",
    );
    let got = world.get("/api/v1/users", &blind).await;
    assert_eq!(got.status, 502, "an incomplete list is not called complete");
    assert!(!got.body.contains("evil") && got.header("link").is_none());
    world.org.answers(
        &[
            ("content-type", "application/json"),
            ("link", "<https://evil.example/api/v1/users>; rel=\"self\""),
            ("location", "https://evil.example/"),
            ("set-cookie", "sid=1"),
        ],
        "[]",
    );
    let got = world.get("/api/v1/users", &blind).await;
    assert_eq!(got.status, 200);
    for name in ["link", "location", "set-cookie"] {
        assert_eq!(got.header(name), None, "{name}");
    }
}

#[tokio::test]
async fn no_secret_is_in_an_error_or_in_the_trail() {
    let world = World::new().await;
    let blind = key(&world, "terraform", Sight::default());
    let body = r#"{"profile":{"login":"ana@example.com"},"credentials":{"password":{"value":"hush-canary"}}}"#;
    world.org.answers(
        JSON,
        r#"{"errorCode":"E0000001","errorSummary":"hush-canary is too weak"}"#,
    );
    world.org.answer.lock().unwrap().status = StatusCode::BAD_REQUEST;
    let headers = ["Content-Type: application/json"];
    let told = world
        .send("POST /api/v1/users", &blind, &headers, body)
        .await;
    assert!(
        told.status == 400 && !told.body.contains("hush-canary"),
        "{}",
        told.body
    );
    let entries = world.entries().await;
    assert!(entries.len() >= 2 && !format!("{entries:?}").contains("hush-canary"));
}

#[tokio::test]
async fn nobody_asks_by_a_member_it_may_not_see() {
    let world = World::with(Wish {
        hide: vec!["profile.salary"],
        ..Wish::default()
    })
    .await;
    let blind = key(&world, "it", Sight::default());
    for query in [
        "search=profile.salary+gt+100000",
        "filter=profile.SALARY+eq+95000",
        "search=status+pr&sortBy=profile.salary",
    ] {
        let got = world.get(&format!("/api/v1/users?{query}"), &blind).await;
        assert_eq!((got.status, got.code().as_str()), (400, "E0000001"));
    }
    assert!(world.org.calls().is_empty());
    let harmless = "/api/v1/users?search=profile.title+eq+%22profile.salary%22";
    assert_eq!(world.get(harmless, &blind).await.status, 200);
}

#[tokio::test]
async fn a_hidden_value_is_told_neither_by_comparing_nor_by_copying_nor_by_an_error() {
    let world = World::with(Wish {
        hide: vec!["profile.salary"],
        ..Wish::default()
    })
    .await;
    let blind = key(&world, "it", Sight::default());
    let user = |id: &str| {
        format!(r#"{{"id":"{id}","profile":{{"login":"a@b.example","salary":9500050}}}}"#)
    };
    let mut masked = Vec::new();
    for id in ["00u1", "00u2"] {
        world.org.answers(JSON, &user(id));
        let read = world.get(&format!("/api/v1/users/{id}"), &blind).await.body;
        let placeholder = read.split('"').find(|part| part.starts_with("pcl_masked_"));
        masked.push(placeholder.unwrap().to_owned());
    }
    assert_ne!(
        masked[0], masked[1],
        "equal values are not seen to be equal"
    );
    let headers = ["Content-Type: application/json"];
    let body = format!(r#"{{"profile":{{"salary":"{}"}}}}"#, masked[0]);
    let copied = world
        .send("POST /api/v1/users/00u2", &blind, &headers, &body)
        .await;
    assert_eq!(copied.status, 400, "{}", copied.body);
    world.org.answers(
        JSON,
        r#"{"errorCode":"E0000001","errorSummary":"salary: 9500050 is too much"}"#,
    );
    world.org.answer.lock().unwrap().status = StatusCode::BAD_REQUEST;
    let told = world
        .send("POST /api/v1/users/00u1", &blind, &headers, &body)
        .await;
    assert!(
        told.status == 400 && told.body.contains("(withheld)"),
        "{}",
        told.body
    );
    assert!(!told.body.contains("9500050"), "{}", told.body);
}
