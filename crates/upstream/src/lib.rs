//! The only way to Okta: what stands behind [`Upstream`], and the recorded [`Line`] that the product's own jobs call on.
//!
//! [`Okta`] speaks to a real org: credential, connection, time limits, repeats by class of failure, and a rate budget learnt from
//! the answers' headers of which no caller takes more than its share. The crate decides nothing about who may call (a call
//! without a recorded permit does not compile), keeps nothing on disk but the sealed credential, and never reads what the bodies mean.
//!
//! Reading order: `upstream` (the seam), `line` and `pages` (for callers), `okta` (one call from start to end), and under it
//! `request`, `wire`, `connections`, `custody`, `credential`, `retry`, `budget`; `vault` is where credentials are kept.

mod address;
mod answer;
mod budget;
mod connections;
mod contain;
mod credential;
mod custody;
mod error;
mod key;
mod likeness;
mod limits;
mod line;
mod link;
mod merge;
mod okta;
mod pace;
mod pages;
mod request;
mod retry;
mod token;
mod upstream;
mod vault;
mod wire;

pub use address::{Address, AddressError};
pub use answer::{Answer, OktaError};
pub use budget::{
    Ask, BucketShare, BucketState, Budget, Lane, Ledger, Portion, Refusal, Stated, Ticket,
};
pub use contain::Unfit;
pub use credential::{Credential, CredentialSource, ServiceApp};
pub use error::{Silence, Source, UpstreamError};
pub use futures_util::future::BoxFuture;
pub use key::{KeyError, SigningKey};
pub use limits::{ANSWER_BYTES_MAX, PAGES_MAX};
pub use line::{Line, LineError, outcome};
pub use okta::{ConnectError, Okta, Settings};
pub use pace::{Pace, Patience};
pub use pages::Pages;
pub use upstream::Upstream;
pub use vault::{CredentialText, Kept, Vault, VaultError};
