//! Service apps: scopes granted, tokens earned with signed assertions, tokens used.

use super::world::{BASE, World, id, json, refusal};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use emulator::{Answer, Request};
use http::{Method, header};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A service app and the key it signs with.
struct Service {
    app: Value,
    key: EcdsaKeyPair,
}

impl Service {
    fn register(world: &World) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = key.public_key().as_ref();
        let jwk = json!({"kty": "EC", "crv": "P-256", "kid": "one", "status": "ACTIVE",
            "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..])});
        let app = world.make(
            "/api/v1/apps",
            json!({"name": "oidc_client", "label": "Nightly", "signOnMode": "OPENID_CONNECT",
                "credentials": {"oauthClient": {"token_endpoint_auth_method": "private_key_jwt"}},
                "settings": {"oauthClient": {"application_type": "service", "grant_types": ["client_credentials"],
                    "response_types": ["token"], "jwks": {"keys": [jwk]}}}}),
        );
        Self { app, key }
    }

    fn client(&self) -> &str {
        self.app["credentials"]["oauthClient"]["client_id"]
            .as_str()
            .unwrap()
    }

    fn allow(&self, world: &World, scope: &str) {
        let path = format!("/api/v1/apps/{}/grants", id(&self.app));
        world.make(&path, json!({"scopeId": scope, "issuer": BASE}));
    }

    fn assertion(&self, world: &World, change: Value) -> String {
        let now = clock::Clock::now(&world.clock).as_second();
        let mut claims = json!({"iss": self.client(), "sub": self.client(), "aud": format!("{BASE}/oauth2/v1/token"), "exp": now + 300});
        claims
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let header = json!({"alg": "ES256", "kid": "one"});
        let message = format!(
            "{}.{}",
            BASE64.encode(header.to_string()),
            BASE64.encode(claims.to_string())
        );
        let signature = self
            .key
            .sign(&SystemRandom::new(), message.as_bytes())
            .unwrap();
        format!("{message}.{}", BASE64.encode(signature))
    }
}

fn ask(world: &World, assertion: &str, scope: &str) -> Answer {
    let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    let form = format!(
        "grant_type=client_credentials&scope={scope}&client_assertion_type={kind}&client_assertion={assertion}"
    );
    let request = Request::new(Method::POST, "/oauth2/v1/token")
        .with_header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    world.emulator.answer(Request {
        body: form.into(),
        ..request
    })
}

fn bearer(world: &World, token: &str, method: Method, target: &str) -> Answer {
    let request =
        Request::new(method, target).with_header(header::AUTHORIZATION, &format!("Bearer {token}"));
    world.emulator.answer(request)
}

fn description(answer: &Answer) -> String {
    json(answer)["error_description"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn a_token_reaches_as_far_and_as_long_as_its_scopes() {
    let world = World::new();
    let service = Service::register(&world);
    service.allow(&world, "okta.users.read");
    let answer = ask(
        &world,
        &service.assertion(&world, json!({})),
        "okta.users.read+okta.groups.read",
    );
    let token = json(&answer);
    assert_eq!(
        (&token["token_type"], &token["scope"]),
        (&json!("Bearer"), &json!("okta.users.read"))
    );
    let token = token["access_token"].as_str().unwrap();
    assert_eq!(
        bearer(&world, token, Method::GET, "/api/v1/users").status,
        200
    );
    let beyond = bearer(&world, token, Method::GET, "/api/v1/groups");
    assert_eq!(refusal(&beyond), (403, "E0000006".into()));
    assert!(
        beyond.headers["www-authenticate"]
            .to_str()
            .unwrap()
            .contains("okta.groups.read")
    );
    world.clock.advance(SignedDuration::from_secs(3601));
    assert_eq!(
        refusal(&bearer(&world, token, Method::GET, "/api/v1/users")),
        (401, "E0000011".into())
    );
}

#[test]
fn a_faulty_assertion_is_told_its_fault() {
    let world = World::new();
    let (service, stranger) = (Service::register(&world), Service::register(&world));
    service.allow(&world, "okta.users.read");
    let now = clock::Clock::now(&world.clock).as_second();
    let faults = [
        (json!({"exp": now - 1}), "is expired"),
        (json!({"exp": now + 100_000}), "too far into the future"),
        (
            json!({"aud": "https://other.example.com"}),
            "audience claim",
        ),
        (json!({"sub": "0oaother"}), "must be the client_id"),
        (json!({"iss": "0oanobody"}), "Invalid value for 'client_id'"),
        (
            json!({"iss": stranger.client(), "sub": stranger.client()}),
            "signature is invalid",
        ),
    ];
    for (change, expected) in faults {
        let answer = ask(
            &world,
            &service.assertion(&world, change),
            "okta.users.read",
        );
        assert_eq!(
            (answer.status.as_u16(), &json(&answer)["error"]),
            (401, &json!("invalid_client"))
        );
        assert!(
            description(&answer).contains(expected),
            "{}",
            description(&answer)
        );
    }
}

#[test]
fn an_assertion_with_an_id_is_good_once() {
    let world = World::new();
    let service = Service::register(&world);
    service.allow(&world, "okta.users.read");
    let assertion = service.assertion(&world, json!({"jti": "a1"}));
    assert_eq!(ask(&world, &assertion, "okta.users.read").status, 200);
    assert!(description(&ask(&world, &assertion, "okta.users.read")).contains("already been used"));
}

#[test]
fn scopes_that_are_not_granted_or_not_known_are_refused() {
    let world = World::new();
    let service = Service::register(&world);
    let answer = ask(
        &world,
        &service.assertion(&world, json!({})),
        "okta.users.read",
    );
    assert_eq!(
        (answer.status.as_u16(), &json(&answer)["error"]),
        (400, &json!("consent_required"))
    );
    let answer = ask(&world, &service.assertion(&world, json!({})), "everything");
    assert_eq!(
        (answer.status.as_u16(), &json(&answer)["error"]),
        (400, &json!("invalid_scope"))
    );
}

#[test]
fn an_org_tells_strangers_who_it_is() {
    let world = World::new();
    let ask = |target: &str| json(&world.emulator.answer(Request::new(Method::GET, target)));
    assert!(
        ask("/.well-known/okta-organization")["id"]
            .as_str()
            .unwrap()
            .starts_with("00o")
    );
    assert_eq!(
        ask("/.well-known/openid-configuration")["token_endpoint"],
        format!("{BASE}/oauth2/v1/token")
    );
    assert_eq!(ask("/oauth2/v1/keys")["keys"][0]["kty"], "RSA");
    let custom = ask("/oauth2/default/.well-known/openid-configuration");
    assert!(
        custom["jwks_uri"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{BASE}/oauth2/"))
    );
}
