//! Who is refused, how it is told, and that nothing of it reaches the org.

use std::collections::BTreeMap;
use std::time::Duration;

use catalog::{Kind, Operation};
use jiff::SignedDuration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{Got, HOST, NOW, UNLIMITED, Wish, World, production};

fn line_of(operation: &Operation) -> String {
    let values: Vec<(&str, &str)> = operation
        .path_parameters()
        .map(|name| (name, "x1"))
        .collect();
    format!("{} {}", operation.method, operation.path(&values).unwrap())
}

/// Operations of Okta's that the gateway answers itself, and that so never reach the org.
fn is_own(operation: &Operation) -> bool {
    use access::oauth::path;
    [
        path::TOKEN,
        path::KEYS,
        path::INTROSPECT,
        path::REVOKE,
        path::METADATA,
        path::OPENID,
    ]
    .contains(&operation.template)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_catalogued_operation_is_refused_without_a_grant_and_never_reaches_the_org() {
    let world = World::with(Wish {
        limits: UNLIMITED,
        ..Wish::default()
    })
    .await;
    let known = world.key(&[], &[]);
    let mut statuses: BTreeMap<(u16, String), usize> = BTreeMap::new();
    let passed_on = || {
        catalog::operations()
            .iter()
            .filter(|operation| !is_own(operation))
    };
    for operation in passed_on() {
        let line = line_of(operation);
        let json = ["Content-Type: application/json"];
        let denied = world.send(&line, &known, &json, "{}").await;
        *statuses.entry((denied.status, denied.code())).or_default() += 1;
        let stranger = world.send(&line, "pcl_nobody", &json, "{}").await;
        *statuses
            .entry((stranger.status, stranger.code()))
            .or_default() += 1;
    }
    let all = passed_on().count();
    let expected = [
        ((401, "E0000011".to_owned()), all),
        ((403, "E0000006".to_owned()), all),
    ];
    assert_eq!(statuses, BTreeMap::from(expected));
    assert!(all >= 970);
    assert_eq!(world.org.calls(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_pass_with_exactly_what_they_need() {
    let world = World::with(crate::world::Wish {
        rules: access::OrgRules { protocol: true },
        ..crate::world::Wish::default()
    })
    .await;
    let mut expected = Vec::new();
    // Every seventh, because an org has at most a thousand clients; `access` tests the decision over each of them.
    for operation in catalog::operations()
        .iter()
        .filter(|operation| !is_own(operation))
        .step_by(7)
    {
        let key = world.key(&operation.scopes, &[operation.id]);
        let got = world.send(&line_of(operation), &key, &[], "").await;
        assert_eq!(got.status, 200, "{}: {}", operation.id, got.body);
        expected.push(operation.id);
    }
    let reached: Vec<_> = world
        .org
        .calls()
        .into_iter()
        .map(|call| call.operation)
        .collect();
    assert_eq!(reached, expected);
}

#[tokio::test]
async fn a_stranger_learns_nothing_from_the_answer() {
    let world = World::new().await;
    let mut answers = Vec::new();
    for line in [
        "GET /api/v1/users",
        "GET /api/v1/nowhere",
        "GET /api/v1/users/%2e%2e",
        "BREW /",
        "DELETE /api/v1/users/00u1",
    ] {
        for authorization in ["SSWS 00abc", "Bearer eyJ.e30.x", "Basic YTpi", ""] {
            let request = format!(
                "{line} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nAuthorization: {authorization}\r\n\r\n"
            );
            let got = world.raw(&request).await;
            let mut json = got.json();
            let id = json["errorId"].take();
            assert!(
                id.as_str().unwrap().starts_with("oae") && id.as_str().unwrap().len() == 25,
                "{id}"
            );
            let mut headers = got.headers;
            headers.retain(|(name, _)| name != "date");
            answers.push((got.status, headers, json));
        }
    }
    let missing = world
        .raw(&format!(
            "GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
        ))
        .await;
    assert_eq!(
        (missing.status, missing.code()),
        (401, "E0000011".to_owned())
    );
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
}

#[tokio::test]
async fn a_denied_caller_is_told_what_it_lacks() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    let got = world.send("DELETE /api/v1/users/00u1", &key, &[], "").await;
    assert_eq!((got.status, got.code()), (403, "E0000006".to_owned()));
    assert!(
        got.body
            .contains("deleteUser: the grant lacks the scope okta.users.manage."),
        "{}",
        got.body
    );
    assert!(got.header("x-portcullis-entry").is_some());
}

#[tokio::test]
async fn what_names_no_operation_is_refused_in_oktas_words() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    for (line, status, code) in [
        ("GET /api/v1/nowhere", 404, "E0000007"),
        ("GET /", 404, "E0000007"),
        ("GET /api/v1/users%2f00u1", 400, "E0000020"),
        ("GET /api/v1/../v1/users", 400, "E0000020"),
        ("GET http://gate.example/api/v1/users", 400, "E0000020"),
        ("PATCH /api/v1/users", 405, "E0000022"),
        ("HEAD /api/v1/users", 405, ""),
        ("OPTIONS /api/v1/users", 405, "E0000022"),
        ("TRACE /api/v1/users", 405, "E0000022"),
        ("get /api/v1/users", 405, "E0000022"),
    ] {
        let got = world.send(line, &key, &[], "").await;
        assert_eq!(got.status, status, "{line}");
        if !code.is_empty() {
            assert_eq!(got.code(), code, "{line}");
        }
        assert_eq!(got.header("allow").is_some(), status == 405, "{line}");
    }
    assert_eq!(world.org.calls(), []);
}

#[tokio::test]
async fn only_the_hosts_of_guarded_orgs_are_served() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    let request = |hosts: &str| {
        format!(
            "GET /api/v1/users HTTP/1.1\r\n{hosts}Connection: close\r\nAuthorization: SSWS {key}\r\n\r\n"
        )
    };
    for (hosts, status) in [
        ("Host: gate.example\r\n", 200),
        ("Host: GATE.example:443\r\n", 200),
        ("Host: gate.example:8443\r\n", 421),
        ("Host: example.okta.com\r\n", 421),
        ("Host: gate.example.evil.example\r\n", 421),
        ("Host: gate.example\r\nHost: gate.example\r\n", 400),
        ("", 400),
    ] {
        assert_eq!(world.raw(&request(hosts)).await.status, status, "{hosts}");
    }
}

#[tokio::test]
async fn bodies_are_bounded_typed_and_well_formed() {
    let world = World::new().await;
    let key = world.key(&["okta.users.manage", "okta.users.read"], &[]);
    let json = "Content-Type: application/json";
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(gateway::BODY_BYTES_MAX));
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for (headers, body, status, code) in [
        (&[json][..], "{\"profile\":{}", 400, "E0000003"),
        (&[json], "{\"a\":1,}", 400, "E0000003"),
        (&[json], "{} {}", 400, "E0000003"),
        (&[json], &deep, 400, "E0000003"),
        (&[json], &large, 413, "E0000003"),
        (&["Content-Type: text/plain"], "{}", 400, "E0000021"),
        (
            &["Content-Type: application/json; charset=utf-16"],
            "{}",
            400,
            "E0000021",
        ),
        (&[json, json], "{}", 400, "E0000021"),
        (&[json, "Content-Encoding: gzip"], "{}", 400, "E0000021"),
        (&[], "{}", 400, "E0000021"),
    ] {
        let got = world.send("POST /api/v1/users", &key, headers, body).await;
        assert_eq!(
            (got.status, got.code().as_str()),
            (status, code),
            "{headers:?}"
        );
    }
    let got = world
        .send("GET /api/v1/users", &key, &[json], "{\"a\":1}")
        .await;
    assert_eq!((got.status, got.code().as_str()), (400, "E0000003"));
    assert_eq!(world.org.calls(), []);
    let got = world.send("GET /api/v1/users", &key, &[json], "{}").await;
    assert_eq!(
        got.status, 200,
        "some clients send an empty object with a GET"
    );
    assert_eq!(world.org.calls()[0].body, None);
}

