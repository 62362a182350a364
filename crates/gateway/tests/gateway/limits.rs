//! What one address or client may have, and what whoever wants more is told.

use std::io::ErrorKind;

use access::NewClient;
use gateway::Limits;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{Got, HOST, NOW, Wish, World, production};

async fn limited(limits: Limits) -> World {
    World::with(Wish {
        limits,
        ..Wish::default()
    })
    .await
}

fn told(entries: &[Value]) -> Vec<&Value> {
    let told = entries
        .iter()
        .filter(|entry| entry["kind"] == "turned_away");
    told.collect()
}

fn waits(got: &Got) -> [Option<&str>; 4] {
    [
        "retry-after",
        "x-rate-limit-limit",
        "x-rate-limit-remaining",
        "x-rate-limit-reset",
    ]
    .map(|name| got.header(name))
}

#[tokio::test]
async fn a_client_that_hurries_is_told_when_to_come_again_and_the_operator_how_often() {
    let world = limited(Limits {
        calls_per_second: 5,
        ..Limits::default()
    })
    .await;
    let hasty = world.key(&["okta.users.read"], &[]);
    let calm = world.key(&["okta.users.read"], &[]);
    let mut turned = Vec::new();
    for _ in 0..15 {
        let got = world.get("/api/v1/users", &hasty).await;
        if got.status != 200 {
            turned.push(got);
        }
    }
    assert_eq!(turned.len(), 5, "two seconds' worth at once");
    let reset = (NOW.as_second() + 1).to_string();
    for got in &turned {
        assert_eq!(got.status, 429);
        assert!(got.header("date").is_some());
        assert_eq!(
            waits(got),
            [Some("1"), Some("5"), Some("0"), Some(reset.as_str())]
        );
        assert!(got.body.contains("E0000047"), "{}", got.body);
    }
    assert_eq!(world.get("/api/v1/users", &calm).await.status, 200);
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(world.get("/api/v1/users", &hasty).await.status, 200);
    let client = world.keyring.clients(&production()).unwrap()[0]
        .id
        .to_string();
    let entries = world.entries().await;
    let [told] = told(&entries)[..] else {
        panic!("one entry, however often: {entries:?}");
    };
    assert_eq!(told["client"], client);
    assert_eq!(told["source"], "127.0.0.1");
    assert_eq!(told["details"], json!({ "too_many_calls_per_second": "5" }));
}

#[tokio::test]
async fn strangers_who_dawdle_over_forms_keep_nobody_from_calling() {
    let world = World::new().await;
    let key = world.key(&["okta.users.read"], &[]);
    let dawdle = format!(
        "POST /oauth2/v1/token HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n"
    );
    let (mut dawdlers, mut answers) = (Vec::new(), Vec::new());
    for _ in 0..40 {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(dawdle.as_bytes()).await.unwrap();
        let mut begin = [0; "HTTP/1.1 100".len()];
        stream.read_exact(&mut begin).await.unwrap();
        answers.push(String::from_utf8_lossy(&begin[9..]).into_owned());
        dawdlers.push(stream);
    }
    let of = |status: &str| answers.iter().filter(|answer| *answer == status).count();
    assert_eq!((of("100"), of("429")), (32, 8));
    assert_eq!(world.get("/api/v1/users", &key).await.status, 200);
}

#[tokio::test]
async fn a_connection_too_many_is_closed_unread() {
    let world = limited(Limits {
        connections_per_source: 2,
        ..Limits::default()
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(TcpStream::connect(world.address).await.unwrap());
    }
    let mut third = TcpStream::connect(world.address).await.unwrap();
    let ended = third.read(&mut [0; 1]).await;
    let reset = |error: std::io::Error| error.kind() == ErrorKind::ConnectionReset;
    assert!(ended.map_or_else(reset, |count| count == 0));
    drop(held);
    let entries = world.entries().await;
    let details: Vec<_> = told(&entries)
        .iter()
        .map(|entry| &entry["details"])
        .collect();
    assert_eq!(details, [&json!({ "too_many_connections_of_source": "1" })]);
}

#[tokio::test]
async fn one_client_leaves_places_for_the_others() {
    let world = limited(Limits {
        calls: 8,
        calls_per_client: 8,
        ..Limits::default()
    })
    .await;
    let (greedy, other) = (
        world.key(&["okta.users.manage"], &[]),
        world.key_of(NewClient {
            scopes: vec!["okta.users.read".to_owned()],
            ..NewClient::new(production(), "other".to_owned())
        }),
    );
    let dawdle = format!(
        "POST /api/v1/users HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9\r\nAuthorization: SSWS {greedy}\r\n\
         Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n"
    );
    let (mut dawdlers, mut went_on) = (Vec::new(), 0);
    for _ in 0..8 {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(dawdle.as_bytes()).await.unwrap();
        let mut begin = [0; "HTTP/1.1 100".len()];
        stream.read_exact(&mut begin).await.unwrap();
        went_on += usize::from(&begin[9..] == b"100");
        dawdlers.push(stream);
    }
    assert_eq!(went_on, 3, "of eight, as long as there are others to come");
    assert_eq!(world.get("/api/v1/users", &other).await.status, 200);
}
