//! Keys of a client, of its neighbour and of a stranger, and texts signed with them that no honest library would make.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaEncoding,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jose::{KeySet, SigningKey, VerifyingKey};
use serde_json::{Map, Value, json};
use store::{Database, SealKey};

use crate::oauth::assertion::{self, AssertionFault, Check, ClientKeys, Expected};
use crate::oauth::dpop::{self, BoundToken, ProofFault, Proofs, Target};
use crate::oauth::replay::UsedAssertions;
use crate::{ClientId, MIGRATIONS};

pub(super) const NOW: i64 = 1_700_000_000;
pub(super) const ISSUER: &str = "https://gateway.example.com";
pub(super) const TOKEN_URL: &str = "https://gateway.example.com/oauth2/v1/token";
pub(super) const API_URL: &str = "https://gateway.example.com/api/v1/users";
pub(super) const ACCESS_TOKEN: &str = "an.access.token";
pub(super) const CLIENT: &str = "cliOwn0000000000001";
pub(super) const NEIGHBOUR: &str = "cliNeighbour0000002";

pub(super) fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

/// When the server began to run, where nothing else is said.
pub(super) fn long_ago() -> Timestamp {
    Timestamp::from_second(NOW - 3_600).unwrap()
}

pub(super) fn part(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn unpart(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(super) fn hash(text: &str) -> String {
    part(digest(&SHA256, text.as_bytes()))
}

/// A P-256 key pair with its name.
pub(super) struct Signer {
    pair: EcdsaKeyPair,
    pub(super) kid: String,
}

impl Signer {
    pub(super) fn new(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let kid = kid.to_owned();
        Self { pair, kid }
    }

    /// What a server signs with, to sign what it never would.
    pub(super) fn stolen(key: &SigningKey) -> Self {
        let pkcs8 = key.to_pkcs8().unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).unwrap();
        let kid = key.verifying_key().thumbprint().to_owned();
        Self { pair, kid }
    }

    pub(super) fn sign(&self, input: &str) -> Vec<u8> {
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes());
        signature.unwrap().as_ref().to_vec()
    }

    /// Header, claims and signature, each text as it is given.
    pub(super) fn forge(&self, header: impl ToString, claims: impl ToString) -> String {
        let input = format!("{}.{}", part(header.to_string()), part(claims.to_string()));
        let signature = part(self.sign(&input));
        format!("{input}.{signature}")
    }

    pub(super) fn point(&self) -> Vec<u8> {
        self.pair.public_key().as_ref().to_vec()
    }

    /// The public key without name and algorithm.
    pub(super) fn jwk(&self) -> Value {
        let point = self.point();
        json!({"kty": "EC", "crv": "P-256", "x": part(&point[1..33]), "y": part(&point[33..])})
    }

    pub(super) fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey::from_jwk(self.jwk().as_object().unwrap(), None).unwrap()
    }

    pub(super) fn registered(&self) -> Value {
        let mut jwk = self.jwk();
        jwk["kid"] = json!(self.kid);
        jwk
    }
}

/// The client's RSA key; made once, for it takes a while.
pub(super) fn rsa_pair() -> &'static rsa::KeyPair {
    static PAIR: OnceLock<rsa::KeyPair> = OnceLock::new();
    PAIR.get_or_init(|| rsa::KeyPair::generate(KeySize::Rsa2048).unwrap())
}

/// DER of the RSA public key (RFC 8017 appendix A.1.1).
pub(super) fn rsa_der() -> Vec<u8> {
    rsa_pair().public_key().as_ref().to_vec()
}

pub(super) fn rsa_jwk() -> Value {
    // SEQUENCE(4) INTEGER(4) 0x00 modulus(256) INTEGER(2) exponent(3): fixed for RSA-2048 with 65537.
    let der = rsa_der();
    json!({"kty": "RSA", "n": part(&der[9..265]), "e": part(&der[267..270]), "kid": "own-rsa"})
}

