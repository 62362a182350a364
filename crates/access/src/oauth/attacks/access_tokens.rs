//! Forged access tokens, and good ones shown in the wrong way, before the API: each is refused with the one answer there is, and each
//! forgery goes through by exactly the flaw it is made for.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use store::{Database, SealKey};

use super::access_token_flaws::{Flaw, flaws};
use super::access_token_forgeries::forgeries;
use super::forger::{API_URL, ISSUER, NOW, Signer, hash, now, with, without};
use super::listener::Listener;
use crate::oauth::{Authentication, OauthRegistration};
use crate::{Keyring, NewClient, OrgName, Presented};

/// A gateway with two orgs and their clients.
pub(super) struct World {
    keyring: Keyring,
    org: OrgName,
    pub(super) client: String,
    pub(super) disabled: String,
    pub(super) elsewhere: String,
    /// The key that the org's tokens are signed with.
    pub(super) server: Signer,
    /// That of the other org.
    pub(super) other_server: Signer,
    /// What the client signs its assertions and proofs with.
    pub(super) own: Signer,
    pub(super) stranger: Signer,
}

impl World {
    fn new() -> Self {
        let database = Arc::new(Database::open_in_memory().unwrap());
        let keyring = Keyring::open(database, &SealKey::from_bytes([5; 32]), now()).unwrap();
        let (org, other) = (
            OrgName::parse("production").unwrap(),
            OrgName::parse("preview").unwrap(),
        );
        let own = Signer::new("own");
        let register = |org: &OrgName, name: &str| {
            let new = NewClient {
                scopes: vec!["okta.users.read".to_owned()],
                oauth: Some(OauthRegistration {
                    authentication: Authentication::PrivateKeyJwt {
                        jwks: own.registered().to_string(),
                    },
                    dpop_bound: false,
                    token_minutes: 10,
                }),
                ..NewClient::new(org.clone(), name)
            };
            keyring.register(new, now()).unwrap().id
        };
        let (client, disabled) = (register(&org, "reader"), register(&org, "retired"));
        let elsewhere = register(&other, "reader");
        keyring.disable(&disabled, now()).unwrap();
        Self {
            server: Signer::stolen(&keyring.signer(&org, now()).unwrap()),
            other_server: Signer::stolen(&keyring.signer(&other, now()).unwrap()),
            client: client.as_str().to_owned(),
            disabled: disabled.as_str().to_owned(),
            elsewhere: elsewhere.as_str().to_owned(),
            stranger: Signer::new("stranger"),
            own,
            keyring,
            org,
        }
    }

    /// The header of a token of ours.
    pub(super) fn header(&self) -> Value {
        json!({"alg": "ES256", "typ": "at+jwt", "kid": self.server.kid})
    }

    /// What a token of ours says.
    pub(super) fn claims(&self) -> Value {
        json!({
            "iss": ISSUER, "aud": ISSUER, "sub": self.client, "client_id": self.client,
            "iat": NOW, "exp": NOW + 600, "jti": "AT.forged", "scope": "okta.users.read",
        })
    }

    /// The client of whoever shows this, at `now`.
    fn call(
        &self,
        authorization: &str,
        proof: Option<&str>,
        now: Timestamp,
    ) -> Result<String, String> {
        let presented = Presented {
            authorization: Some(authorization),
            proof,
            certificate: None,
            subject: None,
            source: IpAddr::from([127, 0, 0, 1]),
            method: "GET",
            url: API_URL,
        };
        let caller = self.keyring.identify(&presented, &self.org, now);
        caller
            .map(|caller| caller.client().as_str().to_owned())
            .map_err(|refused| refused.to_string())
    }

    fn bearer(&self, token: &str) -> Result<String, String> {
        self.call(&format!("Bearer {token}"), None, now())
    }
}

#[test]
fn each_forged_access_token_is_refused_and_goes_through_only_by_its_own_flaw() {
    let world = World::new();
    let listener = Listener::open();
    let all = forgeries(&world, &listener);
    let flaws = flaws();
    let mut surprises = Vec::new();
    for (class, what, text, falls_to) in &all {
        let refused = world.bearer(text);
        if refused != Err("invalid credential".to_owned()) || listener.connections() > 0 {
            surprises.push(format!("{class}: {what}: {refused:?}"));
        }
        for Flaw { name, reads } in &flaws {
            let passed = reads(&world, text).is_some_and(|seen| world.bearer(&seen).is_ok());
            if passed != falls_to.contains(name) {
                surprises.push(format!(
                    "{class}: {what}: passes by the flaw {name:?}: {passed}"
                ));
            }
        }
        listener.connections();
    }
    assert_eq!(surprises, Vec::<String>::new());
    for Flaw { name, .. } in &flaws {
        let shown = all
            .iter()
            .any(|(_, _, _, falls_to)| falls_to.contains(name));
        assert!(shown, "no forgery is made for the flaw: {name}");
    }
    assert_eq!(all.len(), 131, "number of forgeries");
}

