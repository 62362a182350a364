//! A token of an outside issuer at the API: its keys are fetched when it comes, once for all who come with it, and from nowhere but
//! where they were said to be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use access::NewClient;
use access::workload::{KeyPlace, KeySource, NewIssuer};
use jose::{Algorithm, SigningKey};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::world::{HOST, NOW, World, production};

/// An issuer on this machine that publishes its key and counts who asks for it.
struct Outside {
    url: String,
    key: SigningKey,
    asked: Arc<AtomicUsize>,
}

impl Outside {
    async fn new() -> Self {
        let key = SigningKey::generate(Algorithm::ES256).unwrap();
        let jwks = json!({ "keys": [key.verifying_key().jwk()] }).to_string();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let mut head = [0; 2048];
                let _ = stream.read(&mut head).await;
                let length = jwks.len();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{jwks}"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, key, asked }
    }

    fn trusted_by(&self, world: &World, private: bool) {
        let client = world.keyring.register(
            NewClient {
                scopes: vec!["okta.users.read".to_owned()],
                ..NewClient::new(production(), "deployer")
            },
            NOW,
        );
        let new = NewIssuer {
            client: client.unwrap().id,
            issuer: self.url.clone(),
            audience: "https://gate.example".to_owned(),
            subject: "repo:acme/*:ref:refs/heads/main".parse().unwrap(),
            keys: KeySource::Published(KeyPlace {
                uri: format!("{}/keys", self.url).into(),
                private,
            }),
            direct: true,
            minutes_max: 60,
        };
        world.keyring.trust_issuer(new, NOW).unwrap();
    }

    fn token(&self, subject: &str) -> String {
        let claims = json!({
            "iss": self.url, "aud": "https://gate.example", "sub": subject,
            "iat": NOW.as_second(), "exp": NOW.as_second() + 300,
        });
        self.key
            .sign(&self.key.header("JWT"), claims.as_object().unwrap())
            .unwrap()
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

async fn users_with(world: &World, token: &str) -> u16 {
    let head = format!("GET /api/v1/users HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n");
    let request = format!("{head}Authorization: Bearer {token}\r\n\r\n");
    world.raw(&request).await.status
}

const MAIN: &str = "repo:acme/hr:ref:refs/heads/main";

#[tokio::test]
async fn eight_callers_with_a_token_cost_its_issuer_one_request() {
    let (world, outside) = (World::new().await, Outside::new().await);
    outside.trusted_by(&world, true);
    let token = outside.token(MAIN);
    let calls = (0..8).map(|_| users_with(&world, &token));
    let statuses = futures_util::future::join_all(calls).await;
    assert_eq!((statuses, outside.asked()), (vec![200; 8], 1));
}

#[tokio::test]
async fn a_token_that_means_nobody_costs_its_issuer_nothing() {
    let (world, outside) = (World::new().await, Outside::new().await);
    outside.trusted_by(&world, true);
    let evil = outside.token("repo:acme-evil/hr:ref:refs/heads/main");
    assert_eq!((users_with(&world, &evil).await, outside.asked()), (401, 0));
}

#[tokio::test]
async fn keys_on_a_private_network_are_left_alone_unless_they_were_said_to_be_there() {
    let (world, outside) = (World::new().await, Outside::new().await);
    outside.trusted_by(&world, false);
    assert_eq!(
        (
            users_with(&world, &outside.token(MAIN)).await,
            outside.asked()
        ),
        (401, 0)
    );
}

#[tokio::test]
async fn forged_tokens_with_made_up_keys_cost_the_issuer_one_request_in_half_a_minute() {
    let (world, outside) = (World::new().await, Outside::new().await);
    outside.trusted_by(&world, true);
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let forger = Outside {
        key,
        url: outside.url.clone(),
        asked: Arc::clone(&outside.asked),
    };
    for _ in 0..10 {
        assert_eq!(users_with(&world, &forger.token(MAIN)).await, 401);
    }
    assert_eq!(outside.asked(), 1);
    assert_eq!(users_with(&world, &outside.token(MAIN)).await, 200);
    world.clock.advance(jiff::SignedDuration::from_secs(31));
    assert_eq!(users_with(&world, &forger.token(MAIN)).await, 401);
    assert_eq!(outside.asked(), 2);
}
