//! Who may do what: clients, their credentials, grants, policies, and the decision over one call.
//!
//! The way of a request through this crate: [`Keyring::identify`] turns what is [`Presented`] into a [`Caller`]; [`screen`] says
//! what deciding will need to know; [`decide`] turns a [`Caller`] and a [`Call`] into a [`Permit`] or a [`Denial`]. `decide` is pure:
//! no I/O, no clock. The crate never talks to Okta, never prints, and never says to a caller *why* a credential was refused.
//!
//! Everything is denied by default: scopes and named operations are an upper bound, policies permit within it, and one that forbids
//! wins.

mod advice;
mod amendment;
mod api_key;
mod break_glass;
mod call;
mod caller;
mod client;
mod credential;
mod decision;
mod denial;
mod effect;
mod elevation;
mod error;
mod freeze;
mod grant;
mod identify;
mod keyring;
mod limits;
mod meter;
mod network;
pub mod oauth;
mod one_line;
mod org_name;
mod policies;
mod presented;
mod renewal;
mod share;
mod sight;
mod snapshot;
mod standing;
mod survey;
mod throttle;
pub mod workload;

pub use advice::{
    Advice, Evidence, Fate, LookUp, RecordedCall, Rehearsal, Sources, Touched, Use, advise,
};
pub use api_key::{ApiKey, KEY_PATTERN};
pub use break_glass::{Glass, GlassError, GlassPassphrase, Opening};
pub use call::{Body, Call, Forward, UnknownOperation};
pub use caller::{Caller, OrgRules};
pub use client::{Basis, Client, ClientId, NewClient};
pub use credential::{Credential, CredentialId, CredentialKind, NewCredential, Rotation};
pub use decision::{Permit, Terms, decide, screen};
pub use denial::{Denial, Reason};
pub use effect::{
    BadBudget, BadRaise, Budget, Budgets, Charge, Class, Exceeded as BudgetExceeded, Holder,
    Overrides, Period, Raise, Seen, Size, Sought, Stance, Toll, groups_named, is_judged,
    judged_type, sought, tolls,
};
pub use elevation::{
    Approver, ApproverId, ApproverKey, Asked, Course, Elevation, ElevationId, Objection, Stage,
};
pub use error::AccessError;
pub use freeze::Freeze;
pub use grant::{Grant, Operations};
pub use identify::{Refused, Why};
pub use keyring::{Keyring, MIGRATIONS};
pub use limits::{
    BUDGET_MAX, CLIENTS_PER_ORG_MAX, ELEVATION_LAPSE_MINUTES, ELEVATION_MINUTES_DEFAULT,
    ELEVATION_MINUTES_MAX, FAILURES_PER_MINUTE_MAX, FORM_BYTES_MAX, FREEZE_SEEN_MS_MAX,
    GLASS_MINUTES_DEFAULT, GLASS_MINUTES_MAX, HIDDEN_MAX, IDLE_DAYS_DEFAULT, ISSUERS_PER_ORG_MAX,
    KEY_DAYS_DEFAULT, KEY_DAYS_MAX, KEYS_PER_CLIENT_MAX, OBJECTS_TOLD_MAX, OUTSIDE_MINUTES_DEFAULT,
    OUTSIDE_MINUTES_MAX, OVERLAP_HOURS_DEFAULT, OVERLAP_HOURS_MAX, REASON_CHARS_MAX,
    SECRETS_PER_CLIENT_MAX, STALENESS_MS_MAX, TOKEN_MINUTES_DEFAULT, TOKEN_MINUTES_MAX,
};
pub use meter::{Exceeded, Meter};
pub use network::{BadNetwork, Network};
pub use oauth::OauthRegistration;
pub use one_line::one_line;
pub use org_name::{BadOrgName, OrgName};
pub use policies::StoredPolicy;
pub use policy::Needs;
pub use presented::{Circumstances, Objects, Presented};
pub use share::{Priority, Share, WEIGHTS};
pub use sight::{Hidden, NotHidden, Sight};
pub use standing::{Elevated, Standing};
pub use survey::{Answer, Prospect, prospect};
pub use throttle::Throttle;
