//! Requests to hosts that are not Okta: the keys of outside issuers, and notices to webhooks. Each goes to a host named in
//! advance, within bounds of size and time, and follows no redirect.
//!
//! [`Egress`] is the way out, a [`Destination`] says where to and how far it may reach. What is fetched is handed on unread;
//! [`Notices`] are signed, queued and tried a few times.

mod destination;
mod egress;
mod error;
pub mod keys;
mod limits;
mod notice;
mod notices;
mod reach;
mod resolver;

pub use destination::Destination;
pub use egress::Egress;
pub use error::EgressError;
pub use limits::ANSWER_BYTES_MAX;
pub use notice::{Notice, NoticeKey, SIGNATURE};
pub use notices::{Notices, Webhook};
pub use reach::Reach;