#[test]
fn what_the_server_issues_is_accepted() {
    let world = World::new();
    let token = world.server.forge(world.header(), world.claims());
    assert_eq!(world.bearer(&token), Ok(world.client.clone()));
    let long = with(world.header(), "typ", "application/at+jwt");
    assert_eq!(
        world.bearer(&world.server.forge(long, world.claims())),
        Ok(world.client)
    );
}

#[test]
fn what_the_server_would_never_say_is_refused_though_it_signed_it() {
    let world = World::new();
    let living = |from: i64, until: i64| {
        let claims = with(world.claims(), "iat", NOW + from);
        with(claims, "exp", NOW + until)
    };
    let longest = 60 * i64::from(crate::TOKEN_MINUTES_MAX);
    let called = |claims: Value| world.bearer(&world.server.forge(world.header(), claims));
    assert_eq!(called(living(0, longest)), Ok(world.client.clone()));
    assert_eq!(called(living(0, 1)), Ok(world.client.clone()));
    for (what, claims) in [
        ("of no name", with(world.claims(), "jti", "")),
        (
            "about another client",
            with(world.claims(), "sub", world.disabled.as_str()),
        ),
        ("about nobody", without(world.claims(), "sub")),
        ("for too long", living(0, longest + 1)),
        ("for no time", living(30, 30)),
        ("that ends before it begins", living(30, 20)),
    ] {
        let refused = called(claims);
        assert_eq!(refused, Err("invalid credential".to_owned()), "{what}");
    }
}

#[test]
fn a_bound_token_is_worth_nothing_without_its_key_and_cannot_be_shown_as_an_unbound_one() {
    let world = World::new();
    let jkt = world.own.verifying_key().thumbprint().to_owned();
    let bound = world.server.forge(
        world.header(),
        with(world.claims(), "cnf", json!({"jkt": jkt})),
    );
    let unbound = world.server.forge(world.header(), world.claims());
    let proof = |signer: &Signer, token: &str, jti: &str| {
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": signer.jwk()});
        signer.forge(
            header,
            json!({"htm": "GET", "htu": API_URL, "iat": NOW, "jti": jti, "ath": hash(token)}),
        )
    };
    let (own, stranger) = (&world.own, &world.stranger);
    for (what, scheme, token, proof) in [
        ("as Bearer", "Bearer", &bound, None),
        (
            "as Bearer, with a proof",
            "Bearer",
            &bound,
            Some(proof(own, &bound, "1")),
        ),
        ("without a proof", "DPoP", &bound, None),
        (
            "with an empty proof, as two headers are handed in",
            "DPoP",
            &bound,
            Some(String::new()),
        ),
        (
            "with a stranger's proof",
            "DPoP",
            &bound,
            Some(proof(stranger, &bound, "2")),
        ),
        (
            "with a proof for another token",
            "DPoP",
            &bound,
            Some(proof(own, &unbound, "3")),
        ),
        (
            "unbound, as if bound",
            "DPoP",
            &unbound,
            Some(proof(own, &unbound, "4")),
        ),
        (
            "unbound, as if bound, without a proof",
            "DPoP",
            &unbound,
            None,
        ),
    ] {
        let refused = world.call(&format!("{scheme} {token}"), proof.as_deref(), now());
        assert_eq!(refused, Err("invalid credential".to_owned()), "{what}");
    }
    let accepted = world.call(
        &format!("DPoP {bound}"),
        Some(&proof(own, &bound, "5")),
        now(),
    );
    assert_eq!(accepted, Ok(world.client.clone()));
    let again = world.call(
        &format!("DPoP {bound}"),
        Some(&proof(own, &bound, "5")),
        now(),
    );
    assert_eq!(again, Err("invalid credential".to_owned()));
    // An unbound token beside a proof is a Bearer token: Okta's Node SDK sends proofs to everyone.
    let accepted = world.call(
        &format!("Bearer {unbound}"),
        Some(&proof(own, &unbound, "6")),
        now(),
    );
    assert_eq!(accepted, Ok(world.client));
}
