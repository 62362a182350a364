//! A DPoP proof (RFC 9449 section 4.2): a token that shows possession of the key it brings.
//!
//! Reading it proves only that much. Whether it is for this request, fresh and unused is for the server to say
//! (section 4.3, points 8 to 12); this knows no clock, no URL and no other proof.

use serde_json::{Map, Value};

use crate::jws::{Jws, read_name};
use crate::limits::URL_BYTES;
use crate::{Malformed, VerifyingKey, read_seconds};

/// A proof whose signature is that of the key in it.
#[derive(Debug, Clone)]
pub struct DpopProof {
    key: VerifyingKey,
    /// `htm`: the HTTP method.
    pub htm: String,
    /// `htu`: the URL as the client sees it, at most [`URL_BYTES`].
    pub htu: String,
    /// `iat`: when it was made, in seconds since 1970, by the client's clock.
    pub iat: i64,
    /// `jti`: its name, never empty.
    pub jti: String,
    /// `nonce`: what the server gave, if anything.
    pub nonce: Option<String>,
    /// `ath`: hash of the access token it goes with, if any ([`crate::sha256_base64url`]).
    pub ath: Option<String>,
}

impl DpopProof {
    /// Reads a proof: `typ` is `dpop+jwt`, `jwk` a public key of its `alg`, the signature that key's, the required
    /// claims present (RFC 9449 section 4.3, points 2 to 7).
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn read(text: &str) -> Result<Self, Malformed> {
        let (jws, jwk) = Jws::read_with_key(text)?;
        if !jws.header().is_typed("dpop+jwt") {
            return Err(Malformed::Kind);
        }
        let key = VerifyingKey::from_jwk(&jwk, Some(jws.header().algorithm()))?;
        let claims = jws.claims();
        let proof = Self {
            htm: required(claims, "htm")?,
            htu: match claims.get("htu") {
                Some(Value::String(url)) if url.len() <= URL_BYTES => url.clone(),
                _ => return Err(Malformed::Member("htu")),
            },
            iat: claims
                .get("iat")
                .and_then(read_seconds)
                .ok_or(Malformed::Member("iat"))?,
            jti: required(claims, "jti")?,
            nonce: read_name(claims, "nonce")?,
            ath: read_name(claims, "ath")?,
            key,
        };
        // Last, for it costs a hundred times what all before it does.
        jws.verify(&proof.key).map_err(|_| Malformed::Signature)?;
        Ok(proof)
    }

    /// The key whose possession it shows.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// That key's thumbprint, as a token's `cnf.jkt` has it (RFC 9449 section 6.1).
    pub fn thumbprint(&self) -> &str {
        self.key.thumbprint()
    }
}

fn required(claims: &Map<String, Value>, name: &'static str) -> Result<String, Malformed> {
    read_name(claims, name)?
        .filter(|text| !text.is_empty())
        .ok_or(Malformed::Member(name))
}
