//! A public key together with the one algorithm it verifies.
//!
//! The pair is made when the key is registered (or published, or offered in a DPoP proof) and holds for good: a token
//! has no say in it. Cloning is cheap; the key is parsed once.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{ED25519, ParsedPublicKey, RsaPublicKeyComponents};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::algorithm::{Algorithm, Scheme};
use crate::jwk::{Curve, PublicJwk};
use crate::limits::NAME_BYTES;
use crate::pem;

/// A public key and the algorithm pinned to it.
#[derive(Clone)]
pub struct VerifyingKey {
    inner: Arc<Inner>,
}

struct Inner {
    parsed: ParsedPublicKey,
    algorithm: Algorithm,
    kid: Option<String>,
    public: PublicJwk,
    thumbprint: String,
}

/// The signature is not this key's over this text, or is of another algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("signature does not verify")]
pub struct BadSignature;

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BadKey {
    /// It has members of a private or shared key.
    #[error("key is private")]
    Private,
    /// Neither RSA, nor EC on P-256 or P-384, nor Ed25519.
    #[error("key is of a kind or curve not used here")]
    Kind,
    /// A member is missing or not of its form.
    #[error("key member `{0}` is missing or not of its form")]
    Member(&'static str),
    /// RSA modulus of so many bits: too few or too many.
    #[error("RSA modulus has {0} bits")]
    Modulus(usize),
    /// RSA exponent even or below 65537.
    #[error("RSA exponent is not an odd number of 65537 or more")]
    Exponent,
    /// Not a point of the curve.
    #[error("key is not a point of its curve")]
    Point,
    /// `use` or `key_ops` do not permit verifying.
    #[error("key is not for verifying signatures")]
    Purpose,
    /// `alg` is unknown, differs from the registered one, or does not go with the kind of key.
    #[error("key and algorithm do not go together")]
    Algorithm,
    /// The text is no PEM with one public key.
    #[error("no PEM public key in the text")]
    Pem,
}

impl BadKey {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Private => {
                "Give only the public key, and replace this pair: its private key has travelled."
            }
            Self::Kind | Self::Point => "Use RSA, EC on P-256 or P-384, or Ed25519.",
            Self::Member(_) => "Export the key as a JWK with a JOSE library.",
            Self::Modulus(_) => "Make an RSA key of 2048 to 4096 bits.",
            Self::Exponent => "Make an RSA key with the usual exponent 65537.",
            Self::Purpose => "Register a key whose `use` is `sig`.",
            Self::Algorithm => {
                "Let `alg` be the algorithm the client signs with, and one of this kind of key."
            }
            Self::Pem => "Write the key with `openssl pkey -pubout`.",
        }
    }
}

impl VerifyingKey {
    /// Reads a public JWK. Without `alg` in it, `algorithm` says; without both, RSA keys verify RS256, EC keys the
    /// algorithm of their curve, Ed25519 keys EdDSA.
    ///
    /// # Errors
    /// [`BadKey`]; also where `alg` and `algorithm` differ.
    pub fn from_jwk(
        jwk: &Map<String, Value>,
        algorithm: Option<Algorithm>,
    ) -> Result<Self, BadKey> {
        let public = PublicJwk::read(jwk)?;
        let named = match jwk.get("alg") {
            None => None,
            Some(name) => Some(
                name.as_str()
                    .and_then(Algorithm::read)
                    .ok_or(BadKey::Algorithm)?,
            ),
        };
        if let (Some(named), Some(algorithm)) = (named, algorithm)
            && named != algorithm
        {
            return Err(BadKey::Algorithm);
        }
        let kid = match jwk.get("kid") {
            None => None,
            Some(Value::String(kid)) if kid.len() <= NAME_BYTES => Some(kid.clone()),
            Some(_) => return Err(BadKey::Member("kid")),
        };
        Self::pin(public, kid, named.or(algorithm))
    }

    /// Reads a public key in PEM (`-----BEGIN PUBLIC KEY-----`); `algorithm` as in [`VerifyingKey::from_jwk`].
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn from_pem(
        text: &str,
        kid: Option<&str>,
        algorithm: Option<Algorithm>,
    ) -> Result<Self, BadKey> {
        Self::pin(pem::read(text)?, kid.map(str::to_owned), algorithm)
    }

