//! Forged client assertions, class by class, and the proof that each is refused for what it is.

use serde_json::{Value, json};

use super::assertion_claims::{audiences, names, parties, times};
use super::assertion_flaws::flaws;
use super::assertion_signatures::{
    confused_keys, extensions, injected_names, loose_base64, made_up_signatures, offered_keys,
    other_algorithms, other_types, others_keys, repeated_members, unsigned,
};
use super::forger::{CLIENT, ISSUER, NOW, TOKEN_URL, World, claims, header, rs256, with, without};
use super::listener::Listener;
use crate::oauth::Fault;
use crate::oauth::assertion::CHECKS;

/// One forgery.
pub(super) struct Forgery {
    pub(super) class: &'static str,
    pub(super) what: String,
    pub(super) text: String,
    /// `client_id` of the form.
    pub(super) client_id: Option<&'static str>,
    /// The flaws by which it goes through; by no other.
    pub(super) falls_to: &'static [&'static str],
}

/// The forgeries of one class.
pub(super) struct Class<'w> {
    pub(super) world: &'w World,
    pub(super) class: &'static str,
    pub(super) falls_to: &'static [&'static str],
    pub(super) forgeries: Vec<Forgery>,
}

impl<'w> Class<'w> {
    pub(super) fn new(
        world: &'w World,
        class: &'static str,
        falls_to: &'static [&'static str],
    ) -> Self {
        Self {
            world,
            class,
            falls_to,
            forgeries: Vec::new(),
        }
    }

    pub(super) fn text(&mut self, what: impl ToString, text: String) {
        self.forgeries.push(Forgery {
            class: self.class,
            what: what.to_string(),
            text,
            client_id: None,
            falls_to: self.falls_to,
        });
    }

    /// Signed by the client, whatever it says.
    pub(super) fn own(
        &mut self,
        what: impl ToString,
        header: impl ToString,
        claims: impl ToString,
    ) {
        let text = self.world.own.forge(header, claims);
        self.text(what, text);
    }

    /// Signed by the client, with one claim as given.
    pub(super) fn claim(&mut self, name: &str, value: Value) {
        self.own(
            format!("{name} {value}"),
            header(),
            with(claims(), name, value),
        );
    }
}

fn forgeries(world: &World, listener: &Listener) -> Vec<Forgery> {
    let mut all = Vec::new();
    all.extend(unsigned(world));
    all.extend(confused_keys(world));
    all.extend(other_algorithms(world));
    all.extend(injected_names(world));
    all.extend(others_keys(world));
    all.extend(offered_keys(world, listener));
    all.extend(made_up_signatures(world));
    all.extend(extensions(world));
    all.extend(other_types(world));
    all.extend(repeated_members(world));
    all.extend(loose_base64(world));
    all.extend(times(world));
    all.extend(audiences(world));
    all.extend(parties(world));
    all.extend(names(world));
    all
}

#[test]
fn each_forged_assertion_is_refused_and_goes_through_only_by_its_own_flaw() {
    let mut world = World::new();
    let listener = Listener::open();
    let all = forgeries(&world, &listener);
    let flaws = flaws();
    let mut surprises = Vec::new();
    for Forgery {
        class,
        what,
        text,
        client_id,
        falls_to,
    } in &all
    {
        world.forget();
        match world.verify(text, *client_id) {
            Err(fault) if fault.fault() == Fault::InvalidClient => {}
            other => surprises.push(format!("{class}: {what}: {other:?}")),
        }
        let followed = listener.connections();
        for flaw in &flaws {
            world.forget();
            let seen = (flaw.reads)(&world, text).unwrap_or_else(|| text.clone());
            let passed = world.show(&flaw.checks, &seen, *client_id).is_ok();
            if passed != falls_to.contains(&flaw.name) {
                surprises.push(format!(
                    "{class}: {what}: passes by the flaw {:?}: {passed}",
                    flaw.name
                ));
            }
        }
        let followed_by_flaw = listener.connections();
        if followed > 0 || (followed_by_flaw > 0) != falls_to.contains(&"key at a URL") {
            surprises.push(format!(
                "{class}: {what}: {followed} and {followed_by_flaw} connections"
            ));
        }
    }
    assert_eq!(surprises, Vec::<String>::new());
    for flaw in &flaws {
        let shown = all
            .iter()
            .any(|forgery| forgery.falls_to.contains(&flaw.name))
            || flaw.name == "replay";
        assert!(shown, "no forgery is made for the flaw: {}", flaw.name);
    }
    assert_eq!(all.len(), 255, "number of forgeries");
}

#[test]
fn what_honest_clients_send_is_accepted() {
    let mut world = World::new();
    let nameless = without(header(), "kid");
    let several = json!([ISSUER, TOKEN_URL]);
    let fifty_minutes = with(claims(), "exp", NOW + 3_000);
    for (what, text, client_id) in [
        ("token URL", world.own.forge(header(), claims()), None),
        (
            "client_id in the form",
            world.own.forge(header(), claims()),
            Some(CLIENT),
        ),
        (
            "issuer",
            world.own.forge(header(), with(claims(), "aud", ISSUER)),
            None,
        ),
        (
            "both, as a list",
            world.own.forge(header(), with(claims(), "aud", several)),
            None,
        ),
        ("no kid", world.own.forge(&nameless, claims()), None),
        (
            "no typ",
            world.own.forge(without(header(), "typ"), claims()),
            None,
        ),
        (
            "typ of the revision",
            world
                .own
                .forge(with(header(), "typ", "client-authentication+jwt"), claims()),
            None,
        ),
        (
            "no iat",
            world.own.forge(header(), without(claims(), "iat")),
            None,
        ),
        (
            "one hour",
            world
                .own
                .forge(header(), with(claims(), "exp", NOW + 3_600)),
            None,
        ),
        (
            "clock a minute fast",
            world.own.forge(header(), with(claims(), "iat", NOW + 60)),
            None,
        ),
        (
            "clock a minute slow",
            world.own.forge(header(), with(claims(), "exp", NOW - 59)),
            None,
        ),
        (
            "fractions of a second",
            world
                .own
                .forge(header(), with(claims(), "exp", 1_700_000_300.25)),
            None,
        ),
        (
            "other claims",
            world
                .own
                .forge(header(), with(claims(), "x", json!({"a": [1, null]}))),
            None,
        ),
        (
            "okta's Python SDK",
            rs256(&json!({"alg": "RS256", "kid": "own-rsa"}), &fifty_minutes),
            None,
        ),
        (
            "RSA without kid",
            rs256(&json!({"alg": "RS256"}), &claims()),
            None,
        ),
    ] {
        world.forget();
        let accepted = world
            .show(CHECKS, &text, client_id)
            .unwrap_or_else(|fault| panic!("{what}: {fault}"));
        assert_eq!(accepted.as_str(), CLIENT, "{what}");
    }
}
