//! A credential kept in the vault and replaced there while calls are made: none fails, and the old one is not shown for long.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use access::{Call, OrgName};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use clock::{Clock, Manual};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{Database, SealKey, Secret};
use upstream::{ConnectError, CredentialSource, CredentialText, Pace, Vault, VaultError};

use crate::org::{Job, Org, Seen, error, ok, reply};

fn production() -> OrgName {
    OrgName::parse("production").unwrap()
}

fn token(text: &str) -> CredentialText {
    CredentialText::ApiToken(Secret::new(text.to_owned()))
}

/// A service app with a key of its own.
fn app(client_id: &str) -> CredentialText {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let der = STANDARD.encode(pair.to_pkcs8v1().unwrap());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----");
    CredentialText::ServiceApp {
        client_id: client_id.to_owned(),
        key: Secret::new(pem),
        key_id: Some("k1".to_owned()),
        scopes: vec!["okta.groups.read".to_owned()],
    }
}

struct Safe {
    vault: Arc<Vault>,
    database: Arc<Database>,
    clock: Manual,
}

impl Safe {
    fn new() -> Self {
        let database = Arc::new(Database::open_in_memory().unwrap());
        let vault = Vault::open(Arc::clone(&database), &SealKey::from_bytes([7; 32])).unwrap();
        Self {
            vault: Arc::new(vault),
            database,
            clock: Manual::at(Timestamp::from_second(1_800_000_000).unwrap()),
        }
    }

    fn put(&self, text: &CredentialText) {
        let now = self.clock.now();
        self.vault.put(&production(), text, now).unwrap();
    }

    fn job(&self, org: &Org) -> Job {
        let source = CredentialSource::Kept {
            vault: Arc::clone(&self.vault),
            org: production(),
        };
        Job::on(org.okta_as(source, Pace::GATEWAY, Arc::new(self.clock.clone())))
    }
}

/// An org that takes the tokens it has not revoked.
#[derive(Clone, Default)]
struct Revoked(Arc<Mutex<HashSet<String>>>);

impl Revoked {
    fn revoke(&self, token: &str) {
        self.0.lock().unwrap().insert(format!("SSWS {token}"));
    }

    async fn org(&self) -> Org {
        let revoked = self.clone();
        Org::start(move |seen| {
            let shown = seen.header("authorization").to_owned();
            if revoked.0.lock().unwrap().contains(&shown) {
                error(401, "E0000011")
            } else {
                ok("[]")
            }
        })
        .await
    }
}

async fn list(job: &Job) -> Result<u16, String> {
    let call = Call::new("listGroups", &[]).unwrap();
    let answer = job.line.call(call).await;
    answer
        .map(|answer| answer.status.as_u16())
        .map_err(|error| error.to_string())
}

fn shown(org: &Org) -> Vec<String> {
    let seen = org.seen();
    seen.iter()
        .map(|seen| seen.header("authorization").to_owned())
        .collect()
}

#[tokio::test]
async fn a_call_that_has_begun_ends_with_the_old_credential_and_later_ones_show_the_new() {
    let safe = Safe::new();
    safe.put(&token("00old"));
    let (vault, once) = (Arc::clone(&safe.vault), AtomicBool::new(true));
    let org = Org::start(move |_| {
        if once.swap(false, Ordering::SeqCst) {
            let now = Timestamp::from_second(1_800_000_000).unwrap();
            vault.put(&production(), &token("00new"), now).unwrap();
        }
        ok("[]")
    })
    .await;
    let job = safe.job(&org);
    assert_eq!(list(&job).await, Ok(200));
    safe.clock.advance(SignedDuration::from_millis(500));
    assert_eq!(list(&job).await, Ok(200));
    assert_eq!(shown(&org), ["SSWS 00old", "SSWS 00new"]);
}

#[tokio::test]
async fn a_call_refused_right_at_the_change_is_repeated_once_with_the_new_credential() {
    let (safe, revoked) = (Safe::new(), Revoked::default());
    safe.put(&token("00old"));
    let org = revoked.org().await;
    let job = safe.job(&org);
    safe.put(&token("00new"));
    revoked.revoke("00old");
    let create = Call::new("addGroup", &[])
        .unwrap()
        .with_json(&json!({"profile": {"name": "g"}}));
    let answer = job.line.call(create).await.unwrap();
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(shown(&org), ["SSWS 00old", "SSWS 00new"]);
    revoked.revoke("00new");
    safe.put(&token("00newest"));
    revoked.revoke("00newest");
    let refused = list(&job).await.unwrap_err();
    assert!(refused.contains("E0000011"), "{refused}");
    assert_eq!(shown(&org).len(), 4, "one repetition and no more");
}

