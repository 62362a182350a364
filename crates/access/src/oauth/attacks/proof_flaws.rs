//! Verifiers of DPoP proofs with one flaw each, made as those of assertions are: by a check taken out, or by a careless reader in
//! front that makes of a forged text the proof it takes it for.

use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RsaPublicKeyComponents,
};
use jose::{BadKey, VerifyingKey};
use serde_json::Value;

use super::careless::{Parts, Reader};
use super::forger::{Place, World, unpart};
use super::proofs::proof_header;
use crate::oauth::dpop::{AT_RESOURCE, AT_TOKEN_ENDPOINT, Check};

/// One flaw.
pub(super) struct Flaw {
    pub(super) name: &'static str,
    pub(super) reads: Reader,
    without: &'static [&'static str],
}

impl Flaw {
    /// The checks that are left at this place.
    pub(super) fn checks(&self, at: Place) -> Vec<Check> {
        let all = checks(at).iter();
        all.filter(|check| !self.without.contains(&check.name))
            .copied()
            .collect()
    }
}

/// The checks at this place.
pub(super) fn checks(at: Place) -> &'static [Check] {
    match at {
        Place::TokenEndpoint => AT_TOKEN_ENDPOINT,
        Place::Resource => AT_RESOURCE,
    }
}

/// All of them.
pub(super) fn flaws() -> Vec<Flaw> {
    let taken_out: [(&str, &[&str]); 9] = [
        ("htm", &["htm"]),
        ("htu", &["htu"]),
        ("iat", &["iat"]),
        // What remembers proofs refuses those it may have forgotten.
        ("iat and jti", &["iat", "jti"]),
        ("start", &["start"]),
        ("nonce", &["nonce"]),
        ("jkt", &["jkt"]),
        ("ath", &["ath"]),
        ("jti", &["jti"]),
    ];
    for name in taken_out.iter().flat_map(|(_, without)| *without) {
        let known = AT_TOKEN_ENDPOINT
            .iter()
            .chain(AT_RESOURCE)
            .any(|check| check.name == *name);
        assert!(known, "{name}");
    }
    let taken_out = taken_out.into_iter();
    let mut flaws: Vec<Flaw> = taken_out
        .map(|(name, without)| Flaw {
            name,
            reads: as_it_is,
            without,
        })
        .collect();
    let readers: [(&str, Reader); 9] = [
        ("any typ", takes_any_type),
        ("unsigned is signed", takes_unsigned),
        ("shared secrets", takes_hmac),
        ("signature of no matter", takes_any_signature),
        ("private keys", takes_private_keys),
        ("short RSA keys", takes_short_rsa),
        ("points off the curve", takes_any_point),
        ("first of several", takes_first_of_several),
        ("last member counts", takes_last_member),
    ];
    flaws.extend(readers.map(|(name, reads)| Flaw {
        name,
        reads,
        without: &[],
    }));
    flaws
}

fn as_it_is(_: &World, text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// The proof as the client would have signed it.
fn believed(parts: Parts, world: &World) -> Option<String> {
    Some(
        world
            .own
            .forge(proof_header(world), Value::Object(parts.claims)),
    )
}

/// Whether the key in the header, less these members, signed it.
fn is_signed_without(parts: &Parts, members: &[&str]) -> Option<bool> {
    let mut jwk = parts.header.get("jwk")?.as_object()?.clone();
    jwk.retain(|name, _| !members.contains(&name.as_str()));
    let key = VerifyingKey::from_jwk(&jwk, None).ok()?;
    Some(parts.text("alg")? == key.algorithm().name() && parts.is_signed_by(&key))
}

fn takes_any_type(world: &World, text: &str) -> Option<String> {
    let mut parts = Parts::of(text)?;
    parts.header.insert("typ".to_owned(), "dpop+jwt".into());
    let signed = is_signed_without(&parts, &[])?;
    signed.then(|| {
        world
            .own
            .forge(Value::Object(parts.header), Value::Object(parts.claims))
    })
}

fn takes_unsigned(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    if parts.is_unsigned() {
        believed(parts, world)
    } else {
        None
    }
}

fn takes_hmac(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    let jwk = parts.header.get("jwk")?;
    let shared = jwk.get("k").and_then(Value::as_str).and_then(unpart);
    let secrets = [shared.unwrap_or_default(), jwk.to_string().into_bytes()];
    if parts.is_signed_with_one_of(&secrets) {
        believed(parts, world)
    } else {
        None
    }
}

/// Takes the key in the header for the sender's and never asks for its signature.
fn takes_any_signature(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    let key = VerifyingKey::from_jwk(parts.header.get("jwk")?.as_object()?, None).ok()?;
    let readable = key.thumbprint() == world.thumbprint()
        && parts.text("alg")? == "ES256"
        && !is_signed_without(&parts, &[])?;
    readable.then(|| {
        world
            .own
            .forge(Value::Object(parts.header), Value::Object(parts.claims))
    })
}

fn takes_private_keys(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    let has_one = parts
        .header
        .get("jwk")?
        .as_object()?
        .keys()
        .any(|name| private.contains(&name.as_str()));
    if has_one && is_signed_without(&parts, &private)? {
        believed(parts, world)
    } else {
        None
    }
}

fn takes_short_rsa(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    let jwk = parts.header.get("jwk")?;
    let number = |name: &str| jwk.get(name).and_then(Value::as_str).and_then(unpart);
    let key = RsaPublicKeyComponents {
        n: number("n").filter(|n| n.len() < 256)?,
        e: number("e")?,
    };
    let legacy = &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
    key.verify(legacy, parts.input.as_bytes(), &parts.signature)
        .ok()?;
    believed(parts, world)
}

/// Computes with a point that is not on the curve, which can be made to say anything (invalid curve attack).
fn takes_any_point(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    let jwk = parts.header.get("jwk")?.as_object()?;
    let off = VerifyingKey::from_jwk(jwk, None) == Err(BadKey::Point);
    if off && parts.text("alg")? == "ES256" {
        believed(parts, world)
    } else {
        None
    }
}

fn takes_first_of_several(_: &World, text: &str) -> Option<String> {
    let (first, _) = text.split_once(',')?;
    Some(first.trim().to_owned())
}

fn takes_last_member(world: &World, text: &str) -> Option<String> {
    let parts = Parts::of(text)?;
    let signed = is_signed_without(&parts, &[])?;
    signed.then(|| {
        world
            .own
            .forge(Value::Object(parts.header), Value::Object(parts.claims))
    })
}
