//! Who calls: a client of one org with the credential it showed, and what it may do. Made by `Keyring::identify`, or by name
//! for the product's own jobs, which are callers with grants like everyone else.

use std::fmt;
use std::sync::Arc;

use crate::{ClientId, CredentialId, Grant, OrgName, Share, Sight, Standing};

/// An identified caller. Cloning costs a few reference counts.
#[derive(Clone)]
pub struct Caller {
    standing: Arc<Standing>,
    credential: CredentialId,
    /// What the credential narrows its client's grant to: the scopes of a token.
    narrowed: Option<Arc<Grant>>,
    /// Second from which the credential no longer counts, if it is no key that the state knows.
    expires: Option<i64>,
    /// Name of our key that signed the credential, if one did.
    signed_by: Option<Arc<str>>,
    rules: OrgRules,
}

/// What the settings of an org switch on for all its callers. The default switches nothing on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrgRules {
    /// Lets people's sign-in traffic (operations of kind `protocol`) through, to callers whose grant reaches the operation:
    /// most have no scope and must be named.
    pub protocol: bool,
}

impl Caller {
    pub(crate) fn new(
        standing: Arc<Standing>,
        credential: CredentialId,
        narrowed: Option<Arc<Grant>>,
    ) -> Self {
        Self {
            standing,
            credential,
            narrowed,
            expires: None,
            signed_by: None,
            rules: OrgRules::default(),
        }
    }

    /// One of the product's own jobs (`backup`, `restore`), acting on `org` within `grant`.
    pub fn internal(job: &'static str, org: OrgName, grant: Grant) -> Self {
        let standing = Standing::internal(job, org, grant);
        Self::new(Arc::new(standing), CredentialId::internal(), None)
    }

    /// The same caller, whose credential expires at this second.
    pub(crate) fn expiring(mut self, second: i64) -> Self {
        self.expires = Some(second);
        self
    }

    /// The same caller, whose credential our key of this name signed.
    pub(crate) fn signed_by(mut self, kid: &str) -> Self {
        self.signed_by = Some(kid.into());
        self
    }

    /// Name of our key that signed the credential, if one did.
    pub(crate) fn signer(&self) -> Option<&str> {
        self.signed_by.as_deref()
    }

    /// Second from which the credential no longer counts, if it is no key that the state knows.
    pub(crate) fn expires(&self) -> Option<i64> {
        self.expires
    }

    /// The same credential under another standing of its client.
    pub(crate) fn standing_as(&self, standing: Arc<Standing>) -> Self {
        Self {
            standing,
            ..self.clone()
        }
    }

    /// The same caller under the rules of its org.
    #[must_use]
    pub fn under(mut self, rules: OrgRules) -> Self {
        self.rules = rules;
        self
    }

    /// The org whose objects it may touch.
    pub fn org(&self) -> &OrgName {
        &self.standing.org
    }

    /// The client.
    pub fn client(&self) -> &ClientId {
        &self.standing.client
    }

    /// The client's name.
    pub fn name(&self) -> &str {
        &self.standing.name
    }

    /// The opening of the glass it acts by; `None` for everybody else.
    pub fn opening(&self) -> Option<&str> {
        self.standing.opening.as_deref()
    }

    /// What its client sees of answers.
    pub fn sight(&self) -> &Sight {
        &self.standing.sight
    }

    /// How its client shares Okta's rate budget with others.
    pub fn share(&self) -> Share {
        self.standing.share
    }

    /// The credential it showed.
    pub fn credential(&self) -> &CredentialId {
        &self.credential
    }

    /// Its client, as far as decisions go.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The bounds of what it may do: its client's, and within them those of its credential.
    pub(crate) fn bounds(&self) -> impl Iterator<Item = &Grant> {
        std::iter::once(&*self.standing.grant).chain(self.narrowed.as_deref())
    }

    /// What its credential narrows it to, whatever is lent to its client.
    pub(crate) fn narrowing(&self) -> Option<&Grant> {
        self.narrowed.as_deref()
    }

    /// The rules of its org.
    pub fn rules(&self) -> OrgRules {
        self.rules
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Caller")
            .field("org", self.org())
            .field("client", self.client())
            .field("credential", self.credential())
            .finish_non_exhaustive()
    }
}
