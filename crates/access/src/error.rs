//! What can go wrong when clients and keys are managed. Refused credentials are not here: see `identify`.

use crate::limits::ISSUERS_PER_ORG_MAX;
use crate::workload::{BadIssuer, IssuerId};
use crate::{
    CLIENTS_PER_ORG_MAX, ClientId, CredentialId, CredentialKind, GlassError, KEY_DAYS_MAX,
    OVERLAP_HOURS_MAX, Objection, OrgName,
};

/// Why clients or keys could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The state database refused.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The key file did not serve.
    #[error(transparent)]
    Key(#[from] store::KeyError),
    /// The system gives no random numbers.
    #[error("the system's random source failed")]
    NoRandomness,
    /// A name that does not fit a table.
    #[error("`{0}` is not a client name: use 1 to 80 printable characters")]
    BadName(String),
    /// A team's name is empty, too long, or has spaces or characters that cannot be printed.
    #[error("`{0}` is not a team: use 1 to 80 printable characters without spaces")]
    BadTeam(String),
    /// A policy's name is empty, too long, or has characters that cannot be printed.
    #[error("`{0}` is not a policy name: use 1 to 100 printable characters")]
    BadPolicyName(String),
    /// A scope that no operation requires.
    #[error("no operation requires the scope `{0}`")]
    UnknownScope(String),
    /// An operation that is not in the catalog.
    #[error("the catalog has no operation `{0}`")]
    UnknownOperation(String),
    /// The org has a client of this name already.
    #[error("org {org} already has a client named `{name}`")]
    NameTaken {
        /// Which org.
        org: OrgName,
        /// Which name.
        name: String,
    },
    /// The org has all the clients it may have.
    #[error("org {0} has {CLIENTS_PER_ORG_MAX} clients already")]
    TooManyClients(OrgName),
    /// The client has all the live keys or secrets it may have.
    #[error("client {client} has {most} live {}s already", kind.word())]
    TooManyKeys {
        /// Which client.
        client: ClientId,
        /// Keys or secrets.
        kind: CredentialKind,
        /// How many it may have.
        most: u32,
    },
    /// A life that is zero or too long.
    #[error("a key cannot live {days} days: 1 to {days_max} are possible")]
    BadLife {
        /// What was asked for.
        days: u32,
        /// The most that is permitted.
        days_max: u32,
    },
    /// An idle time that is zero or too long.
    #[error("a key cannot be idle for {0} days: 1 to {KEY_DAYS_MAX} are possible")]
    BadIdleDays(u32),
    /// An overlap that is too long.
    #[error("a rotated key cannot go on for {0} h: 0 to {OVERLAP_HOURS_MAX} are possible")]
    BadOverlap(u32),
    /// A key that is revoked, expired or idle and so cannot be rotated.
    #[error("key {0} is no longer accepted")]
    NotLive(CredentialId),
    /// A key that has a live successor or predecessor.
    #[error("key {0} is being rotated already: two of its lineage are live")]
    RotatedAlready(CredentialId),
    /// A registration as an OAuth client that cannot work.
    #[error("this registration as an OAuth client cannot work: {0}")]
    BadRegistration(String),
    /// A share of the rate budget that no client can have.
    #[error("no client can be registered with this share of the rate budget")]
    BadShare,
    /// The org has all the signing keys it may have.
    #[error("org {0} has too many signing keys that still count")]
    TooManySigningKeys(OrgName),
    /// There is no such client.
    #[error("there is no client {0}")]
    NoClient(ClientId),
    /// There is no such key.
    #[error("there is no key {0}")]
    NoKey(CredentialId),
    /// The state key is not the one the database was begun with.
    #[error("the state database was begun with another state key")]
    OtherStateKey,
    /// There is no such policy.
    #[error("there is no policy `{0}`")]
    NoPolicy(String),
    /// Policies that do not fit the schema.
    #[error(transparent)]
    Policy(#[from] policy::PolicyProblems),
    /// A request for more, or what is wanted done with it, was refused.
    #[error(transparent)]
    Elevation(#[from] Objection),
    /// The glass was not opened.
    #[error(transparent)]
    Glass(#[from] GlassError),
    /// There is no such registration of an issuer.
    #[error("there is no issuer {0}")]
    NoIssuer(IssuerId),
    /// An issuer that cannot be registered.
    #[error(transparent)]
    Issuer(#[from] BadIssuer),
    /// The org has all the issuers it may have.
    #[error("org {0} has {ISSUERS_PER_ORG_MAX} issuers already")]
    TooManyIssuers(OrgName),
    /// The org is not frozen.
    #[error("org {0} is not frozen")]
    NotFrozen(OrgName),
    /// A row that this program cannot have written.
    #[error("the state database holds {what} that this version cannot read")]
    Unreadable {
        /// Which kind of row.
        what: &'static str,
    },
}

impl AccessError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Store(error) => error.hint(),
            Self::Key(error) => error.hint(),
            Self::NoRandomness => "Check that the system's random source works, then try again.",
            Self::BadTeam(_) => {
                "Choose one word, as policies will name it: `principal in Team::\"support\"`."
            }
            Self::BadPolicyName(_) => "Choose a short name that says what the policy is for.",
            Self::BadName(_) => "Choose a short name that says which machine or team calls.",
            Self::UnknownScope(_) => "Use Okta's scope names, for example `okta.users.read`.",
            Self::UnknownOperation(_) => {
                "Use operation ids of Okta's API reference, for example `listUsers`."
            }
            Self::NameTaken { .. } => {
                "Choose another name, or issue a key for the existing client."
            }
            Self::TooManyClients(_) => "Disable clients that no longer call.",
            Self::TooManyKeys { .. } => {
                "Revoke one that is no longer used, then issue the new one."
            }
            Self::BadLife { .. } => "Ask for a shorter life and issue a new key before it ends.",
            Self::BadIdleDays(_) => "Say after how many days without use it is to be refused.",
            Self::BadOverlap(_) => "Say within how many hours everybody has the new key.",
            Self::NotLive(_) => "Issue a new key for its client.",
            Self::RotatedAlready(_) => {
                "Wait until the old one ends, or revoke it, then rotate the new one."
            }
            Self::BadRegistration(_) => {
                "Give public keys, a subject or a thumbprint that fit the way the client authenticates, and a life of 1 to 60 minutes."
            }
            Self::BadShare => {
                "Give the priority `people`, `automation` or `bulk` and a weight of 1 to 100."
            }
            Self::TooManySigningKeys(_) => {
                "Wait until the retired ones have lost their last token, an hour at most."
            }
            Self::OtherStateKey => {
                "Put back the state.key that belongs to this state, from your copy of it."
            }
            Self::NoPolicy(_) => "See the names with `portcullis policy list`.",
            Self::Policy(_) => {
                "Correct the policy; `portcullis policy schema` shows what it may name."
            }
            Self::NoClient(_) => "See the names with `portcullis client list`.",
            Self::NoKey(_) => {
                "See the ids with `portcullis key list CLIENT` or `portcullis client secret list CLIENT`."
            }
            Self::Elevation(objection) => objection.hint(),
            Self::Glass(error) => error.hint(),
            Self::NoIssuer(_) => "See the ids with `portcullis issuer list`.",
            Self::Issuer(error) => error.hint(),
            Self::TooManyIssuers(_) => "Remove issuers that are no longer used.",
            Self::NotFrozen(_) => "See how it stands with `portcullis freeze --show`.",
            Self::Unreadable { .. } => "Run the version of the program that wrote the state.",
        }
    }
}

impl From<store::rusqlite::Error> for AccessError {
    fn from(source: store::rusqlite::Error) -> Self {
        Self::Store(source.into())
    }
}
