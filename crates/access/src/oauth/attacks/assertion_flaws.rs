//! Verifiers of client assertions with one flaw each: a check taken out or made carelessly, or a careless reader.
//!
//! A careless reader is modelled by what it makes of a forged text: the assertion it takes the text for, written anew as the client
//! would have signed it; `None` where this carelessness makes no difference.

use jose::{Algorithm, VerifyingKey};
use serde_json::{Map, Value, json};

use super::careless::{Parts, Reader, decoded_loosely, key_of};
use super::forger::{World, rsa_der, rsa_jwk, unpart};
use super::listener::fetch;
use crate::oauth::assertion::{AssertionFault, CHECKS, Check, Reading};
use crate::oauth::replay::Use;

/// One flaw.
pub(super) struct Flaw {
    pub(super) name: &'static str,
    pub(super) reads: Reader,
    pub(super) checks: Vec<Check>,
}

/// All of them.
pub(super) fn flaws() -> Vec<Flaw> {
    let taken_out = [
        "signature",
        "typ",
        "iss",
        "client_id",
        "aud",
        "exp",
        "life",
        "nbf",
        "iat",
        "replay",
    ];
    let mut flaws: Vec<Flaw> = taken_out
        .into_iter()
        .map(|name| Flaw {
            name,
            reads: as_it_is,
            checks: replacing(&[name], &[]),
        })
        .collect();
    let careless = [
        Flaw {
            name: "names are optional",
            reads: as_it_is,
            checks: replacing(&["jti", "replay"], &[Check::new("replay", is_new_if_named)]),
        },
        Flaw {
            name: "expiry is optional",
            reads: as_it_is,
            checks: replacing(
                &["exp", "life", "replay"],
                &[Check::new("replay", is_new_for_an_hour)],
            ),
        },
        Flaw {
            name: "algorithm of the header",
            reads: as_it_is,
            checks: instead("signature", is_signed_as_the_header_says),
        },
        Flaw {
            name: "kid of no matter",
            reads: as_it_is,
            checks: instead("signature", is_signed_by_owner_under_any_name),
        },
        Flaw {
            name: "one audience of several",
            reads: as_it_is,
            checks: instead("aud", names_us_among_others),
        },
        Flaw {
            name: "audience by its beginning",
            reads: as_it_is,
            checks: instead("aud", begins_like_us),
        },
    ];
    flaws.extend(careless);
    let readers: [(&str, Reader); 10] = [
        ("any client's key", takes_neighbours_key),
        ("unsigned is signed", takes_unsigned),
        ("public key as secret", takes_public_key_for_a_secret),
        ("kid chooses a file or row", takes_key_from_kid),
        ("key in the header", takes_jwk),
        ("key at a URL", fetches_key),
        ("certificate in the header", takes_certificate),
        ("extensions are ignored", ignores_extensions),
        ("last member counts", takes_last_member),
        ("base64 in any form", reads_any_base64),
    ];
    flaws.extend(readers.map(|(name, reads)| Flaw {
        name,
        reads,
        checks: CHECKS.to_vec(),
    }));
    flaws
}

fn replacing(out: &[&str], into: &[Check]) -> Vec<Check> {
    let kept = CHECKS
        .iter()
        .filter(|check| !out.contains(&check.name))
        .copied();
    let checks: Vec<Check> = kept.chain(into.iter().copied()).collect();
    assert_eq!(
        checks.len(),
        CHECKS.len() - out.len() + into.len(),
        "{out:?}"
    );
    checks
}