pub(super) fn rsa_forge(
    encoding: &'static dyn RsaEncoding,
    header: &Value,
    claims: &Value,
) -> String {
    let input = format!("{}.{}", part(header.to_string()), part(claims.to_string()));
    let mut signature = vec![0; rsa_pair().public_modulus_len()];
    let random = SystemRandom::new();
    rsa_pair()
        .sign(encoding, &random, input.as_bytes(), &mut signature)
        .unwrap();
    format!("{input}.{}", part(signature))
}

pub(super) fn rs256(header: &Value, claims: &Value) -> String {
    rsa_forge(&RSA_PKCS1_SHA256, header, claims)
}

pub(super) fn hmac_forge(
    algorithm: hmac::Algorithm,
    key: &[u8],
    header: &Value,
    claims: &Value,
) -> String {
    let input = format!("{}.{}", part(header.to_string()), part(claims.to_string()));
    let tag = hmac::sign(&hmac::Key::new(algorithm, key), input.as_bytes());
    format!("{input}.{}", part(tag))
}

/// The server under attack, and everybody's keys.
pub(super) struct World {
    pub(super) own: Signer,
    pub(super) neighbour: Signer,
    pub(super) stranger: Signer,
    pub(super) own_keys: KeySet,
    pub(super) neighbour_keys: KeySet,
    client: ClientId,
    other: ClientId,
    database: Arc<Database>,
    used: UsedAssertions,
    pub(super) proofs: Proofs,
}

impl World {
    pub(super) fn new() -> Self {
        let database = Arc::new(Database::open_in_memory().unwrap());
        database.migrate(MIGRATIONS).unwrap();
        Self::over(database, long_ago())
    }

    /// A world whose server keeps its state in this database and began to run at `started`.
    pub(super) fn over(database: Arc<Database>, started: Timestamp) -> Self {
        let (own, neighbour) = (Signer::new("own"), Signer::new("neighbour"));
        let own_keys = json!({"keys": [own.registered(), rsa_jwk()]}).to_string();
        let neighbour_keys = json!({"keys": [neighbour.registered()]}).to_string();
        let key = SealKey::from_bytes([5; 32]);
        Self {
            own_keys: KeySet::read_registration(&own_keys).unwrap(),
            neighbour_keys: KeySet::read_registration(&neighbour_keys).unwrap(),
            own,
            neighbour,
            stranger: Signer::new("stranger"),
            client: ClientId::new(CLIENT),
            other: ClientId::new(NEIGHBOUR),
            used: UsedAssertions::of(Arc::clone(&database)),
            proofs: Proofs::new(Arc::clone(&database), &key, started).unwrap(),
            database,
        }
    }

    /// Forgets what was used, so that every try stands alone.
    pub(super) fn forget(&mut self) {
        let wiped = self.database.write(|tx| {
            tx.execute("DELETE FROM access_used_assertion", [])?;
            Ok::<_, store::Error>(())
        });
        wiped.unwrap();
        self.proofs = Proofs::new(
            Arc::clone(&self.database),
            &SealKey::from_bytes([5; 32]),
            long_ago(),
        )
        .unwrap();
    }

