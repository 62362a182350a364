//! Readers of access tokens with one flaw each. What they let through they read as if the org had issued it, with the one thing they
//! do not look at put right.

use serde_json::{Map, Value, json};

use super::access_tokens::World;
use super::careless::{Parts, decoded_loosely, key_of};
use super::forger::{ISSUER, NOW, unpart, with, without};
use super::listener::fetch;

/// What it reads a text as.
type Reader = fn(&World, &str) -> Option<String>;

/// One flaw.
pub(super) struct Flaw {
    pub(super) name: &'static str,
    pub(super) reads: Reader,
}

/// All of them.
pub(super) fn flaws() -> Vec<Flaw> {
    let all: [(&'static str, Reader); 20] = [
        ("unsigned is signed", |world, text| {
            believed_if(world, text, Parts::is_unsigned)
        }),
        ("public key as secret", |world, text| {
            believed_if(world, text, |parts| {
                parts.is_signed_with_one_of(&public_forms(world))
            })
        }),
        ("signature of no matter", takes_any_signature),
        ("client's key", |world, text| {
            believed_if(world, text, |parts| {
                parts.is_signed_by(&world.own.verifying_key())
            })
        }),
        ("client's assertions", takes_assertions),
        ("other org's key", |world, text| {
            believed_if(world, text, |parts| {
                parts.is_signed_by(&world.other_server.verifying_key())
            })
        }),
        ("key in the header", |world, text| {
            believed_if(world, text, |parts| {
                let key = parts.header.get("jwk").and_then(key_of);
                key.is_some_and(|key| parts.is_signed_by(&key))
            })
        }),
        ("key at a URL", |world, text| {
            believed_if(world, text, |parts| {
                is_signed_as_offered(world, parts, &["jku", "x5u"])
            })
        }),
        ("certificate in the header", |world, text| {
            believed_if(world, text, |parts| {
                is_signed_as_offered(world, parts, &["x5c"])
            })
        }),
        ("any typ", |world, text| {
            righted(
                world,
                text,
                |header, _| with(header, "typ", "at+jwt"),
                |claims, _| claims,
            )
        }),
        ("kid of no matter", |world, text| {
            righted(
                world,
                text,
                |header, world| with(header, "kid", world.server.kid.as_str()),
                |claims, _| claims,
            )
        }),
        ("extensions are ignored", |world, text| {
            let less = |header, _: &World| without(without(without(header, "crit"), "b64"), "zip");
            righted(world, text, less, |claims, _| claims)
        }),
        ("iss of no matter", |world, text| {
            saying(world, text, |claims, _| with(claims, "iss", ISSUER))
        }),
        ("aud of no matter", |world, text| {
            saying(world, text, |claims, _| with(claims, "aud", ISSUER))
        }),
        ("exp of no matter", |world, text| {
            saying(world, text, |claims, _| with(claims, "exp", NOW + 600))
        }),
        ("iat of no matter", |world, text| {
            saying(world, text, |claims, _| with(claims, "iat", NOW))
        }),
        ("client of no matter", |world, text| {
            saying(world, text, |claims, world| {
                with(claims, "client_id", world.client.as_str())
            })
        }),
        ("cnf of no matter", |world, text| {
            saying(world, text, |claims, _| without(claims, "cnf"))
        }),
        ("shape of no matter", |world, text| {
            saying(world, text, |claims, _| {
                with(with(claims, "jti", "AT.1"), "scope", "okta.users.read")
            })
        }),
        ("base64 in any form", |world, text| {
            let (header, payload) = decoded_loosely(text, &world.server.verifying_key())?;
            Some(world.server.forge(header, payload))
        }),
    ];
    let mut flaws: Vec<Flaw> = all
        .into_iter()
        .map(|(name, reads)| Flaw { name, reads })
        .collect();
    flaws.push(Flaw {
        name: "last member counts",
        reads: |world, text| {
            // Read by the last member and written anew, a text that names one twice differs from what it says.
            let parts = Parts::of(text)?;
            let (header, claims) = (
                Value::Object(parts.header.clone()),
                Value::Object(parts.claims.clone()),
            );
            parts
                .is_signed_by(&world.server.verifying_key())
                .then(|| world.server.forge(header, claims))
        },
    });
    flaws
}

/// The org's public key in every form a library may keep it in.
pub(super) fn public_forms(world: &World) -> Vec<Vec<u8>> {
    let published = Value::Object(world.server.verifying_key().jwk());
    vec![
        world.server.point(),
        world.server.jwk().to_string().into_bytes(),
        published.to_string().into_bytes(),
        world.server.kid.clone().into_bytes(),
    ]
}

/// The token with these claims as the org would have issued it.
fn issued(world: &World, claims: Map<String, Value>) -> String {
    world.server.forge(world.header(), Value::Object(claims))
}

fn believed_if(world: &World, text: &str, believes: impl FnOnce(&Parts) -> bool) -> Option<String> {
    let parts = Parts::of(text)?;
    if believes(&parts) {
        Some(issued(world, parts.claims))
    } else {
        None
    }
}

fn takes_any_signature(world: &World, text: &str) -> Option<String> {
    believed_if(world, text, |parts| {
        let honest = world.header();
        let plain = parts
            .header
            .iter()
            .all(|(name, value)| honest.get(name) == Some(value));
        plain && parts.header.len() == 3 && !parts.is_signed_by(&world.server.verifying_key())
    })
}

/// Takes what a client says about itself for what the org says about it.
fn takes_assertions(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    let own = parts.is_signed_by(&world.own.verifying_key()) && !parts.claims.contains_key("scope");
    let honest = json!({"iss": ISSUER, "aud": ISSUER, "client_id": parts.claims.get("sub")?, "scope": "okta.users.read"});
    let mut claims = parts.claims;
    claims.extend(honest.as_object()?.clone());
    own.then(|| issued(world, claims))
}

fn is_signed_as_offered(world: &World, parts: &Parts, names: &[&str]) -> bool {
    let offered = names.iter().find_map(|name| parts.header.get(*name));
    if let Some(url) = offered.and_then(Value::as_str) {
        fetch(url);
    }
    offered.is_some() && parts.is_signed_by(&world.stranger.verifying_key())
}

/// What the org's key signed, with header and claims put right.
fn righted(
    world: &World,
    text: &str,
    header: impl FnOnce(Value, &World) -> Value,
    claims: impl FnOnce(Value, &World) -> Value,
) -> Option<String> {
    let parts = Parts::of(text)?;
    if !parts.is_signed_by(&world.server.verifying_key()) || says_twice(text)? {
        return None;
    }
    let (header, claims) = (
        header(Value::Object(parts.header), world),
        claims(Value::Object(parts.claims), world),
    );
    Some(world.server.forge(header, claims))
}

fn saying(
    world: &World,
    text: &str,
    claims: impl FnOnce(Value, &World) -> Value,
) -> Option<String> {
    righted(world, text, |header, _| header, claims)
}

/// Whether a member comes twice: that is another flaw's business.
fn says_twice(text: &str) -> Option<bool> {
    let mut parts = text.split('.');
    let twice = |part: &str| Some(jose::read_object(&unpart(part)?).is_err());
    Some(twice(parts.next()?)? || twice(parts.next()?)?)
}
