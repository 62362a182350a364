//! The authorization server as clients meet it: over HTTP, at Okta's own paths.

use access::oauth::Authentication;
use access::{Client, CredentialKind, NewClient, NewCredential, OauthRegistration};
use jose::{Algorithm, SigningKey};
use serde_json::{Map, Value, json};

use crate::world::{Got, HOST, NOW, World, production};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded;charset=UTF-8";

/// A client with a secret for the form, and that secret.
fn client(world: &World, dpop_bound: bool) -> (Client, String) {
    let new = NewClient {
        scopes: vec!["okta.users.read".to_owned()],
        oauth: Some(OauthRegistration {
            authentication: Authentication::ClientSecretPost,
            dpop_bound,
            token_minutes: 10,
        }),
        ..NewClient::new(production(), format!("client {dpop_bound}"))
    };
    let client = world.keyring.register(new, NOW).unwrap();
    let secret = secret_of(world, &client);
    (client, secret)
}

/// A new secret of the client.
fn secret_of(world: &World, client: &Client) -> String {
    let new = NewCredential {
        kind: CredentialKind::Secret,
        ..NewCredential::default()
    };
    let (secret, _) = world.keyring.issue_as(&client.id, &new, NOW).unwrap();
    secret.expose().to_owned()
}

fn own((client, secret): &(Client, String)) -> String {
    format!("client_id={}&client_secret={secret}", client.id)
}

