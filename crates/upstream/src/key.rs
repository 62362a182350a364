//! The private key of a service app, as PEM or JWK, and its signature: RS256 for RSA keys, ES256 for keys on P-256.
//! Never shows a key, and never takes an algorithm from anywhere but the key itself.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use store::{Secret, Zeroizing};

/// A private key that signs client assertions.
pub struct SigningKey {
    pair: Pair,
    kid: Option<String>,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
}

impl SigningKey {
    /// Reads a key: PEM (PKCS#8, PKCS#1 or SEC1) or a JWK with its private members.
    ///
    /// # Errors
    /// [`KeyError`], which names no part of the key.
    pub fn read(text: &Secret<String>) -> Result<Self, KeyError> {
        let text = text.expose().trim();
        if text.starts_with('{') {
            Self::from_jwk(text)
        } else {
            Self::from_pem(text)
        }
    }

    /// The key's id, if a JWK states one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The JOSE name of its algorithm.
    pub const fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
        }
    }

    /// Signs `message` as JOSE writes signatures; `None` if the machine has no randomness.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Pair::Ec(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
        }
    }

    fn from_pem(text: &str) -> Result<Self, KeyError> {
        let der =
            PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| KeyError::Unreadable)?;
        let der = der.secret_der();
        let rsa = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der));
        let pair = rsa.map(|pair| Pair::Rsa(Box::new(pair))).or_else(|_| {
            EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
                .map(|pair| Pair::Ec(Box::new(pair)))
        });
        Ok(Self {
            pair: pair.map_err(|_| KeyError::Unsupported)?,
            kid: None,
        })
    }

    fn from_jwk(text: &str) -> Result<Self, KeyError> {
        let jwk: Jwk = serde_json::from_str(text).map_err(|_| KeyError::Unreadable)?;
        let pair = match (jwk.kty, jwk.crv) {
            ("RSA", None) => Pair::Rsa(Box::new(jwk.rsa()?)),
            ("EC", Some("P-256")) => Pair::Ec(Box::new(jwk.ec()?)),
            _ => return Err(KeyError::Unsupported),
        };
        Ok(Self {
            pair,
            kid: jwk.kid.map(str::to_owned),
        })
    }
}

/// Borrowed, so that no copy of a private member outlives the text it stands in. Members with escapes are not base64url anyway.
#[derive(Deserialize)]
struct Jwk<'t> {
    kty: &'t str,
    crv: Option<&'t str>,
    kid: Option<&'t str>,
    x: Option<&'t str>,
    y: Option<&'t str>,
    n: Option<&'t str>,
    e: Option<&'t str>,
    d: Option<&'t str>,
    p: Option<&'t str>,
    q: Option<&'t str>,
    dp: Option<&'t str>,
    dq: Option<&'t str>,
    qi: Option<&'t str>,
}

impl Jwk<'_> {
    fn rsa(&self) -> Result<RsaKeyPair, KeyError> {
        let components = KeyPairComponents {
            public_key: PublicKeyComponents {
                n: member("n", self.n)?,
                e: member("e", self.e)?,
            },
            d: member("d", self.d)?,
            p: member("p", self.p)?,
            q: member("q", self.q)?,
            dP: member("dp", self.dp)?,
            dQ: member("dq", self.dq)?,
            qInv: member("qi", self.qi)?,
        };
        RsaKeyPair::from_components(&components).map_err(|_| KeyError::Unsupported)
    }

    fn ec(&self) -> Result<EcdsaKeyPair, KeyError> {
        let mut point = Zeroizing::new(vec![4u8]);
        point.extend_from_slice(&member("x", self.x)?);
        point.extend_from_slice(&member("y", self.y)?);
        let secret = member("d", self.d)?;
        EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &secret,
            &point,
        )
        .map_err(|_| KeyError::Unsupported)
    }
}

fn member(name: &'static str, text: Option<&str>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let text = text.ok_or(KeyError::Missing(name))?;
    URL_SAFE_NO_PAD
        .decode(text)
        .map(Zeroizing::new)
        .map_err(|_| KeyError::Unreadable)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({}, kid {:?})", self.algorithm(), self.kid)
    }
}

/// Why a text is no usable key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Neither PEM nor JWK.
    #[error("the private key is neither PEM nor a JWK")]
    Unreadable,
    /// A JWK without one of its private members.
    #[error("the private key's JWK has no `{0}`")]
    Missing(&'static str),
    /// Another kind of key.
    #[error("the private key is neither RSA of 2048 bits or more nor EC on P-256")]
    Unsupported,
}

