//! Who calls: a client of one org with the credential it showed, and what it may do. Made by `Keyring::identify`, or by name
//! for the product's own jobs, which are callers with grants like everyone else.

use std::fmt;
use std::sync::Arc;

use crate::{ClientId, CredentialId, Grant, OrgName};

/// An identified caller. Cloning costs one reference count.
#[derive(Clone)]
pub struct Caller {
    identity: Arc<Identity>,
    rules: OrgRules,
}

struct Identity {
    org: OrgName,
    client: ClientId,
    credential: CredentialId,
    grant: Arc<Grant>,
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
        org: OrgName,
        client: ClientId,
        credential: CredentialId,
        grant: Arc<Grant>,
    ) -> Self {
        let identity = Arc::new(Identity {
            org,
            client,
            credential,
            grant,
        });
        Self {
            identity,
            rules: OrgRules::default(),
        }
    }

    /// One of the product's own jobs (`backup`, `restore`), acting on `org` within `grant`.
    pub fn internal(job: &'static str, org: OrgName, grant: Grant) -> Self {
        Self::new(
            org,
            ClientId::internal(job),
            CredentialId::internal(),
            Arc::new(grant),
        )
    }

    /// The same caller under the rules of its org.
    #[must_use]
    pub fn under(mut self, rules: OrgRules) -> Self {
        self.rules = rules;
        self
    }

    /// The org whose objects it may touch.
    pub fn org(&self) -> &OrgName {
        &self.identity.org
    }

    /// The client.
    pub fn client(&self) -> &ClientId {
        &self.identity.client
    }

    /// The credential it showed.
    pub fn credential(&self) -> &CredentialId {
        &self.identity.credential
    }

    /// What it may do.
    pub fn grant(&self) -> &Grant {
        &self.identity.grant
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
