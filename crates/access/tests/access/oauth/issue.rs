//! Issuing: what a token says, and which scopes it gets.

use access::oauth::{Authentication, Fault};
use access::{Asked, Call, Circumstances, CredentialKind, Reason, decide};
use serde_json::json;

use super::world::{ASSERTION_TYPE, Head, ISSUER, NOW, Pair, World, claims, later, org};

#[test]
fn a_client_without_client_id_gets_a_token_and_calls_with_it_until_it_expires() {
    let (world, pair) = (World::new(), Pair::new());
    let client = world.client("reader", pair.registration());
    let assertion = pair.assertion(&client, "1", NOW);
    let issued = world
        .ask(
            &Head::default(),
            &[
                ("grant_type", "client_credentials"),
                ("scope", "okta.users.read okta.users.read"),
                ("client_assertion_type", ASSERTION_TYPE),
                ("client_assertion", &assertion),
            ],
            NOW,
        )
        .unwrap();
    let text = issued.text.expose();
    assert_eq!(
        issued.to_json(),
        json!({ "token_type": "Bearer", "expires_in": 600, "access_token": text, "scope": "okta.users.read" })
    );
    let said = claims(text);
    let id = client.id.as_str();
    for (name, value) in [
        ("iss", json!(ISSUER)),
        ("aud", json!(ISSUER)),
        ("sub", json!(id)),
        ("client_id", json!(id)),
        ("cid", json!(id)),
        ("scope", json!("okta.users.read")),
        ("scp", json!(["okta.users.read"])),
        ("iat", json!(NOW.as_second())),
        ("exp", json!(NOW.as_second() + 600)),
        ("jti", json!(issued.id.as_str())),
    ] {
        assert_eq!(said.get(name), Some(&value), "{name}");
    }
    let head = Head::authorized(format!("Bearer {text}"));
    for _ in 0..2 {
        let caller = world.call(&head, later(599)).unwrap();
        assert_eq!(
            (caller.client(), caller.credential()),
            (&client.id, &issued.id)
        );
    }
    assert_eq!(
        world.call(&head, later(600)).unwrap_err(),
        access::Why::Expired
    );
    let ssws = Head::authorized(format!("SSWS {text}"));
    assert_eq!(world.call(&ssws, NOW).unwrap_err(), access::Why::Malformed);
}

#[test]
fn a_token_narrows_and_the_registration_bounds_what_it_may_do() {
    let world = World::new();
    let client = world.client_with("reader", Authentication::ClientSecretPost, |new| {
        new.operations = ["listUsers", "listGroups"].map(str::to_owned).to_vec();
    });
    let secret = world.secret(&client, CredentialKind::Secret);
    let fields = [
        ("grant_type", "client_credentials"),
        ("scope", "okta.users.read"),
        ("client_id", client.id.as_str()),
        ("client_secret", &secret),
    ];
    let issued = world.ask(&Head::default(), &fields, NOW).unwrap();
    let head = Head::authorized(format!("Bearer {}", issued.text.expose()));
    let decided = |operation: &str| {
        let caller = world.call(&head, NOW).unwrap();
        let call = Call::new(operation, &[]).unwrap();
        decide(&caller, call, &Circumstances::default(), NOW)
            .map(drop)
            .map_err(|denial| denial.reason)
    };
    assert_eq!(decided("listUsers"), Ok(()));
    let missing = vec!["okta.groups.read"];
    assert_eq!(
        decided("listGroups"),
        Err(Reason::MissingScopes { missing }),
        "the token has one scope"
    );
    assert_eq!(decided("listUserTypes"), Err(Reason::NotListed));
    let mut less = client.clone();
    less.scopes = vec!["okta.groups.read".to_owned()];
    world.keyring.amend(&less, NOW).unwrap();
    let missing = vec!["okta.users.read"];
    assert_eq!(
        decided("listUsers"),
        Err(Reason::MissingScopes { missing }),
        "its client lost the scope"
    );
}

#[test]
fn an_elevation_lifts_a_token_to_the_scopes_it_was_asked_for_and_no_further() {
    let world = World::new();
    let client = world.client_with("reader", Authentication::ClientSecretPost, |new| {
        new.eligible = vec!["okta.users.manage".to_owned()];
    });
    let secret = world.secret(&client, CredentialKind::Secret);
    let token = |scope| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("scope", scope),
            ("client_id", client.id.as_str()),
            ("client_secret", &secret),
        ];
        let issued = world.ask(&Head::default(), &fields, NOW).unwrap();
        Head::authorized(format!("Bearer {}", issued.text.expose()))
    };
    let (narrow, wide) = (
        token("okta.users.read"),
        token("okta.users.read okta.users.manage"),
    );
    let suspend = |head: &Head| {
        let caller = world.call(head, NOW).unwrap();
        let call = Call::new("suspendUser", &[("id", "00u1")]).unwrap();
        decide(&caller, call, &Circumstances::default(), NOW)
    };
    let missing = || Reason::MissingScopes {
        missing: vec!["okta.users.manage"],
    };
    let denial = suspend(&wide).unwrap_err();
    assert_eq!((denial.reason, denial.liftable), (missing(), true));
    let asked = Asked {
        operations: vec!["suspendUser".to_owned()],
        reason: "offboarding".to_owned(),
        minutes: 30,
        ..Asked::default()
    };
    let elevation = world.keyring.ask(&client.id, asked, NOW).unwrap();
    let (_, approver) = world
        .keyring
        .add_approver(&org(), "ada", &[], None, NOW)
        .unwrap();
    world
        .keyring
        .approve(&elevation.id, &approver, NOW)
        .unwrap();
    let permit = suspend(&wide).unwrap();
    assert_eq!(
        permit.terms().elevation.as_deref(),
        Some(elevation.id.as_str())
    );
    let denial = suspend(&narrow).unwrap_err();
    assert_eq!((denial.reason, denial.liftable), (missing(), false));
}

