//! How tokens end before they expire, and what their clients are told about them.

use access::oauth::{Asked, Authentication, Fault, Revocation};
use access::{AccessError, Client, CredentialId, CredentialKind, STALENESS_MS_MAX, Why};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::world::{Head, ISSUER, NOW, World, call_on, form, keyring_in, later, org};

const REVOKE: &str = "https://gate.example/oauth2/v1/revoke";

/// A client with a secret, and what it asks.
struct Owner<'w> {
    world: &'w World,
    client: Client,
    secret: String,
}

impl<'w> Owner<'w> {
    fn new(world: &'w World, name: &str) -> Self {
        let client = world.client(name, Authentication::ClientSecretPost);
        let secret = world.secret(&client, CredentialKind::Secret);
        Self {
            world,
            client,
            secret,
        }
    }

    fn fields<'f>(&'f self, further: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
        let own = [
            ("client_id", self.client.id.as_str()),
            ("client_secret", self.secret.as_str()),
        ];
        [&own[..], further].concat()
    }

    fn token(&self) -> String {
        let asked = self.fields(&[
            ("grant_type", "client_credentials"),
            ("scope", "okta.users.read okta.groups.read"),
        ]);
        let issued = self.world.ask(&Head::default(), &asked, NOW).unwrap();
        issued.text.expose().clone()
    }

    fn revoke(&self, token: &str, now: Timestamp) -> Revocation {
        let form = form(&self.fields(&[("token", token), ("token_type_hint", "refresh_token")]));
        let head = Head::default();
        let presented = head.presented("POST", REVOKE);
        let asked = Asked {
            form: &form,
            presented: &presented,
        };
        self.world
            .keyring
            .revoke_token(&asked, &org(), now)
            .unwrap()
    }

    fn introspect(&self, token: &str, now: Timestamp) -> Value {
        let form = form(&self.fields(&[("token", token)]));
        let head = Head::default();
        let presented = head.presented("POST", "https://gate.example/oauth2/v1/introspect");
        let asked = Asked {
            form: &form,
            presented: &presented,
        };
        self.world.keyring.introspect(&asked, &org(), now).unwrap()
    }
}

fn bearer(token: &str) -> Head {
    Head::authorized(format!("Bearer {token}"))
}

#[test]
fn a_revoked_token_is_refused_at_once_here_and_within_half_a_second_elsewhere() {
    let world = World::new();
    let owner = Owner::new(&world, "owner");
    let (token, kept) = (owner.token(), owner.token());
    let elsewhere = keyring_in(&world.dir);
    assert!(
        world.call(&bearer(&token), NOW).is_ok()
            && call_on(&elsewhere, &bearer(&token), NOW).is_ok(),
        "in both caches"
    );
    let revocation = owner.revoke(&token, NOW);
    assert_eq!(revocation.client, owner.client.id);
    assert!(revocation.token.is_some());
    assert_eq!(
        world.call(&bearer(&token), NOW).map(drop),
        Err(Why::Revoked)
    );
    let noticed = NOW + SignedDuration::from_millis(STALENESS_MS_MAX);
    assert_eq!(
        call_on(&elsewhere, &bearer(&token), noticed).map(drop),
        Err(Why::Revoked)
    );
    assert!(
        world.call(&bearer(&kept), NOW).is_ok(),
        "the other token lives on"
    );
    assert_eq!(
        owner.revoke(&token, NOW).token,
        None,
        "again, and nothing happens"
    );
}

#[test]
fn an_operator_revokes_a_token_by_the_id_that_the_trail_tells() {
    let world = World::new();
    let owner = Owner::new(&world, "owner");
    let (token, kept) = (owner.token(), owner.token());
    let caller = world.call(&bearer(&token), NOW).unwrap();
    let keyring = &world.keyring;
    keyring
        .revoke_token_named(caller.credential(), NOW)
        .unwrap();
    assert_eq!(
        world.call(&bearer(&token), NOW).map(drop),
        Err(Why::Revoked)
    );
    assert!(world.call(&bearer(&kept), NOW).is_ok());
    for other in [
        "AT.",
        "AT.short",
        "AT.0123456789abcdefghij/.",
        "key0123456789abcdef",
        "",
    ] {
        let refused = keyring.revoke_token_named(&CredentialId::new(other), NOW);
        assert!(matches!(refused, Err(AccessError::NoKey(_))), "{other}");
    }
}

