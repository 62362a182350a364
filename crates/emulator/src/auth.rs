//! Who calls: API tokens (`SSWS`) and access tokens (`Bearer`), and whether their scopes reach.
//!
//! Tokens are compared here and nowhere else; they never leave this module except to the caller they are made for.

use crate::Error;
use crate::limits::ACCESS_TOKENS_MAX;
use catalog::{Operation, Unscoped};
use http::HeaderMap;
use indexmap::IndexMap;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Actor {
    /// Somebody unknown, on a route open to all.
    Nobody,
    /// A person, by API token.
    Person {
        /// Id of the user.
        user: String,
        /// Name of the user.
        login: String,
    },
    /// An app, by access token.
    Client {
        /// Its client id.
        client: String,
        /// Scopes of the token.
        scopes: BTreeSet<String>,
    },
}

impl Actor {
    /// Id of the user or client; `unknown` for nobody.
    pub(crate) fn user_id(&self) -> &str {
        match self {
            Self::Nobody => "unknown",
            Self::Person { user, .. } => user,
            Self::Client { client, .. } => client,
        }
    }
}

/// An access token that was given out.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    /// Client it was given to.
    pub client: String,
    /// Its scopes.
    pub scopes: BTreeSet<String>,
    /// When it ends.
    pub expires: Timestamp,
}

/// The tokens an org accepts.
#[derive(Default)]
pub(crate) struct Tokens {
    api: IndexMap<String, Actor>,
    access: IndexMap<String, Access>,
}

impl Tokens {
    /// Accepts an API token of `actor` from now on.
    pub(crate) fn accept(&mut self, token: String, actor: Actor) {
        self.api.insert(token, actor);
    }

    /// Refuses an API token from now on.
    pub(crate) fn refuse(&mut self, token: &str) {
        self.api.shift_remove(token);
    }

    /// Whose API token was accepted first: the first administrator.
    pub(crate) fn first(&self) -> Actor {
        self.api
            .first()
            .map_or(Actor::Nobody, |(_, actor)| actor.clone())
    }

    /// Accepts an access token until it expires; when there are too many, the oldest ends.
    pub(crate) fn grant(&mut self, token: String, access: Access) {
        if self.access.len() >= ACCESS_TOKENS_MAX {
            self.access.shift_remove_index(0);
        }
        self.access.insert(token, access);
    }

    /// Ends every token of a user or client.
    pub(crate) fn end(&mut self, id: &str) {
        self.api.retain(|_, actor| actor.user_id() != id);
        self.access.retain(|_, access| access.client != id);
    }

    /// Tells who presents `headers` to `operation`, or why they may not.
    pub(crate) fn identify(
        &self,
        headers: &HeaderMap,
        operation: &Operation,
        now: Timestamp,
    ) -> Result<Actor, Error> {
        let open = matches!(
            operation.unscoped,
            Some(Unscoped::Public | Unscoped::Client | Unscoped::Undeclared)
        );
        let presented = headers
            .get(http::header::AUTHORIZATION)
            .and_then(|v| v.to_str().ok());
        // Okta's Python SDK writes no space behind `SSWS`.
        let token = presented.and_then(|text| text.strip_prefix("SSWS"));
        if let Some(token) = token {
            let actor = self.api.get(token.trim()).cloned();
            return actor.ok_or_else(|| Error::new("E0000011"));
        }
        let Some((scheme, token)) = presented.and_then(|text| text.split_once(' ')) else {
            return if open {
                Ok(Actor::Nobody)
            } else {
                Err(Error::new("E0000005"))
            };
        };
        if scheme.eq_ignore_ascii_case("Bearer") {
            return self.identify_bearer(token.trim(), operation, now);
        }
        if open {
            Ok(Actor::Nobody)
        } else {
            Err(Error::new("E0000004"))
        }
    }

    fn identify_bearer(
        &self,
        token: &str,
        operation: &Operation,
        now: Timestamp,
    ) -> Result<Actor, Error> {
        let access = self.access.get(token).filter(|access| access.expires > now);
        let Some(access) = access else {
            let challenge = "Bearer error=\"invalid_token\", error_description=\"The access token is invalid or has expired.\"";
            return Err(Error::new("E0000011").with_challenge(challenge));
        };
        let missing: Vec<&str> = operation
            .scopes
            .iter()
            .copied()
            .filter(|s| !access.scopes.contains(*s))
            .collect();
        let token_only = operation.unscoped == Some(Unscoped::Token);
        if !missing.is_empty() || token_only {
            let challenge = format!(
                "Bearer error=\"insufficient_scope\", scope=\"{}\"",
                missing.join(" ")
            );
            return Err(Error::new("E0000006").with_challenge(challenge));
        }
        Ok(Actor::Client {
            client: access.client.clone(),
            scopes: access.scopes.clone(),
        })
    }
}