#[test]
fn shadow_mode_issues_the_scopes_a_client_is_used_to_and_tells_each_call_beyond() {
    let world = World::new();
    let client = world.client_with("reader", Authentication::ClientSecretPost, |new| {
        new.shadow_until = Some(later(3_600));
    });
    let secret = world.secret(&client, CredentialKind::Secret);
    let ask = |scope, now| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("scope", scope),
            ("client_id", client.id.as_str()),
            ("client_secret", &secret),
        ];
        world.ask(&Head::default(), &fields, now)
    };
    let issued = ask("okta.apps.read", NOW).unwrap();
    let head = Head::authorized(format!("Bearer {}", issued.text.expose()));
    let decided = |operation| {
        let call = Call::new(operation, &[]).unwrap();
        decide(
            &world.call(&head, NOW).unwrap(),
            call,
            &Circumstances::default(),
            NOW,
        )
    };
    let would_refuse = decided("listApplications")
        .unwrap()
        .terms()
        .would_refuse
        .clone();
    assert_eq!(
        would_refuse.map(|denial| denial.code()),
        Some("missing_scope")
    );
    assert!(
        decided("listGroups").is_err(),
        "the token was not asked for that"
    );
    assert!(ask("okta.apps.raed", NOW).is_err());
    assert!(ask("okta.apps.read", later(3_600)).is_err());
}

#[test]
fn scopes_are_asked_for_by_name_and_never_cut_down() {
    let world = World::new();
    let client = world.client("reader", Authentication::ClientSecretPost);
    let secret = world.secret(&client, CredentialKind::Secret);
    for (scope, why) in [
        ("", "no_scope"),
        (" ", "no_scope"),
        ("okta.users.manage", "scope_not_held"),
        ("okta.users.read okta.users.manage", "scope_not_held"),
        ("okta.users.raed", "scope_not_held"),
        ("OKTA.USERS.READ", "scope_not_held"),
        ("okta.users.read\tokta.groups.read", "scope_not_held"),
    ] {
        let fields = [
            ("grant_type", "client_credentials"),
            ("scope", scope),
            ("client_id", client.id.as_str()),
            ("client_secret", &secret),
        ];
        let refused = world.ask(&Head::default(), &fields, NOW).unwrap_err();
        assert_eq!(
            (refused.fault(), refused.why()),
            (Fault::InvalidScope, why),
            "{scope:?}"
        );
        assert_eq!(refused.client(), Some(&client.id));
    }
}

#[test]
fn what_would_change_the_meaning_of_a_request_is_refused_and_not_ignored() {
    let world = World::new();
    let client = world.client("reader", Authentication::ClientSecretPost);
    let secret = world.secret(&client, CredentialKind::Secret);
    let ask = |name: &str, value: &str| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("scope", "okta.users.read"),
            ("client_id", client.id.as_str()),
            ("client_secret", &secret),
            (name, value),
        ];
        world
            .ask(&Head::default(), &fields, NOW)
            .map(drop)
            .map_err(|refused| refused.fault())
    };
    for name in [
        "request",
        "request_uri",
        "authorization_details",
        "actor_token",
    ] {
        assert_eq!(ask(name, "x"), Err(Fault::InvalidRequest), "{name}");
    }
    for name in ["resource", "audience"] {
        assert_eq!(
            ask(name, "https://other.example"),
            Err(Fault::InvalidTarget),
            "{name}"
        );
        assert_eq!(ask(name, ISSUER), Ok(()), "{name}");
    }
    assert_eq!(
        ask("display", "page"),
        Ok(()),
        "others are ignored (RFC 6749 section 3.2)"
    );
}

#[test]
fn there_are_two_grants() {
    let world = World::new();
    for (grant, fault) in [
        ("", Fault::InvalidRequest),
        ("password", Fault::UnsupportedGrantType),
        ("authorization_code", Fault::UnsupportedGrantType),
        ("refresh_token", Fault::UnsupportedGrantType),
        ("implicit", Fault::UnsupportedGrantType),
        ("Client_Credentials", Fault::UnsupportedGrantType),
        (
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Fault::UnsupportedGrantType,
        ),
    ] {
        let refused = world
            .ask(&Head::default(), &[("grant_type", grant)], NOW)
            .unwrap_err();
        assert_eq!(refused.fault(), fault, "{grant}");
    }
}