#[test]
fn a_token_revoked_by_its_id_stays_so_for_as_long_as_any_token_lives() {
    let world = World::new();
    let client = world.client_with("owner", Authentication::ClientSecretPost, |new| {
        let oauth = new.oauth.as_mut().unwrap();
        oauth.token_minutes = access::TOKEN_MINUTES_MAX;
    });
    let owner = Owner {
        secret: world.secret(&client, CredentialKind::Secret),
        client,
        world: &world,
    };
    // Issued ten minutes before, and by a gateway whose clock is a minute ahead.
    for issued in [-600, 60] {
        let asked = owner.fields(&[
            ("grant_type", "client_credentials"),
            ("scope", "okta.users.read"),
        ]);
        let token = world.ask(&Head::default(), &asked, later(issued)).unwrap();
        world.keyring.revoke_token_named(&token.id, NOW).unwrap();
        // One that starts anew reads what is revoked as of then.
        let database =
            std::sync::Arc::new(store::Database::open(&world.dir.path().join("state.db")).unwrap());
        let last = later(issued + 60 * i64::from(access::TOKEN_MINUTES_MAX) - 1);
        let seal = store::SealKey::from_bytes([7; 32]);
        let restarted = access::Keyring::open(database, &seal, last).unwrap();
        let refused = call_on(&restarted, &bearer(token.text.expose()), last);
        assert_eq!(refused.map(drop), Err(Why::Revoked), "{issued}");
    }
}

#[test]
fn nobody_revokes_or_examines_anothers_token_or_learns_that_it_is_one() {
    let world = World::new();
    let (owner, other) = (Owner::new(&world, "owner"), Owner::new(&world, "other"));
    let token = owner.token();
    for foreign in [token.as_str(), "garbage", "a.b.c", "pcl_key"] {
        assert_eq!(
            other.introspect(foreign, NOW),
            json!({ "active": false }),
            "{foreign}"
        );
        assert_eq!(
            other.revoke(foreign, NOW),
            Revocation {
                client: other.client.id.clone(),
                token: None
            },
            "{foreign}"
        );
    }
    assert!(world.call(&bearer(&token), NOW).is_ok());
}

#[test]
fn a_client_is_told_about_its_own_token_as_it_counts_now() {
    let world = World::new();
    let owner = Owner::new(&world, "owner");
    let token = owner.token();
    let mut told = owner.introspect(&token, NOW);
    let jti = told["jti"].take();
    assert!(jti.as_str().unwrap().starts_with("AT."));
    let id = owner.client.id.as_str();
    assert_eq!(
        told,
        json!({
            "active": true, "scope": "okta.users.read okta.groups.read", "client_id": id, "sub": id, "iss": ISSUER, "aud": ISSUER,
            "jti": null, "iat": NOW.as_second(), "exp": NOW.as_second() + 600, "token_type": "Bearer",
        })
    );
    let mut less = owner.client.clone();
    less.scopes = vec!["okta.users.read".to_owned()];
    world.keyring.amend(&less, NOW).unwrap();
    assert_eq!(
        owner.introspect(&token, NOW)["scope"],
        "okta.users.read",
        "the registration bounds"
    );
    assert_eq!(
        owner.introspect(&token, later(600)),
        json!({ "active": false }),
        "expired"
    );
    owner.revoke(&token, NOW);
    assert_eq!(
        owner.introspect(&token, NOW),
        json!({ "active": false }),
        "revoked"
    );
}

#[test]
fn a_disabled_client_loses_its_tokens() {
    let world = World::new();
    let owner = Owner::new(&world, "owner");
    let token = owner.token();
    assert!(world.call(&bearer(&token), NOW).is_ok());
    world.keyring.disable(&owner.client.id, NOW).unwrap();
    assert_eq!(
        world.call(&bearer(&token), NOW).map(drop),
        Err(Why::Disabled)
    );
}

#[test]
fn a_clock_that_went_back_makes_no_token_valid() {
    let world = World::new();
    let owner = Owner::new(&world, "owner");
    let token = owner.token();
    assert!(
        world.call(&bearer(&token), later(-60)).is_ok(),
        "clocks of two gateways differ"
    );
    assert_eq!(
        world.call(&bearer(&token), later(-61)).map(drop),
        Err(Why::Expired)
    );
}

#[test]
fn both_endpoints_want_a_token_and_a_client() {
    let world = World::new();
    let owner = Owner::new(&world, "owner");
    let head = Head::default();
    let presented = head.presented("POST", REVOKE);
    let faults = |fields: &[(&str, &str)]| {
        let form = form(fields);
        let asked = Asked {
            form: &form,
            presented: &presented,
        };
        let revoked = world
            .keyring
            .revoke_token(&asked, &org(), NOW)
            .unwrap_err()
            .fault();
        let introspected = world
            .keyring
            .introspect(&asked, &org(), NOW)
            .unwrap_err()
            .fault();
        (revoked, introspected)
    };
    let invalid = |fault: Fault| (fault, fault);
    assert_eq!(faults(&owner.fields(&[])), invalid(Fault::InvalidRequest));
    assert_eq!(faults(&[("token", "x")]), invalid(Fault::InvalidClient));
    assert_eq!(
        faults(&[("token", "x"), ("client_id", owner.client.id.as_str())]),
        invalid(Fault::InvalidClient)
    );
}
