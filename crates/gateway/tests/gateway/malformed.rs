//! Requests that are wrong as bytes, over a real socket: how they are answered, and what the trail says of them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{HOST, World};

#[tokio::test]
async fn a_request_that_is_wrong_is_refused_after_the_answers_before_it() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    let sound =
        format!("GET /api/v1/users HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: SSWS {key}\r\n\r\n");
    let wrong = "GET /api/v1/users HTTP/1.1\r\n\r\n";
    let got = world.raw(&format!("{sound}{wrong}{sound}")).await;
    assert_eq!((got.status, got.header("connection")), (200, None));
    let (first, refusal) = got.body.split_once("HTTP/1.1 ").unwrap();
    assert_eq!(first, "{}");
    assert!(refusal.starts_with("400 "), "{refusal}");
    assert!(refusal.contains("\r\nconnection: close\r\n"), "{refusal}");
    assert!(
        refusal.contains("HTTP: the request has no Host."),
        "{refusal}"
    );
    assert!(!refusal.contains("HTTP/1.1 "), "{refusal}");
    assert_eq!(world.org.calls().len(), 1);
    let entries = world.entries().await;
    let turned = entries.iter().find(|entry| entry["kind"] == "turned_away");
    let turned = turned.unwrap();
    assert_eq!(turned["source"], "127.0.0.1");
    assert_eq!(turned["details"]["no_host"], "1", "{turned}");
}

#[tokio::test]
async fn a_body_that_goes_wrong_is_told_apart_from_one_that_ends_early() {
    let world = World::new().await;
    let key = world.key(&["okta.users.manage"], &[]);
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "POST /api/v1/users HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: SSWS {key}\r\n\
         Content-Type: application/json\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut goes_on = [0; 25];
    stream.read_exact(&mut goes_on).await.unwrap();
    assert_eq!(&goes_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"2;a=b\r\n{}\r\n0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert!(
        answer.contains("HTTP: a chunk has an extension."),
        "{answer}"
    );
    assert_eq!(world.org.calls(), []);
    let entries = world.entries().await;
    let refused = entries.iter().find(|entry| entry["kind"] == "refused");
    assert_eq!(refused.unwrap()["reason"], "chunk_extension");
}
