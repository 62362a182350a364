//! An org full of clients and keys, and what callers show to it: a right key, a token, and everything that is neither.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use access::oauth::{Asked, Authentication, Form};
use access::{
    CredentialKind, Keyring, NewClient, NewCredential, OauthRegistration, OrgName, Presented,
    Throttle,
};
use anyhow::{Context as _, Result, anyhow};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use jose::{Algorithm, Jws, SigningKey};
use store::{Database, SealKey};
use tempfile::TempDir;

pub(super) const CLIENTS: usize = 200;
pub(super) const KEYS_PER_CLIENT: usize = 5;
/// When everything happens.
pub(super) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const URL: &str = "https://gate.example/api/v1/users";
/// Where callers who are known call from.
pub(super) const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// The org.
pub(super) struct World {
    keyring: Keyring,
    org: OrgName,
    /// A key that is accepted.
    pub(super) key: String,
    expired: String,
    revoked: String,
    disabled: String,
    of_other_org: String,
    token: String,
    _directory: TempDir,
}

/// What a caller shows.
pub(super) struct Shape {
    pub(super) title: String,
    authorization: Option<String>,
    pub(super) is_good: bool,
    /// Whether it comes from one source, as those who are known do.
    pub(super) is_at_home: bool,
    /// How much dearer than a key it is expected to be, so that its rounds last no longer.
    pub(super) cost: u32,
}

impl Shape {
    fn wrong(title: &str, authorization: impl Into<String>) -> Self {
        Self {
            title: title.to_owned(),
            authorization: Some(authorization.into()),
            is_good: false,
            is_at_home: false,
            cost: 1,
        }
    }

    fn right(title: &str, authorization: String) -> Self {
        Self {
            is_good: true,
            is_at_home: true,
            ..Self::wrong(title, authorization)
        }
    }

    pub(super) fn presented(&self, source: IpAddr) -> Presented<'_> {
        Presented {
            authorization: self.authorization.as_deref(),
            source,
            ..nobody()
        }
    }
}

/// A call that shows nothing.
fn nobody() -> Presented<'static> {
    Presented {
        authorization: None,
        proof: None,
        certificate: None,
        subject: None,
        source: HOME,
        method: "GET",
        url: URL,
    }
}

impl World {
    pub(super) fn new() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let database = Arc::new(Database::open(&directory.path().join("state.db"))?);
        let keyring = Keyring::open(database, &SealKey::from_bytes([7; 32]), NOW)?;
        let (org, other) = (OrgName::parse("production")?, OrgName::parse("preview")?);
        let mut keys = Vec::new();
        for number in 0..CLIENTS {
            let client =
                keyring.register(new_client(&org, &format!("client-{number}"), None), NOW)?;
            for _ in 0..KEYS_PER_CLIENT {
                keys.push((client.clone(), keyring.issue(&client.id, None, NOW)?));
            }
        }
        let mut keys = keys.into_iter();
        let mut next = || keys.next().context("too few keys");
        let (owner, (key, _)) = next()?;
        let (_, (revoked, credential)) = next()?;
        keyring.revoke(&credential.id, NOW)?;
        let before = NOW - SignedDuration::from_hours(48);
        let (expired, _) = keyring.issue(&owner.id, Some(1), before)?;
        let gone = keyring.register(new_client(&org, "gone", None), NOW)?;
        let (disabled, _) = keyring.issue(&gone.id, None, NOW)?;
        keyring.disable(&gone.id, NOW)?;
        let elsewhere = keyring.register(new_client(&other, "elsewhere", None), NOW)?;
        let (of_other_org, _) = keyring.issue(&elsewhere.id, None, NOW)?;
        let token = token(&keyring, &org)?;
        Ok(Self {
            keyring,
            org,
            key: key.expose().to_owned(),
            expired: expired.expose().to_owned(),
            revoked: revoked.expose().to_owned(),
            disabled: disabled.expose().to_owned(),
            of_other_org: of_other_org.expose().to_owned(),
            token,
            _directory: directory,
        })
    }

    /// Refuses a guess, unthrottled: the plainest way through the code, where time would show best.
    pub(super) fn refuse(&self, guess: &str) {
        let presented = Presented {
            authorization: Some(guess),
            ..nobody()
        };
        black_box(self.keyring.identify(black_box(&presented), &self.org, NOW)).ok();
    }

    /// Whether a caller who shows this is let in.
    pub(super) fn identify(&self, throttle: &Throttle, presented: &Presented<'_>) -> bool {
        self.keyring
            .identify_within(throttle, presented, &self.org, NOW)
            .is_ok()
    }

    /// A right key first, a cached token second, then what is refused.
    pub(super) fn shapes(&self) -> Result<Vec<Shape>> {
        let key = &self.key;
        let (signed, signature) = self.token.rsplit_once('.').context("not a token")?;
        let mut forged = signature.to_owned();
        let first = if forged.starts_with('A') { "B" } else { "A" };
        forged.replace_range(..1, first);
        let stranger = SigningKey::generate(Algorithm::ES256)?;
        let claims = Jws::read(&self.token).map_err(|error| anyhow!("{error}"))?;
        let foreign = stranger.sign(&stranger.header("at+jwt"), claims.claims())?;
        let ssws = |key: &str| format!("SSWS {key}");
        Ok(vec![
            Shape::right("a right key", ssws(key)),
            Shape::right(
                "an access token seen before",
                format!("Bearer {}", self.token),
            ),
            Shape {
                is_at_home: false,
                ..Shape::right("a right key, from a new source each time", ssws(key))
            },
            Shape {
                authorization: None,
                ..Shape::wrong("nothing", "")
            },
            Shape::wrong("an empty value", ""),
            Shape::wrong(
                "another scheme",
                format!("Basic {}", BASE64_STANDARD.encode(key)),
            ),
            Shape::wrong("an Okta token", ssws(&format!("00{}", "x".repeat(40)))),
            Shape::wrong("a key cut short", ssws(key.get(..20).unwrap_or_default())),
            Shape::wrong("a key mistyped in its last letter", ssws(&mistyped(key))),
            Shape::wrong("a key and more", ssws(&format!("{key}{key}"))),
            Shape::wrong("8 KB of letters", ssws(&"x".repeat(8 << 10))),
            Shape::wrong(
                "a well-formed key that is nobody's",
                ssws(&padded("pcl_Z", 'Z')),
            ),
            Shape::wrong(
                "a well-formed key that begins like a right one",
                ssws(&near(key, 35)),
            ),
            Shape::wrong("an expired key", ssws(&self.expired)),
            Shape::wrong("a revoked key", ssws(&self.revoked)),
            Shape::wrong("a key of a disabled client", ssws(&self.disabled)),
            Shape::wrong("a key of another org", ssws(&self.of_other_org)),
            Shape::wrong("three words between dots", "Bearer eyJ.eyJ.xyz"),
            Shape {
                cost: 20,
                ..Shape::wrong("a token signed by a stranger", format!("Bearer {foreign}"))
            },
            Shape {
                cost: 100,
                ..Shape::wrong(
                    "a token with a forged signature",
                    format!("Bearer {signed}.{forged}"),
                )
            },
        ])
    }
}

