//! Token exchange among our own tokens: only for less, and only by the client whose token it is.

use access::oauth::{Authentication, Fault};
use access::{Client, CredentialKind};
use serde_json::json;

use super::world::{Head, NOW, World, later};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

fn with_secret(world: &World, name: &str) -> (Client, String) {
    let client = world.client(name, Authentication::ClientSecretPost);
    let secret = world.secret(&client, CredentialKind::Secret);
    (client, secret)
}

#[test]
fn a_token_is_exchanged_for_one_with_fewer_scopes_that_does_not_outlive_it() {
    let world = World::new();
    let (client, secret) = with_secret(&world, "owner");
    let own = [
        ("client_id", client.id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    let first = [
        ("grant_type", "client_credentials"),
        ("scope", "okta.users.read okta.groups.read"),
    ];
    let wide = world
        .ask(&Head::default(), &[&own[..], &first].concat(), NOW)
        .unwrap();
    let exchange = |subject: &str, scope: &str, seconds: i64| {
        let asked = [
            ("grant_type", EXCHANGE),
            ("subject_token", subject),
            ("subject_token_type", ACCESS_TOKEN),
            ("scope", scope),
        ];
        world.ask(
            &Head::default(),
            &[&own[..], &asked].concat(),
            later(seconds),
        )
    };
    let narrow = exchange(wide.text.expose(), "okta.users.read", 400).unwrap();
    assert_eq!(narrow.seconds, 200);
    let answer = narrow.to_json();
    assert_eq!(
        (&answer["scope"], &answer["issued_token_type"]),
        (&json!("okta.users.read"), &json!(ACCESS_TOKEN))
    );
    assert!(
        world
            .call(
                &Head::authorized(format!("Bearer {}", narrow.text.expose())),
                later(400)
            )
            .is_ok()
    );
    let wider = exchange(narrow.text.expose(), "okta.groups.read", 400).unwrap_err();
    assert_eq!(
        (wider.fault(), wider.why()),
        (Fault::InvalidScope, "scope_beyond_subject_token"),
        "never back up"
    );
    let dead = exchange(wide.text.expose(), "okta.users.read", 600).unwrap_err();
    assert_eq!(
        (dead.fault(), dead.why()),
        (Fault::InvalidGrant, "expired_credential")
    );
}

#[test]
fn only_its_own_client_exchanges_a_token_and_nobody_acts_for_anybody() {
    let world = World::new();
    let ((owner, secret), (other, others)) =
        (with_secret(&world, "owner"), with_secret(&world, "other"));
    let first = [
        ("client_id", owner.id.as_str()),
        ("client_secret", secret.as_str()),
        ("grant_type", "client_credentials"),
        ("scope", "okta.users.read"),
    ];
    let token = world.ask(&Head::default(), &first, NOW).unwrap();
    let refused = |further: &[(&str, &str)]| {
        let own = [
            ("client_id", other.id.as_str()),
            ("client_secret", others.as_str()),
            ("grant_type", EXCHANGE),
            ("scope", "okta.users.read"),
        ];
        world
            .ask(&Head::default(), &[&own[..], further].concat(), NOW)
            .unwrap_err()
            .fault()
    };
    let subject = ("subject_token", token.text.expose().as_str());
    let kind = ("subject_token_type", ACCESS_TOKEN);
    assert_eq!(refused(&[subject, kind]), Fault::InvalidGrant);
    assert_eq!(
        refused(&[("subject_token", "a.b.c"), kind]),
        Fault::InvalidGrant
    );
    assert_eq!(
        refused(&[subject, kind, ("actor_token", "x")]),
        Fault::InvalidRequest
    );
    assert_eq!(refused(&[subject]), Fault::InvalidRequest);
    assert_eq!(refused(&[kind]), Fault::InvalidRequest);
    let saml = (
        "subject_token_type",
        "urn:ietf:params:oauth:token-type:saml2",
    );
    assert_eq!(refused(&[subject, saml]), Fault::InvalidRequest);
    let refresh = (
        "requested_token_type",
        "urn:ietf:params:oauth:token-type:refresh_token",
    );
    assert_eq!(refused(&[subject, kind, refresh]), Fault::InvalidRequest);
}
