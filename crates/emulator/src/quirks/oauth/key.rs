//! The key the org signs its access tokens with. Made when first needed: making one takes a while, and most orgs need none.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use std::sync::OnceLock;

/// An RSA key pair that is made when first needed. Has no `Debug`: it is a secret.
#[derive(Default)]
pub(crate) struct OrgKey(OnceLock<Option<RsaKeyPair>>);

impl OrgKey {
    fn pair(&self) -> Option<&RsaKeyPair> {
        self.0
            .get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).ok())
            .as_ref()
    }

    /// A JWT with these claims. Without a key (the system has no randomness) its signature is empty and nobody trusts it
    /// but this org, which compares tokens whole.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = json!({"kid": self.id(), "alg": "RS256"});
        let message = format!(
            "{}.{}",
            BASE64.encode(header.to_string()),
            BASE64.encode(claims.to_string())
        );
        let mut signature = Vec::new();
        if let Some(pair) = self.pair() {
            signature.resize(pair.public_modulus_len(), 0);
            let signed = pair.sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            );
            if signed.is_err() {
                signature.clear();
            }
        }
        format!("{message}.{}", BASE64.encode(signature))
    }

    /// The public key as a JWK.
    pub(crate) fn public(&self) -> Option<Value> {
        let der = self.pair()?.public_key().as_ref();
        let (modulus, exponent) = (
            der.get(MODULUS_AT..MODULUS_AT + MODULUS_BYTES)?,
            der.get(EXPONENT_AT..)?,
        );
        Some(json!({
            "kty": "RSA", "alg": "RS256", "kid": self.id(), "use": "sig",
            "e": BASE64.encode(exponent), "n": BASE64.encode(modulus),
        }))
    }

    fn id(&self) -> String {
        let der = self
            .pair()
            .map(|pair| pair.public_key().as_ref())
            .unwrap_or_default();
        BASE64.encode(digest(&SHA256, der))
    }
}

/// Where a 2048-bit modulus begins in the DER of a public key: two headers of four bytes and a sign byte (RFC 8017, A.1.1).
const MODULUS_AT: usize = 9;
/// Length of a 2048-bit modulus.
const MODULUS_BYTES: usize = 256;
/// Where the exponent begins: after the modulus and a header of two bytes.
const EXPONENT_AT: usize = MODULUS_AT + MODULUS_BYTES + 2;

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};

    #[test]
    fn a_token_is_verified_by_the_public_key() {
        let key = OrgKey::default();
        let public = serde_json::from_value(key.public().unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.required_spec_claims.clear();
        let token = key.sign(&json!({"sub": "0oa1"}));
        let read = decode::<Value>(
            &token,
            &DecodingKey::from_jwk(&public).unwrap(),
            &validation,
        )
        .unwrap();
        assert_eq!(read.claims["sub"], "0oa1");
    }
}
