//! Forged DPoP proofs, class by class, at both places, and the proof that each is refused for what it is.

use serde_json::{Value, json};

use super::forger::{ACCESS_TOKEN, NOW, Place, World, hash, rs256, with};
use super::listener::Listener;
use super::proof_flaws::flaws;
use super::proof_forgeries::{
    forms, keys, nonces, rsa_header, signatures, targets, times_and_names, tokens,
};
use crate::oauth::Fault;

/// The header of an honest proof.
pub(super) fn proof_header(world: &World) -> Value {
    json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": world.own.jwk()})
}

/// The claims of an honest proof.
pub(super) fn proof_claims(world: &World, at: Place) -> Value {
    let target = at.target();
    let claims = json!({"htm": target.method, "htu": target.url, "iat": NOW, "jti": "b7a1-0001"});
    match at {
        Place::TokenEndpoint => with(claims, "nonce", world.nonce()),
        Place::Resource => with(claims, "ath", hash(ACCESS_TOKEN)),
    }
}

/// One forgery.
pub(super) struct Forgery {
    pub(super) class: &'static str,
    pub(super) what: String,
    pub(super) text: String,
    pub(super) at: Place,
    /// The flaws by which it goes through; by no other.
    pub(super) falls_to: &'static [&'static str],
    pub(super) told: Fault,
}

/// The forgeries of one class at one place.
pub(super) struct Class<'w> {
    pub(super) world: &'w World,
    pub(super) at: Place,
    pub(super) class: &'static str,
    pub(super) falls_to: &'static [&'static str],
    pub(super) told: Fault,
    pub(super) forgeries: Vec<Forgery>,
}

impl<'w> Class<'w> {
    pub(super) fn new(world: &'w World, at: Place) -> Self {
        let told = Fault::InvalidDpopProof;
        Self {
            world,
            at,
            class: "",
            falls_to: &[],
            told,
            forgeries: Vec::new(),
        }
    }