/// A request without a credential of the gateway's, with these header lines and this body.
async fn send(world: &World, line: &str, headers: &[&str], body: &str) -> Got {
    let mut request = format!("{line} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n");
    for header in headers {
        request.push_str(&format!("{header}\r\n"));
    }
    if line.starts_with("POST") {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    world.raw(&format!("{request}\r\n{body}")).await
}

async fn post(world: &World, path: &str, body: &str) -> Got {
    send(world, &format!("POST /oauth2/v1/{path}"), &[FORM], body).await
}

async fn token(world: &World, owner: &(Client, String)) -> String {
    let asked = format!(
        "{}&grant_type=client_credentials&scope=okta.users.read",
        own(owner)
    );
    let got = post(world, "token", &asked).await;
    assert_eq!(got.status, 200, "{}", got.body);
    got.json()["access_token"].as_str().unwrap().to_owned()
}

fn error(got: &Got) -> (u16, String) {
    (
        got.status,
        got.json()["error"].as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_issued_used_and_revoked_and_every_step_is_an_entry_without_it() {
    let world = World::new().await;
    let owner = client(&world, false);
    let token = token(&world, &owner).await;
    let bearer = format!("Authorization: Bearer {token}");
    let with = [bearer.as_str()];
    let call = || send(&world, "GET /api/v1/users", &with, "");
    assert_eq!(call().await.status, 200);
    assert_eq!(world.org.calls().len(), 1);
    let beyond = send(&world, "GET /api/v1/groups", &with, "").await;
    assert_eq!((beyond.status, beyond.code()), (403, "E0000006".to_owned()));
    assert_eq!(
        beyond.header("www-authenticate"),
        Some("Bearer error=\"insufficient_scope\", scope=\"okta.groups.read\"")
    );
    let told = post(
        &world,
        "introspect",
        &format!("{}&token={token}", own(&owner)),
    )
    .await;
    assert_eq!(
        (told.status, told.json()["active"].clone()),
        (200, json!(true))
    );
    for _ in 0..2 {
        let revoked = post(&world, "revoke", &format!("{}&token={token}", own(&owner))).await;
        assert_eq!(
            (revoked.status, revoked.header("cache-control")),
            (200, Some("no-store"))
        );
    }
    let refused = call().await;
    assert_eq!(
        (refused.status, refused.code()),
        (401, "E0000011".to_owned())
    );
    let challenge = refused.header("www-authenticate").unwrap();
    assert_eq!(challenge, "Bearer error=\"invalid_token\"");
    let wrong = format!(
        "client_id={}&client_secret=x&grant_type=client_credentials",
        owner.0.id
    );
    post(&world, "token", &wrong).await;

    let jti = told.json()["jti"].as_str().unwrap().to_owned();
    let secret = owner.1.clone();
    let entries = world.entries().await;
    let text = Value::Array(entries.clone()).to_string();
    assert!(!text.contains(&token) && !text.contains(&secret));
    let kinds: Vec<&str> = entries
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect();
    let issued = kinds
        .iter()
        .position(|kind| *kind == "token_issued")
        .unwrap();
    assert_eq!(
        kinds[issued..],
        [
            "token_issued",
            "call_opened",
            "call_closed",
            "refused",
            "token_revoked",
            "token_revoked",
            "refused",
            "token_refused"
        ]
    );
    let entry = &entries[issued];
    assert_eq!(entry["client"], owner.0.id.as_str());
    assert_eq!(entry["credential"], jti);
    assert_eq!(entry["details"]["scopes"], "okta.users.read");
    assert_eq!(entries[issued + 1]["credential"], jti, "the call");
    assert_eq!(
        (
            &entries[issued + 4]["credential"],
            &entries[issued + 5]["credential"]
        ),
        (&json!(jti), &Value::Null)
    );
    let last = entries.last().unwrap();
    assert_eq!(
        (&last["status"], &last["reason"]),
        (&json!(401), &json!("unknown_credential"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_client_is_led_to_its_token_by_the_codes_its_sdk_looks_for() {
    let world = World::new().await;
    let owner = client(&world, true);
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let mut jwk = key.verifying_key().jwk();
    jwk.retain(|name, _| ["kty", "crv", "x", "y"].contains(&name.as_str()));
    let header = Map::from_iter([
        ("typ".to_owned(), "dpop+jwt".into()),
        ("jwk".to_owned(), Value::Object(jwk)),
    ]);
    let proof = |claims: Value| {
        format!(
            "DPoP: {}",
            key.sign(&header, claims.as_object().unwrap()).unwrap()
        )
    };
    let at_token = |jti: &str, nonce: Option<&str>| {
        let url = "https://gate.example/oauth2/v1/token";
        proof(
            json!({ "htm": "POST", "htu": url, "iat": NOW.as_second(), "jti": jti, "nonce": nonce.unwrap_or("x") }),
        )
    };
    let asked = format!(
        "{}&grant_type=client_credentials&scope=okta.users.read",
        own(&owner)
    );
    let bare = post(&world, "token", &asked).await;
    assert_eq!(error(&bare), (400, "invalid_dpop_proof".to_owned()));
    let without = at_token("1", None);
    let challenge = send(&world, "POST /oauth2/v1/token", &[FORM, &without], &asked).await;
    assert_eq!(error(&challenge), (400, "use_dpop_nonce".to_owned()));
    let nonce = challenge.header("dpop-nonce").unwrap();
    let with = at_token("2", Some(nonce));
    let two = send(
        &world,
        "POST /oauth2/v1/token",
        &[FORM, &with, &with],
        &asked,
    )
    .await;
    assert_eq!(
        error(&two),
        (400, "invalid_dpop_proof".to_owned()),
        "two proofs are none"
    );
    let got = send(&world, "POST /oauth2/v1/token", &[FORM, &with], &asked).await;
    assert_eq!(
        (got.status, got.json()["token_type"].clone()),
        (200, json!("DPoP"))
    );
    let token = got.json()["access_token"].as_str().unwrap().to_owned();
    let ath = jose::sha256_base64url(token.as_bytes());
    let url = "https://gate.example/api/v1/users";
    let proof =
        proof(json!({ "htm": "GET", "htu": url, "iat": NOW.as_second(), "jti": "3", "ath": ath }));
    let call = |scheme: &str| {
        let authorization = format!("Authorization: {scheme} {token}");
        let proof = proof.clone();
        let world = &world;
        async move {
            send(
                world,
                "GET /api/v1/users?limit=1",
                &[&authorization, &proof],
                "",
            )
            .await
            .status
        }
    };
    assert_eq!(call("Bearer").await, 401);
    assert_eq!(call("DPoP").await, 200, "the query is no part of htu");
    assert_eq!(call("DPoP").await, 401, "a proof counts once");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_the_answer_is_an_oauth_error_and_nobody_keeps_it() {
    let world = World::new().await;
    let owner = client(&world, false);
    let good = format!(
        "{}&grant_type=client_credentials&scope=okta.users.read",
        own(&owner)
    );
    let invalid = (400, "invalid_request".to_owned());
    let long = "a".repeat(access::FORM_BYTES_MAX + 1);
    for path in ["token", "introspect", "revoke"] {
        let line = format!("POST /oauth2/v1/{path}");
        for (line, headers, body) in [
            (format!("{line}?{good}"), &[FORM][..], good.as_str()),
            (
                line.clone(),
                &["Content-Type: application/json"],
                r#"{"grant_type":"client_credentials"}"#,
            ),
            (
                line.clone(),
                &["Content-Type: multipart/form-data; boundary=a"],
                &good,
            ),
            (line.clone(), &[FORM, FORM], &good),
            (line.clone(), &[FORM, "Content-Encoding: gzip"], &good),
            (line.clone(), &[], &good),
            (line.clone(), &[FORM], ""),
            (line.clone(), &[FORM], "%"),
            (line.clone(), &[FORM], "grant_type=a&grant_type=a"),
            (line.clone(), &[FORM], &long),
        ] {
            let got = send(&world, &line, headers, body).await;
            let shown = body.get(..30).unwrap_or(body);
            assert_eq!(error(&got), invalid, "{line} {headers:?} {shown}");
            assert_eq!(got.header("cache-control"), Some("no-store"), "{line}");
            assert_eq!(
                got.header("content-type"),
                Some("application/json"),
                "{line}"
            );
        }
        let got = send(&world, &format!("GET /oauth2/v1/{path}?{good}"), &[], "").await;
        assert_eq!((got.status, got.header("allow")), (405, Some("POST")));
        assert!(!got.body.contains(&owner.1));
    }
    assert_eq!(world.org.calls(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_does_not_learn_whether_a_client_exists() {
    let world = World::new().await;
    let (owner, other) = (client(&world, false), client(&world, true));
    let mut answers = Vec::new();
    for (id, secret) in [
        (owner.0.id.as_str(), "pcl_wrong"),
        (owner.0.id.as_str(), other.1.as_str()),
        ("clinobody", "pcl_wrong"),
        ("clinobody", owner.1.as_str()),
        ("", "x"),
    ] {
        let body = format!(
            "client_id={id}&client_secret={secret}&grant_type=client_credentials&scope=okta.users.read"
        );
        let mut got = post(&world, "token", &body).await;
        got.headers.retain(|(name, _)| name != "date");
        answers.push((got.status, got.headers, got.body));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    let (status, headers, _) = &answers[0];
    assert_eq!(*status, 401);
    assert!(headers.contains(&(
        "www-authenticate".to_owned(),
        "Basic realm=\"oauth2\"".to_owned()
    )));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_starves_and_the_owner_behind_the_same_address_does_not() {
    let world = World::new().await;
    let (owner, late) = (client(&world, false), client(&world, true));
    token(&world, &owner).await;
    for guess in 0..60 {
        let body =
            format!("client_id=clinobody&client_secret=pcl_{guess}&grant_type=client_credentials");
        assert_eq!(post(&world, "token", &body).await.status, 401);
    }
    token(&world, &owner).await;
    let second = (owner.0.clone(), secret_of(&world, &owner.0));
    for right in [late, second] {
        let asked = format!(
            "{}&grant_type=client_credentials&scope=okta.users.read",
            own(&right)
        );
        assert_eq!(
            error(&post(&world, "token", &asked).await),
            (401, "invalid_client".to_owned()),
            "a right guess among them"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_metadata_are_for_everybody() {
    let world = World::new().await;
    let keys = send(&world, "GET /oauth2/v1/keys", &[], "").await;
    assert_eq!(
        (keys.status, keys.header("cache-control")),
        (200, Some("public, max-age=3600"))
    );
    let key = &keys.json()["keys"][0];
    assert_eq!(
        (&key["kty"], &key["alg"], &key["use"]),
        (&json!("EC"), &json!("ES256"), &json!("sig"))
    );
    assert!(key.get("d").is_none());
    let mut described = Vec::new();
    for path in ["oauth-authorization-server", "openid-configuration"] {
        let got = send(&world, &format!("GET /.well-known/{path}"), &[], "").await;
        assert_eq!(got.status, 200);
        described.push(got.json());
        let head = send(&world, &format!("HEAD /.well-known/{path}"), &[], "").await;
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        let posted = send(&world, &format!("POST /.well-known/{path}"), &[], "").await;
        assert_eq!(
            (posted.status, posted.header("allow")),
            (405, Some("GET, HEAD"))
        );
    }
    assert_eq!(described[0], described[1]);
    assert_eq!(
        described[0]["token_endpoint"],
        "https://gate.example/oauth2/v1/token"
    );
    assert_eq!(
        described[0]["jwks_uri"],
        "https://gate.example/oauth2/v1/keys"
    );
    for near in [
        "/oauth2/v1/token/",
        "/oauth2/v1/Token",
        "/oauth2/v1/%74oken",
        "//oauth2/v1/token",
    ] {
        let got = send(
            &world,
            &format!("POST {near}"),
            &[FORM],
            "grant_type=client_credentials",
        )
        .await;
        assert_eq!(
            (got.status, got.code()),
            (401, "E0000011".to_owned()),
            "{near}"
        );
    }
}
