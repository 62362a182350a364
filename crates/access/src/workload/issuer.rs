//! The registration of an outside issuer: whose tokens stand for which client, and whose keys verify them. Checked when it is made,
//! so that what is registered can be meant in one way only.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jose::KeySet;
use url::{Host, Url};

use crate::limits::{NAME_IN_TOKEN_BYTES_MAX, OUTSIDE_MINUTES_MAX};
use crate::{ClientId, OrgName};

use super::SubjectPattern;
use super::subject::is_subject;

/// Identity of a registration: `iss` and 16 letters or digits. Not secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IssuerId(Arc<str>);

impl IssuerId {
    /// Takes an id as typed; whether there is such a registration is for the keyring to say.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IssuerId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A registered issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Identity of the registration.
    pub id: IssuerId,
    /// The org that may be called.
    pub org: OrgName,
    /// The client that its tokens stand for.
    pub client: ClientId,
    /// `iss` of its tokens, character by character.
    pub issuer: String,
    /// What `aud` of its tokens must be or contain.
    pub audience: String,
    /// What `sub` of its tokens must match.
    pub subject: SubjectPattern,
    /// Whose signature counts.
    pub keys: KeySource,
    /// Whether its tokens are accepted at the API. Without it they are only exchanged.
    pub direct: bool,
    /// Longest life of its tokens (`exp` less `iat`), in minutes.
    pub minutes_max: u32,
    /// When it was registered, to the second.
    pub created: Timestamp,
    /// Since when its tokens are refused, to the second.
    pub removed: Option<Timestamp>,
}

/// An issuer to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIssuer {
    /// The client that its tokens stand for.
    pub client: ClientId,
    /// `iss` of its tokens, character by character.
    pub issuer: String,
    /// What `aud` of its tokens must be or contain.
    pub audience: String,
    /// What `sub` of its tokens must match.
    pub subject: SubjectPattern,
    /// Whose signature counts.
    pub keys: KeySource,
    /// Whether its tokens are accepted at the API.
    pub direct: bool,
    /// Longest life of its tokens, in minutes: 1 to [`OUTSIDE_MINUTES_MAX`].
    pub minutes_max: u32,
}

/// Where the keys of an issuer come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// It publishes them.
    Published(KeyPlace),
    /// They were registered with it: a JWK set. For clusters that nobody outside can ask.
    Fixed(Arc<KeySet>),
}

/// Where an issuer publishes its keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyPlace {
    /// URL of its JWK set; no other host is ever asked.
    pub uri: Arc<str>,
    /// Whether it may lead to a private network.
    pub private: bool,
}

/// What cannot be registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadIssuer {
    /// Not the URL of an issuer or of keys.
    #[error("`{0}` is not an https URL without user name, query and fragment")]
    Url(String),
    /// An audience that says nothing.
    #[error(
        "`{0}` is not an audience: 1 to {NAME_IN_TOKEN_BYTES_MAX} characters without white space"
    )]
    Audience(String),
    /// A life that is zero or too long.
    #[error("a token cannot live {0} minutes: 1 to {OUTSIDE_MINUTES_MAX} are possible")]
    Minutes(u32),
}

impl BadIssuer {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Url(_) => {
                "Write it exactly as its tokens have it, like `https://token.actions.githubusercontent.com`."
            }
            Self::Audience(_) => {
                "Choose a text that only tokens meant for this gateway have, such as its public URL."
            }
            Self::Minutes(_) => "Say how long its longest token lives; an hour is usual.",
        }
    }
}

impl NewIssuer {
    pub(crate) fn check(&self) -> Result<(), BadIssuer> {
        check_url(&self.issuer, false)?;
        if let KeySource::Published(place) = &self.keys {
            check_url(&place.uri, true)?;
        }
        if !is_subject(&self.audience)
            || self.audience.contains(' ')
            || self.audience.len() > NAME_IN_TOKEN_BYTES_MAX
        {
            return Err(BadIssuer::Audience(
                self.audience.chars().take(60).collect(),
            ));
        }
        if self.minutes_max == 0 || self.minutes_max > OUTSIDE_MINUTES_MAX {
            return Err(BadIssuer::Minutes(self.minutes_max));
        }
        Ok(())
    }
}

/// `https`, or `http` to this machine; and nothing in it that makes one issuer look like another.
fn check_url(text: &str, may_query: bool) -> Result<(), BadIssuer> {
    let bad = || BadIssuer::Url(text.chars().take(100).collect());
    let url = Url::parse(text).map_err(|_| bad())?;
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    let scheme_fits = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let whole =
        is_subject(text) && !text.contains(' ') && text.len() <= 2 * NAME_IN_TOKEN_BYTES_MAX;
    if scheme_fits && bare && whole && (may_query || url.query().is_none()) {
        Ok(())
    } else {
        Err(bad())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> NewIssuer {
        NewIssuer {
            client: ClientId::new("cli1"),
            issuer: "https://token.actions.githubusercontent.com".to_owned(),
            audience: "https://okta.acme.example".to_owned(),
            subject: "repo:acme/**".parse().unwrap(),
            keys: KeySource::Published(KeyPlace {
                uri: "https://token.actions.githubusercontent.com/.well-known/jwks".into(),
                private: false,
            }),
            direct: false,
            minutes_max: 60,
        }
    }

    #[test]
    fn what_could_be_meant_in_two_ways_is_not_registered() {
        assert_eq!(new().check(), Ok(()));
        for issuer in [
            "",
            "token.actions.githubusercontent.com",
            "http://issuer.example",
            "http://localhost:1",
            "https://issuer.example?tenant=a",
            "https://issuer.example#a",
            "https://a@issuer.example",
            "https://issuer.example/ a",
            "file:///etc/passwd",
        ] {
            let bad = NewIssuer {
                issuer: issuer.to_owned(),
                ..new()
            };
            assert!(matches!(bad.check(), Err(BadIssuer::Url(_))), "{issuer}");
        }
        let keys = KeySource::Published(KeyPlace {
            uri: "http://10.0.0.1/keys".into(),
            private: true,
        });
        assert!(matches!(
            NewIssuer { keys, ..new() }.check(),
            Err(BadIssuer::Url(_))
        ));
        for audience in ["", "a b", &"a".repeat(NAME_IN_TOKEN_BYTES_MAX + 1)] {
            let bad = NewIssuer {
                audience: audience.to_owned(),
                ..new()
            };
            assert!(
                matches!(bad.check(), Err(BadIssuer::Audience(_))),
                "{audience}"
            );
        }
        for minutes_max in [0, OUTSIDE_MINUTES_MAX + 1] {
            let bad = NewIssuer {
                minutes_max,
                ..new()
            };
            assert_eq!(bad.check(), Err(BadIssuer::Minutes(minutes_max)));
        }
    }
}