#[tokio::test]
async fn without_a_successor_a_refused_credential_is_an_error_at_once() {
    let (safe, revoked) = (Safe::new(), Revoked::default());
    safe.put(&token("00old"));
    revoked.revoke("00old");
    let org = revoked.org().await;
    let refused = list(&safe.job(&org)).await.unwrap_err();
    assert!(refused.contains("E0000011"), "{refused}");
    assert_eq!(shown(&org).len(), 1);
}

#[tokio::test]
async fn no_call_fails_while_credentials_are_replaced_and_revoked_under_load() {
    const CALLERS: usize = 6;
    const ROTATIONS: usize = 25;
    let (safe, revoked) = (Safe::new(), Revoked::default());
    safe.put(&token("00t0"));
    let org = revoked.org().await;
    let job = safe.job(&org);
    let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let caller = || async {
        let mut failures = Vec::new();
        while !over.load(Ordering::SeqCst) {
            failures.extend(list(&job).await.err());
            answered.fetch_add(1, Ordering::SeqCst);
        }
        failures
    };
    let rotation = async {
        for number in 1..=ROTATIONS {
            let before = answered.load(Ordering::SeqCst);
            safe.put(&token(&format!("00t{number}")));
            revoked.revoke(&format!("00t{}", number - 1));
            while answered.load(Ordering::SeqCst) < before + 4 * CALLERS {
                tokio::task::yield_now().await;
            }
        }
        over.store(true, Ordering::SeqCst);
    };
    let callers = join_all((0..CALLERS).map(|_| caller()));
    let (failures, ()) = tokio::join!(callers, rotation);
    assert_eq!(failures.concat(), Vec::<String>::new());
    let used: HashSet<String> = shown(&org).into_iter().collect();
    assert_eq!(used.len(), ROTATIONS + 1, "every credential has served");
}

#[tokio::test]
async fn a_service_apps_key_that_the_org_no_longer_knows_gives_way_to_its_successor() {
    let safe = Safe::new();
    safe.put(&app("0oa1"));
    let gone = Arc::new(AtomicBool::new(false));
    let old_is_gone = Arc::clone(&gone);
    let org = Org::start(move |seen| {
        if seen.target() != "/oauth2/v1/token" {
            let old = seen.header("authorization") == "Bearer of-0oa1";
            return if old && old_is_gone.load(Ordering::SeqCst) {
                error(401, "E0000011")
            } else {
                ok("[]")
            };
        }
        let issuer = issuer(seen);
        if issuer == "0oa1" && old_is_gone.load(Ordering::SeqCst) {
            return reply(401, &[], r#"{"error":"invalid_client"}"#);
        }
        ok(format!(
            r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"of-{issuer}"}}"#
        ))
    })
    .await;
    let (with_token, without) = (safe.job(&org), safe.job(&org));
    assert_eq!(list(&with_token).await, Ok(200));
    gone.store(true, Ordering::SeqCst);
    safe.put(&app("0oa2"));
    assert_eq!(list(&with_token).await, Ok(200));
    assert_eq!(list(&without).await, Ok(200));
}

fn issuer(seen: &Seen) -> String {
    let assertion = url::form_urlencoded::parse(&seen.body)
        .find(|(name, _)| name == "client_assertion")
        .map(|(_, value)| value.into_owned())
        .unwrap();
    let claims = assertion.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims.get("iss").unwrap().as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_vault_that_cannot_be_read_leaves_the_credential_at_hand_in_use() {
    let safe = Safe::new();
    let org = Revoked::default().org().await;
    let source = || CredentialSource::Kept {
        vault: Arc::clone(&safe.vault),
        org: production(),
    };
    let settings = |credential| upstream::Settings {
        address: upstream::Address::parse(&org.url()).unwrap(),
        credential,
        pace: Pace::GATEWAY,
        clock: Arc::new(safe.clock.clone()),
    };
    let none = upstream::Okta::connect(settings(source())).unwrap_err();
    assert!(matches!(
        none,
        ConnectError::Vault(VaultError::Absent { .. })
    ));
    safe.put(&token("00old"));
    let job = safe.job(&org);
    safe.database
        .write(|tx| -> Result<(), store::Error> {
            Ok(tx.execute_batch("ALTER TABLE upstream_credential RENAME TO elsewhere")?)
        })
        .unwrap();
    safe.clock.advance(SignedDuration::from_secs(5));
    assert_eq!(list(&job).await, Ok(200));
    assert_eq!(shown(&org), ["SSWS 00old"]);
}
