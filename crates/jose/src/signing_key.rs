//! A private key of our own, for what we sign: access tokens, proofs.
//!
//! ES256 or EdDSA only. The private half is never shown by `Debug` and leaves only as PKCS#8 in memory that wipes
//! itself, for whoever seals it.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use serde_json::{Map, Value};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::jwk::{Curve, PublicJwk};
use crate::{Algorithm, VerifyingKey, base64url};

/// A private key, its algorithm and its public half. The key's name is its thumbprint.
pub struct SigningKey {
    pair: Pair,
    public: VerifyingKey,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Why a key could not be made, read or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SigningFault {
    /// We sign with ES256 and EdDSA only.
    #[error("no signing with {0}")]
    Algorithm(Algorithm),
    /// The bytes are no PKCS#8 of a key of this algorithm.
    #[error("not a PKCS#8 private key of the algorithm")]
    Pkcs8,
    /// The cryptographic library refused, as it does without randomness.
    #[error("cryptographic library refused")]
    Library,
}

impl SigningFault {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Algorithm(_) => "Choose ES256 or EdDSA.",
            Self::Pkcs8 => "Restore the state database from a backup, or rotate the signing key.",
            Self::Library => "Check that the operating system gives randomness, and restart.",
        }
    }
}

impl SigningKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`SigningFault::Algorithm`] for all but ES256 and EdDSA.
    pub fn generate(algorithm: Algorithm) -> Result<Self, SigningFault> {
        let pair = match algorithm {
            Algorithm::ES256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::P256)
            }
            Algorithm::EdDSA => Ed25519KeyPair::generate().map(Pair::Ed25519),
            other => return Err(SigningFault::Algorithm(other)),
        };
        Self::of(pair.map_err(|_| SigningFault::Library)?)
    }

    /// Reads a key that [`SigningKey::to_pkcs8`] wrote.
    ///
    /// # Errors
    /// [`SigningFault`].
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, SigningFault> {
        let pair = match algorithm {
            Algorithm::ES256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map(Pair::P256)
            }
            Algorithm::EdDSA => Ed25519KeyPair::from_pkcs8(pkcs8).map(Pair::Ed25519),
            other => return Err(SigningFault::Algorithm(other)),
        };
        Self::of(pair.map_err(|_| SigningFault::Pkcs8)?)
    }

    /// The private key in PKCS#8, in memory that wipes itself.
    ///
    /// # Errors
    /// [`SigningFault::Library`].
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SigningFault> {
        let document = match &self.pair {
            Pair::P256(pair) => pair.to_pkcs8v1(),
            Pair::Ed25519(pair) => pair.to_pkcs8v1(),
        };
        document
            .map(|document| Zeroizing::new(document.as_ref().to_vec()))
            .map_err(|_| SigningFault::Library)
    }

    fn of(pair: Pair) -> Result<Self, SigningFault> {
        let public = match &pair {
            Pair::P256(pair) => {
                let point = pair.public_key().as_ref();
                let coordinates = point.split_first().map_or(point, |(_, rest)| rest);
                let (x, y) = coordinates
                    .split_at_checked(32)
                    .ok_or(SigningFault::Library)?;
                PublicJwk::Ec {
                    curve: Curve::P256,
                    x: x.to_vec(),
                    y: y.to_vec(),
                }
            }
            Pair::Ed25519(pair) => PublicJwk::Ed25519 {
                x: pair.public_key().as_ref().to_vec(),
            },
        };
        let kid = public.thumbprint();
        let public =
            VerifyingKey::pin(public, Some(kid), None).map_err(|_| SigningFault::Library)?;
        Ok(Self { pair, public })
    }

    /// The public half; its `kid` is the thumbprint.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    /// The header of a token of this kind signed with this key: `typ` and `kid` (`alg` is added by signing).
    pub fn header(&self, typ: &str) -> Map<String, Value> {
        Map::from_iter([
            ("typ".to_owned(), typ.into()),
            ("kid".to_owned(), self.public.thumbprint().into()),
        ])
    }

    /// Signs: a compact JWS of this header, with this key's `alg`, and these claims.
    ///
    /// # Errors
    /// [`SigningFault::Library`].
    pub fn sign(
        &self,
        header: &Map<String, Value>,
        claims: &Map<String, Value>,
    ) -> Result<String, SigningFault> {
        let mut full = Map::from_iter([("alg".to_owned(), self.public.algorithm().name().into())]);
        full.extend(
            header
                .iter()
                .filter(|(name, _)| *name != "alg")
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        let mut text = format!("{}.{}", part(full), part(claims.clone()));
        let signature = match &self.pair {
            Pair::P256(pair) => pair
                .sign(&SystemRandom::new(), text.as_bytes())
                .map_err(|_| SigningFault::Library)?,
            Pair::Ed25519(pair) => pair.sign(text.as_bytes()),
        };
        text.push('.');
        text.push_str(&base64url::write(signature.as_ref()));
        Ok(text)
    }
}

fn part(members: Map<String, Value>) -> String {
    base64url::write(Value::Object(members).to_string().as_bytes())
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SigningKey({} {})",
            self.public.algorithm(),
            self.public.thumbprint()
        )
    }
}
