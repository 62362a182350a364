//! Compact JWS (RFC 7515 section 7.1) whose payload is a JSON object: a JWT's form.
//!
//! Reading believes nothing: the claims are there to find whose key to verify with, and count only once
//! [`Jws::verify`] has said yes. It never fetches a key and never takes one from a header.

use serde_json::{Map, Value};

use crate::limits::{NAME_BYTES, TEXT_BYTES};
use crate::{Algorithm, BadSignature, Malformed, VerifyingKey, base64url, read_object};

/// Header members that change what is read or how: refused, whatever they say.
const EXTENSIONS: [&str; 3] = ["crit", "b64", "zip"];

/// Header members by which a sender points to a key: refused, and never looked at.
const POINTERS_TO_KEYS: [&str; 3] = ["jku", "x5u", "x5c"];

/// The one by which it brings a key: refused but in a DPoP proof.
const KEY: &str = "jwk";

/// A signed token as it was written. Nothing of it is believed yet.
#[derive(Debug, Clone)]
pub struct Jws<'t> {
    signed: &'t str,
    header: Header,
    claims: Map<String, Value>,
    signature: Vec<u8>,
}

/// The members of a protected header that mean something here. Others are ignored, as RFC 7515 section 4 asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    algorithm: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
}

impl Header {
    /// `alg`: to be compared with the key's, never to choose by.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `kid`, at most 256 bytes.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `typ` as it was written.
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// Whether `typ` is this media type, given without `application/` (RFC 7515 section 4.1.9: that prefix may be
    /// left out, and case does not matter). False if there is no `typ`.
    pub fn is_typed(&self, kind: &str) -> bool {
        self.typ.as_deref().is_some_and(|typ| {
            let bare = match typ.split_at_checked("application/".len()) {
                Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
                _ => typ,
            };
            bare.eq_ignore_ascii_case(kind)
        })
    }
}

impl<'t> Jws<'t> {
    /// Reads a compact text, strictly.
    ///
    /// # Errors
    /// Anything [`Malformed`] names but `Kind`, `Key` and `Signature`.
    pub fn read(text: &'t str) -> Result<Self, Malformed> {
        match Self::read_parts(text)? {
            (_, header) if header.contains_key(KEY) => Err(Malformed::KeyInHeader(KEY)),
            (jws, _) => Ok(jws),
        }
    }

    /// Reads a text whose header must bring its public key in `jwk` (a DPoP proof), and nothing else of that sort.
    pub(crate) fn read_with_key(text: &'t str) -> Result<(Self, Map<String, Value>), Malformed> {
        let (jws, mut header) = Self::read_parts(text)?;
        match header.remove(KEY) {
            Some(Value::Object(jwk)) => Ok((jws, jwk)),
            _ => Err(Malformed::Member(KEY)),
        }
    }

    fn read_parts(text: &'t str) -> Result<(Self, Map<String, Value>), Malformed> {
        if text.len() > TEXT_BYTES {
            return Err(Malformed::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Malformed::Parts)?;
        let (header, payload) = signed.split_once('.').ok_or(Malformed::Parts)?;
        if header.is_empty() || payload.is_empty() || signature.is_empty() || payload.contains('.')
        {
            return Err(Malformed::Parts);
        }
        let header = read_part(header)?;
        let claims = read_part(payload)?;
        let signature = base64url::read(signature).ok_or(Malformed::Base64url)?;
        if let Some(name) = EXTENSIONS.iter().find(|name| header.contains_key(**name)) {
            return Err(Malformed::Extension(name));
        }
        if let Some(name) = POINTERS_TO_KEYS
            .iter()
            .find(|name| header.contains_key(**name))
        {
            return Err(Malformed::KeyInHeader(name));
        }
        let jws = Self {
            signed,
            header: Header {
                algorithm: read_name(&header, "alg")?
                    .and_then(|name| Algorithm::read(&name))
                    .ok_or(Malformed::Algorithm)?,
                kid: read_name(&header, "kid")?,
                typ: read_name(&header, "typ")?,
            },
            claims,
            signature,
        };
        Ok((jws, header))
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The claims: what the sender says, to be believed only after [`Jws::verify`].
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Whether this key signed this text, with the key's own algorithm.
    ///
    /// # Errors
    /// The header names another algorithm, or the signature is another's. The two are not told apart.
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), BadSignature> {
        if key.algorithm() != self.header.algorithm {
            return Err(BadSignature);
        }
        key.verify(self.signed.as_bytes(), &self.signature)
    }
}

fn read_part(text: &str) -> Result<Map<String, Value>, Malformed> {
    let bytes = base64url::read(text).ok_or(Malformed::Base64url)?;
    read_object(&bytes)
}

/// A short text member: absent is None, anything but text of up to [`NAME_BYTES`] is refused (null too).
pub(crate) fn read_name(
    members: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<String>, Malformed> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if text.len() <= NAME_BYTES => Ok(Some(text.clone())),
        Some(_) => Err(Malformed::Member(name)),
    }
}
