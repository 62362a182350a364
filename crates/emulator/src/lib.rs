//! An Okta org that behaves: sandbox, test double, rehearsal stage. In memory, deterministic, served in-process or over HTTP.
//!
//! Start with [`Emulator`]. How it answers is told by data: `okta/resources/*.toml` say how each type is listed, created,
//! replaced, deleted and what Okta adds; `generic` interprets them; `quirks` hold what data cannot say. It never talks to
//! Okta, never reads the system clock and never touches the disk.

mod answer;
mod auth;
mod birth;
mod born;
mod call;
mod direct;
mod edition;
mod emulator;
mod error;
mod furnish;
mod generic;
mod ids;
mod limits;
mod links;
mod load;
mod locate;
mod member;
mod page;
mod quirks;
mod rate;
pub mod recording;
mod request;
mod routes;
mod seed;
mod serve;
mod settings;
mod syslog;
mod world;

pub use direct::Direct;
pub use edition::{Edition, Feature};
pub use emulator::Emulator;
pub use limits::BODY_BYTES_MAX;
pub use load::{LoadError, Loaded, Omission, Reason, load};
pub use request::Request;
pub use seed::{Seed, SeedError, plant};
pub use serve::Server;
pub use settings::{Limits, Settings};
pub use upstream::Answer;

pub(crate) use answer::{Content, Reply};
pub(crate) use call::Call;
pub(crate) use error::Error;
pub(crate) use world::{Context, World};
