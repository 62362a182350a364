//! A text as a careless reader sees it: nothing of it is checked, and what is unclear is guessed at.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jose::VerifyingKey;
use serde_json::{Map, Value};

use super::forger::{World, part, unpart};

/// What it takes a text for, written anew as its owner would have signed it; `None` where its carelessness makes no difference.
pub(super) type Reader = fn(&World, &str) -> Option<String>;

/// The parts of a compact text. Of two members with one name the last is taken.
pub(super) struct Parts {
    pub(super) header: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
    pub(super) signature: Vec<u8>,
    pub(super) input: String,
}

impl Parts {
    pub(super) fn of(text: &str) -> Option<Self> {
        let (input, signature) = text.rsplit_once('.')?;
        let (header, claims) = input.split_once('.')?;
        Some(Self {
            header: serde_json::from_slice(&unpart(header)?).ok()?,
            claims: serde_json::from_slice(&unpart(claims)?).ok()?,
            signature: unpart(signature)?,
            input: input.to_owned(),
        })
    }

    /// A text member of the header.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    pub(super) fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        key.verify(self.input.as_bytes(), &self.signature).is_ok()
    }

    /// Whether one of these is the shared secret it is signed with.
    pub(super) fn is_signed_with_one_of(&self, secrets: &[Vec<u8>]) -> bool {
        let Some(algorithm) = self.text("alg").and_then(hmac_of) else {
            return false;
        };
        secrets.iter().any(|secret| {
            let key = hmac::Key::new(algorithm, secret);
            hmac::verify(&key, self.input.as_bytes(), &self.signature).is_ok()
        })
    }

    pub(super) fn is_unsigned(&self) -> bool {
        self.text("alg")
            .is_some_and(|name| name.eq_ignore_ascii_case("none"))
    }
}

/// The algorithm of a shared secret by its name.
pub(super) fn hmac_of(name: &str) -> Option<hmac::Algorithm> {
    match name {
        "HS256" => Some(hmac::HMAC_SHA256),
        "HS384" => Some(hmac::HMAC_SHA384),
        "HS512" => Some(hmac::HMAC_SHA512),
        _ => None,
    }
}

/// A public key as a header gives it.
pub(super) fn key_of(jwk: &Value) -> Option<VerifyingKey> {
    VerifyingKey::from_jwk(jwk.as_object()?, None).ok()
}

/// Header and payload of a text that was written loosely (padding, white space, the other alphabet, stray bits) and signed by this
/// key, over what was sent or over what it would have sent itself. `None` for one that was written as it should be.
pub(super) fn decoded_loosely(text: &str, key: &VerifyingKey) -> Option<(String, String)> {
    let forgiving = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&URL_SAFE, forgiving);
    let decode = |part: &str| {
        let plain: String = part
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '\0')
            .collect();
        engine
            .decode(
                plain
                    .replace('+', "-")
                    .replace('/', "_")
                    .trim_end_matches('='),
            )
            .ok()
    };
    let (sent, signature) = text.rsplit_once('.')?;
    let (header, payload) = sent.split_once('.')?;
    let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
    let canonical = format!("{}.{}", part(&header), part(&payload));
    let signed = [canonical.as_str(), sent]
        .iter()
        .any(|input| key.verify(input.as_bytes(), &signature).is_ok());
    if !signed || format!("{canonical}.{}", part(&signature)) == text {
        return None;
    }
    Some((
        String::from_utf8(header).ok()?,
        String::from_utf8(payload).ok()?,
    ))
}
