//! Tokens bound to a key (RFC 9449) or a certificate (RFC 8705): worth nothing without it.

use access::oauth::{Authentication, Fault};
use access::{Client, CredentialKind, Why};
use jose::sha256_base64url;
use serde_json::json;

use super::world::{Head, NOW, Pair, World, claims, later};

fn fields<'f>(client: &'f Client, secret: &'f str) -> [(&'f str, &'f str); 4] {
    [
        ("grant_type", "client_credentials"),
        ("scope", "okta.users.read"),
        ("client_id", client.id.as_str()),
        ("client_secret", secret),
    ]
}

fn with_proof(proof: String) -> Head {
    Head {
        proof: Some(proof),
        ..Head::default()
    }
}

/// A world with a client whose tokens are bound to keys, and its secret.
fn bound_client(world: &World) -> (Client, String) {
    let client = world.client_with("bound", Authentication::ClientSecretPost, |new| {
        new.oauth.as_mut().unwrap().dpop_bound = true;
    });
    let secret = world.secret(&client, CredentialKind::Secret);
    (client, secret)
}

#[test]
fn a_bound_client_proves_its_key_with_our_nonce_and_its_token_is_good_for_that_key_only() {
    let (world, key, thief) = (World::new(), Pair::new(), Pair::new());
    let (client, secret) = bound_client(&world);
    let fields = fields(&client, &secret);
    let bare = world.ask(&Head::default(), &fields, NOW).unwrap_err();
    assert_eq!(
        (bare.fault(), bare.nonce()),
        (Fault::InvalidDpopProof, None)
    );
    let without = with_proof(key.proof_for_token("1", None, NOW));
    let challenge = world.ask(&without, &fields, NOW).unwrap_err();
    assert_eq!(challenge.fault(), Fault::UseDpopNonce);
    let nonce = challenge.nonce().unwrap();
    let head = with_proof(key.proof_for_token("2", Some(nonce), NOW));
    let issued = world.ask(&head, &fields, NOW).unwrap();
    assert_eq!(
        (issued.kind(), issued.nonce.as_deref()),
        ("DPoP", Some(nonce))
    );
    let token = issued.text.expose();
    assert_eq!(
        claims(token).get("cnf"),
        Some(&json!({ "jkt": key.thumbprint() }))
    );

    let call = |scheme: &str, proof: Option<String>| {
        let head = Head {
            authorization: Some(format!("{scheme} {token}")),
            proof,
            ..Head::default()
        };
        world.call(&head, later(1)).map(drop)
    };
    let proof = key.proof_for_call("3", token, NOW);
    assert_eq!(call("DPoP", Some(proof.clone())), Ok(()));
    assert_eq!(
        call("DPoP", Some(proof)),
        Err(Why::Unproven),
        "a proof counts once"
    );
    assert_eq!(
        call("dpop", Some(key.proof_for_call("4", token, NOW))),
        Ok(())
    );
    assert_eq!(call("DPoP", None), Err(Why::Unproven));
    assert_eq!(
        call("Bearer", None),
        Err(Why::Unproven),
        "no way round the proof"
    );
    assert_eq!(
        call("Bearer", Some(key.proof_for_call("5", token, NOW))),
        Err(Why::Unproven)
    );
    assert_eq!(
        call("DPoP", Some(thief.proof_for_call("6", token, NOW))),
        Err(Why::Unproven)
    );
    assert_eq!(
        call("DPoP", Some(key.proof_for_call("7", "another", NOW))),
        Err(Why::Unproven)
    );
}

#[test]
fn a_proof_is_ignored_where_none_is_asked_for() {
    let world = World::new();
    let client = world.client("free", Authentication::ClientSecretPost);
    let secret = world.secret(&client, CredentialKind::Secret);
    let garbage = with_proof("garbage".to_owned());
    let issued = world.ask(&garbage, &fields(&client, &secret), NOW).unwrap();
    assert_eq!((issued.kind(), &issued.nonce), ("Bearer", &None));
    let token = issued.text.expose();
    assert!(claims(token).get("cnf").is_none());
    let bearer = Head {
        authorization: Some(format!("Bearer {token}")),
        ..garbage
    };
    assert!(world.call(&bearer, NOW).is_ok());
    let key = Pair::new();
    let dpop = Head {
        authorization: Some(format!("DPoP {token}")),
        proof: Some(key.proof_for_call("1", token, NOW)),
        ..Head::default()
    };
    assert_eq!(
        world.call(&dpop, NOW).map(drop),
        Err(Why::Unproven),
        "it is bound to no key"
    );
}

#[test]
fn a_token_asked_for_with_a_certificate_is_good_with_that_certificate_only() {
    let world = World::new();
    let thumbprint = sha256_base64url(b"certificate");
    let registration = Authentication::SelfSignedTlsClientAuth {
        thumbprint: thumbprint.clone(),
    };
    let client = world.client("tls", registration);
    let with = |certificate: Option<&str>, authorization: Option<String>| Head {
        certificate: certificate.map(str::to_owned),
        authorization,
        ..Head::default()
    };
    let asked = [
        ("grant_type", "client_credentials"),
        ("scope", "okta.users.read"),
        ("client_id", client.id.as_str()),
    ];
    let issued = world
        .ask(&with(Some(&thumbprint), None), &asked, NOW)
        .unwrap();
    let token = issued.text.expose();
    assert_eq!(
        claims(token).get("cnf"),
        Some(&json!({ "x5t#S256": thumbprint }))
    );
    let bearer = || Some(format!("Bearer {token}"));
    assert!(world.call(&with(Some(&thumbprint), bearer()), NOW).is_ok());
    let other = sha256_base64url(b"another");
    for wrong in [None, Some(other.as_str())] {
        assert_eq!(
            world.call(&with(wrong, bearer()), NOW).map(drop),
            Err(Why::Unproven)
        );
    }
}