#[tokio::test]
async fn two_credentials_are_none() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    let twice = format!("Authorization: SSWS {key}");
    assert_eq!(
        world
            .send("GET /api/v1/users", &key, &[&twice], "")
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn sign_in_traffic_stays_with_okta_even_for_who_may_do_everything() {
    let world = World::new().await;
    let protocol = catalog::operations()
        .iter()
        .find(|operation| operation.kind == Kind::Protocol)
        .unwrap();
    let key = world.key(&protocol.scopes, &[protocol.id]);
    let got = world.send(&line_of(protocol), &key, &[], "").await;
    assert_eq!(got.status, 403);
    assert!(got.body.contains("sign-in traffic"), "{}", got.body);
}

#[tokio::test(start_paused = true)]
async fn nobody_holds_a_connection_without_calling() {
    let world = World::new().await;
    for held in ["", "P", "PRI * HTTP/2.0\r\n", "GET /api"] {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(held.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut rest));
        assert!(closed.await.is_ok(), "{held:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_takes_up_room_with_the_body_of_a_call_it_may_not_make() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    let unsent = ["Content-Type: application/json", "Content-Length: 1000000"];
    let got = world
        .send_framed("POST /api/v1/users", &key, &unsent, "")
        .await;
    assert_eq!(got.status, 403, "{}", got.body);
}

#[tokio::test]
async fn a_key_revoked_while_its_body_is_on_the_way_is_no_good() {
    let world = World::new().await;
    let key = world.key(&["okta.users.manage"], &[]);
    let client = &world.keyring.clients(&production()).unwrap()[0];
    let credential = &world.keyring.credentials(&client.id).unwrap()[0];
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "POST /api/v1/users HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nAuthorization: SSWS {key}\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut goes_on = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut goes_on).await.unwrap();
    assert!(goes_on.starts_with(b"HTTP/1.1 100"));
    world.clock.advance(SignedDuration::from_secs(2));
    world.keyring.revoke(&credential.id, NOW).unwrap();
    stream.write_all(b"{}").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(Got::read(&answer).status, 401);
    assert!(world.org.calls().is_empty());
}
