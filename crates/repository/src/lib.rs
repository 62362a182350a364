//! Snapshots at rest: every version of every object of an org, encrypted, compressed and stored once.
//!
//! A [`Repository`] lies behind the [`Blobs`] seam (a directory today). A [`SnapshotWriter`] takes objects as bytes,
//! groups them into solid blocks and packs, and ends with one manifest; a [`Snapshot`] gives them back. The
//! manifests of an org form a hash chain, so that [`Repository::check`] notices what was changed, swapped or taken away.
//! Beside it stands the [`Journal`], the write-ahead record of a restore run.
//!
//! Invariants: packs are durable before the manifest that names them; nothing is ever overwritten; a crash
//! leaves earlier snapshots as they were and the unfinished one invisible; no key material in `Debug` or errors.
//! Absent on purpose: any knowledge of Okta, any decision on what to back up, and the clock (times are handed in).
//!
//! The format is documented in `docs/repository-format.md`, with an independent reader beside it.

pub mod blobs;
mod chain;
mod check;
mod cipher;
mod config;
mod error;
mod hex;
mod index;
pub mod journal;
mod key;
mod limits;
mod manifest;
mod object;
mod pack;
mod repository;
mod snapshot;
mod writer;

pub use blobs::{BlobError, Blobs, Directory, Memory};
pub use check::{Depth, Finding, Report};
pub use error::Error;
pub use journal::{Journal, JournalError};
pub use key::Key;
pub use object::ObjectId;
pub use repository::{History, Repository, Unreadable};
pub use snapshot::{Head, Snapshot, SnapshotId, SnapshotSummary};
pub use writer::{Saved, SnapshotWriter};
