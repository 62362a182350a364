//! What reaches the org: a request rebuilt from what was understood, and nothing else of what the caller sent.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::world::{self, Wish, World};

#[tokio::test]
async fn the_target_is_canonical_and_decoded_once() {
    let world = World::with(Wish {
        inspect: world::watching_only(inspection::Check::Parameter),
        ..Wish::default()
    })
    .await;
    let key = world.key(&["okta.users.read"], &[]);
    let got = world
        .get(
            "//api/v1//users/ana%40example.com/?fields=a%2Bb&x=%22",
            &key,
        )
        .await;
    assert_eq!(got.status, 200, "{}", got.body);
    let call = &world.org.calls()[0];
    assert_eq!(call.operation, "getUser");
    assert_eq!(
        call.target,
        "/api/v1/users/ana@example.com?fields=a%2Bb&x=%22"
    );
}

#[tokio::test]
async fn only_the_named_headers_go_on() {
    let world = World::new().await;
    let key = world.key(&["okta.users.manage"], &[]);
    let headers = [
        "User-Agent: okta-sdk-python/3.4.6",
        "Accept: application/json",
        "If-Match: W/\"1\"",
        "Content-Type: application/json; okta-response=omitCredentials",
        "X-Forwarded-For: 198.51.100.7",
        "X-Forwarded-Host: evil.example",
        "Cookie: sid=1",
        "X-Okta-XsrfToken: 1",
        "X-HTTP-Method-Override: DELETE",
    ];
    let body = "{ \"profile\" : {\"login\":\"a\", \"n\":1.0} }";
    let got = world
        .send("POST /api/v1/users?activate=false", &key, &headers, body)
        .await;
    assert_eq!(got.status, 200, "{}", got.body);
    let call = &world.org.calls()[0];
    assert_eq!(
        call.body,
        Some((
            "application/json".to_owned(),
            Bytes::copy_from_slice(body.as_bytes())
        ))
    );
    let expected = access::Forward {
        user_agent: Some("okta-sdk-python/3.4.6".to_owned()),
        forwarded_for: vec!["127.0.0.1".parse().unwrap()],
        if_match: Some("W/\"1\"".to_owned()),
        accept: Some("application/json".to_owned()),
        okta_response: Some("omitCredentials".to_owned()),
    };
    assert_eq!(call.forward, expected, "the sender is no trusted proxy");
}

#[tokio::test]
async fn a_precondition_that_cannot_go_on_stops_the_write() {
    let world = World::new().await;
    let key = world.key(&["okta.users.manage"], &[]);
    let long = format!("If-Match: \"{}\"", "x".repeat(600));
    for headers in [
        &["If-Match: W/\"1\"", "If-Match: W/\"2\""][..],
        &["If-Match: \"é\""],
        &[&long],
    ] {
        let mut lines = vec!["Content-Type: application/json"];
        lines.extend(headers);
        let got = world
            .send("PUT /api/v1/users/00u1", &key, &lines, "{}")
            .await;
        assert_eq!((got.status, got.code()), (400, "E0000020".to_owned()));
    }
    assert_eq!(world.org.calls(), []);
}

#[tokio::test]
async fn objects_named_by_the_gateways_urls_reach_the_org_under_its_own() {
    let world = World::new().await;
    let key = world.key(&["okta.roles.manage"], &[]);
    let body =
        |origin: &str| format!("{{\"label\":\"Staff\",\"resources\":[\"{origin}/api/v1/users\"]}}");
    let json = ["Content-Type: application/json"];
    let got = world
        .send(
            "POST /api/v1/iam/resource-sets",
            &key,
            &json,
            &body("https://gate.example"),
        )
        .await;
    assert_eq!(got.status, 200, "{}", got.body);
    let (_, sent) = world.org.calls().remove(0).body.unwrap();
    assert_eq!(sent, body("https://example.okta.com"));
}

#[tokio::test]
async fn a_trusted_proxy_is_believed_about_where_a_request_comes_from() {
    let world = World::with(Wish {
        trusted_proxies: &["127.0.0.0/8"],
        ..Wish::default()
    })
    .await;
    let key = world.key(&["okta.users.read"], &[]);
    world
        .send(
            "GET /api/v1/users",
            &key,
            &["X-Forwarded-For: 198.51.100.7"],
            "",
        )
        .await;
    let hops = world.org.calls()[0].forward.forwarded_for.clone();
    assert_eq!(
        hops,
        ["198.51.100.7", "127.0.0.1"].map(|hop| hop.parse::<std::net::IpAddr>().unwrap())
    );
    let entries = world.entries().await;
    assert_eq!(entries[0]["source"], "198.51.100.7");
}

#[tokio::test]
async fn a_request_hidden_in_a_body_is_never_made() {
    let world = World::new().await;
    let key = world.key(&["okta.users.manage"], &[]);
    let head = format!("Host: gate.example\r\nAuthorization: SSWS {key}\r\n");
    let hidden = format!("0\r\n\r\nDELETE /api/v1/users/00u1 HTTP/1.1\r\n{head}\r\n");
    // Whoever stands in front may have gone by the length: then the hidden one would be its next caller's.
    let got = world
        .raw(&format!(
            "POST /api/v1/users HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {}\r\n\
             Transfer-Encoding: chunked\r\n\r\n{hidden}",
            hidden.len()
        ))
        .await;
    assert_eq!(got.status, 400, "{got:?}");
    assert_eq!(got.header("connection"), Some("close"));
    assert_eq!(world.org.calls(), []);
}

#[tokio::test]
async fn a_body_is_chunked_or_has_a_length_and_nothing_else() {
    let world = World::new().await;
    let key = world.key(&["okta.users.manage"], &[]);
    let send = |codings: &'static [&'static str]| {
        let mut headers = vec!["Content-Type: application/json"];
        headers.extend(codings);
        let (world, key) = (&world, &key);
        async move {
            let line = "POST /api/v1/users";
            let body = "2\r\n{}\r\n0\r\n\r\n";
            world.send_framed(line, key, &headers, body).await.status
        }
    };
    for codings in [
        &["Transfer-Encoding: gzip, chunked"][..],
        &["Transfer-Encoding: chunked, chunked"],
        &["Transfer-Encoding: ,chunked"],
        &["Transfer-Encoding: x,chunked"],
        &["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
        &["Transfer-Encoding: identity", "Transfer-Encoding: chunked"],
    ] {
        assert_eq!(send(codings).await, 400, "{codings:?}");
    }
    assert_eq!(world.org.calls(), []);
    assert_eq!(send(&["Transfer-Encoding: Chunked"]).await, 200);
}

#[tokio::test]
async fn http_2_without_tls_is_spoken_too() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    let stream = TcpStream::connect(world.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    let connection = tokio::spawn(connection);
    let request = |authority: &str| {
        http::Request::get(format!("http://{authority}/api/v1/users?limit=2"))
            .header("authorization", format!("Bearer {key}"))
            .body(Empty::<Bytes>::new())
            .unwrap()
    };
    let answer = sender.send_request(request("gate.example")).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "{}");
    assert_eq!(world.org.calls()[0].target, "/api/v1/users?limit=2");
    assert_eq!(
        sender
            .send_request(request("evil.example"))
            .await
            .unwrap()
            .status(),
        421
    );
    connection.abort();
}