fn instead(
    name: &'static str,
    passes: fn(&Reading<'_>) -> Result<(), AssertionFault>,
) -> Vec<Check> {
    assert!(CHECKS.iter().any(|check| check.name == name), "{name}");
    let swap = |check: &Check| {
        if check.name == name {
            Check::new(name, passes)
        } else {
            *check
        }
    };
    CHECKS.iter().map(swap).collect()
}

fn as_it_is(_: &World, text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn is_new_if_named(it: &Reading<'_>) -> Result<(), AssertionFault> {
    match it.jws.claims().get("jti").and_then(Value::as_str) {
        Some(name) if !name.is_empty() => consume(it, name),
        _ => Ok(()),
    }
}

fn is_new_for_an_hour(it: &Reading<'_>) -> Result<(), AssertionFault> {
    // The times of an assertion without one are not looked at; those of others are.
    if let Some(exp) = it.jws.claims().get("exp").and_then(jose::read_seconds)
        && (exp <= it.now - 60 || exp > it.now + 3_660)
    {
        return Err(AssertionFault::Expired);
    }
    consume(
        it,
        it.jws
            .claims()
            .get("jti")
            .and_then(Value::as_str)
            .unwrap_or_default(),
    )
}

fn consume(it: &Reading<'_>, name: &str) -> Result<(), AssertionFault> {
    match it
        .used
        .consume(it.owner.client.as_str(), name, it.now + 3_600, it.now)
        .unwrap()
    {
        Use::First => Ok(()),
        _ => Err(AssertionFault::Replayed),
    }
}

fn is_signed_as_the_header_says(it: &Reading<'_>) -> Result<(), AssertionFault> {
    let header = it.jws.header();
    let mut named = it
        .owner
        .keys
        .keys()
        .iter()
        .filter(|key| header.kid().is_none_or(|kid| key.answers_to(kid)));
    passes(named.any(|key| {
        repinned(key, header.algorithm()).is_some_and(|key| it.jws.verify(&key).is_ok())
    }))
}

fn repinned(key: &VerifyingKey, algorithm: Algorithm) -> Option<VerifyingKey> {
    let mut jwk = key.jwk();
    jwk.remove("alg");
    VerifyingKey::from_jwk(&jwk, Some(algorithm)).ok()
}

fn is_signed_by_owner_under_any_name(it: &Reading<'_>) -> Result<(), AssertionFault> {
    passes(
        it.owner
            .keys
            .keys()
            .iter()
            .any(|key| it.jws.verify(key).is_ok()),
    )
}

fn names_us_among_others(it: &Reading<'_>) -> Result<(), AssertionFault> {
    let ours = |one: &Value| one == it.expected.token_url || one == it.expected.issuer;
    passes(match it.jws.claims().get("aud") {
        Some(Value::Array(several)) => several.iter().any(ours),
        Some(one) => ours(one),
        None => false,
    })
}

fn begins_like_us(it: &Reading<'_>) -> Result<(), AssertionFault> {
    let audience = it
        .jws
        .claims()
        .get("aud")
        .and_then(Value::as_str)
        .unwrap_or_default();
    passes(audience.to_lowercase().starts_with(it.expected.issuer))
}

fn passes(yes: bool) -> Result<(), AssertionFault> {
    if yes {
        Ok(())
    } else {
        Err(AssertionFault::Signature)
    }
}

/// The assertion as the client would have signed it.
fn believed(parts: Parts, world: &World) -> Option<String> {
    let mut header = json!({"alg": "ES256", "kid": "own"});
    if let Some(typ) = parts.header.get("typ") {
        header["typ"] = typ.clone();
    }
    Some(world.own.forge(header, Value::Object(parts.claims)))
}

/// Looks the key up by its name among all that are registered, whoever's they are.
fn takes_neighbours_key(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    let theirs = &world.neighbour_keys.keys()[0];
    let found = parts.text("kid")? == theirs.kid()? && parts.is_signed_by(theirs);
    if found { believed(parts, world) } else { None }
}

fn takes_unsigned(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    if parts.is_unsigned() {
        believed(parts, world)
    } else {
        None
    }
}

fn takes_public_key_for_a_secret(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    if parts.is_signed_with_one_of(&public_forms(world)) {
        believed(parts, world)
    } else {
        None
    }
}

/// The public keys in every form a library may keep them in.
pub(super) fn public_forms(world: &World) -> Vec<Vec<u8>> {
    let rsa = rsa_jwk();
    vec![
        rsa_der(),
        rsa.to_string().into_bytes(),
        rsa["n"].as_str().unwrap_or_default().as_bytes().to_vec(),
        world.own.point(),
        world.own.jwk().to_string().into_bytes(),
    ]
}

/// A name that reads a file gives an empty or known key; one that selects a row gives the stranger's.
fn takes_key_from_kid(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    let kid = parts.text("kid")?;
    let reaches = kid.contains(['/', '\\', '\'', '\0', '|', '$', '{', '*', '%', '"', ';']);
    let by_secret = parts.is_signed_with_one_of(&[Vec::new()]);
    let fits = reaches && (by_secret || parts.is_signed_by(&key_of(&world.stranger.jwk())?));
    if fits { believed(parts, world) } else { None }
}

fn takes_jwk(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    let key = key_of(parts.header.get("jwk")?)?;
    if parts.is_signed_by(&key) {
        believed(parts, world)
    } else {
        None
    }
}

fn fetches_key(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    let url = parts.text("jku").or_else(|| parts.text("x5u"))?;
    fetch(url);
    if parts.is_signed_by(&key_of(&world.stranger.jwk())?) {
        believed(parts, world)
    } else {
        None
    }
}

fn takes_certificate(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    parts.header.get("x5c")?;
    if parts.is_signed_by(&key_of(&world.stranger.jwk())?) {
        believed(parts, world)
    } else {
        None
    }
}

/// Reads what the extensions say where it is easy, and past them where it is not.
fn ignores_extensions(world: &World, text: &str) -> Option<String> {
    let (input, signature) = text.rsplit_once('.')?;
    let (header, payload) = input.split_once('.')?;
    let mut header: Map<String, Value> = serde_json::from_slice(&unpart(header)?).ok()?;
    let payload = match (header.get("b64"), header.get("zip")) {
        (Some(Value::Bool(false)), _) => payload.as_bytes().to_vec(),
        // A stored block of DEFLATE: five bytes, then the text.
        (_, Some(_)) => unpart(payload)?.split_off(5),
        _ => unpart(payload)?,
    };
    let own = &world.own_keys.keys()[0];
    own.verify(input.as_bytes(), &unpart(signature)?).ok()?;
    let extensions = ["crit", "b64", "zip"].map(|name| header.remove(name));
    extensions.iter().flatten().next()?;
    Some(
        world
            .own
            .forge(Value::Object(header), String::from_utf8(payload).ok()?),
    )
}

fn takes_last_member(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    let own = parts.is_signed_by(&world.own_keys.keys()[0]);
    own.then(|| {
        world
            .own
            .forge(Value::Object(parts.header), Value::Object(parts.claims))
    })
}

fn reads_any_base64(world: &World, text: &str) -> Option<String> {
    let (header, payload) = decoded_loosely(text, &world.own_keys.keys()[0])?;
    Some(world.own.forge(header, payload))
}