fn new_client(org: &OrgName, name: &str, oauth: Option<OauthRegistration>) -> NewClient {
    NewClient {
        scopes: vec!["okta.users.read".to_owned(), "okta.groups.read".to_owned()],
        oauth,
        ..NewClient::new(org.clone(), name)
    }
}

/// An access token of a client that authenticates with a secret.
fn token(keyring: &Keyring, org: &OrgName) -> Result<String> {
    let registration = OauthRegistration {
        authentication: Authentication::ClientSecretPost,
        dpop_bound: false,
        token_minutes: 10,
    };
    let client = keyring.register(new_client(org, "oauth", Some(registration)), NOW)?;
    let secret = NewCredential {
        kind: CredentialKind::Secret,
        ..NewCredential::default()
    };
    let (secret, _) = keyring.issue_as(&client.id, &secret, NOW)?;
    let form = format!(
        "grant_type=client_credentials&scope=okta.users.read&client_id={}&client_secret={}",
        client.id,
        secret.expose()
    );
    let form = Form::read(form.as_bytes()).map_err(|error| anyhow!("{error:?}"))?;
    let presented = Presented {
        method: "POST",
        url: "https://gate.example/oauth2/v1/token",
        ..nobody()
    };
    let asked = Asked {
        form: &form,
        presented: &presented,
    };
    let token = keyring
        .token(&asked, org, NOW)
        .map_err(|error| anyhow!("{error:?}"))?;
    Ok(token.text.expose().to_owned())
}

/// The key with another last letter: its checksum is wrong.
fn mistyped(key: &str) -> String {
    let front = key.get(..key.len() - 1).unwrap_or_default();
    let last = if key.ends_with('a') { 'b' } else { 'a' };
    format!("{front}{last}")
}

/// A well-formed key that shares its first `count` letters with `key` and no more.
fn near(key: &str, count: usize) -> String {
    let next = key.chars().nth(count).unwrap_or('a');
    let other = if next == '0' { '1' } else { '0' };
    padded(key.get(..count).unwrap_or_default(), other)
}

/// A well-formed key that begins with `front` and goes on with one letter.
fn padded(front: &str, letter: char) -> String {
    let letters = front.chars().chain(std::iter::repeat(letter));
    well_formed(letters.take(36).collect())
}

/// The key of these 36 letters: its checksum is right.
pub(super) fn well_formed(body: String) -> String {
    let sum = checksum(body.as_bytes());
    body + &sum
}

/// CRC-32 in six digits of base 62, as the form of keys says.
fn checksum(bytes: &[u8]) -> String {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    let mut rest = !crc;
    let digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut sum: Vec<char> = (0..6)
        .filter_map(|_| {
            let digit = digits.chars().nth((rest % 62) as usize);
            rest /= 62;
            digit
        })
        .collect();
    sum.reverse();
    sum.into_iter().collect()
}
