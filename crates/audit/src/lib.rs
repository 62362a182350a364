//! What happened, in an order nobody can change unnoticed: one append-only chain of entries per org and writer.
//!
//! A chain is a directory of JSON-lines files, `<dir>/<org>/00000001.jsonl` and on; each writer (gateway, jobs, operator) has a
//! `<dir>` of its own. Every line carries its number, the hash of
//! the line before it and its own hash; the file `head` remembers the last line known to be on disk. There is no way here to
//! change or delete an entry, and entries never hold bodies, query values or credentials.
//!
//! A call is written down before it is made ([`Trail::open_entry`], which turns a permit into a [`Recorded`] permit) and
//! after ([`Trail::close_entry`]); everything else by [`Trail::note`]. When the disk refuses, so does the trail: callers fail
//! closed. [`verify`] checks a chain offline, [`entries`] reads it.
//!
//! What a chain without an outside witness cannot show: that somebody with write access replaced the *whole* directory, `head`
//! included, by an older copy, or wrote all of it anew. That takes signed checkpoints kept elsewhere.

mod chain;
mod directory;
mod disk;
mod entry;
mod error;
mod limits;
mod queue;
mod reading;
mod recorded;
mod scan;
mod trail;
mod verify;
mod writer;

pub use entry::{EntryId, Event, Opening, Outcome};
pub use error::AuditError;
pub use limits::FILE_BYTES_MAX;
pub use reading::{Entries, Entry, entries};
pub use recorded::Recorded;
pub use trail::{Trail, TrailSettings};
pub use verify::{Broken, Verified, verify};
