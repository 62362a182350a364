//! What the trail says: an entry before and after each call, one for each refusal, and no call when it cannot be written.

use std::sync::Arc;
use std::time::Duration;

use audit::TrailSettings;
use jiff::SignedDuration;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::world::{self, HOST, NOW, UNLIMITED, Wish, World};

#[tokio::test]
async fn a_call_leaves_two_entries_without_bodies_queries_or_credentials() {
    let world = World::with(Wish {
        inspect: world::watching_only(inspection::Check::Parameter),
        ..Wish::default()
    })
    .await;
    let key = world.key(&["okta.users.manage"], &[]);
    world
        .org
        .answers(&[("x-okta-request-id", "a1b2")], "{\"answer\":\"hush\"}");
    let headers = ["Content-Type: application/json", "User-Agent: curl/8"];
    let got = world
        .send(
            "PUT /api/v1/users/00u1?strict=hush",
            &key,
            &headers,
            "{\"a\":\"hush\"}",
        )
        .await;
    assert_eq!(got.header("x-portcullis-entry"), Some("1"));
    let entries = world.entries().await;
    assert_eq!(entries.len(), 2);
    let (opened, closed) = (&entries[0], &entries[1]);
    assert_eq!(opened["kind"], "call_opened");
    assert_eq!(opened["operation"], "replaceUser");
    assert_eq!(opened["resources"]["id"], "00u1");
    assert_eq!(opened["source"], "127.0.0.1");
    assert_eq!(opened["user_agent"], "curl/8");
    assert_eq!(
        (&closed["kind"], &closed["call"]),
        (&"call_closed".into(), &1.into())
    );
    assert_eq!(
        (&closed["status"], &closed["okta_request_id"]),
        (&200.into(), &"a1b2".into())
    );
    let text = format!("{entries:?}");
    assert!(
        !text.contains("hush") && !text.contains(&key) && !text.contains("SSWS"),
        "{text}"
    );
}

#[tokio::test]
async fn the_id_of_a_session_is_a_credential_and_not_written_down() {
    let world = World::new().await;
    let key = world.key(&["okta.sessions.read"], &[]);
    let got = world.get("/api/v1/sessions/102hush", &key).await;
    let denied = world
        .send("DELETE /api/v1/sessions/102hush", &key, &[], "")
        .await;
    assert_eq!((got.status, denied.status), (200, 403));
    assert_eq!(world.org.calls()[0].target, "/api/v1/sessions/102hush");
    let entries = world.entries().await;
    assert_eq!(entries[0]["resources"]["sessionId"], "withheld");
    assert!(!format!("{entries:?}").contains("hush"), "{entries:?}");
}

#[tokio::test]
async fn refusals_are_written_down_with_the_reason_that_the_stranger_is_not_told() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    let denied = world.send("DELETE /api/v1/users/00u1", &key, &[], "").await;
    let unknown = world.get("/api/v1/nowhere", &key).await;
    let stranger = world
        .get("/api/v1/users", &format!("pcl_{}", "0".repeat(38)))
        .await;
    assert_eq!(
        (denied.status, unknown.status, stranger.status),
        (403, 404, 401)
    );
    let entries = world.entries().await;
    let reasons: Vec<_> = entries
        .iter()
        .map(|entry| entry["reason"].as_str().unwrap())
        .collect();
    assert_eq!(
        reasons,
        ["missing_scope", "unknown_route", "malformed_credential"]
    );
    assert_eq!(entries[0]["operation"], "deleteUser");
    assert_eq!(entries[0]["details"]["error_id"], denied.json()["errorId"]);
    assert_eq!(entries[1]["details"]["path"], "/api/v1/nowhere");
    assert!(entries[2].get("client").is_none());
}

#[tokio::test]
async fn a_flood_of_strangers_is_counted_instead_of_filling_the_disk() {
    let world = World::new().await;
    for _ in 0..130 {
        assert_eq!(world.get("/api/v1/users", "pcl_nobody").await.status, 401);
    }
    let entries = world.entries().await;
    let (refused, told): (Vec<_>, Vec<_>) =
        entries.iter().partition(|entry| entry["kind"] == "refused");
    assert_eq!(refused.len(), 101);
    assert_eq!(refused[100]["details"]["strangers_without_entry"], "30");
    let shut: Vec<_> = told.iter().map(|entry| &entry["details"]).collect();
    assert_eq!(shut, [&json!({ "throttled_source": "80" })]);
}

