//! One state database and the seal on the secrets inside it.
//!
//! This crate opens the SQLite file, brings it to the schema its users ask for, runs their transactions and
//! seals what must not lie there in the clear. It knows no tables: each crate owns its SQL and hands in its
//! [`Migration`]s. It never decides what is stored, never retries, and never prints.
//!
//! Start with [`Database::open`]; secrets are carried in [`Secret`] and stored through [`seal`].

mod database;
mod error;
mod key;
mod migration;
mod seal;
mod secret;

pub use database::Database;
pub use error::{Error, Place};
pub use key::{KeyError, SealKey};
pub use migration::Migration;
pub use rusqlite;
pub use seal::{SealError, open, seal};
pub use secret::Secret;
pub use zeroize::Zeroizing;
