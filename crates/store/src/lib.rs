//! One state database and the seal on the secrets inside it.
//!
//! This crate opens the SQLite file, brings it to the schema its users ask for, runs their transactions and
//! seals what must not lie there in the clear, under a key that the operator keeps ([`KeyWrapping`]). It knows no tables: each crate owns its SQL and hands in its
//! [`Migration`]s. It never decides what is stored, never retries, and never prints.
//!
//! Start with [`Database::open`]; secrets are carried in [`Secret`] and stored through [`seal`].

mod database;
mod error;
mod key;
mod key_file;
mod migration;
mod private;
mod seal;
mod secret;
mod stretch;
mod wrapping;

pub use database::Database;
pub use error::{Error, Place};
pub use key::{KeyError, SealKey};
pub use key_file::KeyFile;
pub use migration::Migration;
pub use private::{PRIVATE_FILE_BYTES_MAX, PrivateFileError, read_private};
pub use rusqlite;
pub use seal::{SealError, open, seal};
pub use secret::Secret;
pub use stretch::Stretch;
pub use wrapping::{
    ExternalCommand, KeyWrapping, PASSPHRASE_CHARS_MIN, Passphrase, Plain, WrappingError,
    WrappingKind,
};
pub use zeroize::Zeroizing;