/// Methods a route does not have, bodies framed twice: told before anybody is known, and by anybody.
#[tokio::test]
async fn a_flood_of_strangers_at_the_products_own_routes_is_counted_too() {
    let world = World::with(Wish {
        limits: UNLIMITED,
        ..Wish::default()
    })
    .await;
    for _ in 0..130 {
        let got = world.get("/oauth2/v1/token", "pcl_nobody").await;
        assert_eq!((got.status, got.header("x-portcullis-entry")), (405, None));
    }
    let entries = world.entries().await;
    assert_eq!(entries.len(), 101);
    assert_eq!(entries[100]["details"]["strangers_without_entry"], "30");
}

#[tokio::test]
async fn a_write_is_on_disk_before_it_reaches_the_org_and_stays_open_if_all_ends_there() {
    let world = World::new().await;
    let key = world.key(&["okta.users.manage"], &[]);
    *world.org.gate.lock().unwrap() = Some(Arc::new(Notify::new()));
    let request = format!(
        "DELETE /api/v1/users/00u1 HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: SSWS {key}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    world.org.arrived.notified().await;
    let verified = world.verified();
    assert_eq!((verified.entries, verified.unclosed), (1, 1));
}

#[tokio::test]
async fn a_call_whose_caller_went_away_is_finished_and_recorded() {
    let mut world = World::new().await;
    let key = world.key(&["okta.users.manage"], &[]);
    let gate = Arc::new(Notify::new());
    *world.org.gate.lock().unwrap() = Some(Arc::clone(&gate));
    let request = format!(
        "DELETE /api/v1/users/00u1 HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: SSWS {key}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    world.org.arrived.notified().await;
    drop(stream);
    gate.notify_one();
    world.stop().await;
    let verified = world.verified();
    assert_eq!((verified.entries, verified.unclosed), (2, 0));
}

#[tokio::test]
async fn nothing_happens_when_the_trail_cannot_be_written() {
    let world = World::with(Wish {
        trail: TrailSettings {
            file_bytes_max: 1,
            ..TrailSettings::default()
        },
        ..Wish::default()
    })
    .await;
    let key = world.key(&["okta.users.manage", "okta.users.read"], &[]);
    assert_eq!(
        world
            .send("DELETE /api/v1/users/00u1", &key, &[], "")
            .await
            .status,
        200
    );
    // No further file can be made where directories stand.
    for number in 2..10 {
        let _ = std::fs::create_dir(world.trail_file(number));
    }
    let before = world.org.calls().len();
    let delete = world.send("DELETE /api/v1/users/00u2", &key, &[], "").await;
    assert_eq!((delete.status, delete.code()), (503, "E0000010".to_owned()));
    let read = world.get("/api/v1/users", &key).await;
    assert_eq!(
        (read.status, read.code()),
        (503, "E0000010".to_owned()),
        "reads too"
    );
    let stranger = world.get("/api/v1/users", "pcl_nobody").await;
    assert_eq!(stranger.status, 503, "and refusals");
    assert_eq!(world.org.calls().len(), before, "nothing reached the org");
}

#[tokio::test]
async fn idle_and_silent_connections_do_not_hold_up_the_end() {
    let mut world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    let silent = TcpStream::connect(world.address).await.unwrap();
    let mut idle = TcpStream::connect(world.address).await.unwrap();
    let request =
        format!("GET /api/v1/users HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: SSWS {key}\r\n\r\n");
    idle.write_all(request.as_bytes()).await.unwrap();
    assert!(idle.read(&mut [0; 1024]).await.unwrap() > 0);
    tokio::time::timeout(Duration::from_secs(5), world.stop())
        .await
        .unwrap();
    drop((silent, idle));
}

#[tokio::test]
async fn the_last_use_of_a_key_is_written_down_when_the_gateway_stops() {
    let mut world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    world.get("/api/v1/users", &key).await;
    world.stop().await;
    let client = world
        .keyring
        .clients(&crate::world::production())
        .unwrap()
        .remove(0);
    let credential = world.keyring.credentials(&client.id).unwrap().remove(0);
    let used = credential.last_used.unwrap();
    assert!(
        used <= NOW && NOW < used + SignedDuration::from_hours(1),
        "{used}"
    );
}
