//! A service app's tokens: asked for with a signed assertion, shared, renewed in time.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use access::Call;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use clock::Manual;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use store::Secret;
use upstream::{Credential, LineError, Pace, ServiceApp, SigningKey};

use crate::org::{Job, Org, Reply, Seen, error, ok, reply};

/// An org that grants tokens `t1`, `t2`, … for an hour, and refuses those in `revoked`.
#[derive(Clone, Default)]
struct Grants {
    granted: Arc<AtomicUsize>,
    revoked: Arc<Mutex<HashSet<String>>>,
    closed: Arc<Mutex<bool>>,
}

impl Grants {
    fn answer(&self, seen: &Seen) -> Reply {
        if seen.target() != "/oauth2/v1/token" {
            let token = seen.header("authorization").to_owned();
            let known =
                token.starts_with("Bearer t") && !self.revoked.lock().unwrap().contains(&token);
            return if known {
                ok("[]")
            } else {
                error(401, "E0000011")
            };
        }
        if *self.closed.lock().unwrap() {
            return reply(503, &[], "");
        }
        let number = self.granted.fetch_add(1, Ordering::SeqCst) + 1;
        ok(format!(
            r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"t{number}"}}"#
        ))
    }

    fn count(&self) -> usize {
        self.granted.load(Ordering::SeqCst)
    }
}

struct World {
    grants: Grants,
    org: Org,
    job: Job,
    clock: Manual,
    public: Vec<u8>,
}

/// A service app with a fresh key, and the key's public half.
fn app() -> (ServiceApp, Vec<u8>) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let der = STANDARD.encode(pair.to_pkcs8v1().unwrap());
    let pem = Secret::new(format!(
        "-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----"
    ));
    let app = ServiceApp {
        client_id: "0oa1".to_owned(),
        key: SigningKey::read(&pem).unwrap(),
        kid: Some("k1".to_owned()),
        scopes: vec!["okta.users.read".to_owned(), "okta.groups.read".to_owned()],
    };
    (app, pair.public_key().as_ref().to_vec())
}

async fn world() -> World {
    let (app, public) = app();
    let grants = Grants::default();
    let script = grants.clone();
    let org = Org::start(move |seen| script.answer(seen)).await;
    let clock = Manual::at(Timestamp::from_second(1_800_000_000).unwrap());
    let okta = org.okta_as(
        Credential::ServiceApp(app),
        Pace::GATEWAY,
        Arc::new(clock.clone()),
    );
    World {
        grants,
        org,
        job: Job::on(okta),
        clock,
        public,
    }
}

impl World {
    async fn call(&self) -> Result<u16, LineError> {
        let call = Call::new("listGroups", &[]).unwrap();
        Ok(self.job.line.call(call).await?.status.as_u16())
    }
}

#[tokio::test]
async fn the_assertion_is_signed_for_the_token_endpoint_and_used_once() {
    let world = world().await;
    world.call().await.unwrap();
    world.clock.advance(SignedDuration::from_hours(2));
    world.call().await.unwrap();
    let seen = world.org.seen();
    let asked: Vec<&Seen> = seen
        .iter()
        .filter(|seen| seen.target() == "/oauth2/v1/token")
        .collect();
    let mut ids = HashSet::new();
    for (request, issued) in asked.iter().zip([1_800_000_000, 1_800_007_200]) {
        assert_eq!(request.header("authorization"), "");
        let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body)
            .into_owned()
            .collect();
        let field = |name: &str| {
            form.iter()
                .find(|(known, _)| known == name)
                .unwrap()
                .1
                .clone()
        };
        assert_eq!(field("grant_type"), "client_credentials");
        assert_eq!(field("scope"), "okta.users.read okta.groups.read");
        let assertion = field("client_assertion");
        let (message, signature) = assertion.rsplit_once('.').unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &world.public);
        key.verify(
            message.as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
        .unwrap();
        let part = |at: usize| -> Value {
            let part = message.split('.').nth(at).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        assert_eq!(
            part(0),
            serde_json::json!({"alg": "ES256", "typ": "JWT", "kid": "k1"})
        );
        let claims = part(1);
        assert_eq!(
            claims["aud"],
            format!("{}/oauth2/v1/token", world.org.url())
        );
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&"0oa1".into(), &"0oa1".into())
        );
        assert_eq!(claims["exp"].as_i64().unwrap() - issued, 300);
        ids.insert(claims["jti"].to_string());
    }
    assert_eq!(ids.len(), 2);
}

#[tokio::test]
async fn one_token_serves_all_callers_until_four_fifths_of_its_life() {
    let world = world().await;
    let statuses = join_all((0..20).map(|_| world.call())).await;
    assert!(statuses.into_iter().all(|status| status.unwrap() == 200));
    assert_eq!(world.grants.count(), 1);
    world.clock.advance(SignedDuration::from_mins(47));
    world.call().await.unwrap();
    assert_eq!(world.grants.count(), 1);
    world.clock.advance(SignedDuration::from_mins(2));
    join_all((0..20).map(|_| world.call())).await;
    assert_eq!(world.grants.count(), 2);
}

#[tokio::test]
async fn a_token_refused_before_its_time_is_renewed_once() {
    let world = world().await;
    world.call().await.unwrap();
    world
        .grants
        .revoked
        .lock()
        .unwrap()
        .insert("Bearer t1".to_owned());
    assert_eq!(world.call().await.unwrap(), 200);
    assert_eq!(world.grants.count(), 2);
    let all = (2..9).map(|number| format!("Bearer t{number}"));
    world.grants.revoked.lock().unwrap().extend(all);
    let refused = world.call().await.unwrap_err();
    assert!(refused.to_string().contains("E0000011"), "{refused}");
    assert_eq!(world.grants.count(), 3);
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_serves_until_it_expires() {
    let world = world().await;
    world.call().await.unwrap();
    *world.grants.closed.lock().unwrap() = true;
    world.clock.advance(SignedDuration::from_mins(55));
    assert_eq!(world.call().await.unwrap(), 200);
    world.clock.advance(SignedDuration::from_mins(6));
    let failed = world.call().await.unwrap_err();
    assert!(
        failed.to_string().contains("token endpoint answered 503"),
        "{failed}"
    );
    assert!(!failed.sent());
}

#[tokio::test]
async fn an_app_that_demands_dpop_is_told_from_a_wrong_key() {
    for (said, expected) in [
        ("invalid_dpop_proof", "DPoP"),
        ("invalid_client", "invalid_client (why)"),
    ] {
        let body = format!(r#"{{"error":"{said}","error_description":"why"}}"#);
        let org = Org::start(move |_| reply(400, &[], body.clone())).await;
        let (app, _) = app();
        let okta = org.okta_as(
            Credential::ServiceApp(app),
            Pace::GATEWAY,
            Arc::new(clock::System),
        );
        let call = Call::new("listGroups", &[]).unwrap();
        let refused = Job::on(okta).line.call(call).await.unwrap_err();
        assert!(refused.to_string().contains(expected), "{refused}");
    }
}