    fn find(&self, id: &str) -> Option<ClientKeys<'_>> {
        match id {
            CLIENT => Some(ClientKeys {
                client: &self.client,
                keys: &self.own_keys,
            }),
            NEIGHBOUR => Some(ClientKeys {
                client: &self.other,
                keys: &self.neighbour_keys,
            }),
            _ => None,
        }
    }

    /// Shows an assertion to the server as it is.
    pub(super) fn verify(
        &self,
        text: &str,
        client_id: Option<&str>,
    ) -> Result<ClientId, AssertionFault> {
        let expected = Expected {
            issuer: ISSUER,
            token_url: TOKEN_URL,
            client_id,
        };
        assertion::verify(text, |id| self.find(id), &expected, now(), &self.used)
    }

    /// Shows a proof to the server as it is.
    pub(super) fn verify_proof(
        &self,
        header: Option<&str>,
        at: Place,
    ) -> Result<String, ProofFault> {
        let (target, thumbprint) = (at.target(), self.thumbprint());
        let token = BoundToken {
            text: ACCESS_TOKEN,
            thumbprint: &thumbprint,
        };
        match at {
            Place::TokenEndpoint => dpop::at_token_endpoint(header, &target, &self.proofs, now()),
            Place::Resource => dpop::at_resource(header, &target, &token, &self.proofs, now()),
        }
    }

    /// Shows an assertion to a verifier with these checks.
    pub(super) fn show(
        &self,
        checks: &[Check],
        text: &str,
        client_id: Option<&str>,
    ) -> Result<ClientId, AssertionFault> {
        self.show_at(now(), checks, text, client_id)
    }

    /// The same by another clock.
    pub(super) fn show_at(
        &self,
        now: Timestamp,
        checks: &[Check],
        text: &str,
        client_id: Option<&str>,
    ) -> Result<ClientId, AssertionFault> {
        let expected = Expected {
            issuer: ISSUER,
            token_url: TOKEN_URL,
            client_id,
        };
        assertion::verify_by(checks, text, |id| self.find(id), &expected, now, &self.used)
    }

    /// Shows a proof to a verifier with these checks, at the place they are for.
    pub(super) fn show_proof(
        &self,
        checks: &[dpop::Check],
        header: Option<&str>,
        at: Place,
    ) -> Result<String, ProofFault> {
        self.show_proof_of(&self.thumbprint(), checks, header, at)
    }

    /// The same with an access token that is bound to this key.
    pub(super) fn show_proof_of(
        &self,
        thumbprint: &str,
        checks: &[dpop::Check],
        header: Option<&str>,
        at: Place,
    ) -> Result<String, ProofFault> {
        let token = BoundToken {
            text: ACCESS_TOKEN,
            thumbprint,
        };
        let token = (at == Place::Resource).then_some(&token);
        dpop::verify_by(checks, header, &at.target(), token, &self.proofs, now())
    }

    /// Shows the API a proof for a token bound to this key, so many seconds from now.
    pub(super) fn call_after(
        &self,
        seconds: i64,
        thumbprint: &str,
        proof: &str,
    ) -> Result<String, ProofFault> {
        let (target, later) = (
            Place::Resource.target(),
            now() + SignedDuration::from_secs(seconds),
        );
        let token = BoundToken {
            text: ACCESS_TOKEN,
            thumbprint,
        };
        dpop::at_resource(Some(proof), &target, &token, &self.proofs, later)
    }

    /// Thumbprint of the client's key.
    pub(super) fn thumbprint(&self) -> String {
        self.own_keys.keys()[0].thumbprint().to_owned()
    }

    pub(super) fn nonce(&self) -> String {
        self.proofs.nonce(now())
    }
}

/// Where a proof is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    TokenEndpoint,
    Resource,
}

impl Place {
    pub(super) fn target(self) -> Target<'static> {
        match self {
            Self::TokenEndpoint => Target {
                method: "POST",
                url: TOKEN_URL,
            },
            Self::Resource => Target {
                method: "GET",
                url: API_URL,
            },
        }
    }
}

/// The header an honest client writes.
pub(super) fn header() -> Value {
    json!({"alg": "ES256", "kid": "own", "typ": "JWT"})
}

/// The claims an honest client writes.
pub(super) fn claims() -> Value {
    json!({
        "iss": CLIENT, "sub": CLIENT, "aud": TOKEN_URL,
        "iat": NOW, "exp": NOW + 300, "jti": "5e1f9d2c-0001",
    })
}

/// The value with one member set.
pub(super) fn with(mut object: Value, name: &str, value: impl Into<Value>) -> Value {
    object[name] = value.into();
    object
}

/// The value without one member.
pub(super) fn without(mut object: Value, name: &str) -> Value {
    members_of(&mut object).remove(name);
    object
}

pub(super) fn members_of(object: &mut Value) -> &mut Map<String, Value> {
    object.as_object_mut().unwrap()
}
