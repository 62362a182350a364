//! Who may do what: clients, their API keys, grants, and the decision over one call.
//!
//! The way of a request through this crate: [`Keyring::identify`] turns an `Authorization` value into a [`Caller`],
//! [`decide`] turns a [`Caller`] and a [`Call`] into a [`Permit`] or a [`Denial`]. `decide` is pure: no I/O, no clock.
//! The crate never talks to Okta, never prints, and never says to a caller *why* a credential was refused.
//!
//! Everything is denied by default: a call passes only when a grant names all its scopes, or names the operation.

mod api_key;
mod call;
mod caller;
mod client;
mod credential;
mod decision;
mod denial;
mod error;
mod grant;
mod identify;
mod keyring;
mod limits;
mod network;
mod org_name;

pub use api_key::ApiKey;
pub use call::{Body, Call, Forward, UnknownOperation};
pub use caller::{Caller, OrgRules};
pub use client::{Client, ClientId, NewClient};
pub use credential::{Credential, CredentialId};
pub use decision::{Permit, decide, screen};
pub use denial::{Denial, Reason};
pub use error::AccessError;
pub use grant::{Grant, Operations};
pub use identify::{Refused, Why};
pub use keyring::{Keyring, MIGRATIONS};
pub use limits::{
    CLIENTS_PER_ORG_MAX, KEY_DAYS_DEFAULT, KEY_DAYS_MAX, KEYS_PER_CLIENT_MAX, STALENESS_MS_MAX,
};
pub use network::{BadNetwork, Network};
pub use org_name::{BadOrgName, OrgName};