impl KeyError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        "Give the private key of the service app, as PEM or as JWK; Okta shows it once, when the key is made."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_FIXED, KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
        VerificationAlgorithm,
    };
    use base64::engine::general_purpose::STANDARD;

    fn pem(label: &str, der: &[u8]) -> Secret<String> {
        let body = STANDARD.encode(der);
        Secret::new(format!(
            "-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"
        ))
    }

    fn verifies(algorithm: &'static dyn VerificationAlgorithm, public: &[u8], key: &SigningKey) {
        let signature = key.sign(b"header.claims").unwrap();
        let public = ParsedPublicKey::new(algorithm, public).unwrap();
        public.verify_sig(b"header.claims", &signature).unwrap();
        assert!(public.verify_sig(b"header.other", &signature).is_err());
    }

    #[test]
    fn an_ec_key_signs_the_same_from_pem_and_jwk() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let public = pair.public_key().as_ref();
        let key =
            SigningKey::read(&pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref())).unwrap();
        assert_eq!(key.algorithm(), "ES256");
        verifies(&ECDSA_P256_SHA256_FIXED, public, &key);

        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let secret = aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&pair.private_key()).unwrap();
        let jwk = serde_json::json!({
            "kty": "EC", "crv": "P-256", "kid": "k1", "d": encode(secret.as_ref()),
            "x": encode(&public[1..33]), "y": encode(&public[33..]),
        });
        let key = SigningKey::read(&Secret::new(jwk.to_string())).unwrap();
        assert_eq!(key.kid(), Some("k1"));
        verifies(&ECDSA_P256_SHA256_FIXED, public, &key);
    }

    #[test]
    fn an_rsa_key_signs_rs256() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        let key = SigningKey::read(&pem("PRIVATE KEY", der.as_ref())).unwrap();
        assert_eq!(key.algorithm(), "RS256");
        verifies(
            &RSA_PKCS1_2048_8192_SHA256,
            pair.public_key().as_ref(),
            &key,
        );
    }

    /// The integers of a PKCS#1 key inside PKCS#8, in their order: version, n, e, d, p, q, dp, dq, qi.
    fn integers(pkcs8: &[u8]) -> Vec<&[u8]> {
        let mut found = Vec::new();
        let mut rest = pkcs8;
        while let [tag, length, after @ ..] = rest {
            let long = usize::from(length.saturating_sub(0x80));
            let (length, after) = match long {
                0 => (usize::from(*length), after),
                _ => (
                    after[..long]
                        .iter()
                        .fold(0, |sum, byte| sum * 256 + usize::from(*byte)),
                    &after[long..],
                ),
            };
            rest = match tag {
                0x02 => {
                    found.push(
                        after[..length]
                            .strip_prefix(&[0])
                            .unwrap_or(&after[..length]),
                    );
                    &after[length..]
                }
                0x30 | 0x04 => after,
                _ => &after[length..],
            };
        }
        found.split_off(1)
    }

    #[test]
    fn an_rsa_key_is_read_from_a_jwk() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        let parts: Vec<String> = integers(der.as_ref())
            .iter()
            .map(|part| URL_SAFE_NO_PAD.encode(part))
            .collect();
        let [_, n, e, d, p, q, dp, dq, qi] = &parts[..] else {
            panic!("{} integers", parts.len())
        };
        let jwk = serde_json::json!({
            "kty": "RSA", "kid": "k2", "alg": "RS256", "use": "sig",
            "n": n, "e": e, "d": d, "p": p, "q": q, "dp": dp, "dq": dq, "qi": qi,
        });
        let key = SigningKey::read(&Secret::new(jwk.to_string())).unwrap();
        assert_eq!(key.algorithm(), "RS256");
        verifies(
            &RSA_PKCS1_2048_8192_SHA256,
            pair.public_key().as_ref(),
            &key,
        );
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_shown() {
        let read = |text: &str| SigningKey::read(&Secret::new(text.to_owned())).unwrap_err();
        assert_eq!(read("hello"), KeyError::Unreadable);
        assert_eq!(
            read(r#"{"kty":"oct","k":"c2VjcmV0"}"#),
            KeyError::Unsupported
        );
        assert_eq!(
            read(r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#),
            KeyError::Missing("d")
        );
        assert_eq!(
            read(r#"{"kty":"EC","crv":"P-521","d":"AA"}"#),
            KeyError::Unsupported
        );
    }
}
