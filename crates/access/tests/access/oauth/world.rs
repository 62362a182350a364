//! An org with clients of every way to authenticate, and requests as they send them.

use std::net::IpAddr;
use std::sync::Arc;

use access::oauth::{Asked, Authentication, Form, IssuedToken, OauthRefusal};
use access::{
    Caller, Client, CredentialKind, Keyring, NewClient, NewCredential, OauthRegistration, OrgName,
    Presented, Why,
};
use jiff::Timestamp;
use jose::{Algorithm, Jws, SigningKey, sha256_base64url};
use serde_json::{Map, Value, json};
use store::{Database, SealKey};
use tempfile::TempDir;

/// When every story plays: not a full hour.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
pub(crate) const ISSUER: &str = "https://gate.example";
pub(crate) const TOKEN_URL: &str = "https://gate.example/oauth2/v1/token";
pub(crate) const SCOPES: [&str; 2] = ["okta.users.read", "okta.groups.read"];
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(crate) fn org() -> OrgName {
    OrgName::parse("production").unwrap()
}

pub(crate) fn later(seconds: i64) -> Timestamp {
    NOW + jiff::SignedDuration::from_secs(seconds)
}

pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) keyring: Keyring,
}

/// What a request shows beside its form.
#[derive(Clone, Default)]
pub(crate) struct Head {
    pub(crate) authorization: Option<String>,
    pub(crate) proof: Option<String>,
    pub(crate) certificate: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) source: Option<IpAddr>,
}

impl Head {
    pub(crate) fn presented<'a>(&'a self, method: &'a str, url: &'a str) -> Presented<'a> {
        Presented {
            authorization: self.authorization.as_deref(),
            proof: self.proof.as_deref(),
            certificate: self.certificate.as_deref(),
            subject: self.subject.as_deref(),
            source: self.source.unwrap_or(IpAddr::from([127, 0, 0, 1])),
            method,
            url,
        }
    }

    pub(crate) fn authorized(value: impl Into<String>) -> Self {
        Self {
            authorization: Some(value.into()),
            ..Self::default()
        }
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keyring = keyring_in(&dir);
        Self { dir, keyring }
    }

    pub(crate) fn client(&self, name: &str, authentication: Authentication) -> Client {
        self.client_with(name, authentication, |_| {})
    }

    pub(crate) fn client_with(
        &self,
        name: &str,
        authentication: Authentication,
        change: impl FnOnce(&mut NewClient),
    ) -> Client {
        let mut new = NewClient {
            scopes: SCOPES.map(str::to_owned).to_vec(),
            oauth: Some(OauthRegistration {
                authentication,
                dpop_bound: false,
                token_minutes: 10,
            }),
            ..NewClient::new(org(), name)
        };
        change(&mut new);
        self.keyring.register(new, NOW).unwrap()
    }

    pub(crate) fn secret(&self, client: &Client, kind: CredentialKind) -> String {
        let new = NewCredential {
            kind,
            ..NewCredential::default()
        };
        let (secret, _) = self.keyring.issue_as(&client.id, &new, NOW).unwrap();
        secret.expose().to_owned()
    }

    pub(crate) fn ask(
        &self,
        head: &Head,
        fields: &[(&str, &str)],
        now: Timestamp,
    ) -> Result<IssuedToken, OauthRefusal> {
        let form = form(fields);
        let presented = head.presented("POST", TOKEN_URL);
        let asked = Asked {
            form: &form,
            presented: &presented,
        };
        self.keyring.token(&asked, &org(), now)
    }

    pub(crate) fn call(&self, head: &Head, now: Timestamp) -> Result<Caller, Why> {
        call_on(&self.keyring, head, now)
    }
}

pub(crate) fn keyring_in(dir: &TempDir) -> Keyring {
    let database = Arc::new(Database::open(&dir.path().join("state.db")).unwrap());
    Keyring::open(database, &SealKey::from_bytes([7; 32]), NOW).unwrap()
}

pub(crate) fn call_on(keyring: &Keyring, head: &Head, now: Timestamp) -> Result<Caller, Why> {
    let presented = head.presented("GET", USERS);
    let called = keyring.identify(&presented, &org(), now);
    called.map_err(|refused| {
        assert_eq!(refused.to_string(), "invalid credential");
        refused.why()
    })
}

pub(crate) fn form(fields: &[(&str, &str)]) -> Form {
    let escaped =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02x}")).collect() };
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    Form::read(pairs.join("&").as_bytes()).unwrap()
}

/// A key that a client signs with.
pub(crate) struct Pair(SigningKey);

impl Pair {
    pub(crate) fn new() -> Self {
        Self(SigningKey::generate(Algorithm::ES256).unwrap())
    }

    pub(crate) fn registration(&self) -> Authentication {
        let jwks = json!({ "keys": [self.0.verifying_key().jwk()] });
        Authentication::PrivateKeyJwt {
            jwks: jwks.to_string(),
        }
    }

    pub(crate) fn thumbprint(&self) -> &str {
        self.0.verifying_key().thumbprint()
    }

    pub(crate) fn signed(&self, typ: &str, claims: &Value) -> String {
        let claims: &Map<String, Value> = claims.as_object().unwrap();
        self.0.sign(&self.0.header(typ), claims).unwrap()
    }

    /// A client assertion for the token endpoint.
    pub(crate) fn assertion(&self, client: &Client, jti: &str, now: Timestamp) -> String {
        let claims = json!({
            "iss": client.id.as_str(), "sub": client.id.as_str(), "aud": TOKEN_URL,
            "iat": now.as_second(), "exp": now.as_second() + 300, "jti": jti,
        });
        self.signed("JWT", &claims)
    }

    /// A DPoP proof.
    pub(crate) fn proof(&self, claims: &Value) -> String {
        let mut header = Map::from_iter([("typ".to_owned(), "dpop+jwt".into())]);
        let mut jwk = self.0.verifying_key().jwk();
        jwk.retain(|name, _| ["kty", "crv", "x", "y"].contains(&name.as_str()));
        header.insert("jwk".to_owned(), Value::Object(jwk));
        self.0.sign(&header, claims.as_object().unwrap()).unwrap()
    }

    pub(crate) fn proof_for_token(&self, jti: &str, nonce: Option<&str>, now: Timestamp) -> String {
        let mut claims =
            json!({ "htm": "POST", "htu": TOKEN_URL, "iat": now.as_second(), "jti": jti });
        if let Some(nonce) = nonce {
            let claims = claims.as_object_mut().unwrap();
            claims.insert("nonce".to_owned(), nonce.into());
        }
        self.proof(&claims)
    }

    pub(crate) fn proof_for_call(&self, jti: &str, token: &str, now: Timestamp) -> String {
        let ath = sha256_base64url(token.as_bytes());
        self.proof(
            &json!({ "htm": "GET", "htu": USERS, "iat": now.as_second(), "jti": jti, "ath": ath }),
        )
    }
}

/// The claims of a token, whoever signed it.
pub(crate) fn claims(token: &str) -> Map<String, Value> {
    Jws::read(token).unwrap().claims().clone()
}

pub(crate) const USERS: &str = "https://gate.example/api/v1/users";