    pub(super) fn of(&mut self, class: &'static str, falls_to: &'static [&'static str]) {
        (self.class, self.falls_to) = (class, falls_to);
    }

    pub(super) fn text(&mut self, what: impl ToString, text: String) {
        self.forgeries.push(Forgery {
            class: self.class,
            what: what.to_string(),
            text,
            at: self.at,
            falls_to: self.falls_to,
            told: self.told,
        });
    }

    pub(super) fn header(&self) -> Value {
        proof_header(self.world)
    }

    pub(super) fn claims(&self) -> Value {
        proof_claims(self.world, self.at)
    }

    /// Signed by the client's key, whatever it says.
    pub(super) fn own(
        &mut self,
        what: impl ToString,
        header: impl ToString,
        claims: impl ToString,
    ) {
        let text = self.world.own.forge(header, claims);
        self.text(what, text);
    }

    /// Signed by the client's key, with these values of one claim.
    pub(super) fn claim(&mut self, name: &str, values: impl IntoIterator<Item = Value>) {
        for value in values {
            let claims = with(self.claims(), name, value.clone());
            self.own(format!("{name} {value}"), self.header(), claims);
        }
    }
}

fn forgeries(world: &World, listener: &Listener) -> Vec<Forgery> {
    let mut all = Vec::new();
    for at in [Place::TokenEndpoint, Place::Resource] {
        let mut class = Class::new(world, at);
        targets(&mut class);
        times_and_names(&mut class);
        match at {
            Place::TokenEndpoint => nonces(&mut class),
            Place::Resource => tokens(&mut class),
        }
        signatures(&mut class);
        keys(&mut class, listener);
        forms(&mut class);
        all.append(&mut class.forgeries);
    }
    all
}

#[test]
fn each_forged_proof_is_refused_and_goes_through_only_by_its_own_flaw() {
    let mut world = World::new();
    let listener = Listener::open();
    let all = forgeries(&world, &listener);
    let flaws = flaws();
    let mut surprises = Vec::new();
    for Forgery {
        class,
        what,
        text,
        at,
        falls_to,
        told,
    } in &all
    {
        world.forget();
        match world.verify_proof(Some(text), *at) {
            Err(fault) if fault.fault() == *told => {}
            other => surprises.push(format!("{at:?}: {class}: {what}: {other:?}")),
        }
        for flaw in &flaws {
            world.forget();
            let seen = (flaw.reads)(&world, text).unwrap_or_else(|| text.clone());
            let passed = world
                .show_proof(&flaw.checks(*at), Some(&seen), *at)
                .is_ok();
            if passed != falls_to.contains(&flaw.name) {
                surprises.push(format!(
                    "{at:?}: {class}: {what}: passes by the flaw {:?}: {passed}",
                    flaw.name
                ));
            }
        }
    }
    assert_eq!(listener.connections(), 0);
    assert_eq!(surprises, Vec::<String>::new());
    for flaw in &flaws {
        // Replays and restarts have tests of their own.
        let shown = all
            .iter()
            .any(|forgery| forgery.falls_to.contains(&flaw.name))
            || ["jti", "start"].contains(&flaw.name);
        assert!(shown, "no forgery is made for the flaw: {}", flaw.name);
    }
    assert_eq!(all.len(), 291, "number of forgeries");
}

#[test]
fn a_request_without_a_proof_is_refused() {
    let world = World::new();
    for at in [Place::TokenEndpoint, Place::Resource] {
        let refused = world.verify_proof(None, at).unwrap_err();
        assert_eq!(refused.fault(), Fault::InvalidDpopProof);
    }
}

#[test]
fn what_honest_clients_prove_is_accepted() {
    let mut world = World::new();
    for at in [Place::TokenEndpoint, Place::Resource] {
        let (header, claims) = (proof_header(&world), proof_claims(&world, at));
        let url = at.target().url;
        let own = &world.own;
        let honest = [
            ("plain", own.forge(&header, &claims)),
            (
                "with query",
                own.forge(
                    &header,
                    with(claims.clone(), "htu", format!("{url}?limit=2#x")),
                ),
            ),
            (
                "with port",
                own.forge(
                    &header,
                    with(claims.clone(), "htu", url.replace(".com", ".COM:443")),
                ),
            ),
            (
                "five minutes old",
                own.forge(&header, with(claims.clone(), "iat", NOW - 300)),
            ),
            (
                "clock a minute fast",
                own.forge(&header, with(claims.clone(), "iat", NOW + 60)),
            ),
            (
                "fractions of a second",
                own.forge(&header, with(claims.clone(), "iat", 1_700_000_000.9)),
            ),
            (
                "long type",
                own.forge(with(header.clone(), "typ", "application/dpop+jwt"), &claims),
            ),
            (
                "other claims",
                own.forge(&header, with(claims.clone(), "exp", 1)),
            ),
            (
                "named key",
                own.forge(with(header.clone(), "kid", "x"), &claims),
            ),
        ];
        for (what, text) in honest {
            world.forget();
            let shown = world.verify_proof(Some(&text), at);
            assert_eq!(shown, Ok(world.thumbprint()), "{at:?}: {what}");
        }
    }
    // Okta's SDKs prove with RS256; a call with a nonce of old is a call without one.
    world.forget();
    let claims = proof_claims(&world, Place::TokenEndpoint);
    let shown = world.verify_proof(Some(&rs256(&rsa_header(), &claims)), Place::TokenEndpoint);
    assert_eq!(shown, Ok(world.own_keys.keys()[1].thumbprint().to_owned()));
    let claims = with(proof_claims(&world, Place::Resource), "nonce", "old");
    let shown = world.verify_proof(
        Some(&world.own.forge(proof_header(&world), claims)),
        Place::Resource,
    );
    assert_eq!(shown, Ok(world.thumbprint()));
}