    pub(crate) fn pin(
        public: PublicJwk,
        kid: Option<String>,
        algorithm: Option<Algorithm>,
    ) -> Result<Self, BadKey> {
        let algorithm = algorithm.unwrap_or(match &public {
            PublicJwk::Rsa { .. } => Algorithm::RS256,
            PublicJwk::Ec {
                curve: Curve::P256, ..
            } => Algorithm::ES256,
            PublicJwk::Ec {
                curve: Curve::P384, ..
            } => Algorithm::ES384,
            PublicJwk::Ed25519 { .. } => Algorithm::EdDSA,
        });
        let parsed = parse(&public, algorithm)?;
        let thumbprint = public.thumbprint();
        Ok(Self {
            inner: Arc::new(Inner {
                parsed,
                algorithm,
                kid,
                public,
                thumbprint,
            }),
        })
    }

    /// The one algorithm this key verifies.
    pub fn algorithm(&self) -> Algorithm {
        self.inner.algorithm
    }

    /// The key's name, if it was given one.
    pub fn kid(&self) -> Option<&str> {
        self.inner.kid.as_deref()
    }

    /// SHA-256 thumbprint (RFC 7638) in base64url, 43 characters.
    pub fn thumbprint(&self) -> &str {
        &self.inner.thumbprint
    }

    /// Whether a token whose header names `kid` means this key. A key without a name answers to its thumbprint.
    pub fn answers_to(&self, kid: &str) -> bool {
        self.kid().unwrap_or(self.thumbprint()) == kid
    }

    /// The public JWK: required members, `alg`, `use` and, if it has one, `kid`. Never a private member.
    pub fn jwk(&self) -> Map<String, Value> {
        let mut jwk = self.inner.public.members();
        jwk.insert("alg".to_owned(), self.inner.algorithm.name().into());
        jwk.insert("use".to_owned(), "sig".into());
        if let Some(kid) = self.kid() {
            jwk.insert("kid".to_owned(), kid.into());
        }
        jwk
    }

    /// Whether this key made this signature (JOSE form: `r || s` for ECDSA) over these bytes. For a token, use
    /// [`crate::Jws::verify`].
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.inner
            .parsed
            .verify_sig(signed, signature)
            .map_err(|_| BadSignature)
    }
}

/// Compares algorithm and key, not the name.
impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.inner.algorithm == other.inner.algorithm && self.inner.public == other.inner.public
    }
}

impl Eq for VerifyingKey {}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "VerifyingKey({} {})",
            self.inner.algorithm, self.inner.thumbprint
        )
    }
}

fn parse(public: &PublicJwk, algorithm: Algorithm) -> Result<ParsedPublicKey, BadKey> {
    match (public, algorithm.scheme()) {
        (PublicJwk::Rsa { n, e }, Scheme::Rsa(parameters)) => RsaPublicKeyComponents { n, e }
            .to_parsed_public_key(parameters)
            .map_err(|_| BadKey::Member("n")),
        (PublicJwk::Ec { x, y, curve }, Scheme::Ec(parameters))
            if (*curve == Curve::P256) == (algorithm == Algorithm::ES256) =>
        {
            ParsedPublicKey::new(parameters, [&[4], x.as_slice(), y].concat())
                .map_err(|_| BadKey::Point)
        }
        (PublicJwk::Ed25519 { x }, Scheme::Ed25519) => {
            ParsedPublicKey::new(&ED25519, x).map_err(|_| BadKey::Point)
        }
        _ => Err(BadKey::Algorithm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64url;
    use serde_json::json;

    #[test]
    fn rfc_8037_a_4_signature_over_text_verifies() {
        let jwk = json!({
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        });
        let key = VerifyingKey::from_jwk(jwk.as_object().unwrap(), None).unwrap();
        let signature = base64url::read(
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        )
        .unwrap();
        let signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        assert_eq!(key.verify(signed, &signature), Ok(()));
        assert_eq!(
            key.verify(b"eyJhbGciOiJFZERTQSJ9.", &signature),
            Err(BadSignature)
        );
    }
}
