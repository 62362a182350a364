//! A set of public keys: a JWKS (RFC 7517 section 5) or one JWK.
//!
//! It never fetches. A registration must be usable as a whole; a foreign issuer's set may hold keys that are not for
//! us, and those are passed over.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::limits::{KEY_SET_BYTES, KEYS};
use crate::{Algorithm, BadKey, Malformed, VerifyingKey, read_object};

/// Public keys, each with its algorithm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
}

/// Why a set cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BadKeySet {
    /// Longer than [`KEY_SET_BYTES`].
    #[error("key set is longer than {KEY_SET_BYTES} bytes")]
    TooLong,
    /// Not a JSON object, or one that can be read in two ways.
    #[error("key set cannot be read: {0}")]
    Malformed(#[from] Malformed),
    /// Neither `keys` nor `kty`, or `keys` not a list of objects.
    #[error("neither a JWKS nor a JWK")]
    Shape,
    /// More than [`KEYS`].
    #[error("key set has more than {KEYS} keys")]
    TooMany,
    /// No key in it can be used.
    #[error("key set has no key that can be used")]
    Empty,
    /// A registered key cannot be used; counted from 1.
    #[error("key {position}: {fault}")]
    Key {
        /// Which key, from 1.
        position: usize,
        /// What is wrong with it.
        fault: BadKey,
    },
    /// Two keys of the same algorithm and name: a token could mean either.
    #[error("two keys are named `{0}`")]
    SameName(String),
}

impl BadKeySet {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Key { fault, .. } => fault.hint(),
            Self::Malformed(_) | Self::Shape => {
                "Give a JSON object with a `keys` list (a JWKS), or a single JWK."
            }
            Self::TooLong | Self::TooMany => "Leave only the keys that are in use.",
            Self::Empty => "Add a public key for verifying signatures.",
            Self::SameName(_) => "Give every key a `kid` of its own.",
        }
    }
}

impl KeySet {
    /// Reads the keys of a registration: every one of them must be usable, and names unique.
    ///
    /// # Errors
    /// [`BadKeySet`].
    pub fn read_registration(json: &str) -> Result<Self, BadKeySet> {
        let keys = members(json)?
            .iter()
            .zip(1..)
            .map(|(jwk, position)| {
                VerifyingKey::from_jwk(jwk, None)
                    .map_err(|fault| BadKeySet::Key { position, fault })
            })
            .collect::<Result<Vec<_>, _>>()?;
        Self::of(keys)
    }

    /// Reads the published keys of a foreign issuer: those that cannot be used here are passed over.
    ///
    /// # Errors
    /// [`BadKeySet`], but not for a single key; also if none is left.
    pub fn read_published(json: &str) -> Result<Self, BadKeySet> {
        Self::of(
            members(json)?
                .iter()
                .filter_map(|jwk| VerifyingKey::from_jwk(jwk, None).ok())
                .collect(),
        )
    }

    /// The set of these keys.
    ///
    /// # Errors
    /// None, too many, or two of one algorithm with one name.
    pub fn of(keys: Vec<VerifyingKey>) -> Result<Self, BadKeySet> {
        if keys.is_empty() {
            return Err(BadKeySet::Empty);
        }
        if keys.len() > KEYS {
            return Err(BadKeySet::TooMany);
        }
        let mut rest = keys.as_slice();
        while let Some((key, others)) = rest.split_first() {
            if let Some(kid) = key.kid()
                && others
                    .iter()
                    .any(|other| other.kid() == Some(kid) && other.algorithm() == key.algorithm())
            {
                return Err(BadKeySet::SameName(kid.to_owned()));
            }
            rest = others;
        }
        Ok(Self { keys })
    }

    /// The keys a token may have been signed with: of its algorithm and, if it names one, of that name. At most
    /// [`KEYS`].
    pub fn candidates<'k>(
        &'k self,
        kid: Option<&'k str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &'k VerifyingKey> {
        self.keys.iter().filter(move |key| {
            key.algorithm() == algorithm && kid.is_none_or(|kid| key.answers_to(kid))
        })
    }

    /// Every key, in the order given.
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// The set as a JWKS, public members only.
    pub fn jwks(&self) -> Map<String, Value> {
        let keys = self
            .keys
            .iter()
            .map(|key| Value::Object(key.jwk()))
            .collect();
        Map::from_iter([("keys".to_owned(), Value::Array(keys))])
    }
}

fn members(json: &str) -> Result<Vec<Map<String, Value>>, BadKeySet> {
    if json.len() > KEY_SET_BYTES {
        return Err(BadKeySet::TooLong);
    }
    let mut set = read_object(json.as_bytes())?;
    if set.contains_key("kty") {
        return Ok(vec![set]);
    }
    let Some(Value::Array(keys)) = set.remove("keys") else {
        return Err(BadKeySet::Shape);
    };
    if keys.len() > KEYS {
        return Err(BadKeySet::TooMany);
    }
    keys.into_iter()
        .map(|key| match key {
            Value::Object(jwk) => Ok(jwk),
            _ => Err(BadKeySet::Shape),
        })
        .collect()
}
