//! The public half of a JWK (RFC 7517, RFC 7518 section 6, RFC 8037): its canonical members and its thumbprint.
//!
//! Private and shared keys are refused, not stripped: whoever sent one has leaked it and should be told.

use serde_json::{Map, Value, json};

use crate::limits::{RSA_BITS_LEAST, RSA_BITS_MOST};
use crate::{BadKey, base64url, sha256_base64url};

/// Members only a private or shared key has (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A curve of ECDSA here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
}

impl Curve {
    fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
        }
    }

    /// Bytes of one coordinate.
    pub(crate) fn coordinate_bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }
}

/// A public key's numbers, big-endian, each of its one canonical length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicJwk {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    Ec {
        curve: Curve,
        x: Vec<u8>,
        y: Vec<u8>,
    },
    Ed25519 {
        x: Vec<u8>,
    },
}

impl PublicJwk {
    /// Reads the members; says nothing yet about whether a point is on its curve.
    pub(crate) fn read(jwk: &Map<String, Value>) -> Result<Self, BadKey> {
        if PRIVATE.iter().any(|name| jwk.contains_key(*name)) {
            return Err(BadKey::Private);
        }
        permits_verifying(jwk)?;
        match text(jwk, "kty")? {
            "RSA" => Self::rsa(number(jwk, "n")?, number(jwk, "e")?),
            "EC" => {
                let curve = match text(jwk, "crv")? {
                    "P-256" => Curve::P256,
                    "P-384" => Curve::P384,
                    _ => return Err(BadKey::Kind),
                };
                let (x, y) = (number(jwk, "x")?, number(jwk, "y")?);
                if [x.len(), y.len()] != [curve.coordinate_bytes(); 2] {
                    return Err(BadKey::Point);
                }
                Ok(Self::Ec { curve, x, y })
            }
            "OKP" if text(jwk, "crv")? == "Ed25519" => {
                let x = number(jwk, "x")?;
                if x.len() == 32 {
                    Ok(Self::Ed25519 { x })
                } else {
                    Err(BadKey::Point)
                }
            }
            _ => Err(BadKey::Kind),
        }
    }

    /// An RSA key of acceptable strength: 2048 to 4096 bits, odd exponent of at least 65537.
    pub(crate) fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Self, BadKey> {
        let (Some(first), Some(last)) = (n.first(), n.last()) else {
            return Err(BadKey::Member("n"));
        };
        if *first == 0 || last % 2 == 0 {
            return Err(BadKey::Member("n"));
        }
        let bits = n.len() * 8 - first.leading_zeros() as usize;
        if !(RSA_BITS_LEAST..=RSA_BITS_MOST).contains(&bits) {
            return Err(BadKey::Modulus(bits));
        }
        let odd = e.last().is_some_and(|last| last % 2 == 1);
        if e.first() == Some(&0) || !odd || !(3..=4).contains(&e.len()) {
            return Err(BadKey::Exponent);
        }
        Ok(Self::Rsa { n, e })
    }

    /// The required members, in the order of RFC 7638 section 3.2 (lexicographic).
    pub(crate) fn members(&self) -> Map<String, Value> {
        let members = match self {
            Self::Rsa { n, e } => json!({
                "e": base64url::write(e), "kty": "RSA", "n": base64url::write(n),
            }),
            Self::Ec { curve, x, y } => json!({
                "crv": curve.name(), "kty": "EC", "x": base64url::write(x), "y": base64url::write(y),
            }),
            Self::Ed25519 { x } => json!({
                "crv": "Ed25519", "kty": "OKP", "x": base64url::write(x),
            }),
        };
        match members {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    /// SHA-256 thumbprint (RFC 7638), 43 characters.
    pub(crate) fn thumbprint(&self) -> String {
        sha256_base64url(Value::Object(self.members()).to_string().as_bytes())
    }
}

/// `use` and `key_ops`, where present, must permit verifying signatures (RFC 7517 sections 4.2 and 4.3).
fn permits_verifying(jwk: &Map<String, Value>) -> Result<(), BadKey> {
    let usable = match jwk.get("use") {
        None => true,
        Some(purpose) => purpose == "sig",
    };
    let operable = match jwk.get("key_ops") {
        None => true,
        Some(Value::Array(operations)) => operations.iter().any(|one| one == "verify"),
        Some(_) => false,
    };
    if usable && operable {
        Ok(())
    } else {
        Err(BadKey::Purpose)
    }
}

fn text<'j>(jwk: &'j Map<String, Value>, name: &'static str) -> Result<&'j str, BadKey> {
    jwk.get(name)
        .and_then(Value::as_str)
        .ok_or(BadKey::Member(name))
}

fn number(jwk: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, BadKey> {
    base64url::read(text(jwk, name)?).ok_or(BadKey::Member(name))
}
